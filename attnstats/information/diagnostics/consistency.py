"""Checks of an estimator against rules that mutual information obeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._parallel import parallel_map
from attnstats._validation import IntArray, RNGLike, as_generator, as_labels, check_at_least, check_count
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError, InvalidInputError
from attnstats.information._class_rule import Discrete
from attnstats.information._mutual_information import mutual_information
from attnstats.information._strata import strata_of
from attnstats.information._variables import variables_for
from attnstats.information.interface import MIEstimator
from attnstats.information.knn.ksg import KSG
from attnstats.missing import CompleteCases, complete_cases


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
        Zero by the rule, or at least zero where `one_sided`, in nats; None where the estimator refused the data.
    tolerance : float or None
        Twice the standard error of a single such value.
    one_sided : bool
        Whether only a value below zero is a departure from the rule.
    n_repeats : int
        Random draws that the value is the mean of.
    refusal : str or None
        The error by which the estimator refused the data of this rule, so that it could not be checked.

    Examples
    --------
    >>> from attnstats.information import ConsistencyCheck
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
    groups: ArrayLike | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    missing: CompleteCases | None = None,
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

    A rule is checked on ``n_repeats`` random draws of n/2 rows from the sample. Its value is the mean over the draws,
    and the tolerance twice their standard deviation: an estimator fails if its departure would show in one estimate.

    Parameters
    ----------
    x, y, estimator
        As in `mutual_information`; the rows must be independent of each other, or their groups given.
    groups : array_like of shape (n,), optional
        Rows that belong together, as many in each group: halves are made of whole groups, and y is exchanged group by
        group, in the order of its rows.
    discrete_x, discrete_y, missing
        As in `mutual_information`; whether a variable is a class is decided once, from the whole sample.
    n_repeats : int, default 20
        Random draws for each rule, at least 5.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    tuple of ConsistencyCheck
        One for each rule; where the estimator refuses the data of a rule, with the `refusal`.

    Raises
    ------
    AttnstatsError
        Whatever the estimator raises on x and y as they are.
    InvalidInputError
        If the groups differ in size.
    TooFewSamplesError
        If there are fewer than 16 rows, or groups.

    Notes
    -----
    An estimator that passes need not be right: one that is always 0 keeps all the rules.

    References
    ----------
    Song and Ermon (2020), Understanding the limitations of variational mutual information estimators, ICLR, section 4.
    Cover and Thomas (2006), Elements of information theory, section 2.8 (data processing).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KSG, self_consistency
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)
    >>> [check.passed for check in self_consistency(x, y, KSG(), rng=1)]
    [True, True, True]
    """
    check_count(n_repeats, "n_repeats", minimum=5)
    generator = as_generator(rng)
    (x, y, groups), _ = complete_cases(missing, x=x, y=y, groups=groups)
    x, y = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y))
    codes = None if groups is None else as_labels(groups, "groups")[0]
    whole = mutual_information(x, y, estimator, groups=codes, rng=generator)
    units = _units(whole.n_samples, codes)
    check_at_least(len(units), 16, "number of samples of x and y" if codes is None else "number of groups")
    x, y = x.as_columns(), _one_class(strata_of(y, "y")[0]) if whole.dim_y == 0 else y.as_columns()

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
        draw = partial(_draw, function, partial(_estimate, estimator, codes), x, y, units)
        try:
            values = np.array(parallel_map(draw, range(n_repeats), rng=seed, n_jobs=n_jobs))
        except AttnstatsError as error:  # data of a kind or size that this estimator does not take
            refusal = f"{type(error).__name__}: {error}"
            checks.append(ConsistencyCheck(rule, whole.estimator, None, None, refusal=refusal, **settings))
        else:
            mean, error_of_one = float(values.mean()), float(values.std(ddof=1))
            checks.append(ConsistencyCheck(rule, whole.estimator, mean, 2 * error_of_one, **settings))
    return tuple(checks)


#: Takes x, y and the rows that their groups come from.
Estimate: TypeAlias = Callable[..., float]


def _units(n: int, groups: IntArray | None) -> IntArray:
    """Return the rows of each independent unit, shape (n_units, size)."""
    if groups is None:
        return np.arange(n)[:, np.newaxis]
    sizes = np.bincount(groups)
    if len(set(sizes)) > 1:
        raise InvalidInputError(f"groups: must be of equal size; got sizes {sizes.min()} to {sizes.max()}")
    units: IntArray = np.argsort(groups, kind="stable").reshape(len(sizes), -1)
    return units


def _estimate(
    estimator: MIEstimator,
    groups: IntArray | None,
    x: Variable,
    y: Variable,
    rows: IntArray,
    generator: np.random.Generator,
) -> float:
    return estimator.estimate(x, y, groups=None if groups is None else groups[rows], rng=generator)


def _draw(
    function: Callable[..., float],
    estimate: Estimate,
    x: Variable,
    y: Variable,
    units: IntArray,
    _: int,
    generator: np.random.Generator,
) -> float:
    order, half = units[generator.permutation(len(units))], len(units) // 2
    return function(estimate, x, y, order[:half], order[half:][:half], generator)


def _permuted(
    estimate: Estimate, x: Variable, y: Variable, units: IntArray, _: IntArray, generator: np.random.Generator
) -> float:
    rows, others = units.ravel(), units[generator.permutation(len(units))].ravel()
    return estimate(x[rows], y[others], rows, generator)


def _loss_by_exchange(
    estimate: Estimate, x: Variable, y: Variable, units: IntArray, _: IntArray, generator: np.random.Generator
) -> float:
    half = len(units) // 2
    exchanged = np.concatenate([units[generator.permutation(half)], units[half:]]).ravel()
    rows = units.ravel()
    before, after = (estimate(x[rows], y[each], rows, generator) for each in (rows, exchanged))
    return before - after


def _loss_by_dropping(
    estimate: Estimate, x: Variable, y: Variable, units: IntArray, _: IntArray, generator: np.random.Generator
) -> float:
    rows, kept = units.ravel(), (y.shape[1] + 1) // 2
    before, after = (estimate(x[rows], each[rows], rows, generator) for each in (y, y.leading(kept)))
    return before - after


def _excess_of_two_pairs(
    estimate: Estimate, x: Variable, y: Variable, units: IntArray, other_units: IntArray, generator: np.random.Generator
) -> float:
    rows, others = units.ravel(), other_units.ravel()
    two_x = x[rows].beside(x[others])
    two_y = y[rows].beside(y[others]) if y.ndim == 2 else _one_class(y[rows] * (y.max() + 1) + y[others])
    apart = sum(estimate(x[each], y[each], each, generator) for each in (rows, others))
    return estimate(two_x, two_y, rows, generator) - apart


def _one_class(codes: NDArray[Any]) -> Variable:
    return Variable.of(codes, (True,), (None,))
