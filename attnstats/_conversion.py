"""Array-likes as NumPy arrays with the places of missing values, other libraries' by their interface, not by import."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._column import EXACT, Column, column_of, holds_exactly, is_small, missing_among, shown
from attnstats.exceptions import InvalidInputError, TooFewSamplesError


@dataclass(frozen=True, eq=False)
class Given:
    """An array-like argument: its values, what is missing, and the names of its columns if it is a table."""

    #: Objects where kinds are mixed.
    array: NDArray[Any]
    #: What is marked as missing, of the same shape; NaN, None and the like among the values are not marked.
    missing: NDArray[np.bool_] | None = None
    #: Names of the columns of a table.
    labels: tuple[str, ...] = ()
    #: Which columns are declared categorical.
    declared: tuple[bool, ...] = ()
    #: The row of each in the caller's argument.
    rows: NDArray[np.int64] | None = None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the values, for NumPy."""
        return np.array(self.array, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.array)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values."""
        return self.array.shape

    def where(self, name: str, column: int) -> str:
        """Return the name of a column for a message."""
        if self.array.ndim < 2 and not self.labels:
            return f"{name}:"
        label = repr(self.labels[column]) if self.labels else str(column)
        return f"{name}: column {label}"

    def whole(self) -> Column:
        """Return all values as one column, of any shape."""
        return column_of(self.array, self.missing, self.declared[0] if self.declared else False)

    def columns(self) -> list[Column]:
        """Return each column of an array with one or two dimensions."""
        if self.array.ndim == 1:
            return [self.whole()]
        return [
            column_of(
                self.array[:, each],
                None if self.missing is None else self.missing[:, each],
                bool(self.declared) and self.declared[each],
            )
            for each in range(self.array.shape[1])
        ]

    def floats(
        self, name: str, *, shift: bool = False, order: bool = False, by_column: bool = True
    ) -> NDArray[np.float64]:
        """Return float64 of the same shape by `Column.numbers` or `Column.order` of each column, or of all together."""
        kind = self.array.dtype.kind
        simple = (kind in "fb" and self.array.dtype.itemsize <= 8) or (kind in "iu" and is_small(self.array))
        if self.array.ndim != 2 or simple or not self.array.size or not by_column:
            whole = self.whole()
            where = self.where(name, 0) if self.array.ndim == 1 else f"{name}:"
            return whole.order(where) if order else whole.numbers(where, shift=shift)
        floats = np.empty(self.array.shape)
        for place, column in enumerate(self.columns()):
            where = self.where(name, place)
            floats[:, place] = column.order(where) if order else column.numbers(where, shift=shift)
        return floats

    def absent(self) -> NDArray[np.bool_]:
        """Return what is missing, marked or not, of the same shape."""
        return self.whole().absent if self.array.dtype.kind != "O" else missing_among(self.array, self.missing)

    def taken(self, rows: NDArray[np.int64]) -> Self:
        """Return some of the rows."""
        return replace(
            self,
            array=self.array[rows],
            missing=None if self.missing is None else self.missing[rows],
            rows=rows if self.rows is None else self.rows[rows],
        )


class BFloat16:
    """Numbers that came in bfloat16, which NumPy lacks, in single precision, which holds them exactly."""

    dtype = "bfloat16"

    def __init__(self, array: NDArray[np.float32]) -> None:
        self.array, self.shape = array, array.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the values, for NumPy."""
        return np.array(self.array, dtype=dtype, copy=copy)


def read(values: ArrayLike | Given, name: str) -> Given:
    """Return the values of an array-like; refuse complex, sparse or ragged ones, and records."""
    if isinstance(values, Given):
        return values
    if isinstance(values, np.ma.MaskedArray):
        inner = read(np.asarray(values.data), name)
        return replace(inner, missing=np.ma.getmaskarray(values))
    if isinstance(values, np.ndarray):
        return Given(_plain(np.asarray(values), name))
    if hasattr(values, "toarray"):
        raise InvalidInputError(f"{name}: must be dense; got a sparse {type(values).__name__}. Pass {name}.toarray()")
    if hasattr(values, "dense_shape"):
        raise InvalidInputError(f"{name}: must be dense; got a SparseTensor. Pass tf.sparse.to_dense({name})")
    if hasattr(values, "collect"):
        raise InvalidInputError(f"{name}: must be computed; got a {type(values).__name__}. Pass {name}.collect()")
    table = _columns_of_table(values)
    if table is not None:
        return _stacked([(str(label), read(column, name)) for label, column in table], name)
    if hasattr(values, "isna") and hasattr(values, "to_numpy"):
        return _read_pandas(values, name)
    if hasattr(values, "is_null") and hasattr(values, "null_count"):  # polars, pyarrow
        return _read_arrow(values, name)
    if hasattr(values, "detach") or hasattr(values, "numpy"):
        return _read_tensor(values, name)
    return _read_list(values, name)


