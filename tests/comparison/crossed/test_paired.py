"""Two conditions in the same replicates and items, each with its gaps: generalised least squares by dense matrices."""

import numpy as np
import pytest

from attnstats.comparison import (
    FixedItems,
    Satterthwaite,
    anova_equivalence_test,
    anova_test,
    paired_anova_equivalence_test,
    paired_anova_test,
)
from attnstats.comparison.crossed._paired_fit import paired_fit
from attnstats.comparison.crossed._two_way_fit import TwoWayFit
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases

GAPS = {"missing": CompleteCases()}


def draw(seed, shape=(6, 14), gaps=0.0, correlation=0.7, difference=0.3):
    """Two tables whose residuals correlate, with effects of their own."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=shape)
    tables = []
    for mean, scale in ((difference, 1.0), (0.0, 1.5)):
        own = rng.normal(size=shape)
        residual = scale * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
        table = mean + 0.3 * rng.normal(size=(shape[0], 1)) + 0.5 * rng.normal(size=shape[1]) + residual
        table[rng.random(shape) < gaps] = np.nan
        tables.append(table)
    return tables


def by_hand(first, second, covariance):
    """Return levels of replicates and items and their covariances, of first − second, by dense matrices."""
    tables, (n, m) = (first, second), first.shape
    cells = [(t, r, i) for t in range(2) for r in range(n) for i in range(m) if not np.isnan(tables[t][r, i])]
    design = np.zeros((len(cells), 2 * (n + m)))
    for row, (t, r, i) in enumerate(cells):
        design[row, [t * (n + m) + r, t * (n + m) + n + i]] = 1
    noise = np.array([[covariance[t, u] * ((r, i) == (s, j)) for u, s, j in cells] for t, r, i in cells])
    precision = np.linalg.inv(noise)
    inverse = np.linalg.pinv(design.T @ precision @ design)
    effects = inverse @ design.T @ precision @ [tables[t][r, i] for t, r, i in cells]
    rows, columns = np.zeros((n, 2 * (n + m))), np.zeros((m, 2 * (n + m)))
    for t, sign in ((0, 1), (1, -1)):
        start = t * (n + m)
        rows[:, start : start + n] = sign * np.eye(n)
        rows[:, start + n : start + n + m] = sign / m
        columns[:, start : start + n] = sign / n
        columns[:, start + n : start + n + m] = sign * np.eye(m)
    return [(levels @ effects, levels @ inverse @ levels.T) for levels in (rows, columns)]


@pytest.mark.parametrize("shape", [(4, 9), (9, 4)])
@pytest.mark.parametrize("seed", range(3))
def test_the_fit_is_generalised_least_squares(shape, seed):
    first, second = draw(seed, shape, gaps=0.2)
    fit = paired_fit(first, second)
    of_first, of_second = TwoWayFit.of(first).residual, TwoWayFit.of(second).residual
    common = (of_first + of_second - fit.residual) / 2  # the scale of the fit is the variance of a difference
    (rows, of_rows), (columns, of_columns) = by_hand(first, second, np.array([[of_first, common], [common, of_second]]))
    few, many = (fit.replicates, fit.items) if shape[0] < shape[1] else (fit.items, fit.replicates)
    if shape[0] > shape[1]:
        (rows, of_rows), (columns, of_columns) = (columns, of_columns), (rows, of_rows)
    centre, other = np.eye(4) - 1 / 4, np.eye(9) - 1 / 9
    np.testing.assert_allclose(few.means, rows)
    np.testing.assert_allclose(many.means, columns)
    np.testing.assert_allclose(few.covariance * fit.residual, centre @ of_rows @ centre, atol=1e-12)
    assert many.trace * fit.residual == pytest.approx(np.trace(other @ of_columns @ other))
    assert fit.squares * fit.residual == pytest.approx(of_rows.mean())
    assert fit.mean == pytest.approx(rows.mean())


def test_the_correlation_is_that_of_the_cells_which_both_have():
    first, second = draw(0, (30, 400), gaps=0.2, correlation=0.6)
    fit = paired_fit(first, second)
    assert TwoWayFit.of(first).residual == pytest.approx(1, rel=0.05)
    assert fit.residual == pytest.approx(1 + 1.5**2 - 2 * 1.5 * 0.6, rel=0.05)


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("variance", [None, FixedItems(), Satterthwaite()])
@pytest.mark.parametrize("gaps", [False, True])
def test_where_the_same_cells_are_missing_it_is_the_test_of_the_differences(variance, gaps):
    a, b = draw(1, (6, 14))
    if gaps:
        a[0, :5] = b[0, :5] = np.nan
    options = {"minimum_replicates": 6} | ({"variance": variance} if variance else {}) | (GAPS if gaps else {})
    found, expected = paired_anova_test(a, b, **options), anova_test(a - b, **options)
    assert (found.effect, found.pvalue) == pytest.approx((expected.effect, expected.pvalue))
    assert found.n_missing == 2 * expected.n_missing
    within = paired_anova_equivalence_test(a, b, margin=0.8, **options)
    assert within.pvalue == pytest.approx(anova_equivalence_test(a - b, margin=0.8, **options).pvalue)


def test_it_goes_over_into_the_test_of_the_differences():
    """One cell that one of the two lacks moves little; conditions change sides, tables may be turned."""
    a, b = draw(2, (8, 40))
    whole = paired_anova_test(a, b)
    a[3, 4] = np.nan
    found = paired_anova_test(a, b, **GAPS)
    assert found.effect == pytest.approx(whole.effect, abs=0.01)
    assert found.pvalue == pytest.approx(whole.pvalue, rel=0.2)
    swapped = paired_anova_test(b, a, **GAPS)
    assert (swapped.effect, swapped.pvalue) == pytest.approx((-found.effect, found.pvalue))
    turned = paired_anova_test(a.T, b.T, **GAPS)
    assert (turned.effect, turned.pvalue) == pytest.approx((found.effect, found.pvalue))


def test_cells_of_one_condition_alone_are_used():
    """Where each lacks half of the cells, the error falls below that over the quarter which both have."""
    errors = {"own": [], "shared": []}
    for seed in range(40):
        a, b = draw(seed, (8, 60), gaps=0.5, correlation=0.2, difference=0)
        errors["own"].append(paired_anova_test(a, b, **GAPS).effect)
        errors["shared"].append(anova_test(a - b, **GAPS).effect)
    assert np.var(errors["own"]) < 0.8 * np.var(errors["shared"])


def test_high_correlation_keeps_what_the_differences_know():
    a, _ = draw(0, (8, 60))
    a[0, :5] = np.nan
    b = a - 0.3 + np.random.default_rng(1).normal(0, 0.01, a.shape)
    b[4, 9:30] = np.nan
    found, differences = paired_anova_test(a, b, **GAPS), anova_test(a - b, **GAPS)
    assert found.effect == pytest.approx(differences.effect, abs=1e-3)
    assert abs(found.statistic) > 0.9 * abs(differences.statistic)


def test_a_condition_without_residual_and_one_that_is_a_copy():
    a, b = draw(3, (8, 20), gaps=0.1)
    solved = np.where(np.isnan(a), np.nan, 1.0)
    found = paired_anova_test(solved, b, **GAPS)
    assert found.effect == pytest.approx(1 - TwoWayFit.of(b).mean, abs=1e-5)
    with pytest.raises(ConstantInputError, match=r"a and b: must vary; got 0\.0 throughout"):
        paired_anova_test(b, np.where(np.isnan(a), np.nan, b), **GAPS)
    with pytest.raises(ConstantInputError, match=r"a and b: must vary; got 0\.0 throughout"):
        paired_anova_test(solved, np.where(np.isnan(b), np.nan, 1.0), **GAPS)


def test_tables_that_are_sums_of_their_effects():
    """Nothing is left for the residual; what replicates and items add to the difference is found all the same."""
    rng = np.random.default_rng(6)
    a, b = (rng.normal(size=(8, 1)) + rng.normal(size=30) for _ in range(2))
    expected = anova_test(a - b)
    a[rng.random(a.shape) < 0.2], b[rng.random(b.shape) < 0.2] = np.nan, np.nan
    found = paired_anova_test(a, b, **GAPS)
    assert found.effect == pytest.approx(expected.effect)
    assert found.statistic == pytest.approx(expected.statistic, rel=0.02)
    whole = np.arange(8.0)[:, np.newaxis] + np.arange(30.0)  # whole numbers: no rounding either
    fit = paired_fit(*(np.where(np.isnan(each), np.nan, whole) for each in (a, b)))
    assert (fit.mean, fit.residual) == pytest.approx((0, 0), abs=1e-9)


def test_replicates_and_items_that_one_condition_lacks_are_left_out_of_both():
    a, b = draw(4, (9, 20), gaps=0.1)
    a[2], b[:, 7] = np.nan, np.nan
    found = paired_anova_test(a, b, **GAPS)
    kept = np.ix_(np.arange(9) != 2, np.arange(20) != 7)
    expected = paired_anova_test(a[kept], b[kept], **GAPS)
    assert (found.effect, found.pvalue, found.n) == (expected.effect, expected.pvalue, 8)


def test_data_sets_share_their_replicates():
    pairs = [draw(seed, (8, n), gaps=0.1) for seed, n in enumerate((20, 30))]
    a, b = zip(*pairs, strict=True)
    found = paired_anova_test(a, b, shared_replicates=True, **GAPS)
    fits = [paired_fit(*pair) for pair in pairs]
    assert found.effect == pytest.approx(np.mean([fit.mean for fit in fits]))
    assert found.n == 8
    assert paired_anova_test(a, b, **GAPS).n == 16


def test_tables_that_do_not_fit_are_refused():
    a, b = draw(5, (8, 20))
    with pytest.raises(InvalidInputError, match="a and b: must have the same seeds; got 8 and 7"):
        paired_anova_test(a, b[:7], replication_unit="seed")
    with pytest.raises(InvalidInputError, match="a and b: must have the same items"):
        paired_anova_test(a, b[:, :7])
    a[:, 2:], b[:, :18] = np.nan, np.nan
    with pytest.raises(TooFewSamplesError, match="number of replicates: must be at least 2; got 0"):
        paired_anova_test(a, b, **GAPS)
