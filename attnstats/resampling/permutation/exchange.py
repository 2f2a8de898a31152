"""Exchangeability under a null hypothesis: of samples, pairings, pairings within blocks, labels of clusters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, combinations, product
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from attnstats._validation import FloatArray, IntArray, as_labels, check_at_least, check_same_length
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases, complete_cases

#: Natural logarithm of a number of arrangements that is never enumerated.
_LOG_MANY = math.log(1e18)


class Kind(Protocol):
    """What is exchangeable under the null hypothesis."""

    name: str

    def complete(self, x: ArrayLike, y: ArrayLike, missing: CompleteCases | None) -> tuple[Kind, Any, Any, int]:
        """Return the kind and both samples without what is incomplete, and how many units were left out."""
        ...

    def check(self, x: FloatArray, y: FloatArray) -> None:
        """Raise unless the samples can be exchanged in this way."""
        ...

    def units(self, x: FloatArray, y: FloatArray) -> tuple[int, str]:
        """Return how many units there are, and what a unit is called."""
        ...

    def count(self, x: FloatArray, y: FloatArray) -> float:
        """Return the number of different arrangements; infinity stands for 1e18 and more."""
        ...

    def enumerate(self, x: FloatArray, y: FloatArray) -> Iterator[IntArray]:
        """Yield every different arrangement once."""
        ...

    def draw(self, x: FloatArray, y: FloatArray, generator: np.random.Generator) -> IntArray:
        """Return a random arrangement."""
        ...

    def apply(self, x: FloatArray, y: FloatArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return both samples in an arrangement."""
        ...


