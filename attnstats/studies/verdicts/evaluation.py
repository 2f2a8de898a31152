"""What was decided on each finding for models that no study of ours trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attnstats.exceptions import UnknownNameError
from attnstats.frame import decode_parameters, parameter
from attnstats.results import ConfidenceInterval, counted, format_pvalue
from attnstats.studies.findings.claims._hypotheses import CONTRADICTED
from attnstats.studies.findings.evaluation import NOT_EVALUATED

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
        """Return which models there are, and of each finding the verdict, its claims, and what is missing for more."""
        frame = self.frame
        claims = frame[frame["quantity"] == "contrast"]
        claims = claims[parameter(claims, "role") == "primary"]
        lines = [_models_in_words(frame)]
        findings = frame[frame["quantity"] == "finding"]
        about = zip(findings["finding"], findings["verdict"], parameter(findings, "note"), strict=True)
        for name, verdict, told in about:
            note = told.replace("the study needs", "it needs")  # here the models are no study
            if verdict == NOT_EVALUATED:
                lines.append(f"({name}) {verdict}: {note.removeprefix('Not evaluated: ')}")
                continue
            lines.append(f"({name}) {verdict}")
            lines += [f"  {said}" for said in _claims_in_words(claims[claims["finding"] == name])]
            lines += [f"  {note}"] if note else []
        return "\n".join(lines)

    __repr__ = summary

    def to_frame(self) -> pd.DataFrame:
        """Return the results frame, which `attnstats.report` makes tables, figures, sentences and the page of."""
        return self.frame.copy()


def _models_in_words(frame: pd.DataFrame) -> str:
    """Return how many models there are, what they differ in, and how many could not be analysed."""
    failed = frame["quantity"].eq("failure")
    models = frame[frame["seed"].notna() & ~failed][[*_PARTS, "seed"]].drop_duplicates()
    parts = []
    for part in _PARTS:
        names = models[part].unique().tolist()
        if names != ["standard"]:
            parts.append(f"{part} {', '.join(names)}")
    lost = f"; {counted(int(failed.sum()), 'model')} could not be analysed" if failed.any() else ""
    return f"{counted(len(models), 'model')} of {counted(models['seed'].nunique(), 'seed')}: {'; '.join(parts)}{lost}"


def _claims_in_words(rows: pd.DataFrame) -> Iterator[str]:
    """Yield each claim with its effect, interval, p-value and verdict."""
    row: dict[Any, Any]
    for row in rows.to_dict("records"):
        about = decode_parameters(row["parameters"])
        interval = ConfidenceInterval(row["ci_low"], row["ci_high"], row["ci_level"], row["ci_method"])
        # A p-value is that of the claim as it stands: one that is contradicted has none.
        p = "" if row["verdict"] == CONTRADICTED else f", adjusted {format_pvalue(row['pvalue_adjusted'])}"
        yield f"{row['verdict']}: {about['claim']} ({about['estimand']} {row['value']:.3g}, {interval}{p})"
