"""Tables as they stand on a page: every key of the frame in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import rows_of
from attnstats.report.notation.formats import Table

#: A table of more rows than this scrolls in a box of its own, under headings that stay.
LONG = 25
#: What an object of the package is called in a cell: its class, and its arguments in brackets.
_OBJECT = re.compile(r"\b(?P<name>[A-Z][A-Za-z0-9]*)\((?P<arguments>[^()]*)\)")
#: A key of the frame with arguments in brackets, brackets among them.
_KEY = re.compile(r"[a-z][a-z0-9_]*\([a-z_]+=.*\)")


def tables_in_words(tables: list[Table], frame: pd.DataFrame) -> dict[str, Table]:
    """Return the tables by name, hypotheses as claims and keys as names; the files keep both as they are."""
    claims = claims_by_hypothesis(frame)
    return {table.name: _in_words(_flat(table), claims) for table in tables}


def claims_by_hypothesis(frame: pd.DataFrame) -> dict[str, str]:
    """Return what each hypothesis of a frame claims, in words."""
    rows = rows_of(frame, "contrast", "hypothesis", "claim")
    rows = rows[rows["hypothesis"].notna() & rows["claim"].notna()]
    return dict(zip(map(str, rows["hypothesis"]), map(notation.plain, rows["claim"]), strict=True))


def spoken(text: str) -> str:
    """Return an entry with objects and keys as a reader knows them.

    >>> spoken("U, rank, BarberAgakov(n_folds=2), class"), spoken("leave_one_out(signed=True)"), spoken("Probe()")
    ('U, rank, Barber Agakov (n folds 2), class', 'leave one out (signed)', 'Probe')
    """

    def known(match: re.Match[str]) -> str:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", match["name"])
        arguments = match["arguments"].replace("_", " ").replace("=", " ")
        return f"{name} ({arguments})" if arguments else name

    named = notation.pretty_name(text) if _KEY.fullmatch(text) else notation.plain(_OBJECT.sub(known, text))
    return re.sub(r" True\b", "", named)


def _in_words(table: Table, claims: Mapping[str, str]) -> Table:
    text = table.text.map(lambda entry: claims.get(entry) or spoken(entry))
    text.columns = [spoken(str(name)) for name in text.columns]
    notes = tuple(_named(note) for note in table.notes)
    return replace(table, caption=notation.plain(table.caption), text=text, notes=notes)


def _named(note: str) -> str:
    """Return a note whose name, before its colon, is in words; what follows may hold addresses, and stays."""
    name, colon, rest = note.partition(": ")
    return f"{spoken(name)}{colon}{rest}"


def _flat(table: Table) -> Table:
    """Return the table of claims with a column for the finding, without the rows of the findings themselves."""
    if table.name != "primary":
        return table
    claims = table.data["hypothesis"].notna()
    text = table.text[claims].reset_index(drop=True)
    text.insert(0, "Finding", table.data.loc[claims, "finding"].to_numpy())
    return replace(table, data=table.data[claims].reset_index(drop=True), text=text)
