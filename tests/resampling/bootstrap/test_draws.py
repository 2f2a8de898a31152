import numpy as np
import pytest
import scipy.stats

from attnstats.resampling.bootstrap._draws import (
    draw,
    drawn_sums,
    nested_rows,
    nested_sums,
    random_words,
    scale,
    seeded,
    sfc64,
    tally,
)


def test_words_are_those_of_numpys_sfc64():
    theirs = np.random.SFC64(7)
    state = theirs.state["state"]["state"].copy()
    ours = np.empty(1_000, dtype=np.uint64)
    sfc64(state, ours[:400])
    sfc64(state, ours[400:])  # the state goes on where it was
    assert (ours == theirs.random_raw(1_000)).all()


def test_words_depend_on_the_generator_alone():
    first = random_words(np.random.default_rng(3), 5, 7)
    assert first.shape == (5, 4)
    assert (first == random_words(np.random.default_rng(3), 5, 7)).all()
    assert len(np.intersect1d(first, random_words(np.random.default_rng(4), 5, 7))) == 0


@pytest.mark.parametrize("n", [2, 7, 10, 255])
def test_draws_are_uniform(n):
    counts = np.bincount(draw(n, 40_000 // n, np.random.default_rng(0)).ravel(), minlength=n)
    assert len(counts) == n
    assert scipy.stats.chisquare(counts).pvalue > 1e-4  # one of four seeded tests fails by chance once in 2,500


def test_two_draws_of_one_word_are_independent():
    drawn = draw(6, 20_000, np.random.default_rng(1))
    table = np.zeros((6, 6))
    np.add.at(table, (drawn[:, 0], drawn[:, 1]), 1)
    assert scipy.stats.chi2_contingency(table).pvalue > 1e-4


@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_sums_of_draws_equal_the_draws_summed(n):
    words = random_words(np.random.default_rng(2), 50, n)
    values = np.random.default_rng(3).normal(size=n)
    drawn = scale(words, np.full(n, n, dtype=np.uint64), np.zeros(n, dtype=np.uint64))
    state = seeded(np.random.default_rng(2))
    in_two_parts = np.concatenate([drawn_sums(state, 20, values), drawn_sums(state, 30, values)])
    assert in_two_parts == pytest.approx(values[drawn].sum(axis=1))
    assert tally(drawn, n) @ values == pytest.approx(values[drawn].sum(axis=1))


def test_scaled_draws_stay_in_their_range():
    sizes, starts = np.array([1, 3, 5], dtype=np.uint64), np.array([9, 0, 4], dtype=np.uint64)
    drawn = scale(random_words(np.random.default_rng(0), 500, 3), sizes, starts)
    assert set(drawn[:, 0]) == {9}
    assert set(drawn[:, 1]) == {0, 1, 2}
    assert set(drawn[:, 2]) == {4, 5, 6, 7, 8}


@pytest.mark.parametrize("sizes", [[1, 4, 3], [1, 5, 2], [2, 2, 2]])
def test_nested_draws(sizes):
    sizes = np.array(sizes, dtype=np.uint64)
    starts, n, largest = np.cumsum(sizes) - sizes, int(sizes.sum()), int(sizes.max())
    groups = draw(3, 200, np.random.default_rng(0))
    words = random_words(np.random.default_rng(1), 200, 3 * (largest + largest % 2)).reshape(200, 3, -1)
    rows = nested_rows(groups, words, sizes, starts)
    values = np.random.default_rng(2).normal(size=n)
    for drawn, chosen in zip(rows, groups, strict=True):
        for slot, group in zip(drawn.reshape(3, largest), chosen, strict=True):
            inside = slot[slot >= 0]
            assert len(inside) == sizes[group]
            assert set(inside) <= set(range(int(starts[group]), int(starts[group] + sizes[group])))
    kept = [drawn[drawn >= 0] for drawn in rows]
    expected = np.array([(values[each].sum(), len(each)) for each in kept])
    state = seeded(np.random.default_rng(1))
    in_two_parts = [nested_sums(part, state, sizes, starts, values) for part in (groups[:50], groups[50:])]
    assert np.concatenate(in_two_parts) == pytest.approx(expected)
    assert len(np.unique(rows[rows >= 0])) == n
