import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information import BettingBound, EmpiricalBernstein, Probe, Ross, mutual_information
from attnstats.information.interface import LocalTerms
from attnstats.information.intervals import certified

RANDOM_FOLDS = Probe(n_folds=2, stratify=False)
both = pytest.mark.parametrize("interval", [EmpiricalBernstein(), BettingBound()], ids=lambda each: repr(each))


def sample(n, rng, n_classes=2):
    """Labels, folds, and terms whose log q is that of some conditional model of the labels."""
    y = np.append(np.arange(n_classes), rng.integers(n_classes, size=n - n_classes))
    q = rng.dirichlet(np.ones(n_classes), size=n)[np.arange(n), y]
    return LocalTerms(np.log(q) - np.log(np.bincount(y) / n)[y], (), rng.permutation(np.arange(n) % 2)), y


def low(interval, local, y, *, groups=None, level=0.95):
    found = interval.from_terms(RANDOM_FOLDS, local, np.empty(0), y, groups=groups, confidence_level=level)
    assert found.high == np.inf
    assert found.level == level
    return found.low


def test_frequency_box_is_valid_and_little_wider_than_clopper_pearson():
    # The Chernoff interval contains the exact binomial one and exceeds its width by less than half.
    codes = np.repeat([0, 1], [37, 163])
    lower, upper = certified._frequency_box(codes, np.arange(200), 2, 0.01)
    for code, count in enumerate((37, 163)):
        exact = stats.binomtest(count, 200).proportion_ci(0.99)
        assert lower[code] < exact.low < exact.high < upper[code]
        assert upper[code] - lower[code] < 1.5 * (exact.high - exact.low)
        for end in (lower[code], upper[code]):
            p = count / 200
            divergence = p * math.log(p / end) + (1 - p) * math.log((1 - p) / (1 - end))
            assert divergence == pytest.approx(math.log(2 / 0.01) / 200)
    assert lower[0] + upper[1] == pytest.approx(1)


def test_frequency_box_counts_groups_and_stays_open_for_an_absent_class():
    codes, groups = np.repeat([0, 1, 1, 0], 50), np.repeat([0, 1, 2, 3], 50)
    lower, upper = certified._frequency_box(codes, groups, 3, 0.05)
    # Four groups, not 200 rows: (1 - p)^4 = 0.05 / 6 for the class that no group holds.
    assert upper[2] == pytest.approx(1 - (0.05 / 6) ** (1 / 4))
    assert lower[2] == 0
    assert upper[0] > 0.9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 4))
def test_terms_keep_their_range_and_the_divergence_its_bound(seed, n_classes):
    rng = np.random.default_rng(seed)
    local, y = sample(60, rng, n_classes)
    groups = rng.permutation(60)
    folds = certified._folds(local.terms, local.folds, y, groups, 0.005)
    lower, upper = certified._frequency_box(y, groups, n_classes, 0.005)
    for index, fold in enumerate(folds):
        assert (fold.terms >= fold.lowest).all()
        assert (fold.terms <= fold.highest).all()
        counts = np.bincount(y[local.folds != index], minlength=n_classes) + 0.5
        r = counts / counts.sum()
        for p in rng.dirichlet(np.ones(n_classes), size=200):
            if ((lower <= p) & (p <= upper)).all():
                assert stats.entropy(p, r) <= fold.divergence


def reference_folds(local, y, groups):
    """Return mean terms of the groups, the lowest and the highest term, and the divergence of each fold, by loops."""
    n_classes = y.max() + 1
    lower, upper = certified._frequency_box(y, groups, n_classes, 0.005)
    p = np.bincount(y) / len(y)
    for fold in range(local.folds.max() + 1):
        counts = np.array([0.5 + sum((y == code) & (local.folds != fold)) for code in range(n_classes)])
        r = counts / counts.sum()
        members = sorted(set(groups[local.folds == fold]))
        e = 1 / math.sqrt(len(members))
        means = []
        for group in members:
            q = [math.exp(local.terms[j]) * p[y[j]] for j in np.flatnonzero(groups == group)]
            mixed = [(1 - e) * each / r[y[j]] + e for each, j in zip(q, np.flatnonzero(groups == group), strict=True)]
            means.append(np.mean(np.log(mixed)))
        ends = [[b * math.log(b / r[c]) - b + r[c] for b in (lower[c], upper[c])] for c in range(n_classes)]
        yield np.array(means), math.log(e), -math.log(r.min()), sum(max(each) for each in ends)


