"""What training does, as tables: every measure at every checkpoint, and how far the curves of trainings lie apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray
from attnstats.report.notation import _words as notation
from attnstats.report.notation._along import MEASURES, TRAINED, curves, rows_along
from attnstats.report.notation._rows import CONDITION, in_order
from attnstats.report.notation.formats import Table, printed

_CONDITION = CONDITION[:-1]
_ABOUT = (
    "tau-b: mean over examples of Kendall's tau-b between attention and pointwise MI, or the size of an attribution. "
    "U: mean mutual information over attention ranks, divided by the entropy of the predicted class. A model that "
    "predicts one class only has no MI, and is left out of those means."
)


class _Apart(NamedTuple):
    """Where the curves of two trainings are furthest apart."""

    distance: float
    standard_error: float
    higher: str
    lower: str
    step_size: float
    n_seeds: int


def along_table(frame: pd.DataFrame) -> Table:
    """Return every measure at the checkpoints of each training, mean and standard deviation over seeds.

    Raises
    ------
    FrameError
        If `frame` is no results frame, holds a measure of a checkpoint twice for one seed, or a step size is below 0.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity=quantity, training="long", seed=seed, updates=10, value=value)
    ...         for seed in range(3) for quantity, value in (("gini", 0.3 + 0.01 * seed), ("step_size", 0.02))]
    >>> along_table(to_frame(rows)).text[["Training", "Updates", "Rate × updates", "Gini", "Seeds"]]
      Training Updates Rate × updates           Gini Seeds
    0     long      10           0.02  0.310 ± 0.010     3
    """
    rows = rows_along(frame)
    summary = curves(rows)
    conditions, trainings = in_order(rows, *_CONDITION), in_order(rows, "training")
    place = [*TRAINED, "updates", "step_size"]
    by_updates = in_order(rows.sort_values("updates", kind="stable"), *place)
    ordered = sorted(by_updates, key=lambda each: (conditions.index(each[:4]), trainings.index(each[4:5])))
    data = pd.DataFrame(ordered, columns=place)
    text = _keys(data) | {
        "Training": map(notation.pretty_name, data["training"]),
        "Updates": map(notation.count, data["updates"]),
        "Rate × updates": map(_size, data["step_size"]),
    }
    seeds = pd.Series(0, index=data.index)
    for measure in MEASURES:
        own = summary[summary["measure"] == measure.title]
        if own.empty:
            continue
        found = data[place].merge(own, on=place, how="left")
        data = data.assign(**{f"{measure.column}_{name}": found[name] for name in ("mean", "sd", "n_seeds")})
        text[measure.title] = map(notation.mean_sd, found["mean"], found["sd"])
        seeds = seeds.combine(found["n_seeds"].fillna(0).astype(int), max)
    text["Seeds"] = map(notation.count, seeds)
    caption = "Mean ± standard deviation over seeds (trained models) at checkpoints along each training."
    return Table("along", caption, data, printed(text), (_ABOUT,))


def distance_table(frame: pd.DataFrame) -> Table:
    """Return how far apart the curves of two trainings lie at equal learning rate × updates, where they do so most.

    A curve is interpolated between its checkpoints, linearly in the log of learning rate × updates. Two trainings are
    compared where both have values for every seed that both have; the initial weights are left out. The standard error
    is that of the mean difference over seeds, at that place.

    Raises
    ------
    FrameError
        If `frame` is no results frame, holds a measure of a checkpoint twice for one seed, or a step size is below 0.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity=quantity, training=training, seed=seed, updates=updates, value=value)
    ...         for training, rate in (("short", 0.01), ("long", 0.001)) for updates in (10, 1000) for seed in range(3)
    ...         for quantity, value in (("gini", 30 * rate + 0.01 * seed), ("step_size", rate * updates))]
    >>> distance_table(to_frame(rows)).text[["Measure", "Range", "Largest distance", "Higher", "Lower"]]
      Measure Range Largest distance Higher Lower
    0    Gini 0.270            0.270  short  long
    """
    rows = rows_along(frame)
    curves(rows)  # refuses a value that stands twice
    found = [
        (*key, np.ptp(own.groupby(["training", "updates"])["value"].mean()), *apart)
        for key, own in rows.groupby([*_CONDITION, "measure"], sort=False)
        if (apart := _apart(own)) is not None
    ]
    data = pd.DataFrame(found, columns=[*_CONDITION, "measure", "range", *_Apart._fields])
    text = _keys(data) | {
        "Measure": data["measure"],
        "Range": map(notation.number, data["range"]),
        "Largest distance": map(notation.number, data["distance"]),
        "Standard error": map(notation.number, data["standard_error"]),
        "Higher": map(notation.pretty_name, data["higher"]),
        "Lower": map(notation.pretty_name, data["lower"]),
        "At rate × updates": map(_size, data["step_size"]),
        "Seeds": map(notation.count, data["n_seeds"]),
    }
    caption = "How far apart two trainings are at equal learning rate × updates: the largest distance of their means."
    note = (
        "Between checkpoints a curve is taken to be straight in the log of learning rate × updates. Range: from the "
        "lowest to the highest mean of any training, initial weights included. Standard error: of the mean difference "
        "over seeds, at the place of the largest distance, which is the largest over all pairs of trainings and all "
        "places: two or three standard errors are no sign of a difference. "
    )
    return Table("distances", caption, data, printed(text), (note + _ABOUT,))


def _apart(own: pd.DataFrame) -> _Apart | None:
    """Return where two trainings are furthest apart in one measure; None if no two can be compared."""
    tables = [(str(name), _by_seed(part)) for name, part in own.groupby("training", sort=False)]
    found = [apart for first, second in combinations(tables, 2) if (apart := _furthest(*first, *second)) is not None]
    return max(found, key=lambda each: each.distance, default=None)


def _by_seed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each seed and one column for each step size above 0."""
    return rows[rows["step_size"] > 0].pivot_table(index="seed", columns="step_size", values="value")


def _furthest(name: str, table: pd.DataFrame, other_name: str, other_table: pd.DataFrame) -> _Apart | None:
    seeds = table.index.intersection(other_table.index)
    one, other = (each.loc[seeds].dropna(axis=1) for each in (table, other_table))
    if one.empty or other.empty:
        return None
    # Straight lines are furthest apart where one of them bends, or at an end.
    sizes = np.union1d(one.columns, other.columns)
    low, high = max(one.columns.min(), other.columns.min()), min(one.columns.max(), other.columns.max())
    shared = sizes[(sizes >= low) & (sizes <= high)]
    if not len(shared):
        return None
    differences = _at(one, shared) - _at(other, shared)
    means = differences.mean(axis=0)
    place = int(np.abs(means).argmax())
    n = len(seeds)
    error = float(differences[:, place].std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    order = (name, other_name) if means[place] >= 0 else (other_name, name)
    return _Apart(float(abs(means[place])), error, *order, float(shared[place]), n)


def _at(table: pd.DataFrame, sizes: FloatArray) -> FloatArray:
    """Return the values of each seed at some step sizes, linear in their log between checkpoints."""
    places = np.log(table.columns.to_numpy(dtype=np.float64))
    return np.array([np.interp(np.log(sizes), places, values) for values in table.to_numpy()])


def _keys(data: pd.DataFrame) -> dict[str, Iterable[object]]:
    names = {key.capitalize(): map(notation.pretty_name, data[key]) for key in _CONDITION[1:]}
    return {"Data": data["dataset"], **names}


def _size(value: object) -> str:
    return f"{value:.3g}"
