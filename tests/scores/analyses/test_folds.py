import math

import numpy as np
import pytest
from scipy.stats import f, t

from attnstats.comparison import corrected_resampled_t_test
from attnstats.scores import Block, CorrectedT

RNG = np.random.default_rng(2)
A, B = RNG.normal([[0.83], [0.8]], 0.03, size=(2, 10))


def ends(interval):
    return interval.low, interval.high


@pytest.mark.parametrize("share", [1 / 9, 0.25, 1.0])
def test_it_is_the_corrected_resampled_t_test(share):
    found = CorrectedT("fold", test_share=share).difference((Block(A),), (Block(B),))
    expected = corrected_resampled_t_test(A, B, n_train=1.0, n_test=share)
    assert found.pvalue == pytest.approx(expected.pvalue)
    assert ends(found.interval(0.9)) == pytest.approx(ends(expected.interval(0.9)))
    assert found.n == 10


def test_the_variance_is_that_of_nadeau_and_bengio():
    found = CorrectedT("fold", test_share=1 / 9).difference((Block(A),), (Block(B),))
    error = math.sqrt((1 / 10 + 1 / 9) * (A - B).var(ddof=1))
    assert found.error_with(1, 1)[0] == pytest.approx(error)
    assert found.pvalue == pytest.approx(2 * t.sf(abs((A - B).mean()) / error, 9))
    mean = CorrectedT("fold", test_share=1 / 9).mean((Block(A),))
    half = t.ppf(0.975, 9) * math.sqrt((1 / 10 + 1 / 9) * A.var(ddof=1))
    assert ends(mean.interval(0.95)) == pytest.approx((A.mean() - half, A.mean() + half))


def test_folds_that_one_condition_lacks_are_left_out():
    gaps = A.copy()
    gaps[3] = np.nan
    kept = np.arange(10) != 3
    found = CorrectedT("fold", test_share=0.25).difference((Block(gaps),), (Block(B),))
    assert found.pvalue == pytest.approx(corrected_resampled_t_test(A[kept], B[kept], n_train=4, n_test=1).pvalue)


def test_data_sets_weigh_the_same():
    more = RNG.normal([[0.7], [0.68]], 0.1, size=(2, 5))
    analysis = CorrectedT("fold", test_share=0.25)
    found = analysis.difference((Block(A), Block(more[0])), (Block(B), Block(more[1])))
    parts = [analysis.difference((Block(a),), (Block(b),)) for a, b in ((A, B), more)]
    variances = [part.error_with(1, 1)[0] ** 2 / 4 for part in parts]
    df = sum(variances) ** 2 / (variances[0] ** 2 / 9 + variances[1] ** 2 / 4)
    effect = (parts[0].effect + parts[1].effect) / 2
    assert found.effect == pytest.approx(effect)
    assert found.pvalue == pytest.approx(2 * t.sf(abs(effect) / math.sqrt(sum(variances)), df))


def test_alpaydins_f_stands_beside_five_repetitions_of_two_folds():
    halves = CorrectedT("fold", test_share=1.0, halves=True)
    (beside,) = halves.beside((Block(A),), (Block(B),), RNG)
    differences = (A - B).reshape(5, 2)
    spread = 2 * sum(((p - q) / 2) ** 2 + ((q - p) / 2) ** 2 for p, q in differences)
    statistic = (differences**2).sum() / spread
    assert beside.statistic == pytest.approx(statistic)
    assert beside.pvalue == pytest.approx(f.sf(statistic, 10, 5))


def test_alpaydins_f_is_left_out_where_it_is_not_defined():
    halves, gaps = CorrectedT("fold", test_share=1.0, halves=True), A.copy()
    gaps[3] = np.nan
    assert CorrectedT("fold").beside((Block(A),), (Block(B),), RNG) == ()
    assert halves.beside((Block(gaps),), (Block(B),), RNG) == ()
    assert halves.beside((Block(A),), (Block(A + np.repeat(np.arange(5.0), 2)),), RNG) == ()
    assert halves.beside((Block(A),) * 2, (Block(B),) * 2, RNG) == ()


def test_what_does_not_vary_is_not_tested():
    found = CorrectedT("fold").difference((Block(A + 0.1),), (Block(A),))
    assert found.effect == pytest.approx(0.1)
    assert found.interval(0.95) is None
