import numpy as np
import pytest
from scipy import stats

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.ranks import concordance_curve, gap_quantile_edges, reference_concordance, reliability

N_EXAMPLES, N_TOKENS = 600, 25


def measure(noise):
    """x orders the truth exactly; first and second measure it with noise. Lengths and scales differ by example."""
    rng = np.random.default_rng(11)
    truth = rng.normal(size=(N_EXAMPLES, N_TOKENS)) + rng.normal(size=(N_EXAMPLES, 1))
    scale = np.exp(0.5 * rng.normal(size=(N_EXAMPLES, 1)))
    first, second = (scale * (truth + noise * rng.normal(size=truth.shape)) for _ in range(2))
    mask = np.arange(N_TOKENS) < rng.integers(8, N_TOKENS + 1, size=(N_EXAMPLES, 1))
    for values in (truth, first, second):
        values[~mask] = np.nan
    return 2 * truth, first, second, mask


@pytest.fixture(scope="module")
def claim_true():
    return measure(0.8)


def standard_error(curve):
    """Of the curve over examples, by the ratio estimator."""
    residual = curve.concordant - curve.curve * curve.pairs
    return np.sqrt((residual**2).sum(axis=0)) / curve.pairs.sum(axis=0)


def test_reference_is_the_curve_where_the_claim_is_true(claim_true):
    x, first, second, mask = claim_true
    edges = gap_quantile_edges(x, mask=mask, n_bins=6)
    observed = concordance_curve(x, (first + second) / 2, edges=edges, mask=mask)
    reference = reference_concordance(x, first, second, edges=edges, mask=mask, rng=0)
    # The standard error of a bin is at most 0.004, and putting each example on its own scale shifts a bin by 0.005.
    np.testing.assert_allclose(observed.curve, reference.curve, atol=0.015)
    assert reference.curve[0] < 0.65
    assert reference.curve[-1] > 0.95
    assert reference.slope() == pytest.approx(observed.slope(), rel=0.05)


def test_curve_falls_below_the_reference_where_near_ties_are_shuffled():
    x, first, second, mask = measure(0.2)
    rng = np.random.default_rng(3)
    # Within blocks of five neighbours in the order of x, the truth and its noise are dealt out anew.
    for row in range(N_EXAMPLES):
        order = np.argsort(x[row, mask[row]])
        for block in range(0, len(order), 5):
            places = order[block : block + 5]
            dealt = rng.permutation(places)
            first[row, places], second[row, places] = first[row, dealt], second[row, dealt]
    edges = gap_quantile_edges(x, mask=mask, n_bins=6)
    observed = concordance_curve(x, (first + second) / 2, edges=edges, mask=mask)
    reference = reference_concordance(x, first, second, edges=edges, mask=mask, rng=0)
    difference = (observed.curve - reference.curve) / standard_error(observed)
    assert difference[0] < -5
    assert (observed.curve - reference.curve)[-1] > -0.02  # far pairs keep nearly all of their order


def test_reference_blames_no_order_whose_gaps_say_nothing(claim_true):
    """x keeps the true order, but its gaps are drawn anew: near ties then are ordered better than noise would allow."""
    x, first, second, mask = claim_true
    rng = np.random.default_rng(4)
    redrawn = np.full_like(x, np.nan)
    for row, inside in enumerate(mask):
        places = np.flatnonzero(inside)
        redrawn[row, places[np.argsort(x[row, places])]] = np.sort(rng.normal(size=places.size))
    edges = gap_quantile_edges(redrawn, mask=mask, n_bins=6)
    observed = concordance_curve(redrawn, (first + second) / 2, edges=edges, mask=mask)
    reference = reference_concordance(redrawn, first, second, edges=edges, mask=mask, rng=0)
    assert (observed.curve - reference.curve)[0] > 5 * standard_error(observed)[0]


def test_reference_of_one_example_puts_the_truth_in_the_order_of_x():
    """Three tokens so far apart in y that noise cannot swap them stay in the order of x, whatever their order in y."""
    y = np.array([[5.0, 0.0, 10.0]])
    reference = reference_concordance([[1.0, 2.0, 3.0]], y + 1e-6, y, edges=[0, 5], rng=0)
    assert reference.curve.tolist() == [1]


