"""Tests of a family by arrangements that all hypotheses share: p-values and simultaneous intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, RNGLike, as_generator, check_at_least, check_fraction
from attnstats.comparison._arguments import EVIDENCE, check_object
from attnstats.comparison._names import as_names
from attnstats.comparison._unit import ROUNDING, Scaled, Unit
from attnstats.comparison.families.family_result import FamilyResult
from attnstats.comparison.families.max_t import JointCorrection
from attnstats.exceptions import ConstantInputError
from attnstats.results import SignificanceResult


@dataclass(frozen=True)
class JointNull:
    """The joint null of a family: an arrangement times a column is a statistic z, t = z sqrt(df/(scale − z²))."""

    test: str
    identity: FloatArray
    arrangements: Callable[[np.random.Generator], Iterator[FloatArray]]
    columns: FloatArray
    residuals: FloatArray
    units: tuple[Unit, ...]
    effects: FloatArray
    errors: FloatArray
    scale: int
    df: int
    n_missing: int
    floor: float


def joint_result(
    joint: JointNull,
    names: tuple[str, ...],
    method: JointCorrection,
    alternative: str,
    confidence_level: float,
    replication_unit: str,
    rng: RNGLike,
) -> FamilyResult:
    check_object(method, "method", "adjust", "MaxT() or MinP()")
    check_fraction(confidence_level, "confidence_level")
    for_test, for_interval = as_generator(rng).spawn(2)

    oriented = EVIDENCE[alternative]
    z = joint.identity @ joint.columns
    null = (oriented(block @ joint.columns) for block in joint.arrangements(for_test))
    raw, adjusted = method.adjust(oriented(z), null)
    spread = [np.abs(block @ joint.residuals).max(axis=1) for block in joint.arrangements(for_interval)]
    critical = float(np.quantile(np.concatenate(spread), confidence_level, method="higher"))
    room = joint.scale - critical**2  # none where the residuals of some hypothesis differ in sign alone
    margins = joint.errors * (critical * math.sqrt(joint.df / room) if room > 1e-9 * joint.scale else math.inf)
    results = tuple(
        SignificanceResult(
            test=joint.test.format(method.label),
            statistic=float(z[index]),
            pvalue=float(raw[index]),
            alternative=alternative,
            effect_name="mean difference",
            effect=unit.restore(float(effect)),
            n=len(joint.identity),
            replication_unit=replication_unit,
            pvalue_floor=joint.floor,
            n_missing=joint.n_missing,
            confidence_interval=unit.interval(float(effect), float(margin), confidence_level, "simultaneous max-T"),
        )
        for index, (unit, effect, margin) in enumerate(zip(joint.units, joint.effects, margins, strict=True))
    )
    return FamilyResult(names, results, tuple(adjusted.tolist()), method.name)


def hypothesis_names(names: Sequence[str] | None, n_hypotheses: int) -> tuple[str, ...]:
    check_at_least(n_hypotheses, 1, "number of hypotheses")
    return as_names(range(1, n_hypotheses + 1) if names is None else names, n_hypotheses, "hypotheses")


def check_varies(residuals: FloatArray, columns: Sequence[Scaled], names: tuple[str, ...]) -> None:
    constant = np.abs(residuals).max(axis=0) <= [ROUNDING * column.largest for column in columns]
    if constant.any():
        name = names[int(constant.argmax())]
        raise ConstantInputError(
            f"a: must vary in every hypothesis; got the same throughout in {name!r}, but for rounding"
        )
