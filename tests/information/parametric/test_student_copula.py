import numpy as np
import pytest
from scipy.stats import multivariate_t, rankdata

from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.information import GaussianCopula, StudentCopula
from attnstats.information.parametric.student_copula import StudentFit, fit_student_copula

CORRELATION = np.array([[1.0, 0.3, 0.5], [0.3, 1.0, -0.2], [0.5, -0.2, 1.0]])


def student(n, correlation, df, rng):
    normal = rng.multivariate_normal(np.zeros(len(correlation)), correlation, size=n)
    return normal / np.sqrt(rng.chisquare(df, size=(n, 1)) / df)


@pytest.mark.parametrize("df", [0.7, 1, 3, 50])
def test_information_is_that_of_scipy_entropies(df):
    fit = StudentFit(CORRELATION, df, dim_x=2)
    entropies = [
        multivariate_t(shape=block, df=df).entropy()
        for block in (CORRELATION[:2, :2], CORRELATION[2:, 2:], CORRELATION)
    ]
    assert fit.information == pytest.approx(entropies[0] + entropies[1] - entropies[2], abs=1e-9)


def test_information_of_the_cauchy_pair_is_the_published_one():
    # Czyz et al. (2023), task student-identity-1-1-1.
    assert StudentFit(np.eye(2), 1.0, dim_x=1).information == pytest.approx(0.22417142752923613, abs=1e-12)


def test_log_ratio_is_that_of_scipy_densities():
    rng = np.random.default_rng(0)
    values = student(50, CORRELATION, 3, rng)
    log_pdf = [
        multivariate_t(shape=CORRELATION[np.ix_(columns, columns)], df=3).logpdf(values[:, columns])
        for columns in ([0, 1, 2], [0, 1], [2])
    ]
    ratio = StudentFit(CORRELATION, 3.0, dim_x=2).log_ratio(values[:, :2], values[:, 2:])
    np.testing.assert_allclose(ratio, log_pdf[0] - log_pdf[1] - log_pdf[2], atol=1e-9)


def test_fit_recovers_df_and_correlations():
    # n = 4000: the sd of log df is about 0.05 and that of a correlation about 0.02.
    values = student(4000, CORRELATION, 2, np.random.default_rng(1))
    ranks = rankdata(values, axis=0) / 4001
    fit = fit_student_copula(ranks[:, :2], ranks[:, 2:])
    assert np.log(fit.df) == pytest.approx(np.log(2), abs=0.2)
    np.testing.assert_allclose(fit.correlation, CORRELATION, atol=0.08)


@pytest.mark.parametrize(("df", "dim"), [(1, 1), (2, 3), (3, 5)])
def test_uncorrelated_student_vectors(df, dim):
    # Truth by scipy; the sd of an estimate at n = 2000 is about 0.015.
    values = student(2000, np.eye(2 * dim), df, np.random.default_rng(2))
    truth = (
        2 * multivariate_t(shape=np.eye(dim), df=df).entropy() - multivariate_t(shape=np.eye(2 * dim), df=df).entropy()
    )
    assert StudentCopula().estimate(values[:, :dim], values[:, dim:]) == pytest.approx(truth, abs=0.05)


def test_gaussian_data_give_the_gaussian_copula():
    values = np.random.default_rng(3).multivariate_normal(np.zeros(3), CORRELATION, size=2000)
    x, y = values[:, :2], values[:, 2]
    assert StudentCopula().estimate(x, y) == pytest.approx(GaussianCopula().estimate(x, y), abs=0.02)


def test_invariant_under_increasing_transforms_and_exchange():
    values = student(300, CORRELATION, 3, np.random.default_rng(4))
    x, y = values[:, :2], values[:, 2:]
    value = StudentCopula().estimate(x, y)
    assert StudentCopula().estimate(np.arctan(x), y**3) == pytest.approx(value, abs=1e-12)
    assert StudentCopula().estimate(y, x) == pytest.approx(value, abs=1e-3)  # the search ends at another df


def test_refusals_by_name():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(50, 2))
    with pytest.raises(TooFewSamplesError, match="number of samples"):
        StudentCopula().estimate(x[:5], x[:5])
    with pytest.raises(ConstantInputError, match="y: every column"):
        StudentCopula().estimate(x, np.column_stack([x[:, 0], np.ones(50)]))
    with pytest.raises(InvalidInputError, match="determine each other"):
        StudentCopula().estimate(x, x)
