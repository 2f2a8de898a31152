import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm, spearmanr

from attnstats.information import NormalScores
from attnstats.information.intervals import _surrogates as surrogates
from attnstats.information.intervals._surrogates import ClassSurrogate, GaussianSurrogate


@pytest.fixture
def without_margins(monkeypatch):
    monkeypatch.setattr(surrogates, "with_margins", lambda drawn, _: drawn)


def scores(values):
    return NormalScores().transform(values, values)


@pytest.mark.parametrize("information", [0.0, 0.5, 2.0])
def test_surrogate_has_the_covariances_and_the_information_asked_for(information, without_margins):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4_000, 3)) @ rng.normal(size=(3, 3))
    y = np.column_stack([x[:, 0] + rng.normal(size=4_000), 1e-3 * (x @ [1.0, -1, 0]) + 1e-2 * rng.normal(size=4_000)])
    surrogate = GaussianSurrogate(x, y, information)
    drawn_x, drawn_y = (np.vstack(each) for each in zip(*(surrogate.sample(rng)[:2] for _ in range(25)), strict=True))
    for drawn, given in ((drawn_x, scores(x)), (drawn_y, scores(y))):
        scale = np.sqrt(np.outer(given.var(axis=0), given.var(axis=0)))
        # 100,000 draws: each covariance within four errors.
        np.testing.assert_allclose(np.cov(drawn.T) / scale, np.cov(given.T) / scale, atol=0.02)

    def log_det(values):
        return np.linalg.slogdet(np.corrcoef(values.T))[1]

    found = (log_det(drawn_x) + log_det(drawn_y) - log_det(np.hstack([drawn_x, drawn_y]))) / 2
    assert found == pytest.approx(information, abs=0.02)
    known = [surrogate.sample(rng).information for _ in range(25)]
    assert np.mean(known) == pytest.approx(information, abs=4 * np.std(known) / 5 + 1e-12)


def test_gaussian_terms_are_log_ratios_of_densities():
    # The margins are those of 4,000 normal draws, so what is drawn is normal but for their error.
    rng = np.random.default_rng(4)
    x = rng.normal(size=(4_000, 2)) @ rng.normal(size=(2, 2))
    y = x @ rng.normal(size=(2, 3)) + rng.normal(size=(4_000, 3))
    surrogate = GaussianSurrogate(x, y, 0.8)
    big = [surrogate.sample(rng) for _ in range(20)]  # the covariance of what is drawn, from 80,000 draws
    covariance = np.cov(np.hstack([np.vstack([each.x for each in big]), np.vstack([each.y for each in big])]).T)
    drawn = surrogate.sample(rng)
    joint = multivariate_normal(cov=covariance).logpdf(np.hstack([drawn.x, drawn.y]))
    apart = [multivariate_normal(cov=part).logpdf for part in (covariance[:2, :2], covariance[2:, 2:])]
    assert drawn.information == pytest.approx(np.mean(joint - apart[0](drawn.x) - apart[1](drawn.y)), abs=0.03)


def test_surrogates_have_the_values_of_the_sample():
    rng = np.random.default_rng(5)
    x, noise = rng.normal(size=(2, 500, 1))
    y = (0.8 * x + 0.6 * noise) ** 3
    x = np.exp(x)
    drawn_x, drawn_y, _ = GaussianSurrogate(x, y, 0.5).sample(rng)
    np.testing.assert_array_equal(np.sort(drawn_x, axis=0), np.sort(x, axis=0))
    np.testing.assert_array_equal(np.sort(drawn_y, axis=0), np.sort(y, axis=0))
    # Spearman's rho of a normal pair (Pearson 1907), with correlation sqrt(1 - exp(-2 I)); four errors.
    rho = 6 / np.pi * np.arcsin(np.sqrt(-np.expm1(-1.0)) / 2)
    assert spearmanr(drawn_x, drawn_y).statistic == pytest.approx(rho, abs=0.08)


def test_surrogate_of_more_columns_than_rows_and_of_a_constant_column():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 30)), rng.normal(size=(20, 2))
    x[:, 4] = 7.0
    drawn_x, drawn_y, _ = GaussianSurrogate(x, y, 0.3).sample(rng)
    assert (drawn_x.shape, drawn_y.shape) == ((20, 30), (20, 2))
    assert np.isfinite(drawn_x).all()
    assert np.ptp(drawn_x[:, 4]) == 0


def information_of_two_classes(distance, share):
    def integrand(x):
        density = share * norm.pdf(x) + (1 - share) * norm.pdf(x - distance)
        return -density * np.log(density)

    return quad(integrand, -8, 8 + distance)[0] - norm.entropy()


@pytest.mark.parametrize("information", [0.0, 0.1, 0.4])
def test_classes_have_the_covariances_and_the_information_asked_for(information, without_margins):
    rng = np.random.default_rng(2)
    codes = rng.choice(2, p=[0.3, 0.7], size=3_000)
    x = rng.normal(size=(3_000, 3)) @ rng.normal(size=(3, 3)) + codes[:, np.newaxis] * [1.0, 0, 2]
    surrogate = ClassSurrogate(x, codes, information)
    drawn = [surrogate.sample(rng) for _ in range(20)]
    xs, ys = np.vstack([each.x for each in drawn]), np.concatenate([each.y for each in drawn])
    x = scores(x)
    within = np.cov((x - np.stack([x[codes == code].mean(axis=0) for code in (0, 1)])[codes]).T)
    means = np.stack([xs[ys == code].mean(axis=0) for code in (0, 1)])
    scale = np.sqrt(np.outer(np.diag(within), np.diag(within)))
    np.testing.assert_allclose(np.cov((xs - means[ys]).T) / scale, within / scale, atol=0.03)  # of 60,000 draws
    difference = means[1] - means[0]
    distance = np.sqrt(difference @ np.linalg.solve(within, difference))
    share = (codes == 0).mean()
    # The distance was found on 2,000 draws, whose mean term is within 0.02.
    assert information_of_two_classes(distance, share) == pytest.approx(information, abs=0.03)
    known = [each.information for each in drawn]
    assert np.mean(known) == pytest.approx(information_of_two_classes(distance, share), abs=0.01)


def test_classes_can_hold_no_more_than_their_entropy():
    rng = np.random.default_rng(3)
    codes = np.arange(90) % 3
    x = rng.normal(size=(90, 120)) + codes[:, np.newaxis]
    drawn = ClassSurrogate(x, codes, 5.0).sample(rng)
    assert drawn.x.shape == (90, 120)
    assert drawn.information == pytest.approx(np.log(3), abs=0.01)
