"""Groups of dependent rows that a null exchanges whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import IntArray, check_at_least, check_same_length
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class WholeGroups:
    """The rows that one group hands to another: all of them in their order, or one that stands for equal ones."""

    rows: IntArray  # (n_groups, size) that each group hands over
    groups: IntArray  # (n,) group of each row, 0..n_groups-1

    @classmethod
    def of(cls, values: NDArray[Any], groups: IntArray | None, name: str) -> Self:
        """Return the groups of a variable that is to be exchanged, shape (n,) or (n, dim); without groups, rows."""
        if groups is None:
            each = np.arange(len(values))
            return cls(each[:, np.newaxis], each)
        check_same_length(**{name: values}, groups=groups)
        sizes = np.bincount(groups)
        check_at_least(len(sizes), 2, "number of groups")
        order = np.argsort(groups, kind="stable")
        first = order[np.cumsum(sizes) - sizes]
        if np.array_equal(values, values[first][groups]):
            return cls(first[:, np.newaxis], groups)
        if len(np.unique(sizes)) > 1:
            raise InvalidInputError(
                f"groups: must be of equal size, or {name} constant within each, for the null to exchange them;"
                f" got sizes {sizes.min()} to {sizes.max()}"
            )
        return cls(order.reshape(len(sizes), -1), groups)

    def received(self, giver: IntArray) -> IntArray:
        """Return for each row the row whose value it receives, shape (n,), where group g receives from giver[g]."""
        if self.rows.shape[1] == 1:
            received: IntArray = self.rows[giver, 0][self.groups]
            return received
        received = np.empty(self.rows.size, dtype=np.int64)
        received[self.rows] = self.rows[giver]
        return received

    def common(self, values: NDArray[Any], name: str) -> NDArray[Any]:
        """Return the value of each group, shape (n_groups,) or (n_groups, dim), or raise if it varies in one."""
        of_groups = values[self.rows[:, 0]]
        same = (values == of_groups[self.groups]).reshape(len(values), -1).all(axis=1)
        if not same.all():
            row = int(np.argmin(same))
            both = (self.rows[self.groups[row], 0], row)
            found = [values.shown(each) if isinstance(values, Variable) else values[each].tolist() for each in both]
            raise InvalidInputError(
                f"{name}: must be constant within each group for the null to exchange them; got {found[0]!r} and"
                f" {found[1]!r} in one group"
            )
        return of_groups
