"""What came of each pair of columns in each group of rows: a result, or why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from attnstats.exceptions import ConvergenceError, InvalidInputError
from attnstats.frame import Row
from attnstats.results import MIEstimate, SignificanceResult, counted, format_pvalue

if TYPE_CHECKING:
    from attnstats.report import ResultColumn, Table

Result: TypeAlias = MIEstimate | SignificanceResult
#: What CSV and JSON hold of each outcome, named as in a results frame; `undefined` says why there is no result.
COLUMNS = (
    "quantity",
    "value",
    "ci_low",
    "ci_high",
    "ci_level",
    "ci_method",
    "pvalue",
    "pvalue_floor",
    "pvalue_adjusted",
    "correction",
    "n",
    "n_missing",
    "undefined",
)
#: How many different remarks about single rows stand below a table.
_MOST_REMARKS = 5


@dataclass(frozen=True)
class Outcome:
    """What came of one pair of columns in one group of rows."""

    pair: tuple[str, str]
    #: Values of the columns of --by; none where there is no such option.
    group: tuple[str, ...]
    #: What is estimated, as a sentence names it: tau-b, MI.
    quantity: str
    n: int
    result: Result | None = None
    #: Why there is no result.
    problem: str = ""
    #: The p-value adjusted for all of this quantity; None where there is one or none.
    adjusted: float | None = None


def attempt(
    pair: tuple[str, str], group: tuple[str, ...], quantity: str, n: int, estimate: Callable[[], Result]
) -> Outcome:
    """Return the outcome of an estimate, which may be that it is undefined for these rows."""
    try:
        return Outcome(pair, group, quantity, n, estimate())
    except (InvalidInputError, ConvergenceError) as error:
        return Outcome(pair, group, quantity, n, problem=in_terms(str(error), pair))


def in_terms(message: str, pair: tuple[str, str]) -> str:
    """Return the message of an error, with the names of the columns for x and y."""
    x, y = map(repr, pair)
    subject, colon, rest = message.partition(":")
    return {"x": x, "y": y, "x and y": f"{x} and {y}"}.get(subject, subject) + colon + rest


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a command in the order in which they are printed, at least one of them a result."""

    outcomes: Sequence[Outcome]
    #: The options that name the columns of a pair, without their dashes.
    roles: tuple[str, str]
    #: The columns of --by.
    by: Sequence[str]
    #: Rows of the table left out as incomplete.
    n_missing: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], roles: tuple[str, str], by: Sequence[str], n_missing: int) -> Outcomes:
        """Return outcomes with their p-values adjusted, or raise if none is a result."""
        if all(each.result is None for each in outcomes):
            raise InvalidInputError(_nowhere(outcomes, roles, by))
        return cls(_adjusted(outcomes), roles, by, n_missing)

    def sentences(self) -> list[str]:
        """Return a line for each outcome, and for the mean over the groups of each pair."""
        lines = []
        for each in self.outcomes:
            pair = [" and ".join(each.pair)] if self._several else []
            where = " in ".join([*pair, ", ".join(each.group)] if self.by else pair)
            if each.result is None:
                said = f"{each.quantity} undefined ({each.problem})"
            else:
                said = replace(each.result, n_missing=0 if self.by else self.n_missing).summary()
            adjusted = "" if each.adjusted is None else f"; adjusted {format_pvalue(each.adjusted)} (Holm)"
            lines.append(f"{where}: {said}{adjusted}" if where else said + adjusted)
        left_out = f"; rows left out as incomplete: {self.n_missing}" if self.n_missing else ""
        return [*lines, *(mean + left_out for mean in self._means())]

    def table(
        self, name: str, caption: str, own: Sequence[str], values: Sequence[ResultColumn], notes: Sequence[str] = ()
    ) -> Table:
        """Return the table of the outcomes.

        Parameters
        ----------
        name, caption, notes
            As for `attnstats.report.results_table`.
        own : sequence of str
            What the formats for programs hold beside `COLUMNS`.
        values : sequence of ResultColumn
            What the others show between these names and the p-values.
        """
        from attnstats.report import Count, PValue, Words, results_table

        frame = pd.DataFrame([self._row(each, own) for each in self.outcomes])
        pvalues = [PValue("pvalue", "p"), PValue("pvalue_adjusted", "p (Holm)")]
        tested = [each for each in pvalues if frame[each.column].notna().any()]
        shown = [*map(Words, (*self.roles, *self.by)), *values, *tested, Count("n")]
        below = [*notes, *self._notes()]
        return replace(results_table(frame, shown, name=name, caption=caption, notes=below), data=frame)

    def _row(self, outcome: Outcome, own: Sequence[str]) -> dict[str, Any]:
        """Return an outcome as columns of a results frame."""
        known = {} if outcome.result is None else asdict(Row.of(outcome.result))
        known |= {
            "quantity": outcome.quantity,
            "n": outcome.n,
            "n_missing": self.n_missing,
            "pvalue_adjusted": outcome.adjusted,
            "correction": None if outcome.adjusted is None else "Holm",
            "notes": "; ".join(_remarks(outcome)) or None,
            "undefined": outcome.problem or None,
        }
        names = zip((*self.roles, *self.by), (*outcome.pair, *outcome.group), strict=True)
        return dict(names) | {column: known.get(column) for column in (*COLUMNS, *own)}

    @cached_property
    def _several(self) -> bool:
        """Whether there are several pairs, so that a sentence must say which it is about."""
        return len({each.pair for each in self.outcomes}) > 1

    def _means(self) -> list[str]:
        """Return the mean over the groups for each pair."""
        said = []
        for pair, of_pair in groupby(self.outcomes if self.by else (), lambda each: each.pair):
            outcomes = list(of_pair)
            found = [Row.of(each.result) for each in outcomes if each.result is not None]
            of = f"{outcomes[0].quantity} of {' and '.join(pair)}" if self._several else outcomes[0].quantity
            undefined = f"; undefined in {len(outcomes) - len(found)}" if len(found) < len(outcomes) else ""
            if found:
                mean = f"{np.mean([row.value for row in found]):.3g} {found[0].unit or ''}".rstrip()
                said.append(f"mean {of} = {mean} over {counted(len(found), 'group')}{undefined}")
            else:
                said.append(f"no mean {of}{undefined}")
        return said

    def _notes(self) -> list[str]:
        """Return what is said below a table: about its rows, the correction, the means, and what is missing."""
        adjusted = Counter(each.quantity for each in self.outcomes if each.adjusted is not None)
        within = " and ".join(f"within the {n} p-values of {quantity}" for quantity, n in adjusted.items())
        remarks = [in_terms(remark, each.pair) for each in self.outcomes for remark in _remarks(each)]
        problems = [each.problem.partition("; got ")[0] for each in self.outcomes if each.problem]
        notes = [
            *_methods([Row.of(each.result) for each in self.outcomes if each.result is not None]),
            *_with_rows(remarks, len(self.outcomes)),
            *([f"p (Holm): adjusted {within}"] if within else []),
            *(f"{mean[0].upper()}{mean[1:]}" for mean in self._means()),
            *(f"Undefined: {problem}" for problem in _with_rows(problems, len(self.outcomes))),
            *([f"Rows left out as incomplete: {self.n_missing}"] if self.n_missing else []),
        ]
        return [f"{note}." for note in notes]


