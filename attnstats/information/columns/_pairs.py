"""Estimates of many pairs of columns, each column prepared once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray, as_samples
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError, DuplicateSamplesError
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
        self._coincide: set[Pair] = set()  # pairs of measurements with equal samples, which have no density

    def permuted(self, permutations: dict[int, IntArray]) -> Columns:
        """Return the same columns, some of them permuted."""
        moved = Columns(self.variables, self.names, self.estimator, self.given)
        moved._sorted = {
            (column, estimator): each.permuted(permutations[column]) if column in permutations else each
            for (column, estimator), each in self._sorted.items()
        }
        moved._moved, moved._coincide = permutations, self._coincide
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
        fast = []
        for place, pair in enumerate(pairs):
            estimator, _ = self.ordered(pair)
            if self.given is None and isinstance(estimator, KSG) and is_fast(estimator):
                x, y = (self._prepared(column, estimator, pair) for column in pair)
                fast.append((place, x, y, estimator.k))

        def loop(first: int, last: int) -> None:
            for place, x, y, k in fast[first:last]:
                terms = ksg_terms(x, y, k)
                if terms is not None:
                    values[place] = terms.mean()

        in_threads(loop, len(fast), few=2)
        for place in np.flatnonzero(np.isnan(values)).tolist():
            with self.named(pairs[place]):
                values[place] = self._estimate(pairs[place])
        return values

    def named(self, pair: Pair) -> _Named:
        """Return a context that adds the names of a pair to an error."""
        return _Named(self.names[pair[0]], self.names[pair[1]])

    def _prepared(self, column: int, estimator: KSG, pair: Pair) -> SortedColumn:
        if (column, estimator) not in self._sorted:
            with self.named(pair):
                values = as_samples(self.variables[column], self.names[column])[:, 0]
                prepared = SortedColumn.of(values, self.names[column], estimator)
            moved = self._moved.get(column)
            self._sorted[column, estimator] = prepared if moved is None else prepared.permuted(moved)
        return self._sorted[column, estimator]

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
        if isinstance(error, AttnstatsError):
            error.add_note(f"in the pair of columns x = {self.x!r} and y = {self.y!r}")
