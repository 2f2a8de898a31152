"""Texts of the user's own, from a CSV, JSON Lines or Parquet file."""

import json
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from attnstats.datasets.splitting import build_dataset
from attnstats.datasets.text_dataset import SPLITS, DatasetCard, TextDataset
from attnstats.exceptions import DatasetError, MissingExtraError

__all__ = ["LOCAL_FILE", "local_file"]

LOCAL_FILE = DatasetCard(
    name="local_file",
    title="A CSV, JSON Lines or Parquet file of your own",
    classes=(),
    size=None,
    licence="yours to state",
    citation="yours to state",
    source="the parameter path",
)


def local_file(
    path: str | Path,
    *,
    text: str = "text",
    label: str = "label",
    split: str | None = None,
    name: str | None = None,
    licence: str = "not stated",
    citation: str = "not stated",
    split_seed: int = 0,
) -> TextDataset:
    r"""Return the labelled texts of a file with one row for each text.

    Labels are read as words; classes are sorted, as numbers where all of them are integers. Repeated texts are left
    out and counted.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.csv`` (comma-separated, with a header), ``.jsonl`` (one JSON object per line) or
        ``.parquet``; UTF-8.
    text, label : str
        Columns that hold the text and its class.
    split : str, optional
        Column that holds ``train``, ``validation`` or ``test``. Without one, each class is split into 80 % train, 8 %
        validation and 12 % test; without validation texts, a tenth of each class of the training texts validates.
    name : str, optional
        Name of the data set; by default that of the file without its ending.
    licence, citation : str
        What the report should state.
    split_seed : int
        Which of the possible splits is drawn.

    Raises
    ------
    DatasetError
        If the file cannot be read, lacks a column, misses a value, or holds no text, fewer than two classes or too few
        texts to split.
    MissingExtraError
        If a Parquet file is given and pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "reviews.csv")
    ...     lines = [f"review number {n},{'good' if n % 2 else 'bad'}" for n in range(50)]
    ...     _ = path.write_text("\n".join(["review,opinion", *lines]), encoding="utf-8")
    ...     local_file(path, text="review", label="opinion")
    TextDataset('reviews', 40 train, 4 validation, 6 test, classes bad, good)
    """
    path = Path(path)
    readers = {".csv": _read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}
    if path.suffix.lower() not in readers:
        raise DatasetError(f"path: must end in {', '.join(readers)}; got {path.name!r}")
    if not path.is_file():
        raise DatasetError(f"path: must be a file that exists; got {str(path)!r}")
    try:
        table = readers[path.suffix.lower()](path)
    except (OSError, ValueError) as error:  # what the parsers and the decoder raise
        raise DatasetError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
    columns = [column for column in (text, label, split) if column is not None]
    for column in columns:
        if column not in table.columns:
            raise DatasetError(
                f"{path.name}: has no column {column!r}; its columns are {', '.join(map(str, table.columns)) or 'none'}"
            )
        missing = table[column].isna() | (table[column].eq("") & (column != text))
        if missing.any():
            row = int(missing.to_numpy().argmax()) + 1
            raise DatasetError(f"{path.name}: misses a value in column {column!r}, row {row} of the data")
    texts = table[text].tolist()
    for row, value in enumerate(texts, start=1):
        if not isinstance(value, str):
            raise DatasetError(
                f"{path.name}: column {text!r} must hold text; got {value!r:.40} in row {row} of the data"
            )
    if not any(value.strip() for value in texts):
        raise DatasetError(f"{path.name}: column {text!r} must hold text; all {len(texts)} are empty")
    words = [str(value) for value in table[label]]
    class_names = _sorted_classes(set(words))
    if len(class_names) < 2:
        raise DatasetError(f"{path.name}: column {label!r} must hold at least two classes; got only {class_names[0]!r}")
    splits = None if split is None else [str(value) for value in table[split]]
    if splits is not None and (unknown := sorted(set(splits) - set(SPLITS))):
        raise DatasetError(f"{path.name}: column {split!r} must hold one of {', '.join(SPLITS)}; got {unknown[0]!r}")
    codes = {word: code for code, word in enumerate(class_names)}
    card = DatasetCard(name or path.stem, LOCAL_FILE.title, class_names, len(texts), licence, citation, path.name)
    return build_dataset(
        card, texts, [codes[word] for word in words], class_names, splits=splits, split_seed=split_seed
    )


def _read_csv(path: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        # pandas drops surplus fields with a warning; here they make the file unreadable.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # Every field as it stands: a text that reads "NA" or "null" is a text.
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False, encoding="utf-8-sig")
        except pd.errors.ParserWarning as warning:
            raise ValueError("a row has more fields than the header") from warning


def _read_jsonl(path: Path) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON ({error})") from error
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is not a JSON object")
            rows.append(row)
    return pd.DataFrame(rows, dtype=object)  # object: an integer label beside a missing one stays an integer


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path, engine="pyarrow")
    except ImportError:
        raise MissingExtraError("pyarrow", "data") from None


def _sorted_classes(words: set[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(words, key=lambda word: (int(word), word)))
    except ValueError:
        return tuple(sorted(words))
