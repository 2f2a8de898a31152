"""Tables of replicates and items as callers give them: read, in one unit, without what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import BoolArray, FloatArray, as_float_array, check_at_least, check_finite
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.crossed._gaps import connected_rows
from attnstats.comparison.crossed._paired_fit import paired_fit
from attnstats.comparison.crossed._two_way_fit import TwoWayFit
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.results import check_factors, counted, plural


def data_sets(values: ArrayLike | tuple[ArrayLike, ...], name: str = "values") -> list[FloatArray]:
    """Return one array for each data set."""
    return [as_float_array(block, name) for block in (values if isinstance(values, tuple) else (values,))]


@dataclass(frozen=True)
class Factors:
    """What the two factors of a table are called, and the fewest items that the rule for the variance is for."""

    replicate: str
    item: str
    fewest_items: int

    def __post_init__(self) -> None:
        check_factors(self.replicate, self.item)

    def check_sizes(self, n_replicates: int, n_items: int) -> None:
        """Raise if there are too few of one of them."""
        check_at_least(n_replicates, 2, f"number of {plural(self.replicate)}")
        check_at_least(n_items, self.fewest_items, f"number of {plural(self.item)}")


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of one or two groups of replicates, a list for each group, with a table for each data set.

    The tables of a data set have the same items, and NaN where a cell is missing in any stratum.
    """

    groups: list[list[FloatArray]]
    #: Strata that were averaged in each data set.
    n_strata: list[int]
    unit: Unit
    factors: Factors
    #: Largest of the values, in `unit`.
    largest: float

    @classmethod
    def of(
        cls, groups: Mapping[str, ArrayLike | tuple[ArrayLike, ...]], factors: Factors, missing: CompleteCases | None
    ) -> Tables:
        """Return the tables of groups of replicates, by the name of the argument that holds each."""
        blocks = {name: _blocks(values, name, missing) for name, values in groups.items()}
        names = " and ".join(blocks)
        if len({len(each) for each in blocks.values()}) > 1:
            raise InvalidInputError(f"{names}: must hold the same data sets; got {[*map(len, blocks.values())]}")
        for each in blocks.values():
            check_at_least(len(each), 1, "number of data sets")
        present = [block if missing is None else _filled(block) for each in blocks.values() for block in each]
        unit = Unit.of(*present, name=names)
        tables, n_strata = [], []
        for name, each in blocks.items():
            for block in each:
                if block.ndim < 2:
                    raise InvalidInputError(f"{name}: must have shape (..., n_replicates, n_items); got {block.shape}")
                factors.check_sizes(*block.shape[-2:])
                check_at_least(block[..., 0, 0].size, 1, "number of conditions")
            tables.append([unit.divide(block).reshape(-1, *block.shape[-2:]).mean(axis=0) for block in each])
            n_strata.append([block[..., 0, 0].size for block in each])
        first, *others = blocks.values()
        for other in others:
            for a, b in zip(first, other, strict=True):
                if a.shape[:-2] != b.shape[:-2] or a.shape[-1] != b.shape[-1]:
                    raise InvalidInputError(
                        f"{names}: must have the same {plural(factors.item)} and conditions; got shapes {a.shape} and"
                        f" {b.shape}"
                    )
        largest = max(float(np.abs(unit.divide(block)).max(initial=0.0)) for block in present)
        return cls(tables, n_strata[0], unit, factors, largest)

    @property
    def weights(self) -> FloatArray:
        """Weights of the data sets, of which each stratum counts as one."""
        return np.array(self.n_strata) / sum(self.n_strata)

    def shared(self) -> list[list[FloatArray]]:
        """Return the groups, unless their replicates cannot be the same in every data set."""
        for tables in self.groups:
            if len({len(table) for table in tables}) > 1:
                raise InvalidInputError(
                    f"{self.unit.name}: must hold the same {plural(self.factors.replicate)} in every data set with"
                    f" shared_replicates=True; got {', '.join(str(len(table)) for table in tables)}"
                )
        return self.groups

    @property
    def n_cells(self) -> int:
        """Number of cells, those that are missing among them."""
        return sum(table.size for tables in self.groups for table in tables)


def fitted(groups: list[list[FloatArray]], tables: Tables, *, paired: bool = False) -> list[list[TwoWayFit]]:
    """Return the fits of tables without empty rows and columns; of `paired` groups those of their differences."""
    for of_data_set in zip(*groups, strict=True):
        for table in of_data_set:
            tables.factors.check_sizes(*table.shape)
        _check_varying(_differences(*of_data_set) if paired else of_data_set, tables)
        for table in of_data_set:
            _check_cells(table, tables)
    if paired:
        return [[paired_fit(first, second) for first, second in zip(*groups, strict=True)]]
    return [[TwoWayFit.of(table) for table in each] for each in groups]


def _differences(first: FloatArray, second: FloatArray) -> Sequence[FloatArray]:
    """Return the table of differences, or both where they have no cell in common."""
    differences = first - second
    return (first, second) if np.isnan(differences).all() else (differences,)


def _check_varying(of_data_set: Sequence[FloatArray], tables: Tables) -> None:
    if all(np.nanmax(table) - np.nanmin(table) <= ROUNDING * tables.largest for table in of_data_set):
        got = tables.unit.restore(float(np.nanmean(of_data_set[0])))
        raise ConstantInputError(f"{tables.unit.name}: must vary; got {got!r} throughout, but for rounding")


def _check_cells(table: FloatArray, tables: Tables) -> None:
    factors, present = tables.factors, ~np.isnan(table)
    if not present.all():
        _check_connected(present, tables)
        needed = sum(table.shape)
        if factors.fewest_items > 1 and present.sum() < needed:
            raise TooFewSamplesError(
                f"{tables.unit.name}: must have a value in at least {needed} cells for"
                f" {counted(len(table), factors.replicate)} and {counted(table.shape[1], factors.item)}, or nothing is"
                f" left for the residual; got {present.sum()}"
            )


def _check_connected(present: BoolArray, tables: Tables) -> None:
    reached = connected_rows(present)
    if not reached.all():
        replicates, items = plural(tables.factors.replicate), plural(tables.factors.item)
        raise InvalidInputError(
            f"{tables.unit.name}: must connect all {replicates} by {items} that they share, or they cannot be compared;"
            f" got {reached.sum()} of {len(reached)} {replicates} that share no {tables.factors.item} with the others"
        )


def _blocks(values: ArrayLike | tuple[ArrayLike, ...], name: str, missing: CompleteCases | None) -> list[FloatArray]:
    """Return one array for each data set, NaN where missing if that is allowed."""
    if missing is None:
        return data_sets(values, name)
    if not isinstance(missing, CompleteCases):
        raise InvalidInputError(f"missing: must be None or CompleteCases(); got {missing!r}")
    blocks = []
    for block in values if isinstance(values, tuple) else (values,):
        given = read(block, name)
        array = given.floats(name)
        check_finite(_filled(array), name, labels=given.labels)
        blocks.append(array)
    return blocks


def _filled(array: FloatArray) -> FloatArray:
    return np.where(np.isnan(array), 0.0, array)
