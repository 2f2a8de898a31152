"""Rows of the frame, and their mean and t interval over seeds: the trained model is the unit of replication."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t

from attnstats.exceptions import FrameError
from attnstats.frame import parameter

#: The keys of a condition, its ablation among them; under each condition there is one model for each seed.
CONDITION = ["dataset", "encoder", "attention", "normalizer", "ablation"]
#: How a quantity of one condition may have been measured in several ways.
VARIANT = ["view", "estimator"]
#: Quantities that lie between 0 and 1 in every model.
_SHARES = ["accuracy", "concordance", "concordance_reference", "gini", "max_attention", "top_k_overlap"]
_SHARES += ["total_variation"]


def seed_rows(
    frame: pd.DataFrame, *quantities: str, ablated: bool = False, view: str | None = None, every_output: bool = False
) -> pd.DataFrame:
    """Return the rows of some quantities of the models that decide, by default intact ones, about the predicted class.

    Each head is a condition of its own. Keys that are NA become empty text, so that a grouping drops no row.
    """
    rows = model_rows(of_deciding_models(frame), *quantities, ablated=ablated, every_output=every_output)
    return rows if view is None else rows[(rows["view"] == view).fillna(False)]


def heads_rows(frame: pd.DataFrame) -> pd.Series:
    """Return which rows are of one head among all heads of a model: its agreement, or what changes without it."""
    return frame["quantity"].isin(["tau_b", "contrast"]) & (frame["family"] == "heads").fillna(False)


def model_rows(
    frame: pd.DataFrame, *quantities: str, ablated: bool = False, every_output: bool = False
) -> pd.DataFrame:
    """Return the rows of some quantities as `seed_rows` does, of all models of the frame."""
    chosen = frame["quantity"].isin(quantities) & frame["example"].isna()
    intact = frame["ablation"].isna() | (frame["ablation"] == "none")
    decides = every_output | frame["output"].isna() | (frame["output"] == "class")
    rows = with_heads(frame[chosen & decides & (~intact if ablated else intact)])
    texts = [*CONDITION, *VARIANT, "training", "output"]
    rows[texts] = rows[texts].fillna("")
    return rows


def of_deciding_models(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows but those of models trained in another way than the first, and of checkpoints of a training."""
    kept = frame[frame["updates"].isna()]
    trainings = kept.loc[kept["seed"].notna(), "training"].dropna()
    return kept[kept["training"].isna() | (kept["training"] == trainings.iloc[0])] if len(trainings) else kept


def with_heads(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of the rows, their layer and head in the name of the attention, where they have any.

    >>> from attnstats.frame import Row, to_frame
    >>> with_heads(to_frame([Row(quantity="gini", attention="bert", layer=3, head=5)]))["attention"].tolist()
    ['bert(layer=3, head=5)']
    """
    rows = rows.reset_index(drop=True)  # frames that were put together may share an index
    for place in rows.index[rows[["layer", "head"]].notna().any(axis=1)]:
        attention, layer, head = rows.loc[place, ["attention", "layer", "head"]]
        name, _, inside = ("attention" if pd.isna(attention) else attention).partition("(")
        parts = [inside.removesuffix(")")] if inside else []
        parts += [f"{key}={value}" for key, value in (("layer", layer), ("head", head)) if pd.notna(value)]
        rows.loc[place, "attention"] = f"{name}({', '.join(parts)})"
    return rows


def rows_of(frame: pd.DataFrame, quantity: str, *names: str) -> pd.DataFrame:
    """Return the rows of one quantity, with the named keys of ``parameters`` as columns."""
    rows = frame[frame["quantity"] == quantity]
    return rows.assign(**{name: parameter(rows, name) for name in names})


def with_parameters(rows: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return the rows with the named keys of ``parameters`` as columns of numbers; None becomes NaN."""
    return rows.assign(**{name: pd.to_numeric(parameter(rows, name)).astype("float64") for name in names})


def over_seeds(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return mean, sd, 95 % t interval (low, high), null floor and number of seeds of each group, in order.

    With one seed sd, low and high are NaN. A group that holds a seed twice has no replicates and is refused. The
    interval of a share ends at 0 and 1, as no mean of shares lies beyond: with few seeds t would go there.
    """
    twice = rows.duplicated([*by, "seed"])
    if twice.any():
        group = rows.loc[twice, [*by, "quantity", "seed"]].iloc[0].to_dict()
        raise FrameError(f"frame: must hold a quantity of a condition once for each seed; got it twice for {group}")
    groups = rows.groupby(by, sort=False, dropna=False)
    table = groups["value"].agg(mean="mean", sd="std", n_seeds="size").reset_index()
    table["null_floor"] = groups["null_floor"].mean().to_numpy()
    half = t.ppf(0.975, np.maximum(table["n_seeds"] - 1, 1)) * table["sd"] / np.sqrt(table["n_seeds"])
    low, high = table["mean"] - half, table["mean"] + half
    share = groups["quantity"].first().isin(_SHARES).to_numpy()
    return table.assign(low=low.mask(share, low.clip(lower=0)), high=high.mask(share, high.clip(upper=1)))


def in_order(rows: pd.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    """Return the distinct values of some key columns, in order of first appearance."""
    return list(rows[list(columns)].drop_duplicates().itertuples(index=False, name=None))