def grouped_sample(seed):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(60), 3)
    local, y = sample(180, rng, 3)
    return local._replace(folds=rng.permutation(np.arange(60) % 2)[groups]), y, groups


def test_bernstein_is_the_formula_of_maurer_and_pontil():
    local, y, groups = grouped_sample(4)
    bounds = []
    for terms, lowest, highest, divergence in reference_folds(local, y, groups):
        scaled = (terms - lowest) / (highest - lowest)  # theirs lie in [0, 1]
        log_term = math.log(2 / (0.045 / 2))
        m = len(terms)
        variance = sum((a - b) ** 2 for a in scaled for b in scaled) / (2 * m * (m - 1))
        bound = scaled.mean() - math.sqrt(2 * variance * log_term / m) - 7 * log_term / (3 * (m - 1))
        bounds.append(lowest + (highest - lowest) * bound - divergence)
    assert low(EmpiricalBernstein(), local, y, groups=groups) == pytest.approx(max(bounds))


def test_betting_is_where_the_average_gain_is_one_over_alpha():
    local, y, groups = grouped_sample(5)
    found = low(BettingBound(), local, y, groups=groups)
    gains = [
        math.prod(1 - c + c * (t - lowest) / (found + divergence - lowest) for t in terms)
        for terms, lowest, _, divergence in reference_folds(local, y, groups)
        for c in (1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)
    ]
    assert np.mean(gains) == pytest.approx(1 / 0.045, rel=1e-4)


@both
def test_certified_bounds_lie_below_and_tighten(interval):
    rng = np.random.default_rng(6)
    values = []
    for n in (200, 2000, 20_000):
        y = rng.integers(2, size=n)
        x = rng.normal(size=n) + 2 * y
        log_q = -np.logaddexp(0, (2 - 2 * x) * (2 * y - 1))  # the true model: log odds 2x - 2
        local = LocalTerms(log_q - np.log(np.bincount(y) / n)[y], (), rng.integers(2, size=n))
        values.append(low(interval, local, y))
        assert low(interval, local, y, level=0.99) < values[-1]
    truth = 0.3368  # of two normals two standard deviations apart, in nats, by quadrature
    assert values[0] < values[1] < values[2] < truth
    assert values[2] > truth - 0.03


@both
def test_certified_bounds_do_not_depend_on_the_order_of_rows(interval):
    local, y, groups = grouped_sample(7)
    order = np.random.default_rng(0).permutation(len(y))
    moved = LocalTerms(local.terms[order], (), local.folds[order])
    assert low(interval, moved, y[order], groups=groups[order]) == pytest.approx(low(interval, local, y, groups=groups))


@both
def test_copies_of_rows_in_their_group_certify_nothing_more(interval):
    local, y = sample(200, np.random.default_rng(8))
    twice = LocalTerms(np.repeat(local.terms, 2), (), np.repeat(local.folds, 2))
    groups = np.repeat(np.arange(200), 2)
    # Not equal: half a count is added to the class frequencies of twice as many rows.
    assert low(interval, twice, np.repeat(y, 2), groups=groups) == pytest.approx(low(interval, local, y), abs=1e-3)


@both
def test_certified_bounds_refuse_by_name(interval):
    name = type(interval).__name__
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=(100, 1)), rng.integers(2, size=100)
    with pytest.raises(InvalidInputError, match=rf"interval: {name} needs .* Probe; got Ross\("):
        mutual_information(x, y, Ross(), interval=interval)
    with pytest.raises(InvalidInputError, match=rf"interval: {name} needs folds .*stratify=False.*stratify=True"):
        mutual_information(x, y, Probe(), interval=interval)
    local = LocalTerms(np.zeros(8), (), np.array([0, 1, 1, 1, 1, 1, 1, 1]))
    with pytest.raises(TooFewSamplesError, match="number of groups in a fold: must be at least 2; got 1"):
        low(interval, local, np.arange(8) % 2)


def test_as_interval_of_the_verb():
    rng = np.random.default_rng(10)
    y = rng.integers(2, size=600)
    x = rng.normal(size=(600, 2)) + 2 * y[:, np.newaxis]
    groups = np.repeat(np.arange(200), 3)
    bound = mutual_information(x, y, RANDOM_FOLDS, interval=BettingBound(), groups=groups, rng=0)
    weaker = mutual_information(x, y, RANDOM_FOLDS, interval=EmpiricalBernstein(), groups=groups, rng=0)
    assert 0 < weaker.interval.low < bound.interval.low < bound.value
    assert bound.to_bits().interval.high == np.inf
