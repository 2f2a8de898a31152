"""Results frames that went through pandas or a CSV, and what their rows tell of each model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray
from attnstats.exceptions import FrameError
from attnstats.frame import COLUMNS, check_frame, parameter
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


def as_results_frame(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a frame with all columns of a results frame and their types; what it lacks is NA.

    A column of whole numbers may hold floats or texts, as it does after a CSV, a merge or a concatenation.
    """
    unknown = [str(each) for each in frame.columns if each not in COLUMNS]
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
    models = [
        rows
        for _, rows in own.groupby(own.groupby(_MODEL, sort=False, dropna=False).ngroup())
        if (rows["quantity"].isin(["gini", "tau_b"]) & rows["example"].isna() & rows["updates"].isna()).any()
    ]
    if not models:
        raise FrameError(f"{name}: must hold the rows of a model, as what analyse_trace returns; got none")
    names = [name] if len(models) == 1 else [f"model {number} of {name}" for number in range(len(models))]
    nothing = np.empty((0, 0), dtype=np.float32)
    return [(each, TraceAnalysis(rows, _means(rows, each), nothing)) for each, rows in zip(names, models, strict=True)]


def _means(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return outcomes of a model as a table of one row: the means over its texts."""
    rows = rows[rows["example"].isna() & rows["updates"].isna()]
    columns = ["ablation", "quantity", "view", "estimator", "output", "parameters"]
    if (twice := rows.duplicated(columns)).any():
        raise FrameError(
            f"{name}: must hold each quantity of a model once; got {rows.loc[twice, 'quantity'].iloc[0]} twice: models "
            "of one condition need seeds of their own, and heads of one model names, as attention='head 3'"
        )
    intact = rows["ablation"].isna() | rows["ablation"].eq("none").fillna(False)
    found: dict[str, float] = {}
    for label, quantity, value in rows.loc[~intact, ["ablation", "quantity", "value"]].itertuples(index=False):
        if quantity in _OF_ABLATION:
            found[f"{_OF_ABLATION[quantity]}_{label}"] = float(value)
    own = rows[intact]
    about_class = own["output"].isna() | own["output"].eq("class").fillna(False)
    for quantity, value in own[["quantity", "value"]].itertuples(index=False):
        if quantity in _OF_MODEL:
            found[_OF_MODEL[quantity]] = float(value)
    attributed = own[own["quantity"].isin(list(_OF_ATTRIBUTION))]
    for quantity, value, named in zip(
        attributed["quantity"], attributed["value"], parameter(attributed, "attribution"), strict=True
    ):
        found[f"{_OF_ATTRIBUTION[quantity]}_{named}"] = float(value)
    deciding = own[about_class]  # of several estimators the one that decides stands first
    for outcome, quantity, view in (("tau_b", "tau_b", "pointwise"), ("information", "mi_normalised_mean", "rank")):
        values = deciding.loc[deciding["quantity"].eq(quantity) & deciding["view"].eq(view).fillna(False), "value"]
        if len(values):
            found[outcome] = float(values.iloc[0])
    return pd.DataFrame([found | _near_ties(deciding)])


def _near_ties(rows: pd.DataFrame) -> dict[str, float]:
    """Return the counts of near ties, which lie in as many of the first bins of the curve as make up their number."""
    near = rows[rows["quantity"] == "near_tie_concordance"]
    if near.empty or not near["n"].iloc[0]:
        return {}
    total = int(near["n"].iloc[0])
    found = {"near_tie_pairs": float(total), "near_tie_concordant": total * float(near["value"].iloc[0])}
    for outcome, quantity in (("near_tie_halves", "concordance"), ("near_tie_reference", "concordance_reference")):
        curve = rows[rows["quantity"] == quantity]
        curve = curve.iloc[np.argsort(parameter(curve, "gap_low").to_numpy(dtype=np.float64))]
        pairs = curve["n"].to_numpy(dtype=np.float64)
        inside = pairs.cumsum() <= total
        if pairs[inside].sum() == total:
            found[f"{outcome}_pairs"] = float(total)
            found[f"{outcome}_concordant"] = float((pairs * curve["value"].to_numpy(dtype=np.float64))[inside].sum())
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
