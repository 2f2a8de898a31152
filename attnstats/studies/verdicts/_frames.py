"""Results frames that went through pandas or a CSV, and what their rows tell of each model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray
from attnstats.exceptions import FrameError
from attnstats.frame import COLUMNS, check_frame, decode_parameters
from attnstats.studies.trace_rows.analyse import TraceAnalysis

#: What tells models apart.
_MODEL = ["dataset", "encoder", "attention", "normalizer", "training", "layer", "head", "seed"]
#: Means over texts in the rows, and the outcomes by text that they are means of.
_OF_MODEL = {
    **{each: each for each in ("gini", "entropy_deficit", "max_attention", "effective_positions", "known_slope")},
    **{each: each for each in ("tau_b_known", "tau_b_information_known")},
    "accuracy": "correct",
    "mi_context": "context_information",
}
#: The same of rows that stand under an intervention, whose label follows.
_OF_ABLATION = {"tau_b": "tau_b", "gini": "gini", "accuracy": "correct", "total_variation": "total_variation"}
#: The same of rows of an attribution, whose name follows.
_OF_ATTRIBUTION = {
    "tau_b_attention_attribution": "tau_b_attention",
    "tau_b_information_attribution": "tau_b_information",
}
#: The same of rows of a view.
_IN_VIEW: dict[tuple[str, str | None], str] = {
    ("tau_b", "pointwise"): "tau_b",
    ("mi_normalised_mean", "rank"): "information",
}
_NEAR_TIES = ("near_tie_concordance", "concordance", "concordance_reference")
_TOLD = {*_OF_MODEL, *_OF_ABLATION, *_OF_ATTRIBUTION, *(quantity for quantity, _ in _IN_VIEW), *_NEAR_TIES}


class _Measured(NamedTuple):
    """What a row says of a model, None where it says nothing."""

    ablation: str | None
    quantity: str
    view: str | None
    estimator: str | None
    output: str | None
    parameters: str | None
    value: Any
    n: Any


def as_results_frame(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a frame with all columns of a results frame and their types; what it lacks is NA.

    A column of whole numbers may hold floats or texts, as it does after a CSV, a merge or a concatenation.
    """
    unknown = [str(each) for each in frame.columns if each not in COLUMNS]
    if unknown and len(unknown) == len(frame.columns):
        raise FrameError(
            f"{name}: must be a results frame, as analyse_trace and `attnstats trace analyse` make it; got a table of "
            f"{', '.join(unknown):.200}"
        )
    if unknown:
        raise FrameError(
            f"{name}: must hold columns of a results frame alone; drop {', '.join(unknown)} (an index that was written "
            "into a CSV is left out by index=False)"
        )
    for needed in ("quantity", "value", "parameters"):
        if needed not in frame.columns:
            raise FrameError(f"{name}: must have the column {needed}, as what analyse_trace returns; it has none")
    if not frame.columns.is_unique:
        raise FrameError(f"{name}: must have each column once; got {', '.join(map(str, frame.columns))}")
    full = frame.reindex(columns=list(COLUMNS)).reset_index(drop=True)
    for column, dtype in COLUMNS.items():
        if dtype != "string" and str(full[column].dtype) != dtype:
            full[column] = _numbers(full[column], dtype == "Int64", name)
    return check_frame(full.astype(COLUMNS))


