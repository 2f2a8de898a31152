from collections import defaultdict
from itertools import permutations, product
from math import log

import numpy as np
import pytest

from attnstats.datasets import encode_dataset, planted
from attnstats.exceptions import InvalidInputError


def mutual_information_of(joint):
    """I(X; Y) by its definition, from {(x, y): probability}."""
    of_x, of_y = defaultdict(float), defaultdict(float)
    for (x, y), p in joint.items():
        of_x[x] += p
        of_y[y] += p
    return sum(p * log(p / of_x[x] / of_y[y]) for (x, y), p in joint.items() if p > 0)


def every_text(strengths, length, n_fillers, positions):
    """Enumerate (words, class, probability) of the model that `planted` states."""
    placements = list(permutations(range(length), len(strengths))) if positions is None else [tuple(positions)]
    fillers = list(product(range(n_fillers), repeat=length - len(strengths)))
    for y, truths, slots, filler in product((0, 1), product((True, False), repeat=len(strengths)), placements, fillers):
        p = 0.5 / len(placements) / len(fillers)
        words = [None] * length
        for k, (strength, truth, slot) in enumerate(zip(strengths, truths, slots, strict=True)):
            p *= strength if truth else 1 - strength
            words[slot] = f"signal{k}{('zero', 'one')[y if truth else 1 - y]}"
        rest = iter(filler)
        yield tuple(w if w is not None else f"filler{next(rest)}" for w in words), y, p


@pytest.mark.parametrize("positions", [None, (2, 0)])
@pytest.mark.parametrize("strengths", [(0.9, 0.7), (1.0, 0.5), (0.2, 0.95)])
def test_information_equals_enumeration(strengths, positions):
    text = planted(20, length=3, strengths=strengths, positions=positions, n_fillers=2)
    whole = defaultdict(float)
    presence = defaultdict(lambda: defaultdict(float))
    place = [defaultdict(float) for _ in range(3)]
    for words, y, p in every_text(strengths, 3, 2, positions):
        whole[words, y] += p
        for word in (*text.token_information, "filler0"):
            presence[word][word in words, y] += p
        for position, word in enumerate(words):
            place[position][word, y] += p
    assert text.total_information == pytest.approx(mutual_information_of(whole), abs=1e-12)
    for word, value in text.token_information.items():
        assert value == pytest.approx(mutual_information_of(presence[word]), abs=1e-12)
    assert mutual_information_of(presence["filler0"]) == pytest.approx(0, abs=1e-12)
    expected = [mutual_information_of(joint) for joint in place]
    np.testing.assert_allclose(text.position_information, expected, atol=1e-12)


@pytest.mark.parametrize("positions", [None, (2, 0)])
def test_texts_follow_the_model(positions):
    text = planted(20_000, length=3, strengths=(0.9, 0.7), positions=positions, n_fillers=2, rng=1)
    counts = defaultdict(int)
    for words, y in zip(text.texts, text.labels, strict=True):
        counts[tuple(words.split()), int(y)] += 1
    expected = defaultdict(float)
    for words, y, p in every_text((0.9, 0.7), 3, 2, positions):
        expected[words, y] += 20_000 * p
    assert set(counts) <= set(expected)
    # Pearson's chi-square: its mean is df and its variance 2 df; four standard deviations, seeded.
    statistic = sum((counts[cell] - e) ** 2 / e for cell, e in expected.items())
    df = len(expected) - 1
    assert abs(statistic - df) < 4 * np.sqrt(2 * df)


def test_values_stand_at_the_signals():
    text = planted(200, length=5, strengths=(0.9, 0.6), rng=2)
    information, pointwise = text.information(), text.pointwise_information()
    by_word = text.token_information
    for row, words in enumerate(text.texts):
        assert information[row].tolist() == [by_word.get(word, 0.0) for word in words.split()]
        for word, value in zip(words.split(), pointwise[row], strict=True):
            if word.startswith("filler"):
                assert value == 0
            else:
                p = (0.9, 0.6)[int(word[6])]
                says_true = word[7:] == text.class_names[text.labels[row]]
                assert value == pytest.approx(log(2 * (p if says_true else 1 - p)))


def test_mean_of_pointwise_information_is_the_information():
    text = planted(20_000, strengths=(0.9, 0.6), rng=3)
    total = text.pointwise_information().sum(axis=1)
    expected = sum(text.token_information[f"signal{k}one"] for k in (0, 1))
    assert abs(total.mean() - expected) < 4 * total.std() / np.sqrt(len(total))  # four standard errors, seeded


def test_perfect_signal_carries_the_class_and_useless_one_nothing():
    text = planted(100, strengths=(1.0, 0.0, 0.5))
    assert list(text.token_information.values()) == pytest.approx([log(2)] * 4 + [0, 0])
    assert text.total_information == pytest.approx(log(2))


def test_same_seed_same_text():
    first, again, other = planted(50, rng=4), planted(50, rng=np.random.default_rng(4)), planted(50, rng=5)
    assert first.texts == again.texts
    assert first.texts != other.texts
    np.testing.assert_array_equal(first.labels, again.labels)


def test_tokens_survive_encoding_at_their_place():
    text = planted(100, length=6, positions=(1, 4, 5))
    encoded = encode_dataset(text, min_count=1)
    assert encoded.counts["train"].empty == encoded.counts["train"].truncated == 0
    assert all(tokens[4].startswith("signal1") for tokens in encoded.test.tokens)
    assert encoded.test.tokens == tuple(tuple(text.texts[i].split()) for i in encoded.test.index)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_texts": 19}, "n_texts: must be an integer of at least 20; got 19"),
        ({"length": 2}, "strengths: must hold 1 to length=2 numbers; got 3"),
        ({"strengths": ()}, "strengths: must hold 1 to length=12 numbers; got 0"),
        ({"strengths": 2}, "strengths: must have 1 dimension"),
        ({"strengths": (0.5, 1.2)}, r"strengths: must lie in \[0, 1\]"),
        ({"strengths": (float("nan"),)}, "strengths: must be finite"),
        ({"positions": (0, 1)}, "positions: must be 3 different numbers"),
        ({"positions": (0, 1, 1)}, "positions: must be 3 different numbers"),
        ({"positions": (0, 1, 12)}, "positions: must be 3 different numbers, one per signal, below length=12"),
        ({"positions": (0, 1, -1)}, "positions: must be an integer of at least 0"),
        ({"n_fillers": 0}, "n_fillers: must be an integer of at least 1"),
        ({"rng": "seed"}, "rng: must be"),
    ],
)
def test_bad_parameter_is_named(parameters, message):
    with pytest.raises(InvalidInputError, match=message):
        planted(**parameters)
