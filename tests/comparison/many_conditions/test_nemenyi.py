import numpy as np
import pytest

from attnstats.comparison import CriticalDifference, nemenyi_test
from attnstats.exceptions import InvalidInputError, TooFewSamplesError


@pytest.mark.parametrize(("alpha", "expected"), [(0.05, 1.25), (0.10, 1.12)])
def test_critical_difference_of_demsar(alpha, expected):
    # Demsar (2006), section 3.2.2: 4 classifiers on 14 data sets, 2.569 sqrt(4 * 5 / (6 * 14)) = 1.25, and 1.12 at .10
    result = nemenyi_test(np.random.default_rng(0).normal(size=(4, 14)), alpha=alpha)
    assert result.critical_difference == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("k", "expected"), [(3, 3.314493), (4, 3.633160), (10, 4.474124)])
def test_critical_difference_by_the_studentized_range_of_r(k, expected):
    # R 4.2.2: qtukey(.95, c(3, 4, 10), Inf)
    result = nemenyi_test(np.random.default_rng(0).normal(size=(k, 12)))
    assert result.critical_difference == pytest.approx(
        expected / np.sqrt(2) * np.sqrt(k * (k + 1) / (6 * 12)), rel=1e-6
    )


def test_pvalues_and_ranks():
    values = np.random.default_rng(2).normal([[3], [2], [1], [1]], 1, size=(4, 9))
    result = nemenyi_test(values)
    assert result.mean_ranks == pytest.approx(np.mean(np.argsort(np.argsort(-values, axis=0), axis=0) + 1, axis=1))
    gaps = np.abs(np.subtract.outer(result.mean_ranks, result.mean_ranks))
    pvalues = np.array(result.pvalues)
    assert (pvalues == pvalues.T).all()
    assert (np.diag(pvalues) == 1).all()
    assert ((pvalues < 0.05) == (gaps > result.critical_difference)).all()


def test_pvalue_by_the_studentized_range_of_r():
    # R 4.2.2: ptukey((2/3) / sqrt(4 * 5 / (12 * 60)), 4, Inf, lower.tail = FALSE)
    values = np.tile(np.arange(4.0)[:, None], 60)
    values[:2, :10] = values[1::-1, :10]
    result = nemenyi_test(values)
    assert result.mean_ranks[0] - result.mean_ranks[1] == pytest.approx(2 / 3)
    assert result.pvalues[0][1] == pytest.approx(0.02418331533, rel=1e-7)


def test_ties_share_ranks():
    assert nemenyi_test([[1.0, 5.0], [1.0, 6.0], [0.0, 7.0]]).mean_ranks == (2.25, 1.75, 2.0)


def test_far_apart_conditions_never_have_zero():
    result = nemenyi_test(np.tile([[1.0], [2.0], [3.0]], 5_000))
    assert 0 < min(min(row) for row in result.pvalues) < 1e-100


def test_groups_are_the_bars_of_the_diagram():
    def groups(mean_ranks, critical_difference):
        k = len(mean_ranks)
        return CriticalDifference(mean_ranks, critical_difference, 0.05, ((1.0,) * k,) * k, 10).groups

    assert groups((1.0, 1.8, 2.4, 4.0), 1.0) == ((0, 1), (1, 2))
    assert groups((4.0, 1.0, 2.5, 2.5), 1.6) == ((1, 2, 3), (2, 3, 0))
    assert groups((1.0, 2.0, 3.0), 0.5) == ()
    assert groups((1.0, 2.0, 3.0), 5.0) == ((0, 1, 2),)


@pytest.mark.parametrize("alpha", [0, 1, np.nan])
def test_bad_input_is_refused_by_name(alpha):
    with pytest.raises(InvalidInputError, match="alpha: must lie strictly between 0 and 1"):
        nemenyi_test(np.eye(3), alpha=alpha)
    with pytest.raises(TooFewSamplesError, match="number of blocks"):
        nemenyi_test(np.ones((3, 1)))
