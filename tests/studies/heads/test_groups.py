"""Groups of readings against tau-b pair by pair, and texts that are read in parts against all at once."""

import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from attnstats.information import Probe, pointwise_mutual_information
from attnstats.ranks import kendall_batch
from attnstats.studies import Reading, analyse_heads
from attnstats.studies.heads import _blocks
from attnstats.studies.heads._blocks import part_of, text_parts
from attnstats.studies.heads._groups import groups_of, likeness_bounds, pairwise_taus
from attnstats.trace import ClassToken, TransformerTrace, Words

QUERY = ClassToken()


def transformer(weights, dim=2, seed=0, n_layers=1):
    """A trace in memory with these weights, of shape (1, n_heads, n_texts, n_words), in each layer."""
    weights = np.concatenate([weights * (1 - 0.1 * layer) for layer in range(n_layers)])
    n_layers, n_heads, n_texts, n_words = weights.shape
    rng = np.random.default_rng(seed)
    positive = np.arange(n_texts) % 2
    places = np.tile(np.arange(n_words), (n_texts, 1))
    states = rng.normal(size=(n_layers, n_texts, n_words, dim)) + positive[:, np.newaxis, np.newaxis]
    arrays = {
        "attention": weights[np.newaxis],
        "output": np.where(positive[:, np.newaxis] == [0, 1], 0.9, 0.1),
        "mask": np.ones((n_texts, n_words), dtype=bool),
        "special": np.zeros((n_texts, n_words), dtype=bool),
        "word": places,
        "word_codes": places,
        "word_strings": np.array([f"w{place}" for place in range(n_words)]),
        "token_codes": np.arange(n_texts * n_words).reshape(n_texts, n_words),  # no text repeats another
        "token_strings": np.arange(n_texts * n_words).astype(np.str_),
        **{f"hidden_{layer}": states[layer] for layer in range(n_layers)},
    }
    return TransformerTrace(arrays, tuple(range(n_layers)), tuple(range(n_heads)), (QUERY,), Words(), {"seed": seed})


def readings_of(trace):
    return [Reading(layer, head, repr(QUERY)) for layer in trace.layers for head in trace.heads]


def drawn(n_texts, n_heads=4, n_words=9, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(n_words), size=(1, n_heads, n_texts))


def test_taus_of_all_pairs_are_those_of_each_pair():
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 4, size=(6, 11)).astype(float)  # with many ties
    weights[1] = 0.5  # tied
    weights[2] = np.nan
    weights[3] = -weights[4]
    found = pairwise_taus(weights)
    for first, second in combinations(range(6), 2):
        expected = np.nan if {first, second} & {1, 2} else stats.kendalltau(weights[first], weights[second]).statistic
        assert found[first, second] == pytest.approx(expected, nan_ok=True)
        assert found[second, first] == pytest.approx(expected, nan_ok=True)
    assert found[3, 4] == -1


def test_bounds_are_those_of_maurer_and_pontil():
    weights = drawn(300, n_heads=3)
    weights[0, 1] = 0.7 * weights[0, 0] + 0.3 * weights[0, 1]
    weights[0, 2, :5] = np.nan  # texts that give this head no weight on a word
    trace = transformer(np.nan_to_num(weights))
    bounds = likeness_bounds([trace], readings_of(trace), [QUERY], 0.9)
    for first, second in combinations(range(3), 2):
        taus = np.array([stats.kendalltau(a, b).statistic for a, b in zip(weights[0, first], weights[0, second])])  # noqa: B905
        taus = taus[~np.isnan(taus)]
        assert len(taus) == (295 if second == 2 else 300)
        log_term = np.log(2 / (0.1 / 3))  # three pairs share what may fail
        width = np.sqrt(2 * taus.var(ddof=1) * log_term / len(taus)) + 7 * 2 * log_term / (3 * (len(taus) - 1))
        assert bounds[first, second] == pytest.approx(taus.mean() - width)


@pytest.mark.slow
def test_a_bound_holds_where_few_texts_differ_much():
    # In one text of 20 the order is reversed: samples of 100 may have none of them, and must not show more than .9.
    rng = np.random.default_rng(0)
    above = 0
    for _ in range(200):
        first = rng.permuted(np.tile(np.arange(1.0, 8), (100, 1)), axis=1)
        reversed_ = (rng.random(100) < 0.05)[:, np.newaxis]
        weights = np.stack([first, np.where(reversed_, 8 - first, first)])[np.newaxis]
        trace = transformer(weights / 28)
        above += likeness_bounds([trace], readings_of(trace), [QUERY], 0.95)[0, 1] > 0.9
    assert above <= 10  # at most 5 % of 200


def test_heads_of_one_order_are_a_group_and_no_others():
    weights = drawn(400)
    weights[0, 2] = weights[0, 0] ** 2  # another distribution, the same order
    weights /= weights.sum(axis=-1, keepdims=True)
    analysis = analyse_heads(transformer(weights), n_resamples=99, rng=0)
    assert analysis.groups == (1, None, 1, None)
    assert analysis.likeness[0, 2] > 0.8 > 0.2 > analysis.likeness[0, 1]
    assert "1 group of readings that order words alike (tau-b at least 0.8)" in analysis.summary()
    assert "group 1: layer 0, head 0, ClassToken(); layer 0, head 2, ClassToken()" in analysis.summary()
    rows = analysis.to_frame().query("quantity == 'tau_b'")
    assert ['"group": 1' in each for each in rows["parameters"]] == [True, False, True, False]


