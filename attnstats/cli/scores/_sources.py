"""Where a long table of scores comes from: a file, or what other programs wrote."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnstats._tables import SUFFIXES
from attnstats.exceptions import ConfigError


@dataclass(frozen=True)
class _Source:
    """Where scores come from: the reader's name, whether it keeps fields, and the columns that it gives.

    Repetitions of a sample that share nothing with those of another, such as draws of an answer, are averaged.
    """

    reader: str
    has_fields: bool
    columns: dict[str, str]
    repetitions: str | None = None


_SOURCES = {
    "lm-eval": _Source(
        "read_lm_eval_samples", True, {"value": "value", "condition": "model", "example": "doc_id", "dataset": "task"}
    ),
    "inspect": _Source(
        "read_inspect_logs",
        True,
        {"value": "value", "condition": "model", "example": "sample", "dataset": "task"},
        repetitions="epoch",
    ),
    "cv-results": _Source("read_cv_results", False, {"value": "value", "condition": "candidate", "fold": "fold"}),
}


def add_source(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help=f"a table with one score a row that ends in {', '.join(SUFFIXES)} (text also in .gz, .bz2, .xz, .zst); -"
        " reads CSV from the standard input; or what --from says",
    )
    command.add_argument(
        "--from", dest="source", choices=list(_SOURCES), metavar="NAME",
        help="where the scores come from, if not from a table: lm-eval (folders or sample files of the harness),"
        " inspect (logs or folders of them; the mean over epochs, unless --seed epoch), cv-results (CSV of"
        " scikit-learn's cv_results_)",
    )  # fmt: skip
    command.add_argument(
        "--only", action="append", default=[], metavar="COL=VALUE", help="keep these rows alone, as  metric=acc"
    )
    command.add_argument(
        "--field", action="append", default=[], metavar="NAME",
        help="with --from: keep this entry of the questions as a column, such as the text that several are about",
    )  # fmt: skip


def source_table(
    options: argparse.Namespace, roles: Sequence[str]
) -> tuple[Any, dict[str, str | None], dict[str, str] | None]:
    """Return the table of scores, the column of each role, and which rows to keep."""
    named = {role: getattr(options, role) for role in roles}
    only = _wanted_rows(options.only)
    if options.source is None:
        if options.field:
            raise ConfigError(f"--field: must come with --from; got {options.field[0]!r}")
        if len(options.files) > 1:
            raise ConfigError(f"FILE: must be one table; got {len(options.files)}")
        for role in ("value", "condition"):
            if named[role] is None:
                raise ConfigError(f"--{role}: must name a column of the table; got none")
        return options.files[0], named, only
    import attnstats.scores

    source = _SOURCES[options.source]
    reader = getattr(attnstats.scores, source.reader)
    if source.has_fields:
        frame = reader(options.files, fields=options.field)
    elif options.field or len(options.files) > 1:
        raise ConfigError(f"--from {options.source}: must have one FILE and no --field")
    else:
        frame = reader(options.files[0])
    if source.repetitions is not None and source.repetitions not in (*named.values(), *(only or {})):
        frame = _averaged(frame, source.repetitions, partly=options.dropna)
    kept = frame
    for column, wanted in (only or {}).items():
        if column in kept:  # otherwise `compare` refuses it
            kept = kept[kept[column].astype(str) == wanted]
    names = {"value": _measure(kept)} if options.value is None else {}
    columns = {
        role: names.get(column, column)
        for role, column in source.columns.items()
        if role in ("value", "condition") or kept[column].nunique() > 1
    }
    return frame.rename(columns=names), columns | {role: name for role, name in named.items() if name is not None}, only


def _wanted_rows(given: Sequence[str]) -> dict[str, str] | None:
    """Return the text that each column of --only must hold."""
    wanted = {}
    for text in given:
        column, equals, value = text.partition("=")
        if not (equals and column):
            raise ConfigError(f"--only: must be COL=VALUE, as  metric=acc ; got {text!r}")
        wanted[column] = value
    return wanted or None


def _averaged(frame: Any, repetitions: str, *, partly: bool) -> Any:
    """Return the mean value over repetitions, `partly` also where some are missing."""
    groups = frame.groupby([name for name in frame if name not in ("value", repetitions)], sort=False)["value"]
    means = groups.mean()
    return (means if partly else means.where(groups.count() == groups.size())).reset_index()


def _measure(frame: Any) -> str:
    """Return what the scores are called: the name of the one metric or scorer that there is."""
    measures = frame[next(column for column in ("metric", "score") if column in frame)].unique()
    return str(measures[0]) if len(measures) == 1 and measures[0] not in frame else "value"
