"""Long tables of scores as people have them, of every design, whose true means are known.

A score is the sum of effects of its unit (a run, a cluster, a data set), of its example, and noise; those of unit and
example are in part common to all conditions and in part of one condition alone. Scores of two values say whether such a
sum of normal effects lies below the quantile of the wanted rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from analysis.validity.comparison.cross_validation import FoldsTrial

#: Variance of the effects of a unit (common, of one condition alone), of an example (likewise), and of the noise.
EFFECTS = {
    "neither varies": (0.0, 0.0, 0.0, 0.0, 1.0),
    "units vary": (0.25, 0.25, 0.0, 0.0, 0.5),
    "examples vary": (0.0, 0.0, 0.25, 0.25, 0.5),
    "examples vary more": (0.01, 0.01, 0.3, 0.2, 0.48),
    "both vary": (0.15, 0.15, 0.15, 0.15, 0.4),
}


@dataclass(frozen=True)
class Grid:
    """Units and examples, crossed or nested; the units may be named runs, clusters or data sets, or not at all.

    Parameters
    ----------
    setting : str
        What is simulated, in words.
    analysis, answer : str
        The class that `compare` should choose, and how it should be called.
    columns : mapping of str to str
        Roles and columns, as `compare` takes them: ``{"seed": "run", "example": "item"}``.
    n_units, n_items : int
        Units of each data set, and examples of each unit.
    effects : str
        Which of `EFFECTS`.
    values : str
        ``"normal"``, ``"skewed"``, or a rate such as ``"0.9"``.
    sizes : tuple of int
        Examples of each unit, repeated, where it is not the same.
    """

    setting: str
    analysis: str
    answer: str
    columns: Mapping[str, str] = field(hash=False)
    n_units: int = 1
    n_items: int = 1
    effects: str = "both vary"
    values: str = "normal"
    n_conditions: int = 2
    n_datasets: int = 1
    shared_units: bool = True
    nested: bool = False
    own_units: bool = False
    own_items: bool = False
    missing: float = 0.0
    sizes: tuple[int, ...] = ()
    declared: bool | None = None

    @property
    def counted(self) -> tuple[int, int | None]:
        """Units and items, as the analysis counts them."""
        if self.n_units == 1:
            return self.n_items, None
        return self.n_units, self.n_items if "Anova" in self.analysis else None

    @property
    def mean(self) -> float:
        """True mean of every condition."""
        return 0.0 if self._quantile is None else float(self.values)

    @property
    def effect(self) -> float:
        """Three standard errors of a difference, to two digits: what tells it from none in most tables, not in all."""
        return float(f"{3 * _error(self):.1e}")

    def draw(self, generator: np.random.Generator, *, n_conditions: int, effect: float = 0.0) -> pd.DataFrame:
        """Return a table in which the second condition is lower than the others by an effect."""
        k, d, r, i = n_conditions, self.n_datasets, self.n_units, self.n_items
        of_units = (d if not self.shared_units else 1, r, 1)
        of_items = (d, r if self.nested else 1, i)
        shapes = [
            (k if self.own_units else 1, *of_units), (k, *of_units), (k if self.own_items else 1, *of_items),
            (k, *of_items), (k, d, r, i),
        ]  # fmt: skip
        draw = generator.normal if self.values != "skewed" else lambda size: generator.exponential(size=size) - 1
        values = np.zeros((k, d, r, i))
        for variance, shape in zip(EFFECTS[self.effects], shapes, strict=True):
            if variance:
                values += np.sqrt(variance) * draw(size=shape)
        lower = effect * (np.arange(k) == 1)[:, np.newaxis, np.newaxis, np.newaxis]
        values = values - lower if self._quantile is None else (values < ndtri(self.mean - lower)).astype(float)
        return self._table(values, generator)

    def _table(self, values: np.ndarray, generator: np.random.Generator) -> pd.DataFrame:
        """Return the values with their labels, a cell in a row."""
        condition, dataset, unit, item = (axis.ravel() for axis in np.indices(values.shape))
        own = condition * self.n_units * self.n_items
        labels = {
            "unit": unit + (0 if self.shared_units else dataset * self.n_units),
            "example": (unit * self.n_items if self.nested else 0) + item + own * self.own_items,
            "dataset": dataset,
        }
        table = {"model": condition, "score": values.ravel()}
        for role, column in self.columns.items():
            of_units = role in ("seed", "group") or (role == "dataset" and self.n_datasets == 1)
            table[column] = labels["unit" if of_units else role]
        keep = generator.random(len(condition)) >= self.missing
        if self.sizes:
            keep &= item < np.resize(self.sizes, self.n_units)[unit]
        return pd.DataFrame({name: column[keep] for name, column in table.items()})

    @property
    def _quantile(self) -> float | None:
        return None if self.values in ("normal", "skewed") else float(ndtri(float(self.values)))


@cache
def _error(grid: Grid) -> float:
    """Return the standard error of the difference of two complete conditions."""
    common_unit, own_unit, common_item, own_item, noise = EFFECTS[grid.effects]
    unit, item = common_unit + own_unit, common_item + own_item
    unit_across, item_across = common_unit * (not grid.own_units), common_item * (not grid.own_items)
    r, d = grid.n_units, grid.n_datasets
    i = int(np.resize(grid.sizes, r).mean()) if grid.sizes else grid.n_items
    cells = r * i
    within = _covariance(grid, unit + item + noise) - _covariance(grid, unit_across + item_across)
    same_unit = _covariance(grid, unit) - _covariance(grid, unit_across)
    same_item = 0.0 if grid.nested else _covariance(grid, item) - _covariance(grid, item_across)
    alone = 2 * (within + (r - 1) * same_item) / cells
    of_units = 2 * (i - 1) * same_unit / cells
    return float(np.sqrt(alone / d + of_units * (1 if grid.shared_units else 1 / d)))


@cache
def _covariance(grid: Grid, correlation: float) -> float:
    """Return the covariance of two scores whose sums have a correlation."""
    quantile = grid._quantile
    if quantile is None or not correlation:
        return correlation
    rate = float(grid.values)
    if correlation > 0.999:
        return rate * (1 - rate)
    joint = multivariate_normal.cdf([quantile] * 2, cov=[[1, correlation], [correlation, 1]])
    return float(joint) - rate**2


@dataclass(frozen=True)
class Folds:
    """Two learners over the folds of a cross-validation, each of which sees half of the features."""

    setting: str
    n: int
    signal: float
    n_folds: int
    n_repeats: int

    analysis = "CorrectedT"
    answer = "corrected resampled t test over folds"
    columns = {"fold": "fold", "seed": "repetition"}  # noqa: RUF012 (of the class)
    n_conditions = 2
    declared = None
    effect = 0.1

    @property
    def counted(self) -> tuple[int, int | None]:
        """Folds of all repetitions, and of one."""
        return self.n_folds * self.n_repeats, self.n_folds

    @property
    def mean(self) -> float:
        """True accuracy of either learner."""
        return _accuracy(self)

    def draw(self, generator: np.random.Generator, *, n_conditions: int = 2, effect: float = 0.0) -> pd.DataFrame:
        """Return a table in which the features of the second learner tell less by an effect."""
        labels = np.resize([-1.0, 1.0], self.n)
        signals = np.array([self.signal, self.signal - effect])[:n_conditions, np.newaxis, np.newaxis]
        trial = FoldsTrial(self.n, self.signal, self.n_folds, self.n_repeats)
        features = generator.normal(size=(2, self.n, 5)) + signals * labels[:, np.newaxis]
        scores = np.stack([trial.scores(features, labels, generator) for _ in range(self.n_repeats)], axis=1)
        model, repetition, fold = (axis.ravel() for axis in np.indices(scores.shape))
        return pd.DataFrame({"model": model, "repetition": repetition, "fold": fold, "score": scores.ravel()})


@cache
def _accuracy(folds: Folds) -> float:
    generator = np.random.default_rng(0)
    return float(np.mean([folds.draw(generator)["score"].mean() for _ in range(500)]))


Design = Grid | Folds
