"""Samples with the decision which of their columns are classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Variable(np.ndarray[Any, np.dtype[np.float64]]):
    """Samples as float64, shape (n,) or (n, dim), with whether each column is a class or a measurement.

    A numeric class keeps its value; any other, such as text, has a code. Rows may be taken, repeated, permuted and sent
    to other processes and keep the decision. Any other operation returns a plain array.
    """

    #: Whether each column is a class.
    discrete: tuple[bool, ...]
    #: For each column of codes, the values that they stand for, False and True included; None for numbers.
    classes: tuple[NDArray[Any] | None, ...]
    #: Names of the columns of a table, or empty.
    labels: tuple[str, ...]

    @classmethod
    def of(
        cls,
        values: NDArray[np.float64],
        discrete: tuple[bool, ...],
        classes: tuple[NDArray[Any] | None, ...],
        labels: tuple[str, ...] = (),
    ) -> Self:
        """Return values with the decision about their columns."""
        self = np.asarray(values, dtype=np.float64).view(cls)
        self.discrete, self.classes, self.labels = discrete, classes, labels
        return self

    def __array_finalize__(self, obj: Any) -> None:
        self.discrete = getattr(obj, "discrete", ())
        self.classes = getattr(obj, "classes", ())
        self.labels = getattr(obj, "labels", ())

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return the result of an operation as a plain array: it is another variable."""
        array = np.asarray(array)
        return array[()] if return_scalar else array

    def __getitem__(self, key: Any) -> Any:
        """Return rows as a Variable, anything else as a plain array."""
        found = super().__getitem__(key)
        if isinstance(key, tuple) or not isinstance(found, Variable) or found.ndim != self.ndim:
            return np.asarray(found) if isinstance(found, np.ndarray) else found
        return found

    def __reduce__(self) -> tuple[Callable[..., Variable], tuple[Any, ...]]:
        return Variable.of, (np.asarray(self), self.discrete, self.classes, self.labels)

    def plain(self) -> NDArray[np.float64]:
        """Return the values and codes as an array, shape (n, dim)."""
        array = np.asarray(self)
        return array[:, np.newaxis] if array.ndim == 1 else array

    def coded(self) -> list[int]:
        """Return the columns of codes for values that are not numbers."""
        return [place for place, of in enumerate(self.classes) if of is not None and of.dtype.kind != "b"]

    def as_columns(self) -> Self:
        """Return the same samples with two dimensions."""
        return type(self).of(self.plain(), self.discrete, self.classes, self.labels)

    def beside(self, other: Self) -> Self:
        """Return the columns of both, each with two dimensions."""
        return type(self).of(
            np.hstack([self.plain(), other.plain()]), self.discrete + other.discrete, self.classes + other.classes
        )

    def leading(self, n_columns: int) -> Self:
        """Return the first columns."""
        kept = slice(n_columns)
        return type(self).of(self.plain()[:, kept], self.discrete[kept], self.classes[kept], self.labels[kept])

    def where(self, name: str, column: int) -> str:
        """Return the name of a column for a message."""
        if self.ndim == 1:
            return f"{name}:"
        return f"{name}: column {self.labels[column]!r}" if self.labels else f"{name}: column {column}"

    def shown(self, row: int) -> object:
        """Return the values of a row for a message, with labels by name."""
        values = [
            float(value) if classes is None else classes[int(value)]
            for value, classes in zip(self.plain()[row], self.classes, strict=True)
        ]
        values = [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
        return values[0] if self.ndim == 1 else values
