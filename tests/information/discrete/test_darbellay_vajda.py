import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information import DarbellayVajda


def gaussian(n, rho, rng):
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def cut(values):
    """Cut sorted values at their median, equal values together: one part if all are equal."""
    median = values[(len(values) + 1) // 2 - 1]
    below = [v for v in values if v <= median]
    if len(below) == len(values):
        below = [v for v in values if v < median]
    above = values[len(below) :]
    return [part for part in (below, above) if part]


def cut_again(values, times):
    parts = [values]
    for _ in range(times):
        parts = [piece for part in parts for piece in cut(part)]
    return parts


def by_recursion(x, y, alpha, depth):
    """The definition for two scalars, cell by cell: a cell is two intervals of values."""
    n = len(x)

    def within(values, side):
        return (side[0] <= values) & (values <= side[-1])

    def information(side_x, side_y):
        # A side holds the sorted values of all samples in its interval.
        inside = within(x, side_x) & within(y, side_y)
        size = inside.sum()
        if not size:
            return 0.0
        for ahead in range(1, depth + 1):
            parts_x, parts_y = cut_again(side_x, ahead), cut_again(side_y, ahead)
            n_parts = len(parts_x) * len(parts_y)
            if n_parts == 1 or size < n_parts:
                continue
            statistic = 0.0
            for a in parts_x:
                for b in parts_y:
                    expected = size * len(a) / len(side_x) * len(b) / len(side_y)
                    statistic += ((inside & within(x, a) & within(y, b)).sum() - expected) ** 2 / expected
            if chi2.sf(statistic, n_parts - 1) < alpha:
                return sum(information(a, b) for a in cut(side_x) for b in cut(side_y))
        return size / n * np.log(size * n / (len(side_x) * len(side_y)))

    return information(sorted(x), sorted(y))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(4, 150),
    rho=st.sampled_from([0.0, 0.5, 0.95, 1.0]),
    decimals=st.sampled_from([0, 1, 9]),
    alpha=st.sampled_from([0.01, 0.05, 0.3]),
    depth=st.integers(1, 3),
)
def test_equals_the_recursive_definition(seed, n, rho, decimals, alpha, depth):
    x, y = (each.round(decimals) for each in gaussian(n, rho, np.random.default_rng(seed)))
    assert DarbellayVajda(alpha, depth).estimate(x, y) == pytest.approx(by_recursion(x, y, alpha, depth), abs=1e-12)


def test_a_split_by_hand():
    # 40 pairs on the diagonal quadrants, none elsewhere, and no structure within: one split, log 2.
    low, high = np.arange(20), np.arange(20, 40)
    rng = np.random.default_rng(3)
    x, y = np.concatenate([low, high]), np.concatenate([rng.permutation(low), rng.permutation(high)])
    assert DarbellayVajda(alpha=1e-4, depth=1).estimate(x, y) == pytest.approx(np.log(2), abs=1e-12)


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("depth", [1, 2])
def test_gaussian_truth(rho, depth):
    # 10 samples of n = 5000: the sd of the mean is below 0.005; the partition's own bias was 0.01 in a first run.
    rng = np.random.default_rng(0)
    mean = np.mean([DarbellayVajda(depth=depth).estimate(*gaussian(5000, rho, rng)) for _ in range(10)])
    assert mean == pytest.approx(-0.5 * np.log(1 - rho**2), abs=0.03)


def test_independence_gives_zero_in_most_samples():
    # At depth 1 the first table has fixed margins, one degree of freedom of three: fewer than alpha rejections.
    rng = np.random.default_rng(1)
    values = np.array(
        [DarbellayVajda(depth=1).estimate(rng.normal(size=300), rng.normal(size=300)) for _ in range(200)]
    )
    assert (values == 0).mean() >= 0.95
    values = np.array([DarbellayVajda().estimate(rng.normal(size=300), rng.normal(size=300)) for _ in range(200)])
    assert (values == 0).mean() >= 0.9
    assert 0 <= values.mean() < 0.005


def test_looking_ahead_sees_what_four_quadrants_hide():
    # Each y occurs with x and with -x, so the four quadrants hold equal numbers to the sample.
    half = np.random.default_rng(2).normal(size=1000)
    x, y = np.concatenate([half, -half]), np.concatenate([half, half]) ** 2
    assert DarbellayVajda(depth=1).estimate(x, y) == 0
    assert DarbellayVajda(depth=2).estimate(x, y) > 1


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_depends_on_ranks_only_and_is_symmetric(seed):
    x, y = gaussian(200, 0.8, np.random.default_rng(seed))
    value = DarbellayVajda().estimate(x, y)
    assert DarbellayVajda().estimate(np.exp(x), y**3) == value
    assert DarbellayVajda().estimate(y, x) == pytest.approx(value, abs=1e-12)


def test_terms_are_those_of_the_cells():
    x, y = gaussian(1000, 0.8, np.random.default_rng(4))
    local = DarbellayVajda().pointwise(x, y)
    # Rectangles that tile the plane: their shares of the margins' product sum to one, each counted once.
    shares = {value: (local == value).sum() for value in np.unique(local)}
    total = sum(number / 1000 * np.exp(-value) for value, number in shares.items())
    assert 0.9 < total <= 1 + 1e-12  # cells without a sample are missing
    assert local[(x > 1) & (y > 1)].mean() > 0 > local[(x > 1) & (y < 0)].mean()


def test_atoms_and_constants():
    rng = np.random.default_rng(5)
    x = rng.integers(2, size=2000)
    y = np.where(rng.random(2000) < 0.1, 1 - x, x)
    # The partition ends at single values: the plug-in information of a binary symmetric channel, error 0.1.
    assert DarbellayVajda().estimate(x, y) == pytest.approx(np.log(2) + 0.1 * np.log(0.1) + 0.9 * np.log(0.9), abs=0.03)
    assert DarbellayVajda().estimate(np.ones(50), rng.normal(size=50)) == 0


def test_vectors():
    rng = np.random.default_rng(6)
    x, y = gaussian(20_000, 0.6, rng)
    noise = rng.normal(size=(2, 20_000))
    truth = -0.5 * np.log(1 - 0.36)
    # The product of more columns is coarser: at n = 20,000 it loses up to a tenth of the information.
    assert DarbellayVajda().estimate(np.column_stack([x, noise[0]]), y) == pytest.approx(truth, abs=0.03)
    both = DarbellayVajda().estimate(np.column_stack([x, noise[0]]), np.column_stack([noise[1], y]))
    assert both == pytest.approx(truth, abs=0.05)
    parity = DarbellayVajda().estimate(noise.T, np.sign(noise[0] * noise[1]))  # neither column alone tells
    assert parity == pytest.approx(np.log(2), abs=0.03)


def test_bad_input():
    with pytest.raises(InvalidInputError, match="alpha: must lie strictly between 0 and 1"):
        DarbellayVajda(alpha=0)
    with pytest.raises(InvalidInputError, match="depth: must be an integer of at least 1"):
        DarbellayVajda(depth=0)
    with pytest.raises(
        TooFewSamplesError, match=r"2 to the number of columns .* got 5 columns of x and 5 of y for 500"
    ):
        DarbellayVajda().estimate(np.zeros((500, 5)), np.zeros((500, 5)))
