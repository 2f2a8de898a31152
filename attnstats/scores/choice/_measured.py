"""How each analysis did in simulations, from the table that comes with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from attnstats.scores.choice.choice import MeasuredValidity
from attnstats.scores.choice.rules import Sizes


@cache
def measured(analysis: str, sizes: Sizes) -> MeasuredValidity | None:
    """Return how an analysis did in the simulated design nearest to this one, on a scale of ratios; None if in none."""
    table = _table()
    rows = table[table["analysis"] == analysis]
    if sizes.items is not None:
        rows = rows[rows["n_items"].notna()]
    if rows.empty:
        return None
    distance = np.abs(np.log(rows["n_units"] / sizes.units))
    if sizes.items is not None:
        distance = distance + np.abs(np.log(rows["n_items"] / sizes.items)) / 2  # which matter less than the units
    row = rows.loc[distance.idxmin()]
    return MeasuredValidity(float(row["level"]), float(row["coverage"]), int(row["n_simulations"]), str(row["setting"]))


@cache
def _table() -> pd.DataFrame:
    """Return the table that `analysis/validity/scores/compare.py` writes."""
    with (files("attnstats.scores.choice") / "measured.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines)