def _adjusted(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return outcomes with p-values adjusted by Holm's method, those of each quantity together."""
    from attnstats.comparison import Holm, adjust_pvalues

    found = list(outcomes)
    for quantity in {each.quantity for each in outcomes}:
        pvalues = {
            i: each.result.pvalue
            for i, each in enumerate(outcomes)
            if each.quantity == quantity and each.result is not None and each.result.pvalue is not None
        }
        if len(pvalues) > 1:
            for i, pvalue in zip(pvalues, adjust_pvalues(list(pvalues.values()), Holm()), strict=True):
                found[i] = replace(found[i], adjusted=float(pvalue))
    return found


def _nowhere(outcomes: Sequence[Outcome], roles: tuple[str, str], by: Sequence[str]) -> str:
    """Return what is said where no outcome is a result."""
    quantity, problem = outcomes[0].quantity, outcomes[-1].problem
    n = sum(each.quantity == quantity for each in outcomes)
    if by:
        return f"--by: {quantity} must be defined in a group; it is in none of {n} ({problem})"
    if n > 1:
        return (
            f"--{roles[0]} and --{roles[1]}: {quantity} must be defined for a pair; it is for none of {n} ({problem})"
        )
    return problem


def _methods(rows: Sequence[Row]) -> list[str]:
    """Return which estimator, test and interval some results come from."""
    named = {
        "Estimator": [row.estimator for row in rows],
        "Test": [row.test for row in rows],
        "95 % CI": [row.ci_method for row in rows],
    }
    used = {name: dict.fromkeys(filter(None, methods)) for name, methods in named.items()}
    return [f"{name}: {'; '.join(methods)}" for name, methods in used.items() if methods]


def _remarks(outcome: Outcome) -> tuple[str, ...]:
    return outcome.result.notes if isinstance(outcome.result, MIEstimate) else ()


def _with_rows(remarks: Iterable[str], n_rows: int) -> list[str]:
    """Return the most frequent of some remarks, each with how many rows it is about unless that is all of them."""
    found = Counter(remarks)
    said = [
        remark if n == n_rows else f"{remark} ({counted(n, 'row')})" for remark, n in found.most_common(_MOST_REMARKS)
    ]
    others = len(found) - len(said)
    return [*said, *([f"{others} more such remarks, in the formats csv and json"] if others else [])]
