"""Measures at checkpoints along trainings, each model against its learning rate times its updates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.frame import check_frame, parameter
from attnstats.report.notation._rows import CONDITION, model_rows, over_seeds

#: The keys of a condition, and how its models are trained.
TRAINED = [*CONDITION[:-1], "training"]


class Measure(NamedTuple):
    """What is followed along a training; where the quantity is that of several attributions, one of them."""

    title: str
    quantity: str
    attribution: str | None = None

    @property
    def column(self) -> str:
        """The name of its columns in a table of data."""
        return self.quantity if self.attribution is None else f"{self.quantity} {self.attribution}"


MEASURES = (
    Measure("tau-b, MI", "tau_b"),
    Measure("tau-b, gradient", "tau_b_attention_attribution", "gradient_times_input"),
    Measure("tau-b, leave-one-out", "tau_b_attention_attribution", "leave_one_out"),
    Measure("Near-tie concordance", "near_tie_concordance"),
    Measure("U by rank", "mi_normalised_mean"),
    Measure("Gini", "gini"),
    Measure("Conicity", "conicity"),
    Measure("Accuracy", "accuracy"),
)


def rows_along(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of every measure at every checkpoint, with the title of the measure and ``step_size``.

    ``step_size`` is the sum of the learning rates of all updates so far; what is undefined at a checkpoint has no row.
    """
    at_checkpoint = check_frame(frame)["updates"].notna()
    rows = model_rows(frame[at_checkpoint], "step_size", *(each.quantity for each in MEASURES))
    place = [*TRAINED, "seed", "updates"]
    sizes = rows.loc[rows["quantity"] == "step_size", [*place, "value"]].rename(columns={"value": "step_size"})
    if np.isinf(rows["value"]).any() or (sizes["step_size"] < 0).any():
        raise FrameError("frame: values at a checkpoint must be finite, and step_size not below 0; got others")
    attributions = parameter(rows, "attribution")
    parts = [
        rows[(rows["quantity"] == each.quantity) & (each.attribution is None or attributions == each.attribution)]
        for each in MEASURES
    ]
    titled = [part.assign(measure=each.title) for part, each in zip(parts, MEASURES, strict=True)]
    found = pd.concat(titled, ignore_index=True).merge(sizes, on=place)
    return found.dropna(subset=["value", "step_size"]).reset_index(drop=True)


def curves(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean, sd, t interval and number of seeds of every measure at every checkpoint of every training."""
    return over_seeds(rows, [*TRAINED, "measure", "updates", "step_size"])
