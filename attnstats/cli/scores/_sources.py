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
    """Where scores come from: the reader's name, whether it keeps fields, and the columns that it gives."""

    reader: str
    has_fields: bool
    columns: dict[str, str]


_SOURCES = {
    "lm-eval": _Source(
        "read_lm_eval_samples", True, {"value": "value", "condition": "model", "example": "doc_id", "dataset": "task"}
    ),
    "inspect": _Source(
        "read_inspect_logs",
        True,
        {"value": "value", "condition": "model", "example": "sample", "dataset": "task", "seed": "epoch"},
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
        " inspect (logs or folders of them), cv-results (CSV of scikit-learn's cv_results_)",
    )  # fmt: skip
    command.add_argument(
        "--only", action="append", default=[], metavar="COL=VALUE", help="with --from: keep these rows, as  metric=acc"
    )
    command.add_argument(
        "--field", action="append", default=[], metavar="NAME",
        help="with --from: keep this entry of the questions as a column, such as the text that several are about",
    )  # fmt: skip


def source_table(options: argparse.Namespace, roles: Sequence[str]) -> tuple[Any, dict[str, str | None]]:
    """Return the table of scores and the column of each role."""
    named = {role: getattr(options, role) for role in roles}
    if options.source is None:
        for given, flag in ((options.only, "--only"), (options.field, "--field")):
            if given:
                raise ConfigError(f"{flag}: must come with --from; got {given[0]!r}")
        if len(options.files) > 1:
            raise ConfigError(f"FILE: must be one table; got {len(options.files)}")
        for role in ("value", "condition"):
            if named[role] is None:
                raise ConfigError(f"--{role}: must name a column of the table; got none")
        return options.files[0], named
    import attnstats.scores

    source = _SOURCES[options.source]
    reader = getattr(attnstats.scores, source.reader)
    if source.has_fields:
        frame = reader(options.files, fields=options.field)
    elif options.field or len(options.files) > 1:
        raise ConfigError(f"--from {options.source}: must have one FILE and no --field")
    else:
        frame = reader(options.files[0])
    for text in options.only:
        column, equals, wanted = text.partition("=")
        if not equals or column not in frame:
            raise ConfigError(f"--only: must be COL=VALUE with one of {', '.join(frame)}; got {text!r}")
        kept = frame[frame[column].astype(str) == wanted]
        if kept.empty:
            found = ", ".join(frame[column].astype(str).drop_duplicates().head(20))
            raise ConfigError(f"--only: must be a value of {column!r}, such as {found}; got {wanted!r}")
        frame = kept
    measure = next(column for column in ("metric", "score") if column in frame)
    if frame[measure].nunique() == 1 and options.value is None:  # then the scores are called by their name
        name = str(frame[measure].iloc[0])
        frame = frame.drop(columns=measure).rename(columns={"value": name})
        named["value"] = name
    given = {role: column for role, column in source.columns.items() if column in frame and frame[column].nunique() > 1}
    return frame, given | {role: column for role, column in named.items() if column is not None}
