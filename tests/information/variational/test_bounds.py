import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras import ops

from attnstats.information.variational import _bounds as bounds

BOUNDS = {
    "donsker_varadhan": bounds.donsker_varadhan,
    "nwj": bounds.nwj,
    "jensen_shannon": bounds.jensen_shannon,
    "smile": lambda scores: bounds.smile(scores, 0.7),
    "info_nce": bounds.info_nce,
    "interpolated": lambda scores: bounds.interpolated(scores, 0.3),
    "club": bounds.club,
}
every_bound = pytest.mark.parametrize("name", BOUNDS)
matrices = arrays(
    np.float64, st.tuples(*[st.integers(3, 7)] * 2).map(lambda s: (s[0], s[0])), elements=st.floats(-5, 5)
)


def by_definition(name, f):
    """The bound of a score matrix from its equation, pair by pair."""
    n = len(f)
    together = [f[i, i] for i in range(n)]
    apart = [f[i, j] for i in range(n) for j in range(n) if i != j]
    if name == "donsker_varadhan":
        return np.mean(together) - np.log(np.mean(np.exp(apart)))
    if name == "nwj":
        return np.mean(together) - np.mean(np.exp(apart)) / np.e
    if name == "jensen_shannon":
        return -np.mean(np.log1p(np.exp(-np.array(together)))) - np.mean(np.log1p(np.exp(apart)))
    if name == "smile":
        return np.mean(together) - np.log(np.mean(np.exp(np.clip(apart, -0.7, 0.7))))
    if name == "info_nce":
        return np.mean([f[i, i] - np.log(np.mean(np.exp(f[i]))) for i in range(n)])
    if name == "club":
        return np.mean(together) - np.mean(apart)
    joint, marginal, alpha = [], [], 0.3
    for j in range(n):
        others = [i for i in range(n) if i != j]
        for left_out in others:
            drawn = [f[i, j] for i in range(n) if i != left_out]  # x_j first, and n - 2 independent draws
            joint.append(f[j, j] - np.log(alpha * np.mean(np.exp(drawn)) + 1 - alpha))
        m = np.mean(np.exp(f[others, j]))
        marginal.append(m / (alpha * m + 1 - alpha))
    return 1 + np.mean(joint) - np.mean(marginal)


@every_bound
@settings(max_examples=25, deadline=None)
@given(matrices)
def test_the_mean_of_local_terms_is_the_definition(name, scores):
    terms = BOUNDS[name](scores)
    assert terms.shape == (len(scores),)
    assert terms.mean() == pytest.approx(by_definition(name, scores), abs=1e-9)


@every_bound
def test_tensors_and_stacks_agree_with_arrays(name):
    scores = np.random.default_rng(0).normal(size=(2, 3, 6, 6))
    expected = BOUNDS[name](scores)
    assert expected.shape == (2, 3, 6)
    np.testing.assert_allclose(expected[1, 2], BOUNDS[name](scores[1, 2]), rtol=1e-12)
    tensor = BOUNDS[name](ops.convert_to_tensor(scores.astype(np.float32)))
    np.testing.assert_allclose(ops.convert_to_numpy(tensor), expected, atol=1e-5)


@every_bound
@settings(max_examples=20, deadline=None)
@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(name, scores, random):
    order = random.sample(range(len(scores)), len(scores))
    permuted = BOUNDS[name](scores[np.ix_(order, order)])
    np.testing.assert_allclose(permuted, BOUNDS[name](scores)[order], atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(matrices)
def test_inequalities(scores):
    # log t <= t / e; the log softmax of n is at most log n.
    assert bounds.nwj(scores).mean() <= bounds.donsker_varadhan(scores).mean() + 1e-12
    assert bounds.info_nce(scores).mean() <= np.log(len(scores)) + 1e-12
    wide = bounds.smile(scores, 6.0)  # nothing is clipped
    np.testing.assert_allclose(wide, bounds.donsker_varadhan(scores), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(matrices, st.floats(-3, 3))
def test_shifts_of_the_critic(scores, shift):
    for name in ("donsker_varadhan", "info_nce", "club"):
        np.testing.assert_allclose(BOUNDS[name](scores + shift), BOUNDS[name](scores), atol=1e-9)
    # At its best shift, NWJ is Donsker-Varadhan.
    best = scores + 1 - bounds.log_mean_exp(scores)
    assert bounds.nwj(best).mean() == pytest.approx(bounds.donsker_varadhan(scores).mean(), abs=1e-9)


def test_interpolation_ends_at_nwj_and_at_info_nce():
    scores = np.random.default_rng(1).normal(size=(8, 8))
    assert bounds.interpolated(scores, 1e-9).mean() == pytest.approx(bounds.nwj(scores + 1).mean(), abs=1e-6)
    # alpha = 1: InfoNCE over y's column, of n - 1 rows, averaged over the one that is left out.
    columns = [
        scores[j, j] - np.log(np.mean(np.exp(np.delete(scores[:, j], left))))
        for j in range(8)
        for left in range(8)
        if left != j
    ]
    assert bounds.interpolated(scores, 1 - 1e-9).mean() == pytest.approx(np.mean(columns), abs=1e-6)


@every_bound
def test_large_scores_do_not_overflow_in_single_precision(name):
    scores = np.where(np.eye(4, dtype=bool), 500.0, -500.0).astype(np.float32)
    assert np.isfinite(BOUNDS[name](scores)).all()


RHO = 0.75
TRUTH = -np.log(1 - RHO**2) / 2  # 0.413 nats


def gaussian_score(kind, n, rng):
    """The exact log ratio, or log conditional density, of all pairs of a Gaussian sample."""
    x = rng.normal(size=n)
    y = RHO * x + np.sqrt(1 - RHO**2) * rng.normal(size=n)
    x, y = x[:, None], y[None, :]
    log_conditional = -np.log(2 * np.pi * (1 - RHO**2)) / 2 - (y - RHO * x) ** 2 / (2 * (1 - RHO**2))
    return log_conditional if kind == "club" else log_conditional + np.log(2 * np.pi) / 2 + y**2 / 2


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("donsker_varadhan", TRUTH),
        ("nwj", TRUTH),
        ("smile", TRUTH),
        ("info_nce", TRUTH),
        ("interpolated", TRUTH),
        ("club", RHO**2 / (1 - RHO**2)),  # E log p(y|x) - E_off log p(y|x), in closed form
    ],
)
def test_the_true_log_ratio_gives_the_information(name, truth):
    function = {"nwj": lambda scores: bounds.nwj(scores + 1), "smile": lambda scores: bounds.smile(scores, 20.0)}.get(
        name, BOUNDS[name]
    )
    rng = np.random.default_rng(2)
    values = [function(gaussian_score(name, 300, rng)).mean() for _ in range(60)]
    # Four standard errors; InfoNCE and I_alpha lie below by O(1 / n), Donsker-Varadhan above by as much.
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values, ddof=1) / np.sqrt(60) + 0.004)


def test_info_nce_and_nwj_are_lower_bounds_in_expectation_at_small_n():
    rng = np.random.default_rng(3)
    for n in (4, 10):
        for function in (bounds.info_nce, lambda scores: bounds.nwj(scores + 1), BOUNDS["interpolated"]):
            values = np.array([function(gaussian_score("", n, rng)).mean() for _ in range(2000)])
            assert values.mean() <= TRUTH + 3 * values.std(ddof=1) / np.sqrt(2000)
