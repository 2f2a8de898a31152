"""The results frame, one row per quantity: `Row` declares the columns, `QUANTITIES` the quantities."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, get_args, get_type_hints

import numpy as np
import pandas as pd

from attnstats._column import shown
from attnstats._files import CHECKSUMS, absent, differs_from_checksum, record_checksum, write_atomically
from attnstats._validation import check_object
from attnstats.exceptions import FrameError, require
from attnstats.quantities import QUANTITIES
from attnstats.results import ConfidenceInterval, MIEstimate, SignificanceResult

__all__ = [
    "COLUMNS",
    "QUANTITIES",
    "Row",
    "check_frame",
    "encode_parameters",
    "interval_columns",
    "parameter",
    "read_frame",
    "to_frame",
    "write_frame",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the results frame; None where a column does not apply.

    The first columns say where the quantity was measured, and `parameters` is a JSON object of anything else that
    distinguishes rows (rank, gap, token). Then follow the value, its interval, its test, and their limits. `updates` is
    the checkpoint of a training, None for the weights that the model keeps.
    """

    study: str | None = None
    dataset: str | None = None
    encoder: str | None = None
    attention: str | None = None
    normalizer: str | None = None
    training: str | None = None
    layer: int | None = None
    head: int | None = None
    ablation: str | None = None
    seed: int | None = None
    updates: int | None = None
    example: int | None = None

    finding: str | None = None
    quantity: str
    view: str | None = None
    estimator: str | None = None
    output: str | None = None
    parameters: str | None = None
    value: float | None = None
    unit: str | None = None
    n: int | None = None

    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    ci_method: str | None = None

    test: str | None = None
    statistic: float | None = None
    pvalue: float | None = None
    pvalue_floor: float | None = None
    alternative: str | None = None
    family: str | None = None
    pvalue_adjusted: float | None = None
    correction: str | None = None
    verdict: str | None = None

    replication_unit: str | None = None
    n_seeds: int | None = None
    null_floor: float | None = None
    ties: float | None = None
    undefined: int | None = None

    @classmethod
    def of(cls, result: MIEstimate | SignificanceResult, **keys: Any) -> Self:
        """Return the row of a result; `keys` fill the other columns.

        Examples
        --------
        >>> estimate = MIEstimate(0.5, "KSG(k=3)", n_samples=1000, dim_x=1, dim_y=1)
        >>> row = Row.of(estimate, dataset="mine")
        >>> row.quantity, row.value, row.unit, row.n
        ('mi', 0.5, 'nats', 1000)
        """
        if isinstance(result, MIEstimate):
            own: dict[str, Any] = {"quantity": "mi", "n": result.n_samples}
            alike: tuple[str, ...] = ("value", "unit", "estimator", "null_floor", "pvalue", "pvalue_floor")
            interval = result.interval
        else:
            own = {"quantity": "contrast", "value": result.effect}
            alike = ("n", "replication_unit", "test", "statistic", "pvalue", "pvalue_floor", "alternative")
            interval = result.confidence_interval
        own |= {name: getattr(result, name) for name in alike}
        return cls(**{**own, **interval_columns(interval), **keys})


#: Key columns that older frames lack; NA there.
_ADDED = ("training", "layer", "head", "updates")
_DTYPES = {int: "Int64", float: "float64", str: "string"}
#: Column name to pandas dtype, in the order of the frame.
COLUMNS: dict[str, str] = {
    name: _DTYPES[kind if isinstance(kind, type) else get_args(kind)[0]] for name, kind in get_type_hints(Row).items()
}


def interval_columns(interval: ConfidenceInterval | None) -> dict[str, Any]:
    """Return the interval columns of a row; empty where there is no interval."""
    if interval is None:
        return {}
    check_object(interval, "interval", ConfidenceInterval, "a ConfidenceInterval, or None")
    return {
        "ci_low": interval.low,
        "ci_high": interval.high,
        "ci_level": interval.level,
        "ci_method": interval.described_method,
    }


def encode_parameters(**parameters: Any) -> str:
    """Return parameters as the JSON text of the ``parameters`` column, keys sorted."""
    return json.dumps(parameters, sort_keys=True, ensure_ascii=False)