def _plain(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Return an array of a kind that `Column` knows, or refuse it."""
    kind = array.dtype.kind
    if kind == "c":
        raise InvalidInputError(
            f"{name}: must be an array of real numbers; got {array.dtype}. Pass the real and the imaginary part as two"
            f" columns, np.column_stack([{name}.real, {name}.imag])"
        )
    if kind == "V":
        if array.dtype.names is None and array.dtype.type is not np.void:  # bfloat16 and its like, which NumPy can cast
            return array.astype(np.float64)
        raise InvalidInputError(f"{name}: must be an array of values; got records of {array.dtype}. Pass its columns")
    return array


def _columns_of_table(values: Any) -> list[tuple[object, Any]] | None:
    """Return names and columns of a table of pandas, polars or pyarrow, None for anything else."""
    if hasattr(values, "column_names") and hasattr(values, "columns"):  # pyarrow
        return list(zip(values.column_names, values.columns, strict=True))
    if hasattr(values, "iter_columns"):  # polars
        return [(column.name, column) for column in values.iter_columns()]
    if hasattr(values, "columns") and hasattr(values, "items"):
        return list(values.items())
    return None


def _read_pandas(values: Any, name: str) -> Given:
    """Return a series, an index or an array of pandas."""
    array = getattr(values, "array", values)
    dtype = values.dtype
    if hasattr(array, "categories") and hasattr(array, "codes"):
        codes = np.asarray(array.codes)
        categories = read(array.categories, name).array
        taken = categories[np.maximum(codes, 0)] if len(categories) else np.full(codes.shape, None, dtype=object)
        return Given(taken, codes < 0, declared=(True,))
    if isinstance(dtype, np.dtype):
        return Given(_plain(values.to_numpy(), name))
    missing = np.asarray(values.isna())
    if getattr(dtype, "kind", "") in tuple("iufb") and isinstance(getattr(dtype, "numpy_dtype", None), np.dtype):
        return Given(values.to_numpy(dtype=dtype.numpy_dtype, na_value=False if dtype.kind == "b" else 0), missing)
    return Given(values.to_numpy(dtype=object), missing)


def _read_arrow(values: Any, name: str) -> Given:
    """Return a series of polars or an array of pyarrow."""
    of = str(values.dtype if hasattr(values, "dtype") else values.type).lower()
    if of.startswith(("float", "double", "halffloat", "bool", "int", "uint")):
        array = np.asarray(values)
        if array.dtype.kind == "f" if of[0] in "fdh" else array.dtype.kind in "biu":  # else nulls made it another kind
            return Given(array)
    return _read_list(values.to_list() if hasattr(values, "to_list") else values.to_pylist(), name)


def _read_tensor(values: Any, name: str) -> Given:
    """Return a tensor of torch, TensorFlow or Keras."""
    kind = type(values).__name__
    if getattr(values, "is_sparse", False):
        raise InvalidInputError(f"{name}: must be dense; got a sparse {kind}. Pass {name}.to_dense()")
    try:
        if hasattr(values, "detach"):
            values = values.detach().cpu()
            values = values.double() if values.is_floating_point() else values
        return Given(_plain(np.asarray(values.numpy()), name))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(f"{name}: must be an array of real numbers; got a {kind} without values") from error


def _read_list(values: Any, name: str) -> Given:
    """Return lists, numbers, and anything else that NumPy makes arrays of."""
    try:
        array = np.asarray(values)
        if isinstance(values, list | tuple) and _may_be_mixed(array):
            objects = np.array(values, dtype=object)
            types = set(map(type, objects.flat))
            if objects.shape == array.shape and (len(types) > 1 or (array.dtype.kind == "f" and types == {int})):
                array = objects
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        if "inhomogeneous" in str(error):
            raise InvalidInputError(
                f"{name}: must be a rectangular array of real numbers; got rows that differ in length. Pass one row for"
                " each sample, all of the same length"
            ) from error
        raise InvalidInputError(
            f"{name}: must be an array of real numbers; got {type(values).__name__}: {error}"
        ) from error
    if array.dtype == object and array.ndim == 0:
        raise InvalidInputError(f"{name}: must be an array of real numbers; got {type(values).__name__}")
    return Given(_plain(array, name))


def as_places(values: ArrayLike, n: int, name: str) -> NDArray[np.int64]:
    """Return the positions of some of n texts, given as positions or as one boolean for each."""
    array = read(values, name).array
    if array.dtype.kind == "b" and array.shape == (n,):
        places = np.flatnonzero(array)
    elif array.ndim == 1 and array.dtype.kind in "iu":
        places = array.astype(np.int64)
    else:
        raise InvalidInputError(
            f"{name}: must be positions of texts, or one boolean for each of {n}; got {shown(values)}"
        )
    if not len(places):
        raise TooFewSamplesError(f"number of {name} taken: must be at least 1; got 0")
    if not 0 <= places.min() <= places.max() < n:
        raise InvalidInputError(f"{name}: must lie between 0 and {n - 1}; got {places.min()} to {places.max()}")
    return places


def _may_be_mixed(array: NDArray[Any]) -> bool:
    """Whether NumPy may have turned the values of a list into text, or rounded integers beside other numbers."""
    return array.dtype.kind in "US" or (array.dtype.kind == "f" and bool((np.abs(array) >= EXACT).any()))


def _stacked(table: list[tuple[str, Given]], name: str) -> Given:
    """Return the columns of a table side by side: numbers if all are, else objects."""
    if len({len(column) for _, column in table}) > 1 or any(column.array.ndim != 1 for _, column in table):
        raise InvalidInputError(f"{name}: must have columns of the same length; got columns of different lengths")
    if not table:
        return Given(np.empty((0, 0)))
    labels = tuple(label for label, _ in table)
    columns = [column.whole() for _, column in table]
    declared = tuple(column.declared for column in columns)
    missing = np.column_stack([column.absent for column in columns])
    if all(each.values.dtype.kind == "b" for each in columns):
        return Given(np.column_stack([each.values for each in columns]), missing, labels, declared)
    if all(not each.holds and each.tick is None and _is_float_exact(each) for each in columns):
        array = np.column_stack([each.numbers(name, shift=False) for each in columns])
        return Given(array, missing, labels, declared)
    objects = np.empty(missing.shape, dtype=object)
    for place, (_, column) in enumerate(table):
        objects[:, place] = list(column.array) if column.array.dtype.kind in "mM" else column.array
    return Given(objects, missing, labels, declared)


def _is_float_exact(column: Column) -> bool:
    return column.values.dtype.kind in "fb" or holds_exactly(column._filled())
