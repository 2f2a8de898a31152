"""What was decided on each finding for models that no study of ours trained."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attnstats.exceptions import UnknownNameError
from attnstats.frame import decode_parameters, parameter
from attnstats.results import ConfidenceInterval, counted, format_pvalue
from attnstats.studies.findings.claims._hypotheses import CONTRADICTED
from attnstats.studies.findings.evaluation import NOT_EVALUATED
from attnstats.studies.findings.evidence._design import ABLATED
from attnstats.studies.verdicts._models import ROLES, component_of

#: Columns of a line of the summary at most.
_WIDTH = 100
_PARTS = ("dataset", "encoder", "attention", "normalizer", "training")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was decided on each finding, and what the design does not allow to be decided.

    Parameters
    ----------
    frame : DataFrame
        The results frame, as of a study: the rows of each finding, then those of each model.

    Examples
    --------
    It is what `evaluate` returns.
    """

    frame: pd.DataFrame

    def verdict(self, finding: str) -> str:
        """Return the verdict on a finding, ``"i"`` to ``"v"``, such as ``"supported"`` or ``"not evaluated"``."""
        rows = self.frame[self.frame["quantity"] == "finding"].set_index("finding")["verdict"]
        if finding not in rows.index:
            raise UnknownNameError("finding", finding, list(rows.index))
        return str(rows[finding])

    def summary(self) -> str:
        """Return which models there are, the findings with their claims and what is missing, decided ones first."""
        contrasts = self.frame[self.frame["quantity"] == "contrast"]
        claims = contrasts[parameter(contrasts, "role") == "primary"]
        lines = list(_models_in_words(self.frame))
        for rows in (self._findings[self._decided], self._findings[~self._decided]):
            for name, verdict, told in zip(rows["finding"], rows["verdict"], rows["parameters"], strict=True):
                lines += ["", f"({name}) {verdict}"]
                lines += _finding_in_words(decode_parameters(told), claims[claims["finding"] == name])
        return "\n".join([*lines, *self._remedies("\n".join(lines))])

    __repr__ = summary

    @property
    def n_decided(self) -> int:
        """How many findings have a verdict."""
        return int(self._decided.sum())

    @property
    def n_failed(self) -> int:
        """How many models could not be analysed."""
        return int(self.frame["quantity"].eq("failure").sum())

    def to_frame(self) -> pd.DataFrame:
        """Return the results frame, which `attnstats.report` makes tables, figures, sentences and the page of."""
        return self.frame.copy()

    @property
    def _findings(self) -> pd.DataFrame:
        return self.frame[self.frame["quantity"] == "finding"]

    @property
    def _decided(self) -> pd.Series:
        return self._findings["verdict"].ne(NOT_EVALUATED)

    def _remedies(self, said: str) -> Iterator[str]:
        """Yield what may be done about what is missing."""
        names = [each for each in self.frame["attention"].dropna().unique() if component_of(each).name not in ROLES]
        if names and not self._decided.all():
            yield ""
            yield from _wrapped(
                f"No finding asks for attention called {', '.join(names)}: if it is one of those that are missing, say "
                f"so, as by roles={{{names[0]!r}: 'additive'}}.",
                0,
            )
        if ABLATED in said:
            yield ""
            yield from _wrapped(
                "An ablation is measured with the model, by analyse_trace(trace, ablations=..., model=...): give what "
                "it returns in place of the trace.",
                0,
            )
        if "under every condition" in said and (differing := self._seeds_differ()):
            yield ""
            yield from _wrapped(
                f"Conditions are compared on the seeds that all of them have; {differing}. Runs that were not paired "
                "may leave their seeds out: they then count in their order within a condition.",
                0,
            )

    def _seeds_differ(self) -> str:
        """Return the seeds of two conditions that have others, in words, or nothing."""
        seeds: dict[tuple[int, ...], str] = {}
        for parts, models in self.frame[self.frame["seed"].notna()].groupby(list(_PARTS[:-1]), sort=False):
            seeds.setdefault(tuple(sorted(models["seed"].unique())), " ".join(map(str, parts)))
        if len(seeds) == 1:
            return ""
        return ", ".join(f"{name} has {', '.join(map(str, own[:8]))}" for own, name in list(seeds.items())[:2])


def _finding_in_words(told: Mapping[str, Any], claims: pd.DataFrame) -> Iterator[str]:
    """Yield the lines of what was decided on a finding, what is to be borne in mind, and what is missing."""
    note = told["note"].partition("Not evaluated: ")[0]
    row: dict[Any, Any]
    for row in claims.to_dict("records"):
        about = decode_parameters(row["parameters"])
        interval = ConfidenceInterval(row["ci_low"], row["ci_high"], row["ci_level"], row["ci_method"])
        # A p-value is that of the claim as it stands: one that is contradicted has none.
        p = "" if row["verdict"] == CONTRADICTED else f", adjusted {format_pvalue(row['pvalue_adjusted'])}"
        yield from _wrapped(f"{row['verdict']}: {about['claim']}", 2, hanging=2)
        yield f"    {row['value']:.3g}, {interval}{p}"
        yield from _wrapped(about["estimand"], 4)
        note = note.replace(f"seeds for {about['hypothesis']}", f"seeds to decide whether {about['claim']}")
    yield from _wrapped(note, 2)
    missing = [each.replace("the study needs ", "").replace("; it has ", ", not ") for each in told["missing"]]
    if len(claims):
        yield from ["  missing for more:"] if missing else []
        yield from (line for each in missing for line in _wrapped(each, 4, hanging=2))
    else:
        yield from _wrapped(f"missing: {'; '.join(missing)}", 2, hanging=2)


def _models_in_words(frame: pd.DataFrame) -> Iterator[str]:
    """Yield how many models there are and what they differ in, then each that could not be analysed, and why."""
    failed = frame["quantity"].eq("failure")
    models = frame[frame["seed"].notna() & ~failed][[*_PARTS, "seed"]].drop_duplicates()
    named = {part: models[part].unique().tolist() for part in _PARTS}
    parts = [f"{part} {', '.join(names)}" for part, names in named.items() if names != ["standard"]]
    yield f"{counted(len(models), 'model')} of {counted(models['seed'].nunique(), 'seed')}: {'; '.join(parts)}"
    for error in parameter(frame[failed], "error"):
        yield from _wrapped(f"could not be analysed: {error}", 2, hanging=2)


def _wrapped(text: str, indent: int, *, hanging: int = 0) -> list[str]:
    """Return a text in lines, the first indented by so much, the others by what hangs more."""
    first, later = " " * indent, " " * (indent + hanging)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