def parameter(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return one key of the ``parameters`` column, one value per row, None where a row has no such key.

    Raises
    ------
    FrameError
        If the column does not exist, or a value is no JSON object.

    Examples
    --------
    >>> frame = to_frame([Row(quantity="mi", value=0.5, parameters=encode_parameters(rank=1))])
    >>> parameter(frame, "rank").tolist()
    [1]
    """
    if not isinstance(name, str):
        raise FrameError(f"name: must be a string; got {shown(name)}")
    if not isinstance(frame, pd.DataFrame) or "parameters" not in frame.columns:
        raise FrameError(f"frame: must be a DataFrame with a column parameters; got {shown(frame)}")
    values = [decode_parameters(text).get(name) for text in frame["parameters"]]
    return pd.Series(values, index=frame.index, name=name, dtype=object)


def decode_parameters(text: Any) -> dict[str, Any]:
    """Return the keys of one value of the ``parameters`` column, none for NA; refuse what is no JSON object."""
    try:
        parameters = {} if pd.isna(text) else json.loads(text)
    except (TypeError, ValueError):
        parameters = None
    if not isinstance(parameters, dict):
        raise FrameError(f"frame: parameters must be JSON objects; got {text!r}")
    return parameters


def to_frame(items: Iterable[Row | MIEstimate | SignificanceResult]) -> pd.DataFrame:
    """Return a results frame with one row for each item, in order; `attnstats.studies.result_rows` makes more of one.

    Raises
    ------
    FrameError
        If a row names a quantity that `QUANTITIES` does not hold.

    Examples
    --------
    >>> from attnstats.frame import Row
    >>> frame = to_frame([Row(quantity="accuracy", dataset="mine", seed=0, value=0.75, unit="proportion", n=1024)])
    >>> frame[["quantity", "value", "n"]]
       quantity  value     n
    0  accuracy   0.75  1024
    """
    if not isinstance(items, Iterable):
        raise FrameError(f"items: must be rows or results in an iterable; got {shown(items)}")
    values = []
    for item in items:
        if not isinstance(item, Row | MIEstimate | SignificanceResult):
            raise FrameError(f"items: must be rows, estimates or test results; got {shown(item)}")
        row = item if isinstance(item, Row) else Row.of(item)
        values.append([getattr(row, name) for name in COLUMNS])
    return check_frame(_typed(pd.DataFrame(values, columns=list(COLUMNS))))


def check_frame(frame: pd.DataFrame | Any) -> pd.DataFrame:
    """Return `frame` if it is a results frame, else raise a FrameError that says what is wrong."""
    if not isinstance(frame, pd.DataFrame):
        remedy = "; pass its to_frame()" if hasattr(frame, "to_frame") else ""
        raise FrameError(f"frame: must be a DataFrame with the columns of a results frame; got {shown(frame)}{remedy}")
    missing = [name for name in COLUMNS if name not in frame.columns]
    extra = [str(name) for name in frame.columns if name not in COLUMNS]
    if missing or extra:
        raise FrameError(f"frame: must have exactly the columns of a results frame; missing {missing}, unknown {extra}")
    unknown = sorted(map(str, set(frame["quantity"].dropna().unique()) - set(QUANTITIES)))
    if unknown or frame["quantity"].isna().any():
        raise FrameError(f"frame: quantity must be one of {', '.join(QUANTITIES)}; got {unknown or 'a missing value'}")
    wrong = {name: str(frame[name].dtype) for name, dtype in COLUMNS.items() if str(frame[name].dtype) != dtype}
    if wrong:
        raise FrameError(f"frame: columns must have the declared dtypes; got {wrong}")
    return frame


def write_frame(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a results frame with all digits, completely or not at all: Parquet by the suffix ``.parquet``, else CSV.

    Where the file's checksum is listed in ``SHA256SUMS`` beside it, as in the folder of a study, it is renewed.

    Raises
    ------
    FrameError
        If it is no results frame.
    MissingExtraError
        If pyarrow is needed and not installed.
    """
    check_frame(frame)
    if _is_parquet(path):
        content = frame.to_parquet(index=False, compression="zstd")
    else:
        content = frame.to_csv(index=False, lineterminator="\n").encode()
    record_checksum(write_atomically(Path(path), content), where_listed=True)


def read_frame(path: str | Path) -> pd.DataFrame:
    """Read a results frame written by `write_frame`, CSV or Parquet by its suffix.

    Raises
    ------
    FrameError
        If the file does not exist, is not a results frame, or differs from its checksum in ``SHA256SUMS`` beside it.
    MissingExtraError
        If pyarrow is needed and not installed.
    """
    if said := absent(Path(path)):
        raise FrameError(f"{path}: {said}")
    check_unchanged(Path(path))
    try:
        if _is_parquet(path):
            raw = pd.read_parquet(path)
        else:
            raw = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise FrameError(f"path: must be a results frame as CSV or Parquet; got {path} ({error})") from error
    unknown = [str(name) for name in raw.columns if name not in COLUMNS]
    missing = [name for name in COLUMNS if name not in raw.columns and name not in _ADDED]
    if unknown or missing or not raw.columns.is_unique:
        raise FrameError(
            f"path: {path} does not have the columns of a results frame; unknown {unknown}, missing {missing}"
        )
    return check_frame(_typed(raw.reindex(columns=list(COLUMNS))))


def check_unchanged(path: Path) -> None:
    """Raise if a file differs from its checksum in the list beside it; without one nothing is known of it."""
    try:
        changed = differs_from_checksum(path)
    except OSError:  # such as of a folder: whoever reads it says so
        return
    if changed:
        raise FrameError(
            f"path: must be a frame as it was written; {path} was changed since, by {CHECKSUMS} beside it (one that is"
            " changed on purpose is read from a folder of its own)"
        )


def _is_parquet(path: str | Path) -> bool:
    if Path(path).suffix != ".parquet":
        return False
    require("pyarrow", "data")
    return True


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return frame.astype(COLUMNS)
    except (TypeError, ValueError, OverflowError, np.exceptions.ComplexWarning) as error:
        raise FrameError(f"frame: values must fit the types of their columns; got others ({error})") from error