@dataclass(frozen=True)
class Independent:
    """Two independent samples: under the null any of the pooled values could stand in either.

    The null is one distribution, not one mean: for means of samples that may differ in spread take `WelchT`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Independent
    >>> Independent().count(np.arange(3), np.arange(3))
    20
    """

    name = "two-sample permutation"

    def complete(self, x: ArrayLike, y: ArrayLike, missing: CompleteCases | None) -> tuple[Kind, Any, Any, int]:
        """Return the kind and both samples without what is incomplete, and how many units were left out."""
        (x,), n_x = complete_cases(missing, x=x)
        (y,), n_y = complete_cases(missing, y=y)
        return self, x, y, n_x + n_y

    def check(self, x: FloatArray, y: FloatArray) -> None:
        """Raise unless the samples can be exchanged in this way."""
        if x.shape[1:] != y.shape[1:]:
            raise InvalidInputError(f"y: must have units of the shape of x, {x.shape[1:]}; got {y.shape[1:]}")

    def units(self, x: FloatArray, y: FloatArray) -> tuple[int, str]:
        """Return how many units there are, and what a unit is called."""
        return len(x) + len(y), "observation"

    def count(self, x: FloatArray, y: FloatArray) -> float:
        """Return the number of different arrangements."""
        return _arrangements([len(x), len(y)])

    def enumerate(self, x: FloatArray, y: FloatArray) -> Iterator[IntArray]:
        """Yield every different arrangement once."""
        everyone = np.arange(len(x) + len(y))
        for chosen in combinations(range(len(everyone)), len(x)):
            yield np.concatenate([chosen, np.delete(everyone, chosen)])

    def draw(self, x: FloatArray, y: FloatArray, generator: np.random.Generator) -> IntArray:
        """Return a random arrangement."""
        return generator.permutation(len(x) + len(y))

    def apply(self, x: FloatArray, y: FloatArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return both samples in an arrangement."""
        pooled = np.concatenate([x, y])[order]
        return pooled[: len(x)], pooled[len(x) :]


@dataclass(frozen=True)
class Pairings:
    """Pairs (x_i, y_i): under the null any y could have come with any x. Exchanging equal y is no new arrangement.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Pairings
    >>> Pairings().count(np.arange(5), np.array([0, 0, 1, 1, 1]))
    10
    """

    name = "permutation of pairings"

    def complete(self, x: ArrayLike, y: ArrayLike, missing: CompleteCases | None) -> tuple[Kind, Any, Any, int]:
        """Return the kind and both samples without what is incomplete, and how many units were left out."""
        (x, y), n_missing = complete_cases(missing, x=x, y=y)
        return self, x, y, n_missing

    def check(self, x: FloatArray, y: FloatArray) -> None:
        """Raise unless the samples can be exchanged in this way."""
        if len(x) != len(y):
            raise InvalidInputError(f"x and y: must have the same length to be paired; got {len(x)} and {len(y)}")

    def units(self, x: FloatArray, y: FloatArray) -> tuple[int, str]:  # noqa: ARG002
        """Return how many units there are, and what a unit is called."""
        return len(x), "pair"

    def count(self, x: FloatArray, y: FloatArray) -> float:  # noqa: ARG002
        """Return the number of different arrangements."""
        return _count(_kinds(y))

    def enumerate(self, x: FloatArray, y: FloatArray) -> Iterator[IntArray]:  # noqa: ARG002
        """Yield every different arrangement once."""
        return _orders(_kinds(y))

    def draw(self, x: FloatArray, y: FloatArray, generator: np.random.Generator) -> IntArray:  # noqa: ARG002
        """Return a random arrangement."""
        return generator.permutation(len(x))

    def apply(self, x: FloatArray, y: FloatArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return both samples in an arrangement."""
        return x, y[order]


@dataclass(frozen=True, eq=False)
class Blocked(Pairings):
    """Pairs (x_i, y_i) in blocks: under the null any y of a block could have come with any x of that block.

    With y the label of a sample it compares samples within blocks, whatever the differences between blocks.

    Parameters
    ----------
    blocks : array_like, shape (n,)
        Block of each pair.

    References
    ----------
    Fisher (1935), The Design of Experiments, section 21. Good (2005), Permutation, Parametric and Bootstrap Tests of
    Hypotheses, chapter 7.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Blocked
    >>> Blocked(["a", "a", "b", "b", "b"]).count(np.arange(5), np.arange(5))
    12
    """

    name = "permutation within blocks"
    blocks: ArrayLike

    def complete(self, x: ArrayLike, y: ArrayLike, missing: CompleteCases | None) -> tuple[Kind, Any, Any, int]:
        """Return the kind and both samples without what is incomplete, and how many units were left out."""
        (x, y, blocks), n_missing = complete_cases(missing, x=x, y=y, blocks=self.blocks)
        return Blocked(blocks), x, y, n_missing

    def check(self, x: FloatArray, y: FloatArray) -> None:
        """Raise unless the samples can be exchanged in this way."""
        super().check(x, y)
        check_same_length(x=x, blocks=as_labels(self.blocks, "blocks")[0])
        if self.count(x, y) == 1:
            raise InvalidInputError("blocks: must leave something to exchange; got y constant within every block")

    def count(self, x: FloatArray, y: FloatArray) -> float:  # noqa: ARG002
        """Return the number of different arrangements."""
        kinds = _kinds(y)
        return math.prod(_count(kinds[rows]) for rows in self._rows())

    def enumerate(self, x: FloatArray, y: FloatArray) -> Iterator[IntArray]:  # noqa: ARG002
        """Yield every different arrangement once."""
        kinds, blocks = _kinds(y), self._rows()
        for inside in product(*(list(_orders(kinds[rows])) for rows in blocks)):
            order = np.empty(len(kinds), dtype=np.int64)
            for rows, each in zip(blocks, inside, strict=True):
                order[rows] = rows[each]
            yield order

    def draw(self, x: FloatArray, y: FloatArray, generator: np.random.Generator) -> IntArray:  # noqa: ARG002
        """Return a random arrangement."""
        order = np.empty(len(x), dtype=np.int64)
        for rows in self._rows():
            order[rows] = generator.permutation(rows)
        return order

    def _rows(self) -> list[IntArray]:
        codes, _ = as_labels(self.blocks, "blocks")
        return np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])


