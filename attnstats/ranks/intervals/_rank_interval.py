"""The interval of a rank test, by any of the methods that `interval=` takes."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from attnstats._validation import RNGLike, as_generator
from attnstats.exceptions import InvalidInputError
from attnstats.ranks.intervals._estimate import RankEstimate
from attnstats.ranks.intervals.fisher_z import BonettWright, Fieller, JackknifeInterval
from attnstats.ranks.intervals.score_interval import ScoreInterval
from attnstats.resampling import bootstrap_interval
from attnstats.resampling.bootstrap._method import BootstrapMethod
from attnstats.results import ConfidenceInterval, SignificanceResult

#: How an interval of a rank correlation is made.
RankInterval: TypeAlias = ScoreInterval | JackknifeInterval | Fieller | BonettWright | BootstrapMethod


def rank_result(
    estimate: RankEstimate,
    test: str,
    pvalue: float,
    alternative: str,
    *,
    unit: str = "pair",
    floor: float | None = None,
    n_missing: int = 0,
) -> SignificanceResult:
    """Return the result of a rank test without an interval; a p-value that has underflown becomes 2.2e-308."""
    return SignificanceResult(
        test=test,
        statistic=estimate.value,
        pvalue=max(pvalue, sys.float_info.min),
        alternative=alternative,
        effect_name=estimate.name,
        effect=estimate.value,
        n=estimate.n,
        replication_unit=unit,
        pvalue_floor=floor,
        n_missing=n_missing,
    )


def with_interval(
    result: SignificanceResult, method: object, estimate: RankEstimate, rng: RNGLike
) -> SignificanceResult:
    """Return the result of a rank test with its 95 % interval, where it exists, and a way to compute others."""
    if not isinstance(method, ScoreInterval | JackknifeInterval | Fieller | BonettWright | BootstrapMethod):
        known = "ScoreInterval(), JackknifeInterval(), Fieller(), BonettWright() or a bootstrap method"
        raise InvalidInputError(f"interval: must be {known}; got {method!r}")
    if (isinstance(method, Fieller) and estimate.fieller is None) or (
        isinstance(method, ScoreInterval) and estimate.pivot is None
    ):
        raise InvalidInputError(f"interval: must not be {method} for {estimate.name}; it has no variance for that")
    if isinstance(method, BonettWright) and estimate.name != "rho":
        raise InvalidInputError(f"interval: must not be BonettWright() for {estimate.name}; it is for rho")
    seed = 0
    if isinstance(method, BootstrapMethod):  # drawn here, so that all levels use the same resamples
        seed = int(as_generator(rng).integers(2**63))
    interval = partial(_interval, method, estimate, seed)
    defined = isinstance(method, BootstrapMethod) or method.problem(estimate) is None
    return replace(result, confidence_interval=interval(0.95) if defined else None, _interval=interval)


def _interval(method: RankInterval, estimate: RankEstimate, seed: int, level: float) -> ConfidenceInterval:
    if isinstance(method, BootstrapMethod):
        return bootstrap_interval(estimate.rows, estimate.statistic, method=method, confidence_level=level, rng=seed)
    problem = method.problem(estimate)
    if problem is not None:
        raise InvalidInputError(f"interval: {problem}")
    return method.interval(estimate, level)
