"""Whether an estimator keeps the rules of mutual information on the data at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._parallel import parallel_map
from attnstats._validation import IntArray, RNGLike, as_generator, as_labels, check_at_least, check_count
from attnstats.exceptions import AttnstatsError
from attnstats.information.interface import MIEstimator
from attnstats.information.ksg import KSG
from attnstats.information.mutual_information import mutual_information

__all__ = ["ConsistencyCheck", "self_consistency"]


@dataclass(frozen=True, slots=True)
class ConsistencyCheck:
    """One rule of mutual information, and how far an estimator is from it.

    Parameters
    ----------
    rule : str
        The rule that was checked.
    estimator : str
        Estimator with its parameters.
    value : float or None
        What should be zero, or at least zero where `one_sided`, in nats; None where the estimator refused the data.
    tolerance : float or None
        Twice the standard error of a single such value.
    one_sided : bool
        Whether only a value below zero speaks against the estimator.
    n_repeats : int
        Random draws that the value is the mean of.
    refusal : str or None
        The error by which the estimator refused the data of this rule, so that it could not be checked.

    Examples
    --------
    >>> ConsistencyCheck("additivity", "KSG(k=3)", value=-0.2, tolerance=0.05, one_sided=False, n_repeats=20)
    additivity: KSG(k=3) is off by -0.2 nats, tolerance 0.05: failed
    """

    rule: str
    estimator: str
    value: float | None
    tolerance: float | None
    one_sided: bool
    n_repeats: int
    refusal: str | None = None

    @property
    def passed(self) -> bool | None:
        """Whether the rule is kept within the tolerance; None where it could not be checked."""
        if self.value is None or self.tolerance is None:
            return None
        return self.value >= -self.tolerance and (self.one_sided or self.value <= self.tolerance)

    def summary(self) -> str:
        """Return the outcome as a sentence."""
        if self.passed is None:
            return f"{self.rule}: {self.estimator} refused, not checked ({self.refusal})"
        found = "has a margin of" if self.one_sided else "is off by"
        verdict = "passed" if self.passed else "failed"
        return f"{self.rule}: {self.estimator} {found} {self.value:.2g} nats, tolerance {self.tolerance:.2g}: {verdict}"

    def __repr__(self) -> str:
        return self.summary()


def self_consistency(
    x: ArrayLike,
    y: ArrayLike,
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    n_repeats: int = 20,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> tuple[ConsistencyCheck, ...]:
    """Check an estimator against three rules that mutual information obeys, on the data at hand.

    - *independence*: pairs that were permuted have information 0;
    - *data processing*: I(X; f(Y)) <= I(X; Y). One f replaces the y of a random half of the rows by that of others, a
      noisy channel that keeps the distribution of y; where y has several columns, a second one drops the later half;
    - *additivity*: two independent pairs side by side, [x, x'] and [y, y'], have as much information as both together.
      The second pair comes from other rows than the first.

    A rule is checked on ``n_repeats`` random draws from the sample, all of them with n/2 rows, so that estimates are
    compared at equal size. Its value is the mean over the draws and the tolerance twice their standard deviation: an
    estimator fails where its departure would show in a single estimate.

    Parameters
    ----------
    x, y, estimator
        As in `mutual_information`; the rows must be independent of each other.
    n_repeats : int, default 20
        Random draws for each rule, at least 5.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    tuple of ConsistencyCheck
        One for each rule; an estimator that refuses the data of a rule is said to do so.

    Raises
    ------
    AttnstatsError
        Whatever the estimator raises on x and y as they are.
    TooFewSamplesError
        If there are fewer than 16 rows.

    Notes
    -----
    An estimator that passes need not be right: one that always says 0 keeps all the rules.

    References
    ----------
    Song and Ermon (2020), Understanding the limitations of variational mutual information estimators, ICLR, section 4.
    Cover and Thomas (2006), Elements of information theory, section 2.8 (data processing).

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)
    >>> [check.passed for check in self_consistency(x, y, KSG(), rng=1)]
    [True, True, True]
    """
    check_count(n_repeats, "n_repeats", minimum=5)
    generator = as_generator(rng)
    whole = mutual_information(x, y, estimator, rng=generator)
    check_at_least(whole.n_samples, 16, "number of samples of x and y")
    x, y = np.asarray(x), np.asarray(y)
    x = x.reshape(len(x), -1)
    y = as_labels(y, "y")[0] if whole.dim_y == 0 else y.reshape(len(y), -1)

    rules: list[tuple[str, bool, Callable[..., float]]] = [
        ("independence", False, _permuted),
        ("data processing, half of y exchanged", True, _loss_by_exchange),
    ]
    if whole.dim_y > 1:
        rules.append(("data processing, columns of y dropped", True, _loss_by_dropping))
    rules.append(("additivity", False, _excess_of_two_pairs))
    seeds = [int(each) for each in generator.integers(2**63, size=len(rules))]
    checks = []
    for seed, (rule, one_sided, function) in zip(seeds, rules, strict=True):
        settings: dict[str, Any] = {"one_sided": one_sided, "n_repeats": n_repeats}
        draw = partial(_draw, function, estimator, x, y)
        try:
            values = np.array(parallel_map(draw, range(n_repeats), rng=seed, n_jobs=n_jobs))
        except AttnstatsError as error:  # the rule asks for data that this estimator does not take; the result says so
            refusal = f"{type(error).__name__}: {error}"
            checks.append(ConsistencyCheck(rule, whole.estimator, None, None, refusal=refusal, **settings))
        else:
            mean, error_of_one = float(values.mean()), float(values.std(ddof=1))
            checks.append(ConsistencyCheck(rule, whole.estimator, mean, 2 * error_of_one, **settings))
    return tuple(checks)


def _draw(
    function: Callable[..., float],
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    _: int,
    generator: np.random.Generator,
) -> float:
    order = generator.permutation(len(x))
    return function(estimator, x, y, order[: len(x) // 2], order[len(x) // 2 :][: len(x) // 2], generator)


def _permuted(
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    rows: IntArray,
    _: IntArray,
    generator: np.random.Generator,
) -> float:
    return estimator.estimate(x[rows], y[generator.permutation(rows)], rng=generator)


def _loss_by_exchange(
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    rows: IntArray,
    _: IntArray,
    generator: np.random.Generator,
) -> float:
    exchanged = rows.copy()
    half = len(rows) // 2
    exchanged[:half] = generator.permutation(rows[:half])
    before, after = (estimator.estimate(x[rows], y[each], rng=generator) for each in (rows, exchanged))
    return before - after


def _loss_by_dropping(
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    rows: IntArray,
    _: IntArray,
    generator: np.random.Generator,
) -> float:
    kept = (y.shape[1] + 1) // 2
    before, after = (estimator.estimate(x[rows], each[rows], rng=generator) for each in (y, y[:, :kept]))
    return before - after


def _excess_of_two_pairs(
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    rows: IntArray,
    others: IntArray,
    generator: np.random.Generator,
) -> float:
    two_x = np.hstack([x[rows], x[others]])
    two_y = y[rows] * (y.max() + 1) + y[others] if y.ndim == 1 else np.hstack([y[rows], y[others]])
    apart = sum(estimator.estimate(x[each], y[each], rng=generator) for each in (rows, others))
    return estimator.estimate(two_x, two_y, rng=generator) - apart