@dataclass(frozen=True, eq=False)
class ClusterLabels(Pairings):
    """Rows in clusters that were labelled whole: under the null any cluster could have had any cluster's label y.

    Rows of one cluster may depend on each other in any way. The unit is the cluster: three clusters against three
    cannot give a two-sided p below .1, however many rows they have.

    Parameters
    ----------
    groups : array_like, shape (n,)
        Cluster of each row; y is the same throughout a cluster.

    References
    ----------
    Gail, Mark, Carroll, Green and Pee (1996), On design considerations and randomization-based inference for community
    intervention trials, Statistics in Medicine 15, 1069-1092.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import ClusterLabels
    >>> ClusterLabels(["a", "a", "b", "c", "d", "d"]).count(np.arange(6), np.array([0, 0, 0, 1, 1, 1]))
    6
    """

    name = "permutation of cluster labels"
    groups: ArrayLike

    def complete(self, x: ArrayLike, y: ArrayLike, missing: CompleteCases | None) -> tuple[Kind, Any, Any, int]:
        """Return the kind and both samples without what is incomplete, and how many rows were left out."""
        (x, y, groups), n_missing = complete_cases(missing, x=x, y=y, groups=self.groups)
        return ClusterLabels(groups), x, y, n_missing

    def check(self, x: FloatArray, y: FloatArray) -> None:
        """Raise unless the samples can be exchanged in this way."""
        super().check(x, y)
        codes, first = self._clusters()
        check_same_length(x=x, groups=codes)
        check_at_least(len(first), 2, "number of groups")
        kinds = _kinds(y)
        if (kinds != kinds[first][codes]).any():
            raise InvalidInputError("y: must be the same throughout a cluster of groups; got a cluster with several")

    def units(self, x: FloatArray, y: FloatArray) -> tuple[int, str]:  # noqa: ARG002
        """Return how many units there are, and what a unit is called."""
        return len(self._clusters()[1]), "cluster"

    def count(self, x: FloatArray, y: FloatArray) -> float:  # noqa: ARG002
        """Return the number of different arrangements."""
        return _count(_kinds(y)[self._clusters()[1]])

    def enumerate(self, x: FloatArray, y: FloatArray) -> Iterator[IntArray]:  # noqa: ARG002
        """Yield every different arrangement once."""
        codes, first = self._clusters()
        return (first[order][codes] for order in _orders(_kinds(y)[first]))

    def draw(self, x: FloatArray, y: FloatArray, generator: np.random.Generator) -> IntArray:  # noqa: ARG002
        """Return a random arrangement."""
        codes, first = self._clusters()
        return np.asarray(generator.permutation(first)[codes])

    def _clusters(self) -> tuple[IntArray, IntArray]:
        """Return the cluster of each row, and the first row of each cluster."""
        codes, _ = as_labels(self.groups, "groups")
        return codes, np.unique(codes, return_index=True)[1]


def _kinds(y: FloatArray) -> IntArray:
    """Return which of the different values each unit of y has, shape (n,)."""
    return np.unique(y.reshape(len(y), -1), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _count(kinds: IntArray) -> float:
    """Return the number of different orders of units, of which those of one kind are alike."""
    return _arrangements(np.bincount(kinds).tolist())


def _arrangements(sizes: list[int]) -> float:
    """Return in how many ways places can be shared out among kinds of these sizes; infinity for 1e18 and more."""
    if gammaln(sum(sizes) + 1) - gammaln(np.add(sizes, 1)).sum() > _LOG_MANY:
        return math.inf
    places = accumulate(sizes)
    return math.prod(math.comb(upto, size) for upto, size in zip(places, sizes, strict=True))


def _orders(kinds: IntArray) -> Iterator[IntArray]:
    """Yield one order of the units for each different sequence of kinds."""
    members = [np.flatnonzero(kinds == kind) for kind in np.argsort(np.bincount(kinds), kind="stable")]

    def place(rest: int, free: IntArray, order: IntArray) -> Iterator[IntArray]:
        units = members[rest]
        if rest == len(members) - 1:  # the largest kind takes what is left
            filled = order.copy()
            filled[free] = units
            yield filled
            return
        for chosen in combinations(range(len(free)), len(units)):
            filled = order.copy()
            filled[free[list(chosen)]] = units
            yield from place(rest + 1, np.delete(free, chosen), filled)

    return place(0, np.arange(len(kinds)), np.empty(len(kinds), dtype=np.int64))
