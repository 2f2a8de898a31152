"""Estimates of many pairs of columns, each column prepared once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray, as_samples
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError
from attnstats.information._variables import variables_for
from attnstats.information.columns._sorted import SortedColumn, is_fast, ksg_terms
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.interface import MIEstimator, checked_estimate, has_local_terms
from attnstats.information.knn.ksg import KSG
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
        self._sorted: dict[tuple[int, KSG], SortedColumn] = {}
        self._moved: dict[int, IntArray] = {}

    def permuted(self, permutations: dict[int, IntArray]) -> Columns:
        """Return the same columns, some of them permuted."""
        moved = Columns(self.variables, self.names, self.estimator, self.given)
        moved._sorted = {
            (column, estimator): each.permuted(permutations[column]) if column in permutations else each
            for (column, estimator), each in self._sorted.items()
        }
        moved._moved = permutations
        return moved

    def taken(self, rows: IntArray) -> Columns:
        """Return the same columns at some of the rows."""
        given = None if self.given is None else self.given[rows]
        return Columns([each[rows] for each in self.variables], self.names, self.estimator, given)

    def ordered(self, pair: Pair) -> tuple[MIEstimator, Pair]:
        """Return the estimator of a pair, and the pair in the order it wants."""
        if self.given is not None or not isinstance(self.estimator, ByKind):
            return self.estimator, pair
        i, j = pair
        estimator, _, _, swapped = self.estimator.ordered(self.variables[i], self.variables[j])
        return estimator, (j, i) if swapped else pair

    def estimates(self, pairs: Sequence[Pair]) -> FloatArray:
        """Return the estimate of each pair, in nats; an error says which pair it is of."""
        values = np.full(len(pairs), np.nan)
        chosen = [self.ordered(pair) for pair in pairs]
        fast = [place for place, (estimator, _) in enumerate(chosen) if self.given is None and is_fast(estimator)]
        for place in fast:
            estimator, pair = chosen[place]
            for column in pair:
                self._prepare(column, estimator, pair)

        def loop(first: int, last: int) -> None:
            for place in fast[first:last]:
                estimator, (i, j) = chosen[place]
                terms = ksg_terms(self._sorted[i, estimator], self._sorted[j, estimator], estimator.k)
                if terms is not None:
                    values[place] = terms.mean()

        in_threads(loop, len(fast), few=2)
        for place in np.flatnonzero(np.isnan(values)).tolist():
            estimator, pair = chosen[place]
            with self.named(pair):
                values[place] = self._estimate(estimator, pair)
        return values

    def named(self, pair: Pair) -> _Named:
        """Return a context that adds the names of a pair to an error."""
        return _Named(self.names[pair[0]], self.names[pair[1]])

    def _prepare(self, column: int, estimator: KSG, pair: Pair) -> None:
        if (column, estimator) not in self._sorted:
            with self.named(pair):
                values = as_samples(self.variables[column], self.names[column])[:, 0]
                prepared = SortedColumn.of(values, self.names[column], estimator)
            moved = self._moved.get(column)
            self._sorted[column, estimator] = prepared if moved is None else prepared.permuted(moved)

    def _estimate(self, estimator: MIEstimator, pair: Pair) -> float:
        i, j = pair
        if self.given is not None:
            return self._estimate_given(estimator, pair, self.given)
        x, y = variables_for(estimator, x=(self.variables[i], None), y=(self.variables[j], None))
        if i in self._moved or j in self._moved:  # what coincides by a permutation alone is no error there
            everyone = np.arange(len(x))
            in_x, in_y = self._moved.get(i, everyone), self._moved.get(j, everyone)
            return float(estimator.permuted_estimates(x, y, in_y[np.argsort(in_x)][np.newaxis])[0])
        if has_local_terms(estimator):
            return float(estimator.local_terms(x, y, rng=0).terms.mean())
        return checked_estimate(estimator.estimate(x, y, rng=0), estimator)

    def _estimate_given(self, estimator: MIEstimator, pair: Pair, z: Variable) -> float:
        x, y, z = variables_for(
            estimator, x=(self.variables[pair[0]], None), y=(self.variables[pair[1]], None), z=(z, None)
        )
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
        if isinstance(error, AttnstatsError):
            error.add_note(f"in the pair of columns x = {self.x!r} and y = {self.y!r}")
