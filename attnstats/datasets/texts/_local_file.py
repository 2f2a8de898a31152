"""Texts from a CSV, JSON Lines or Parquet file."""

from __future__ import annotations

from pathlib import Path

from attnstats._tables import read_table
from attnstats.datasets.texts._splitting import build_dataset
from attnstats.datasets.texts.text_dataset import SPLITS, DatasetCard, TextDataset
from attnstats.exceptions import DatasetError

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
    sep: str | None = None,
    encoding: str | None = None,
    name: str | None = None,
    licence: str = "not stated",
    citation: str = "not stated",
    split_seed: int = 0,
) -> TextDataset:
    r"""Return the labelled texts of a file with one row for each text.

    Labels are read as text, and only an empty field is missing: "NA" is a class, or a text. Classes are sorted, as
    numbers if all are integers. Repeated texts are left out and counted. The header of a CSV file is row 1 in messages.

    Parameters
    ----------
    path : str or Path
        A file in ``.csv`` (comma-separated, with a header), ``.tsv``, ``.jsonl`` (one JSON object per line) or
        ``.parquet``; the first three may be compressed and end in ``.gz``, ``.bz2``, ``.xz`` or ``.zst`` too.
    text, label : str
        Columns of the text and of its class.
    split : str, optional
        Column that holds ``train``, ``validation`` or ``test``. Without one, each class is split into 80 % train, 8 %
        validation and 12 % test; without validation texts, a tenth of each class of the training texts is taken.
    sep, encoding : str, optional
        Field separator of a CSV file, if not a comma; encoding of a text file, if not UTF-8.
    name : str, optional
        Name of the data set; by default that of the file without its ending.
    licence, citation : str
        What the report states.
    split_seed : int
        Seed of the split, at least 0.

    Raises
    ------
    DatasetError
        If the file cannot be read, lacks a column or a value, or holds fewer than two classes or too few texts.
    MissingExtraError
        If a Parquet file is given and pyarrow is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> lines = ["review,opinion", *(f"review number {n},{'good' if n % 2 else 'bad'}" for n in range(50))]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "reviews.csv").write_text("\n".join(lines), encoding="utf-8")
    ...     local_file(Path(folder, "reviews.csv"), text="review", label="opinion")
    TextDataset('reviews', 40 train, 4 validation, 6 test, classes bad, good)
    """
    if not isinstance(path, str | Path) or str(path) == "-":
        raise DatasetError(f"path: must be the path of a file; got {path!r}")
    for parameter, value in (("name", name or ""), ("licence", licence), ("citation", citation)):
        if not isinstance(value, str):
            raise DatasetError(f"{parameter}: must be a text; got {value!r}")
    table = read_table(path, sep=sep, encoding=encoding)
    for column in [each for each in (text, label, split) if each is not None]:
        missing = table.missing(column)
        if column == text:  # an empty text is not missing
            missing &= [not isinstance(value, str) for value in table.cells[text]]
        if missing.any():
            row = table.cells.index[int(missing.argmax())]
            raise DatasetError(f"{table.name}: misses a value in column {column!r}, row {row}")
    texts = table.cells[text].tolist()
    for row, value in zip(table.cells.index, texts, strict=True):
        if not isinstance(value, str):
            raise DatasetError(f"{table.name}: column {text!r} must hold text; got {value!r:.40} in row {row}")
    if not any(value.strip() for value in texts):
        raise DatasetError(f"{table.name}: column {text!r} must hold text; all {len(texts)} are empty")
    words = table.words(label)
    class_names = _sorted_classes(set(words))
    if len(class_names) < 2:
        raise DatasetError(
            f"{table.name}: column {label!r} must hold at least two classes; got only {class_names[0]!r}"
        )
    splits = None if split is None else table.words(split)
    if splits is not None and (unknown := sorted(set(splits) - set(SPLITS))):
        raise DatasetError(f"{table.name}: column {split!r} must hold one of {', '.join(SPLITS)}; got {unknown[0]!r}")
    codes = {word: code for code, word in enumerate(class_names)}
    card = DatasetCard(name or table.stem, LOCAL_FILE.title, class_names, len(texts), licence, citation, table.name)
    return build_dataset(card, texts, [codes[word] for word in words], splits=splits, split_seed=split_seed)


def _sorted_classes(words: set[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(words, key=lambda word: (int(word), word)))
    except ValueError:
        return tuple(sorted(words))