def test_heads_that_differ_are_no_group_however_many_texts_there_are():
    n_texts, n_words = 3000, 9
    order = np.arange(1.0, n_words + 1)
    swapped = order[[1, 0, 3, 2, 5, 4, 7, 6, 8]]  # four of 36 pairs reversed: tau-b is 7/9 in every text
    weights = np.tile(np.stack([order, swapped])[np.newaxis, :, np.newaxis], (1, 1, n_texts, 1)) / order.sum()
    trace = transformer(weights)
    bounds = likeness_bounds([trace], readings_of(trace), [QUERY], 0.95)
    assert 0.75 < bounds[0, 1] < 7 / 9  # no spread, so it comes close
    assert groups_of(bounds, 0.8) == (None, None)
    assert groups_of(bounds, 0.75) == (1, 1)


def test_few_texts_show_no_group():
    weights = drawn(20, n_heads=2)
    weights[0, 1] = weights[0, 0]
    trace = transformer(weights)
    assert groups_of(likeness_bounds([trace], readings_of(trace), [QUERY], 0.95), 0.8) == (None, None)


def test_a_chain_is_no_group():
    bounds = np.array([[1.0, 0.9, 0.3, -1], [0.9, 1, 0.85, -1], [0.3, 0.85, 1, -1], [-1, -1, -1, 1]])
    groups = groups_of(bounds, 0.8)
    assert groups == (1, 1, None, None)
    assert groups_of(bounds[:1, :1], 0.8) == (None,)
    rng = np.random.default_rng(0)
    for _ in range(20):
        table = rng.uniform(-1, 1, size=(12, 12))
        table = np.maximum(table, table.T)
        found = np.array([0 if each is None else each for each in groups_of(table, 0.2)])
        for first, second in combinations(range(12), 2):
            assert not found[first] or found[first] != found[second] or table[first, second] >= 0.2


def test_a_group_of_several_trainings_is_one_in_each():
    same, other = drawn(400, n_heads=2), drawn(400, n_heads=2, seed=1)
    same[0, 1] = same[0, 0]
    models = [transformer(same), transformer(other)]
    both = likeness_bounds(models, readings_of(models[0]), [QUERY], 0.95)
    each = [likeness_bounds([model], readings_of(models[0]), [QUERY], 0.95) for model in models]
    np.testing.assert_array_equal(both, np.minimum(*each))
    assert groups_of(each[0], 0.8) == (1, 1)
    assert groups_of(both, 0.8) == (None, None)


def test_parts_hold_every_text_once_and_as_many_of_each_class(monkeypatch):
    rng = np.random.default_rng(0)
    trace = transformer(drawn(90), n_layers=2)
    (whole,) = text_parts(trace, rng)
    np.testing.assert_array_equal(whole, np.arange(90))
    monkeypatch.setattr(_blocks, "_AT_ONCE", 90 * 9 * 66 // 3)
    monkeypatch.setattr(_blocks, "_FEWEST", 10)
    parts = text_parts(trace, rng)
    assert sorted(np.concatenate(parts)) == list(range(90))
    assert [np.bincount(trace.predicted[part]).tolist() for part in parts] == [[15, 15]] * 3
    for texts in (*parts, np.arange(20, 50)):
        part = part_of(trace, texts, 1)
        assert part.layers == (1,)
        assert "hidden_0" not in part.arrays
        np.testing.assert_array_equal(part.attention(1, 1), trace.attention(1, 1)[texts])
        np.testing.assert_array_equal(part.hidden(1), trace.hidden(1)[texts])
        np.testing.assert_array_equal(part.output, trace.output[texts])
        assert len(part.tokens) == 30
    assert np.shares_memory(part.arrays["attention"], trace.arrays["attention"])  # of neighbours nothing is copied
    monkeypatch.setattr(_blocks, "_FEWEST", 50)
    assert len(text_parts(trace, rng)) == 1


def test_texts_in_parts_are_measured_as_each_part_is(monkeypatch):
    trace = transformer(drawn(240))
    whole = analyse_heads(trace, n_resamples=99, rng=0)
    monkeypatch.setattr(_blocks, "_AT_ONCE", 240 * 9 * 66 // 2)
    monkeypatch.setattr(_blocks, "_FEWEST", 100)
    found = analyse_heads(trace, n_resamples=99, rng=0)
    np.testing.assert_array_equal(found.skew, whole.skew)
    np.testing.assert_allclose(found.left_out, whole.left_out)
    assert found.groups == whole.groups
    stream = np.random.default_rng(0).spawn(2)[0]
    texts = text_parts(trace, stream)[0]
    groups = np.repeat(np.arange(120), 9)
    states = trace.arrays["hidden_0"][texts].reshape(-1, 2).astype(np.float32).astype(np.float64)
    local = pointwise_mutual_information(
        states, trace.predicted[texts][groups], Probe(), groups=groups, rng=stream.spawn(1)[0]
    )
    expected = kendall_batch(trace.attention(0, 3)[texts], local.reshape(120, 9)).statistic
    np.testing.assert_allclose(found.agreement[0, 3, texts], expected)
    assert found.information == pytest.approx(whole.information, abs=0.1)
    assert not np.array_equal(found.agreement, whole.agreement)  # the probes are others


@pytest.mark.slow
def test_memory_does_not_grow_with_the_states(monkeypatch):
    monkeypatch.setattr(_blocks, "_AT_ONCE", 400 * 9 * (128 + 64))
    monkeypatch.setattr(_blocks, "_FEWEST", 100)
    peaks = []
    for n_texts in (800, 800, 1600):  # once to compile
        trace = transformer(drawn(n_texts, n_heads=2), dim=128)
        tracemalloc.start()
        analyse_heads(trace, n_resamples=99, rng=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    part = 400 * 9 * 128 * 8  # states of a part; those of all texts are four times as many
    assert peaks[2] - peaks[1] < part / 10