def models_of_frame(frame: pd.DataFrame, name: str) -> list[tuple[str, TraceAnalysis]]:
    """Return the name and the rows of each model, with the means over its texts as the outcomes of one text.

    Rows that are about several models, as those of findings, take no part.
    """
    whole = as_results_frame(frame, name)
    if whole["family"].eq("heads").any():
        raise FrameError(
            f"{name}: must hold rows of models; it holds those of all heads of analyse_heads at once: give the traces "
            "of the heads that are meant, as trace.head(layer=5, head=0)"
        )
    own = whole[whole["finding"].isna()]
    numbers = own.groupby(_MODEL, sort=False, dropna=False).ngroup()
    kept = own["example"].isna() & own["updates"].isna() & own["quantity"].isin(_TOLD)
    measured: dict[int, list[_Measured]] = {}
    for number, row in zip(numbers[kept], own.loc[kept, list(_Measured._fields)].itertuples(index=False), strict=True):
        measured.setdefault(number, []).append(_Measured._make(None if pd.isna(each) else each for each in row))
    models = [(rows, measured[number]) for number, rows in own.groupby(numbers) if number in measured]
    if not models:
        raise FrameError(f"{name}: must hold the rows of a model, as what analyse_trace returns; got none")
    names = [name] if len(models) == 1 else [f"model {number} of {name}" for number in range(len(models))]
    nothing = np.empty((0, 0), dtype=np.float32)
    return [
        (each, TraceAnalysis(rows, pd.DataFrame([_means(told, each)]), nothing))
        for each, (rows, told) in zip(names, models, strict=True)
    ]


def _means(rows: Sequence[_Measured], name: str) -> dict[str, float]:
    """Return the outcomes of a model: means over its texts, and counts of near ties."""
    where = Counter(row._replace(value=None, n=None) for row in rows)
    if twice := [row.quantity for row, count in where.items() if count > 1]:
        raise FrameError(
            f"{name}: must hold each quantity of a model once; got {twice[0]} twice: models of one condition need "
            "seeds of their own, and heads of one model names, as attention='head 3'"
        )
    found: dict[str, float] = {}
    for row in rows:
        value = np.nan if row.value is None else row.value
        if row.ablation not in (None, "none"):
            if row.quantity in _OF_ABLATION:
                found[f"{_OF_ABLATION[row.quantity]}_{row.ablation}"] = value
        elif row.quantity in _OF_MODEL:
            found[_OF_MODEL[row.quantity]] = value
        elif row.quantity in _OF_ATTRIBUTION:
            named = decode_parameters(row.parameters)["attribution"]
            found[f"{_OF_ATTRIBUTION[row.quantity]}_{named}"] = value
        elif row.output in (None, "class") and (row.quantity, row.view) in _IN_VIEW:
            # Of several estimators the one that decides stands first.
            found.setdefault(_IN_VIEW[row.quantity, row.view], value)
    intact = [row for row in rows if row.ablation in (None, "none") and row.output in (None, "class")]
    return found | _near_ties(intact)


def _near_ties(rows: Sequence[_Measured]) -> dict[str, float]:
    """Return the counts of near ties, which lie in as many of the first bins of the curve as make up their number."""
    near = next((row for row in rows if row.quantity == "near_tie_concordance"), None)
    if near is None or not near.n or near.value is None:
        return {}
    found = {"near_tie_pairs": float(near.n), "near_tie_concordant": near.n * near.value}
    for outcome, quantity in (("near_tie_halves", "concordance"), ("near_tie_reference", "concordance_reference")):
        curve = [row for row in rows if row.quantity == quantity and row.n and row.value is not None]
        curve.sort(key=lambda row: float(decode_parameters(row.parameters)["gap_low"]))
        total, concordant = 0, 0.0
        for row in curve:
            if total < near.n:
                total, concordant = total + row.n, concordant + row.n * row.value
        if total == near.n:
            found |= {f"{outcome}_pairs": float(total), f"{outcome}_concordant": concordant}
    return found


def _numbers(column: pd.Series, whole: bool, name: str) -> FloatArray:
    """Return the numbers of a column of any type, NaN where there is none."""
    values = column.astype(object).where(column.notna(), np.nan)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    wrong = column.notna().to_numpy() & (np.isnan(numbers) | (whole & (numbers % 1 != 0)))
    if wrong.any():
        kind = "whole numbers" if whole else "numbers"
        raise FrameError(f"{name}: {column.name} must hold {kind} or nothing; got {values[wrong].iloc[0]!r}")
    return values.to_numpy(dtype=np.float64)
