"""What an outcome must keep: a result its bounds, an error its sentence. Each check yields what is wrong."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from attnstats.exceptions import AttnstatsError, AttnstatsWarning
from attnstats.report import CSV, HTML, LaTeX, Markdown, Typst
from attnstats.results import ConfidenceInterval, MIEstimate, SignificanceResult
from attnstats.scores import Binary, Bounded, Comparison
from tests.fuzz.changes import Twins
from tests.fuzz.commands import CommandOutcome

#: Doors whose numbers may be NaN where the docstring says so, by a word in it.
_MAY_BE_UNDEFINED = ("NaN", "nan", "undefined")
#: Bounds of effects by the name of the effect, and of plain numbers by the name of the door.
BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("tau-a", "tau-b", "tau-c", "rho", "gamma", "Somers' d"), (-1, 1)),
    **dict.fromkeys(("kendall_batch", "spearman_batch", "weighted_tau_batch", "top_k_overlap_batch"), (-1, 1)),
    **dict.fromkeys(("W", "Kendall's W", "P(later > earlier)", "violation ratio", "violation_ratio"), (0, 1)),
    **dict.fromkeys(("probability_of_superiority", "adjust_pvalues", "permutation_pvalue", "normal_cdf"), (0, 1)),
    **dict.fromkeys(("t_test_power", "equivalence_power", "total_variation"), (0, 1)),
    "mean rank correlation with the order": (-1, 1),
    "attention_divergence": (0, float(np.log(2))),
}
_ROUNDING = 1e-12


def broken_promises(result: Any, door: str, docstring: str) -> Iterator[str]:
    """What a result breaks of what it promises, a sentence each."""
    if isinstance(result, CommandOutcome):
        yield from _of_command(result)
        return
    if isinstance(result, Twins):
        yield from _of_comparison(result.comparison)
        yield from result.broken()
        yield from _of_whole(result)
        return
    yield from _unusable(result)
    if isinstance(result, MIEstimate | SignificanceResult):
        yield from _of_pvalue(result.pvalue, result.pvalue_floor)
    if isinstance(result, MIEstimate):
        yield from _of_number(result.value, "value")
        yield from _of_interval(result.value, result.interval)
    elif isinstance(result, SignificanceResult):
        yield from _of_number(result.effect, "effect")
        yield from _of_bounds(result.effect, result.effect_name)
        yield from _of_interval(result.effect, result.confidence_interval)
        interval = result.confidence_interval
        # The interval of the violation ratio is for comparison with a threshold, and documented as it is.
        if interval is not None and result.effect_name in BOUNDS and result.effect_name != "violation ratio":
            low, high = BOUNDS[result.effect_name]
            if interval.low < low - _ROUNDING or interval.high > high + _ROUNDING:
                yield f"the interval of {result.effect_name} leaves [{low}, {high}]: {interval!r}"
    elif isinstance(result, ConfidenceInterval):
        if not float(result.low) <= float(result.high):
            yield f"the interval is not ordered: {result!r}"
    elif isinstance(result, Comparison):
        yield from _of_comparison(result)
    elif isinstance(result, float | np.floating):
        yield from _of_number(float(result), "number")
        yield from _of_bounds(float(result), door)
    elif isinstance(result, np.ndarray) and result.dtype.kind == "f":
        documented = any(word in docstring for word in _MAY_BE_UNDEFINED)
        if not (np.isfinite(result) | (np.isnan(result) & documented)).all():
            yield "an array holds NaN or infinity"
        yield from _of_bounds(result, door)


def _of_interval(value: float, interval: ConfidenceInterval | None) -> Iterator[str]:
    """The interval of a test or an estimate holds it, unless its level is so low that it shrinks to another centre."""
    if interval is None or interval.level < 0.5:
        return
    slack = _ROUNDING * max(abs(interval.low), abs(interval.high), abs(value))
    if not interval.low - slack <= value <= interval.high + slack:
        yield f"the interval does not hold the estimate {value}: {interval!r}"


def _of_number(value: float, name: str) -> Iterator[str]:
    if not np.isfinite(value):
        yield f"the {name} is {value}"


def _of_bounds(value: Any, name: str) -> Iterator[str]:
    low, high = BOUNDS.get(name, (-np.inf, np.inf))
    if (np.asarray(value) < low - _ROUNDING).any() or (np.asarray(value) > high + _ROUNDING).any():
        yield f"{name} leaves [{low}, {high}]: {value}"


def _of_pvalue(pvalue: float | None, floor: float | None) -> Iterator[str]:
    if pvalue is not None and not 0 < pvalue <= 1:
        yield f"the p-value is {pvalue}"
    elif pvalue is not None and floor is not None and not 0 < floor <= pvalue * (1 + 1e-9):
        yield f"the p-value {pvalue} lies below its floor {floor}"


def _of_command(outcome: CommandOutcome) -> Iterator[str]:
    status, out, errors, left = outcome
    if status not in (0, 2):
        yield f"the exit status is {status}"
    if "Traceback" in errors or "Traceback" in out:
        yield "a traceback was printed"
    if status == 2 and len(errors.strip().splitlines()) != 1:
        yield f"exit status 2 with another number of lines than one: {errors!r}"
    if status == 2 and left:
        yield f"exit status 2, and these files: {left}"
    if status == 0 and re.search(r"\bnan\b", out):
        yield "NaN was printed"


def _of_comparison(result: Comparison) -> Iterator[str]:
    """Its tables and words can be written, and its parts keep their bounds; what has no test says why."""
    for table in result.tables():
        for form in (CSV(), HTML(), LaTeX(), Markdown(), Typst()):
            form.render(table)
    result.explain(), result.to_frame(), result.estimates_to_frame()
    # A mean over the cells that are there may lie beyond an end, and contradict the difference of those that two share.
    complete = result.design.complete
    for each in result.estimates:
        yield from _of_interval(each.mean, each.interval if complete else None)
        if isinstance(result.design.kind, Bounded | Binary) and each.interval is not None:
            kind = result.design.kind
            if not kind.low <= each.interval.low < each.interval.high <= kind.high:
                yield f"the interval of a mean is empty or leaves the ends: {each!r}"
    for each in (*result.differences, *result.by_dataset):
        yield from _of_number(each.difference, "difference")
        yield from _of_interval(each.difference, each.interval)
        if each.interval is None and not each.note:
            yield f"a difference without an interval has no note: {each!r}"
        for pvalue in (each.pvalue, each.adjusted_pvalue):
            yield from _of_pvalue(None if np.isnan(pvalue) and each.interval is None else pvalue, None)
        if each.adjusted_pvalue < each.pvalue:
            yield f"an adjusted p-value is smaller than its own: {each!r}"
        for beside in each.beside:
            yield from _of_pvalue(beside.pvalue, beside.pvalue_floor)
    ranks = sorted(each.rank for each in result.placings)
    if any(rank not in (place, before) for place, (before, rank) in enumerate(pairwise([1, *ranks]), start=1)):
        yield f"the ranks are not 1, 2, ... but for ties: {ranks}"
    if not any(each.may_be_best for each in result.placings):
        yield "no condition may be best"
    # Conditions that are equal up to rounding share a rank, also where a test tells their last digits apart.
    values = result.scores.values
    resolved = 1e-12 * np.median(np.abs(values)) < np.diff(np.unique(values)).min()
    if complete and resolved and not all(each.low <= each.rank <= each.high for each in result.placings):
        yield "a rank lies outside its interval"


def _of_whole(twins: Twins) -> Iterator[str]:
    """What else differs where the change must leave every number as it is."""
    if twins.change.whole and isinstance(twins.changed, Comparison):
        for part in ("estimates", "differences", "placings", "by_dataset", "across_datasets", "components"):
            one, other = getattr(twins.comparison, part), getattr(twins.changed, part)
            if not same(one, other):
                yield f"the {part} are others after the change: {one} and {other}"


def _unusable(result: Any) -> Iterator[str]:
    """What is wrong with a result that cannot be printed, or whose own methods fail."""
    repr(result)
    for method, arguments in (("summary", ()), ("to_bits", ()), ("interval", (0.9,)), ("rows", ())):
        if is_dataclass(result) and callable(getattr(result, method, None)):
            try:
                getattr(result, method)(*arguments)
            except AttnstatsError:
                continue
            except TypeError as error:
                if "argument" not in str(error):
                    raise
    yield from ()


def unclear(error: AttnstatsError, names: set[str]) -> Iterator[str]:
    """What the message of an error lacks: the parameter and a colon, the rule, and the value received."""
    message = str(error)
    subject, colon, rest = message.partition(":")
    counted = subject.startswith(("number of", "degrees of freedom"))
    if not colon or not (counted or names & set(re.findall(r"\w+", subject))):
        yield "the message does not begin with the name of a parameter"
    elif not re.search(r"\b(must|cannot|has no|needs?|is not|are not|takes?|undefined|did not)\b", rest):
        yield "the message states no rule"
    elif not re.search(r"\b(got|has|have|found|holds?|gives?|must not be)\b|\d|\w\(", rest, re.IGNORECASE):
        yield "the message names no value"


def leaked(caught: list[warnings.WarningMessage]) -> Iterator[warnings.WarningMessage]:
    """The warnings that are not the package's own."""
    return (each for each in caught if not issubclass(each.category, AttnstatsWarning))


def numbers(result: Any) -> Iterator[float]:
    """All numbers in a result, in order."""
    if isinstance(result, bool | str | bytes) or result is None:
        return
    if isinstance(result, int | float | np.number | np.bool_):
        yield float(result)
    elif isinstance(result, np.ndarray):
        yield from result.ravel().astype(float) if result.dtype.kind in "iufb" else ()
    elif isinstance(result, pd.DataFrame):
        for name in result.columns.drop("seconds", errors="ignore"):  # how long it took
            yield from numbers(pd.to_numeric(result[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan))
    elif isinstance(result, tuple | list):
        for each in result:
            yield from numbers(each)
    elif is_dataclass(result):
        for each in fields(result):
            yield from numbers(getattr(result, each.name, None))


def same(first: Any, second: Any) -> bool:
    """Whether two results hold the same numbers, up to rounding."""
    one, other = np.array(list(numbers(first))), np.array(list(numbers(second)))
    if one.shape != other.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(one, other, rtol=1e-7, atol=1e-9, equal_nan=True))
