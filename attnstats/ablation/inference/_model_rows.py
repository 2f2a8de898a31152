"""One outcome of many trained models: a row of values each, grouped by data set and stratum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import BoolArray, FloatArray, IntArray, as_labels, check_at_least, check_finite
from attnstats.exceptions import InvalidInputError

#: The largest that the largest value of an outcome may be in size; its inverse is the smallest.
_LARGEST = 1e140


@dataclass(frozen=True, eq=False)
class ModelRows:
    """Values of trained models."""

    #: One for each model: a value for each example, shape (n_examples,), or one number, shape ().
    rows: list[FloatArray]
    #: Data set and stratum of each model, shape (n_models, 2). Models of one data set have the same examples.
    cells: IntArray

    @property
    def seed_means(self) -> FloatArray:
        """Mean of each model, shape (n_models,)."""
        return np.array([row.mean() for row in self.rows])

    @property
    def strata(self) -> IntArray:
        """One code for each data set and stratum, shape (n_models,)."""
        return np.asarray(self.cells[:, 0] * (self.cells[:, 1].max() + 1) + self.cells[:, 1])

    @property
    def mean(self) -> float:
        """Mean over strata of the mean over models."""
        means, strata = self.seed_means, self.strata
        return float(np.mean([means[strata == stratum].mean() for stratum in np.unique(strata)]))

    @property
    def n_examples(self) -> int | None:
        """Examples over all data sets; None where each model has one number."""
        if not self.rows[0].ndim:
            return None
        first: list[int] = np.unique(self.cells[:, 0], return_index=True)[1].tolist()
        return sum(len(self.rows[model]) for model in first)

    @property
    def tables(self) -> tuple[FloatArray, ...]:
        """One array for each data set, shape (n_strata, n_seeds, n_examples)."""
        blocks = []
        for dataset in np.unique(self.cells[:, 0]):
            # Strata of a data set are paired seed by seed: of independent seeds any pairing will do.
            strata = np.unique(self.strata[self.cells[:, 0] == dataset])
            groups = [np.stack([self.rows[model] for model in np.flatnonzero(self.strata == each)]) for each in strata]
            sizes = sorted({len(group) for group in groups})
            if len(sizes) > 1:
                raise InvalidInputError(
                    f"strata: those of one data set must have the same number of seeds; got {sizes}"
                )
            blocks.append(np.stack(groups))
        return tuple(blocks)


def model_rows(values: ArrayLike | Sequence[ArrayLike], name: str, missing: str) -> list[FloatArray]:
    """Return one row per model: one value for each example, or one number."""
    if isinstance(values, list | tuple | Iterator):  # of rows that may differ in length
        rows = [read(cast(ArrayLike, row), name).floats(name) for row in values]
    else:
        table = read(cast(ArrayLike, values), name).floats(name)
        rows = [np.asarray(row) for row in table] if table.ndim else [np.empty((0, 0))]
    depths = sorted({row.ndim for row in rows})
    if depths not in ([0], [1]):
        raise InvalidInputError(
            f"{name}: must have shape (n_seeds,) or (n_seeds, n_examples); got {len(rows)} rows of {depths} dimensions"
        )
    for row in rows:
        check_finite(np.where(np.isnan(row), 0.0, row) if missing == "omit" and row.ndim else row, name)
    largest = max(float(np.nanmax(np.abs(row), initial=0.0)) for row in rows)
    if largest > _LARGEST or 0 < largest < 1 / _LARGEST:
        raise InvalidInputError(
            f"{name}: the largest value must be between {1 / _LARGEST:g} and {_LARGEST:g} in size, whose squares "
            f"double precision can hold; got {largest:.4g}; give them in another unit"
        )
    return rows


def model_cells(n: int, strata: ArrayLike | None, datasets: ArrayLike | None) -> IntArray:
    """Return codes of the data set and the stratum of each model, shape (n, 2)."""
    columns = []
    for labels, name in ((datasets, "datasets"), (strata, "strata")):
        codes = np.zeros(n, dtype=np.int64) if labels is None else as_labels(labels, name)[0]
        if len(codes) != n:
            raise InvalidInputError(f"{name}: must have one label for each of the {n} models; got {len(codes)}")
        columns.append(codes)
    return np.stack(columns, axis=1)


def complete_examples(
    before: list[FloatArray], after: list[FloatArray], cells: IntArray
) -> tuple[list[FloatArray], list[FloatArray], int]:
    """Return the rows without the examples for which some model of their data set has no value, and their number."""
    if not before[0].ndim:
        return before, after, 0
    kept: dict[int, BoolArray] = {}
    for dataset in np.unique(cells[:, 0]).tolist():
        models = np.flatnonzero(cells[:, 0] == dataset)
        sizes = sorted({before[model].size for model in models})
        if len(sizes) > 1:
            raise InvalidInputError(
                f"datasets: models of one data set must have the same examples; got {sizes} of them"
            )
        values = np.stack([rows[model] for model in models for rows in (before, after)])
        kept[dataset] = np.asarray(np.isfinite(values).all(axis=0))
        check_at_least(int(kept[dataset].sum()), 2, "number of examples with a value for every model")
    chosen = [kept[dataset] for dataset in cells[:, 0].tolist()]
    n_undefined = sum(int((~each).sum()) for each in kept.values())
    first, second = ([row[keep] for row, keep in zip(rows, chosen, strict=True)] for rows in (before, after))
    return first, second, n_undefined