def test_reference_without_noise_is_one():
    x, y = np.random.default_rng(0).normal(size=(2, 5, 10))
    np.testing.assert_array_equal(reference_concordance(x, y, y, edges=[0, 1, 9], rng=0).curve, [1, 1])


def test_reference_of_pure_noise_is_one_half():
    x, noise = np.random.default_rng(8).normal(size=(2, 200, 20))
    reference = reference_concordance(x, noise + 1e-9 * x, -noise, edges=[0, 1, 9], rng=0)
    assert reference.curve == pytest.approx([0.5, 0.5], abs=0.01)  # of 200 examples and 20 noises the error is 0.002


def test_same_seed_same_reference():
    x, first, second = np.random.default_rng(0).normal(size=(3, 5, 10))
    once, again, other = (
        reference_concordance(x, first, first + 0.3 * second, edges=[0, 1, 9], rng=rng).concordant for rng in (1, 1, 2)
    )
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()


def test_reference_does_not_touch_its_arguments(claim_true):
    x, first, second, mask = claim_true
    before = [values.copy() for values in (x, first, second)]
    reference_concordance(x, first, second, edges=[0, 1, 9], mask=mask, n_resamples=1, rng=0)
    for values, copy in zip((x, first, second), before, strict=True):
        np.testing.assert_array_equal(values, copy)


def test_measurements_that_do_not_vary_show_no_truth():
    for first, second in (([[3.0, 3.0]], [[3.0, 3.0]]), ([[1.0, -1.0]], [[-1.0, 1.0]])):
        reference = reference_concordance([[1.0, 2.0]], first, second, edges=[0, 2], rng=0)
        assert (reference.pairs.sum(), reference.curve) == (1, [0.5])
    alone = reference_concordance([[1.0, 2.0]], [[3.0, 4.0]], [[3.0, 4.0]], edges=[0, 2], mask=[[True, False]], rng=0)
    assert not alone.pairs.any()


def test_wrong_number_of_resamples_is_refused():
    with pytest.raises(InvalidInputError, match="n_resamples: must be an integer of at least 1; got 0"):
        reference_concordance([[1.0, 2.0]], [[3.0, 4.0]], [[3.0, 4.0]], edges=[0, 2], n_resamples=0)


def test_reliability_is_the_stepped_up_mean_of_spearman():
    first, noise = np.random.default_rng(0).normal(size=(2, 40, 15))
    second = first + noise
    r = np.mean([stats.spearmanr(*pair).statistic for pair in zip(first, second, strict=True)])
    assert reliability(first, second) == pytest.approx(2 * r / (1 + r))


def test_reliability_predicts_the_agreement_of_two_means():
    """Of long examples: the correlation of two means of two measurements, noise variance 1 + 1, is 1 / (1 + 1 / 2)."""
    rng = np.random.default_rng(7)
    truth = rng.normal(size=(40, 2000))
    first, second, third, fourth = (truth + rng.normal(size=truth.shape) for _ in range(4))
    means = [stats.spearmanr(*pair).statistic for pair in zip(first + second, third + fourth, strict=True)]
    # Spearman-Brown is exact for Pearson's correlation; for ranks of normals it is off by 0.005 here.
    assert reliability(first, second) == pytest.approx(np.mean(means), abs=0.01)


def test_reliability_ignores_what_is_outside_the_mask_or_undefined():
    first = np.array([[1.0, 2.0, 3.0, np.nan], [5.0, 5.0, 5.0, 5.0]])
    second = np.array([[1.0, 3.0, 2.0, np.nan], [1.0, 2.0, 3.0, 4.0]])
    mask = np.array([[True, True, True, False], [True] * 4])
    assert reliability(first, second, mask=mask) == pytest.approx(2 * 0.5 / 1.5)


def test_reliability_without_a_value_is_refused():
    with pytest.raises(InvalidInputError, match="exactly opposite order"):
        reliability([[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0]])
    with pytest.raises(TooFewSamplesError, match=r"first and second: must both vary .* got none that does among 1"):
        reliability([[1.0]], [[1.0]])
