"""What options of several commands have in common: numbers within a range, groups, the name of an estimator."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attnstats._tables import SUFFIXES
from attnstats.cli._formats import TEXT
from attnstats.exceptions import ConfigError, OutputError

#: How the name of a file ends that someone may expect a command to write.
_OF_FILES = (
    *SUFFIXES,
    ".html",
    ".json",
    ".md",
    ".npz",
    ".pdf",
    ".png",
    ".safetensors",
    ".svg",
    ".tex",
    ".txt",
    ".xlsx",
)


def whole_number(minimum: int) -> Callable[[str], int]:
    """Return what reads an option that is a whole number of at least `minimum`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\+?[0-9]{1,18}", text.strip()) or int(text) < minimum:
            raise argparse.ArgumentTypeError(f"must be a whole number of at least {minimum}; got {text!r}")
        return int(text)

    return read


def add_jobs(command: argparse._ActionsContainer, default: int | None = None) -> None:
    """Add the number of worker processes; None stands for all cores."""
    shown = "all cores" if default is None else default
    command.add_argument(
        "--jobs", type=whole_number(1), default=default, metavar="N", help=f"worker processes (default: {shown})"
    )


def add_seed(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="seed of the random numbers (default: 0)"
    )


def add_reading(command: argparse.ArgumentParser) -> None:
    """Add how a table in text is read, and what is missing in it."""
    reading = command.add_argument_group("reading the table")
    reading.add_argument(
        "--sep", metavar="CHAR", help="between fields, for example ';' (default: a comma; tab in .tsv)"
    )
    reading.add_argument(
        "--decimal", choices=(".", ","), default=".", metavar="SIGN", help="decimal sign, . or , (default: a point)"
    )
    reading.add_argument("--encoding", metavar="NAME", help="for example latin-1 or utf-16 (default: utf-8)")
    reading.add_argument(
        "--na",
        metavar="TEXT[,TEXT]",
        help="fields that are missing, besides empty ones, such as NA,None,-999 (--na=-9,NA where a minus is first)",
    )
    reading.add_argument(
        "--dropna", action="store_true", help="leave out rows with a missing field; otherwise one is an error"
    )


def separator(options: argparse.Namespace) -> str | None:
    """Return the character that --sep stands for."""
    given: str | None = options.sep
    return "\t" if given in ("\\t", "tab") else given


def listed(text: str, flag: str) -> list[str]:
    """Return what stands between the commas of an option, as in a line of CSV."""
    try:
        return [each.strip() for each in next(csv.reader([text], skipinitialspace=True, strict=True), [])]
    except csv.Error as error:
        raise ConfigError(f"{flag}: must be a list such as  a,b  or  '\"a, b\",c' ; got {text!r}") from error


def add_groups(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--by",
        metavar="COL[,COL]",
        help="one result for each group of rows: those with the same value here, or the same values of several columns",
    )


def check_groups(by: Sequence[str], columns: Sequence[str], table_format: str) -> None:
    """Raise if a table of results would have two columns of one name."""
    for name in by:
        if table_format != TEXT and name in columns:
            raise ConfigError(
                f"--by: must not be called like a column that --format {table_format} adds, one of"
                f" {', '.join(columns)}; got {name!r}"
            )


def estimator_of(text: str, *, any_output: bool) -> Any:
    """Return the estimator that ``name`` or ``name(key=value)`` stands for; it takes classes unless `any_output`."""
    from attnstats.studies.config.component import Component
    from attnstats.studies.trace_rows._components import make_estimator

    match = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", text)
    try:
        pairs = [part.split("=", 1) for part in (match[2] or "").split(",") if part.strip()] if match else [[text]]
        parameters = {key.strip(): json.loads(value) for key, value in pairs}
        if len(parameters) < len(pairs):
            raise ValueError("a parameter is given twice")
    except ValueError as error:
        raise ConfigError(f"--estimator: must be  name  or  name(key=number, ...); got {text!r}") from error
    return make_estimator(Component(match[1].lower() if match else text, **parameters), any_output=any_output)


def add_out(command: argparse._ActionsContainer, what: str, *, required: bool = False) -> None:
    """Add the folder of what a command writes."""
    command.add_argument("--out", required=required, metavar="DIR", type=_folder, help=what)


def _folder(text: str) -> Path:
    """Return the path of a folder, there or not; a name that ends as that of a file is of one that was meant."""
    path = Path(text)
    if path.is_dir():
        return path
    if path.exists():
        raise argparse.ArgumentTypeError(f"must be a folder that can be written; got {text} (it is a file)")
    if path.suffix.lower() in _OF_FILES:
        raise argparse.ArgumentTypeError(
            f"must be a folder, for several files; got {text}, which ends as a file does: pass {path.with_suffix('')}"
        )
    return path


def add_quiet(command: argparse._ActionsContainer) -> None:
    """Add the wish to see results alone; warnings, which are about the results, and errors stay."""
    command.add_argument("--quiet", action="store_true", help="show no progress and do not say what was written")


def tell(options: argparse.Namespace, line: str) -> None:
    """Say on standard error what a command does, unless it is to be quiet."""
    if not options.quiet:
        print(f"attnstats: {line}", file=sys.stderr)


def check_writable(path: Path) -> None:
    """Raise if the folder, or the one that it would be made in, takes no files: known before minutes of computing."""
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError("--out", path, f"{there} cannot be written")
