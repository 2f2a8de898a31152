"""Estimates of many pairs of columns, each column prepared once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray, as_labels, as_samples
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError, DuplicateSamplesError
from attnstats.information._variables import variables_for
from attnstats.information.columns._sorted import SortedColumn, is_fast, ksg_estimate, ross_estimate
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.interface import MIEstimator, checked_estimate, has_local_terms
from attnstats.information.knn._ties import psi_table
from attnstats.information.knn.ross import Ross
from attnstats.information.margins import Margins, RankMargins
from attnstats.information.neighbors._threads import in_threads

#: The places of two columns.
Pair: TypeAlias = tuple[int, int]


class Columns:
    """Columns with one estimator for all pairs, maybe given others; what depends on one column is computed once.

    Each may be permuted by rows of its own: then row i has the value of ``permutation[i]``.
    """

    def __init__(
        self, variables: Sequence[Variable], names: Sequence[str], estimator: MIEstimator, given: Variable | None = None
    ) -> None:
        self.variables, self.names, self.estimator, self.given = variables, names, estimator, given
        self._sorted: dict[tuple[int, Margins], SortedColumn] = {}
        self._coded: dict[int, IntArray] = {}
        self._levels: dict[Margins, FloatArray] = {}
        self._moved: dict[int, IntArray] = {}
        self._coincide: set[Pair] = set()  # pairs of measurements with equal samples, which have no density

    @cached_property
    def psi(self) -> FloatArray:
        """Values of psi at 0..n, the number of rows."""
        return psi_table(len(self.variables[0]))

    def permuted(self, permutations: dict[int, IntArray]) -> Columns:
        """Return the same columns, some of them permuted."""
        moved = Columns(self.variables, self.names, self.estimator, self.given)
        moved._sorted = {
            (column, margins): each.permuted(permutations[column]) if column in permutations else each
            for (column, margins), each in self._sorted.items()
        }
        moved._coded = {
            column: codes[permutations[column]] if column in permutations else codes
            for column, codes in self._coded.items()
        }
        moved._moved, moved._coincide, moved._levels, moved.psi = permutations, self._coincide, self._levels, self.psi
        return moved

    def taken(self, rows: IntArray) -> Columns:
        """Return the same columns at some of the rows."""
        given = None if self.given is None else self.given[rows]
        return Columns([each[rows] for each in self.variables], self.names, self.estimator, given)

    def ordered(self, pair: Pair) -> tuple[MIEstimator, Pair]:
        """Return the estimator of a pair, and the pair in the order it wants."""
        if self.given is not None or not isinstance(self.estimator, ByKind):
            return self.estimator, pair
        if pair in self._coincide:
            return self.estimator.mixture, pair
        i, j = pair
        estimator, _, _, swapped = self.estimator.ordered(self.variables[i], self.variables[j])
        return estimator, (j, i) if swapped else pair

    def estimates(self, pairs: Sequence[Pair]) -> FloatArray:
        """Return the estimate of each pair, in nats; an error says which pair it is of."""
        values = np.full(len(pairs), np.nan)
        tasks = [(place, task) for place, pair in enumerate(pairs) if (task := self._task(pair)) is not None]

        def loop(first: int, last: int) -> None:
            for place, task in tasks[first:last]:
                value = task()
                values[place] = np.nan if value is None else value

        in_threads(loop, len(tasks), few=2)
        for place in np.flatnonzero(np.isnan(values)).tolist():
            with self.named(pairs[place]):
                values[place] = self._estimate(pairs[place])
        return values

    def named(self, pair: Pair) -> _Named:
        """Return a context that adds the names of a pair to an error."""
        return _Named(self.names[pair[0]], self.names[pair[1]])

    def _task(self, pair: Pair) -> Callable[[], float | None] | None:
        """Return what estimates a pair from columns that are prepared; None for most estimators."""
        estimator, (i, j) = self.ordered(pair)
        if self.given is not None or not is_fast(estimator):
            return None
        with self.named(pair):
            x = self._prepared(i, estimator.margins)
            if isinstance(estimator, Ross):
                return partial(ross_estimate, x, *self._classes(j), estimator.k, self.psi)
            return partial(ksg_estimate, x, self._prepared(j, estimator.margins), estimator.k, self.psi)

    def _prepared(self, column: int, margins: Margins) -> SortedColumn:
        if (column, margins) not in self._sorted:
            values = as_samples(self.variables[column], self.names[column])[:, 0]
            levels = self._levels.get(margins) if isinstance(margins, RankMargins) else None
            if levels is None and isinstance(margins, RankMargins):
                levels = self._levels[margins] = margins.levels(len(values))
            prepared = SortedColumn.of(values, self.names[column], margins, levels)
            moved = self._moved.get(column)
            self._sorted[column, margins] = prepared if moved is None else prepared.permuted(moved)
        return self._sorted[column, margins]

    def _classes(self, column: int) -> tuple[IntArray, IntArray]:
        """Return the class of each row, and the size of each class, or raise if it has none."""
        if column not in self._coded:
            codes, _ = as_labels(self.variables[column], self.names[column])
            moved = self._moved.get(column)
            self._coded[column] = codes if moved is None else codes[moved]
        codes = self._coded[column]
        return codes, np.bincount(codes)

    def _estimate(self, pair: Pair) -> float:
        estimator, (i, j) = self.ordered(pair)
        if self.given is not None:
            return self._estimate_given(estimator, pair, self.given)
        x, y = variables_for(estimator, x=(self.variables[i], None), y=(self.variables[j], None))
        if i in self._moved or j in self._moved:  # what coincides by a permutation alone is no error there
            everyone = np.arange(len(x))
            in_x, in_y = self._moved.get(i, everyone), self._moved.get(j, everyone)
            return float(estimator.permuted_estimates(x, y, in_y[np.argsort(in_x)][np.newaxis])[0])
        try:
            if has_local_terms(estimator):
                return float(estimator.local_terms(x, y, rng=0).terms.mean())
            return checked_estimate(estimator.estimate(x, y, rng=0), estimator)
        except DuplicateSamplesError:
            if not isinstance(self.estimator, ByKind):
                raise
            self._coincide.add(pair)
            return self._estimate(pair)

    def _estimate_given(self, estimator: MIEstimator, pair: Pair, z: Variable) -> float:
        first, second = (self.variables[column] for column in pair)
        x, y, z = variables_for(estimator, x=(first, None), y=(second, None), z=(z, None))
        x, y = (
            each if column not in self._moved else each[self._moved[column]]
            for column, each in zip(pair, (x, y), strict=True)
        )
        return checked_estimate(estimator.conditional_estimate(x, y, z, rng=0), estimator)


class _Named:
    """Adds the names of two columns to an error."""

    def __init__(self, x: str, y: str) -> None:
        self.x, self.y = x, y

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AttnstatsError) and not str(error).startswith("frame: "):
            error.args = (f"frame: with x = {self.x!r} and y = {self.y!r}, {error}",)
