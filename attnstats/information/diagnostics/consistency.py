"""Checks of an estimator against rules that mutual information obeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

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
    rule, estimator : str
        The rule that was checked, and the estimator with its parameters.
    value : float or None
        Zero by the rule, or at least zero where `one_sided`, in nats; None where the estimator refused the data.
    tolerance : float or None
        Twice the standard error of a single such value.
    one_sided : bool
        Whether only a value below zero is a departure from the rule.
    n_repeats : int
        Random draws that the value is the mean of.
    refusal : str or None
        The error by which the estimator refused the data of this rule.

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
    One that passes need not be right: an estimator that is always 0 keeps all the rules.

    Parameters
    ----------
    x, y, estimator, discrete_x, discrete_y, missing
        As in `mutual_information`; the rows must be independent of each other, or their groups given.
    groups : array_like of shape (n,), optional
        Rows that belong together, as many in each group: halves are made of whole groups, and y is exchanged group by
        group, in the order of its rows.
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

    rules = [
        ("independence", False, _Draw.permuted),
        ("data processing, half of y exchanged", True, _Draw.loss_by_exchange),
        ("data processing, columns of y dropped", True, _Draw.loss_by_dropping),
        ("additivity", False, _Draw.excess_of_two_pairs),
    ]
    if whole.dim_y <= 1:
        del rules[2]  # no column of y can be dropped
    seeds = [int(each) for each in generator.integers(2**63, size=len(rules))]
    checks = []
    for seed, (rule, one_sided, function) in zip(seeds, rules, strict=True):
        settings: dict[str, Any] = {"one_sided": one_sided, "n_repeats": n_repeats}
        value = partial(_value, function, partial(_Draw, estimator, codes, x, y), units)
        try:
            values = np.array(parallel_map(value, range(n_repeats), rng=seed, n_jobs=n_jobs))
        except AttnstatsError as error:  # data of a kind or size that this estimator does not take
            refusal = f"{type(error).__name__}: {error}"
            checks.append(ConsistencyCheck(rule, whole.estimator, None, None, refusal=refusal, **settings))
        else:
            mean, error_of_one = float(values.mean()), float(values.std(ddof=1))
            checks.append(ConsistencyCheck(rule, whole.estimator, mean, 2 * error_of_one, **settings))
    return tuple(checks)


def _units(n: int, groups: IntArray | None) -> IntArray:
    """Return the rows of each independent unit, shape (n_units, size)."""
    if groups is None:
        return np.arange(n)[:, np.newaxis]
    sizes = np.bincount(groups)
    if len(set(sizes)) > 1:
        raise InvalidInputError(f"groups: must be of equal size; got sizes {sizes.min()} to {sizes.max()}")
    units: IntArray = np.argsort(groups, kind="stable").reshape(len(sizes), -1)
    return units


@dataclass(frozen=True)
class _Draw:
    """Two halves of a sample, of whole units each, and the estimates that a rule compares on them."""

    estimator: MIEstimator
    groups: IntArray | None
    x: Variable
    y: Variable
    units: IntArray
    other_units: IntArray
    generator: np.random.Generator

    def estimate(self, x: Variable, y: Variable, rows: IntArray) -> float:
        """Return the estimate from x and y, with the groups of `rows`."""
        groups = None if self.groups is None else self.groups[rows]
        return self.estimator.estimate(x, y, groups=groups, rng=self.generator)

    def permuted(self) -> float:
        rows, others = self.units.ravel(), self.units[self.generator.permutation(len(self.units))].ravel()
        return self.estimate(self.x[rows], self.y[others], rows)

    def loss_by_exchange(self) -> float:
        rows, half = self.units.ravel(), len(self.units) // 2
        exchanged = np.concatenate([self.units[self.generator.permutation(half)], self.units[half:]]).ravel()
        before, after = (self.estimate(self.x[rows], self.y[each], rows) for each in (rows, exchanged))
        return before - after

    def loss_by_dropping(self) -> float:
        rows, kept = self.units.ravel(), (self.y.shape[1] + 1) // 2
        before, after = (self.estimate(self.x[rows], each[rows], rows) for each in (self.y, self.y.leading(kept)))
        return before - after

    def excess_of_two_pairs(self) -> float:
        x, y, rows, others = self.x, self.y, self.units.ravel(), self.other_units.ravel()
        two_y = y[rows].beside(y[others]) if y.ndim == 2 else _one_class(y[rows] * (y.max() + 1) + y[others])
        apart = sum(self.estimate(x[each], y[each], each) for each in (rows, others))
        return self.estimate(x[rows].beside(x[others]), two_y, rows) - apart


def _value(
    rule: Callable[[_Draw], float], draw: Callable[..., _Draw], units: IntArray, _: int, generator: np.random.Generator
) -> float:
    order, half = units[generator.permutation(len(units))], len(units) // 2
    return rule(draw(order[:half], order[half:][:half], generator))


def _one_class(codes: NDArray[Any]) -> Variable:
    return Variable.of(codes, (True,), (None,))
