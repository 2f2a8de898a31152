"""Texts with the spans that tell of their class, in the form of the ERASER benchmark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import numpy as np

from attnstats._column import shown
from attnstats._validation import BoolArray, check_text
from attnstats.datasets.marks._distinct import distinct
from attnstats.datasets.marks._folders import files_of, one_folder
from attnstats.datasets.marks._records import Record, as_path, as_text, records
from attnstats.datasets.marks.human_marks import HumanMarks
from attnstats.exceptions import DatasetError
from attnstats.results import counted

_SPLITS = {"train.jsonl": "train", "val.jsonl": "validation", "test.jsonl": "test"}
_BLANK = re.compile(r"[ \r\n]+")
_CITATION = "DeYoung et al. 2020, ERASER: a benchmark to evaluate rationalized NLP models, ACL, 4443-4458"


def load_eraser(
    path: str | Path, *, name: str = "eraser", licence: str = "not stated", citation: str = _CITATION
) -> HumanMarks:
    r"""Return texts with the tokens that stand in a rationale, from a folder or an archive of ERASER.

    Tokens are what stands between blanks in the documents. The text of an annotation is its documents, one after the
    other: those that it names in ``docids``, else those of its spans, else the one of its own name. Marked, by one
    annotator, is what lies in any of its spans. `HumanMarks.notes` says how often something odd occurs: spans without a
    token are left out, spans that overlap are joined, spans whose words are not those of the file are taken by
    position, texts without a span stay, without a mark, and a text that repeats another is left out.

    Where the query differs by text, as a question does, it is no part of the tokens, and the same document may occur
    with several.

    Parameters
    ----------
    path : str or Path
        A folder, or an archive of it (``.tar``, ``.tar.gz``, ``.zip``), with ``train.jsonl``, ``val.jsonl``,
        ``test.jsonl``, or some of them, and beside them the folder ``docs`` or the file ``docs.jsonl``. It may lie in
        other folders, alone, and so may the archive.
    name, licence, citation : str
        Of the data set; the files state none of them.

    Raises
    ------
    DatasetError
        If there is no such folder or more than one, a file cannot be read, a document is not there, or a span lies
        outside its document.

    References
    ----------
    DeYoung, Jain, Rajani, Lehman, Xiong, Socher and Wallace (2020), ERASER: a benchmark to evaluate rationalized NLP
    models, ACL, 4443-4458.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> from attnstats.datasets import load_eraser
    >>> span = '{"docid": "a", "start_token": 1, "end_token": 3, "text": "very good"}'
    >>> line = f'{{"annotation_id": "a", "classification": "POS", "evidences": [[{span}]], "query": "?"}}'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "docs").mkdir()
    ...     _ = Path(folder, "docs", "a").write_text("a very good\nfilm .", encoding="utf-8")
    ...     _ = Path(folder, "test.jsonl").write_text(line, encoding="utf-8")
    ...     load_eraser(folder)
    HumanMarks('eraser', 1 text, 1 annotator, 40 % of tokens marked, classes POS)
    """
    for parameter, value in (("name", name), ("licence", licence), ("citation", citation)):
        check_text(value, parameter)
    place = as_path(path)
    if place.name in _SPLITS and place.is_file():
        raise DatasetError(f"{place}: must be the folder in which {', '.join(_SPLITS)} lie; give {place.parent}")
    files = files_of(place)
    top = one_folder(files, _SPLITS, place)
    documents = _Documents.of(files, top, place.name)
    rows = [
        (split, row)
        for file, split in _SPLITS.items()
        if f"{top}{file}" in files
        for row in records(files[f"{top}{file}"], file)
    ]
    if not rows:
        raise DatasetError(f"{place.name}: must hold at least one annotation; got none")
    oddities: Counter[tuple[str, str]] = Counter()
    texts = [_text(row, documents, oddities) for _, row in rows]
    classes = tuple(sorted({each.label for each in texts}))
    queries = [each.query for each in texts]
    notes = [f"{counted(n, what)} {why}" for (what, why), n in oddities.items()]
    if len(set(queries)) > 1:
        notes.append("the query differs by text, and is no part of the tokens")
    marks = HumanMarks(
        name=name,
        tokens=tuple(each.tokens for each in texts),
        labels=np.array([classes.index(each.label) for each in texts], dtype=np.int64),
        marks=tuple(each.marks[np.newaxis] for each in texts),
        class_names=classes,
        splits=np.array([split for split, _ in rows], dtype=np.str_),
        ids=tuple(each.name for each in texts),
        licence=licence,
        citation=citation,
        notes=tuple(notes),
    )
    return distinct(marks, queries)


class _Documents:
    """Tokens of documents by name, each read when it is first asked for."""

    def __init__(self, texts: Mapping[str, bytes | str]) -> None:
        self._texts = texts
        self._tokens: dict[str, tuple[str, ...]] = {}

    @classmethod
    def of(cls, files: Mapping[str, bytes], top: str, name: str) -> _Documents:
        """Return the documents of a folder ``docs``, or of a file ``docs.jsonl``."""
        listed = f"{top}docs.jsonl"
        if listed in files:
            rows = records(files[listed], "docs.jsonl")
            named = ((row.field("docid", str, "a name"), row.field("document", str, "a text")) for row in rows)
            return cls(dict(named))
        below = f"{top}docs/"
        texts = {file.removeprefix(below): files[file] for file in files if file.startswith(below)}
        if not texts:
            raise DatasetError(f"{name}: must hold the documents, in {below} or {listed}; got neither")
        return cls(texts)

    def tokens(self, name: str, where: str) -> tuple[str, ...]:
        """Return the tokens of one document."""
        if name not in self._tokens:
            if name not in self._texts:
                near = get_close_matches(name, self._texts, n=1)
                found = f"near it is {near[0]}" if near else f"it holds {counted(len(self._texts), 'other document')}"
                raise DatasetError(f"{where}: document {name!r} must be in docs; {found}")
            content = self._texts[name]
            text = content if isinstance(content, str) else as_text(content, f"docs/{name}")
            # Blanks and line ends alone, as the benchmark does: other white space may stand inside a token.
            self._tokens[name] = tuple(part for each in _BLANK.split(text) if (part := each.strip()))
        return self._tokens[name]


class _Text(NamedTuple):
    name: str
    label: str
    query: str
    tokens: tuple[str, ...]
    marks: BoolArray


class _Span(NamedTuple):
    document: str
    start: int
    end: int
    text: object


def _text(row: Record, documents: _Documents, oddities: Counter[tuple[str, str]]) -> _Text:
    """Return the text of an annotation, with its marks, and count what is odd."""
    name = row.field("annotation_id", str, "a name")
    spans = list(_spans(row))
    named = row.get("docids") or list(dict.fromkeys(each.document for each in spans)) or [name]
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise DatasetError(f"{row.where}: 'docids' must be a list of names; got {shown(named)}")
    named = list(dict.fromkeys([*named, *(each.document for each in spans)]))
    tokens: list[str] = []
    starts, lengths = {}, {}
    for document in named:
        starts[document] = len(tokens)
        lengths[document] = len(documents.tokens(document, row.where))
        tokens += documents.tokens(document, row.where)
    if not tokens:
        raise DatasetError(f"{row.where}: documents must hold a token; got none in {', '.join(named)}")
    marks = np.zeros(len(tokens), dtype=np.bool_)
    for span in spans:
        length = lengths[span.document]
        if not 0 <= span.start <= span.end <= length:
            raise DatasetError(
                f"{row.where}: a span must lie inside its document of {length} tokens; got {span.start} to {span.end}"
                f" of {span.document!r}"
            )
        if span.start == span.end:
            oddities["span", "without a token left out"] += 1
            continue
        place = slice(starts[span.document] + span.start, starts[span.document] + span.end)
        if isinstance(span.text, str) and span.text.split() != " ".join(tokens[place]).split():
            oddities["span", "whose words are not those of the file"] += 1
        if marks[place].any():
            oddities["span", "with tokens of another span"] += 1
        marks[place] = True
    if not marks.any():
        oddities["text", "without a mark"] += 1
    if len(named) > 1:
        oddities["text", "of several documents"] += 1
    query = row.get("query")
    label = row.field("classification", str, "the name of a class")
    return _Text(name, label, query if isinstance(query, str) else "", tuple(tokens), marks)


def _spans(row: Record) -> Iterator[_Span]:
    """Yield the spans of an annotation, which stand in groups."""
    groups = row.field("evidences", list, "a list of lists of spans")
    for group in groups:
        for each in group if isinstance(group, list) else [group]:
            if not isinstance(each, dict):
                raise DatasetError(f"{row.where}: 'evidences' must be a list of lists of spans; got {shown(each)}")
            span = Record(each, f"{row.where}, a span")
            start, end = (span.field(name, int, "a position of a token") for name in ("start_token", "end_token"))
            yield _Span(span.field("docid", str, "the name of a document"), start, end, span.get("text"))
