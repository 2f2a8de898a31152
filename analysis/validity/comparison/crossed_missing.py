"""Level of tests of a mean over crossed replicates and items at nominal 5 %, where cells of the tables are missing.

Two conditions that do not differ: on the same replicates, whose differences are tested, or on replicates of their own.
A test rejects exactly where the interval of 95 % does not hold zero. Run as
``python -m analysis.validity.comparison.crossed_missing --n-simulations 2000``.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import FixedItems, HarmonicT, anova_test, independent_anova_test, mixed_model_test
from attnstats.exceptions import ConvergenceError, FewReplicatesWarning, InvalidInputError
from attnstats.missing import CompleteCases

ALPHA = 0.05
#: Standard deviations of a replicate and of an item in the difference of two conditions; the residual of each has one.
EFFECTS = {"none": (0.0, 0.0), "replicate": (0.3, 0.0), "item": (0.0, 0.7), "both": (0.3, 0.7)}
#: Share of the cells that are missing at random; in the last only one replicate has gaps, and lacks nine items of ten.
MISSING = {"0 %": 0.0, "5 %": 0.05, "20 %": 0.2, "one replicate stops at a tenth": 0.0}
#: Data sets, items of each; the tables of data sets share their replicates.
SIZES = ((1, 50), (1, 400), (3, 50))
#: Share of the simulations of a setting in which the mixed model, which is slow, is fitted as well.
MIXED_SHARE = 0.2


@dataclass(frozen=True)
class CrossedTrial:
    """Tables of two conditions without a difference."""

    effects: str
    n_replicates: int
    size: tuple[int, int]
    missing: str
    paired: bool
    #: Whether to try the other procedures on the same tables.
    beside: bool

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the tables and test the difference."""
        n_datasets, n_items = self.size
        of_replicate, of_item = EFFECTS[self.effects]
        shape = (2, n_datasets, self.n_replicates, n_items)
        values = generator.normal(size=shape)
        values += generator.normal(0, of_replicate / np.sqrt(2), size=(2, 1, self.n_replicates, 1))
        values += generator.normal(0, of_item / np.sqrt(2), size=(2, n_datasets, 1, n_items))
        absent = generator.random(shape) < MISSING[self.missing]
        if self.missing.startswith("one"):
            absent[:, :, -1, n_items // 10 :] = True
        if self.paired:
            absent[1] = absent[0]
        values[absent] = np.nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)
            found = {"HarmonicT": self._pvalue(values, HarmonicT()), "t over cells": _over_cells(values, self.paired)}
            if self.beside:
                found["FixedItems"] = self._pvalue(values, FixedItems())
                shown = generator.random() < MIXED_SHARE
                found["mixed_model_test"] = self._mixed(values[:, 0], generator) if shown else np.nan
        return {name: float(p <= ALPHA) if not np.isnan(p) else np.nan for name, p in found.items()}

    def _pvalue(self, values: NDArray[np.float64], variance: HarmonicT | FixedItems) -> float:
        options = {"variance": variance, "shared_replicates": True, "minimum_replicates": 2, "missing": CompleteCases()}
        if self.paired:
            return anova_test(tuple(values[0] - values[1]), **options).pvalue
        return independent_anova_test(*map(tuple, values), **options).pvalue

    def _mixed(self, values: NDArray[np.float64], generator: np.random.Generator) -> float:
        """Return the p-value of the mixed model, with common effects of replicates if paired and of items added."""
        _, n_replicates, n_items = values.shape
        values = values + generator.normal(size=n_items) + self.paired * generator.normal(size=(n_replicates, 1))
        condition, replicate, item = np.indices(values.shape)
        both = replicate + condition * n_replicates
        random = {"replicate": replicate, "replicate by condition": both} if self.paired else {"replicate": both}
        random |= {"item": item, "item by condition": item + condition * n_items}
        kept = ~np.isnan(values)
        factors = {name: labels[kept] for name, labels in random.items()}
        try:
            return mixed_model_test(values[kept], condition[kept], random=factors, minimum_replicates=2).pvalue
        except ConvergenceError:
            return np.nan


@dataclass(frozen=True)
class FixedTrial:
    """Runs on five data sets, which another experiment would have too, with effects of data sets and of runs."""

    n_replicates: int
    missing: float

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the table, anew where nothing is left of a data set or of a run, and test the mean."""
        of_data_sets = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
        while True:
            table = generator.normal(size=(self.n_replicates, 5)) + generator.normal(0, 0.5, (self.n_replicates, 1))
            table[generator.random(table.shape) < self.missing] = np.nan
            if (~np.isnan(table)).any(axis=0).all() and (~np.isnan(table)).any(axis=1).all():
                break
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)
            options = {"variance": FixedItems(), "minimum_replicates": 2, "missing": CompleteCases()}
            try:
                fixed = anova_test(table + of_data_sets, **options)
            except InvalidInputError:  # runs that share no data set
                return {"FixedItems": np.nan}
        return {"FixedItems": float(fixed.pvalue <= ALPHA)}


def _over_cells(values: NDArray[np.float64], paired: bool) -> float:
    """Return the p-value of t over all cells, as if they were independent."""
    groups = [values[0] - values[1]] if paired else list(values)
    cells = [group[~np.isnan(group)] for group in groups]
    error = np.sqrt(sum(each.var(ddof=1) / len(each) for each in cells))
    difference = np.subtract.reduce([each.mean() for each in cells])
    return float(2 * stdtr(sum(map(len, cells)) - len(cells), -abs(difference) / error))


def trials(
    design: str,
    n_datasets: int,
    n_items: int,
    *,
    n_replicates: tuple[int, ...] = (3, 5, 8, 20),
    effects: tuple[str, ...] = tuple(EFFECTS),
    missing: tuple[str, ...] = tuple(MISSING),
) -> Iterator[tuple[Mapping[str, object], Trial, float]]:
    """Yield the settings of one design and size, their trials and the nominal rate; fewer for larger tables."""
    smallest = (n_datasets, n_items) == SIZES[0]
    for name, n, share in product(effects, n_replicates, missing):
        if not smallest and (name == "none" or share not in ("0 %", "20 %")):
            continue
        beside = smallest and n in (5, 8) and name in ("replicate", "both") and share in ("0 %", "20 %")
        setting = {"design": design, "effects": name, "n_datasets": n_datasets, "n_items": n_items}
        trial = CrossedTrial(name, n, (n_datasets, n_items), share, design == "paired", beside)
        yield {**setting, "n_replicates": n, "missing": share}, trial, ALPHA


def fixed_trials() -> Iterator[tuple[Mapping[str, object], Trial, float]]:
    """Yield those of runs on five data sets."""
    for n, share in product((3, 5, 8, 20), ("0 %", "5 %", "20 %")):
        setting = {"design": "paired", "effects": "replicate, fixed items", "n_datasets": 1, "n_items": 5}
        yield {**setting, "n_replicates": n, "missing": share}, FixedTrial(n, MISSING[share]), ALPHA


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    designs: tuple[str, ...] = ("paired", "independent"),
    sizes: tuple[tuple[int, int], ...] = SIZES,
    fixed: bool = True,
    **settings: Any,
) -> pd.DataFrame:
    """Measure the level of tests of a mean over replicates and items, of which cells are missing."""
    parts = [trials(design, *size, **settings) for design, size in product(designs, sizes)] + [fixed_trials()] * fixed
    options = {"n_simulations": n_simulations, "rng": rng, "n_jobs": n_jobs}
    return pd.concat([rates(each, **options) for each in parts], ignore_index=True)


if __name__ == "__main__":
    main(__spec__.name)
