"""``attnstats data``: list or fetch data sets."""

from __future__ import annotations

import argparse
from typing import Any

from attnstats.cli._formats import OutputConsole


def add_data(rooms: Any) -> None:
    data = rooms.add_parser("data", help="list or fetch data sets")
    commands = data.add_subparsers(required=True, metavar="list|get")
    commands.add_parser("list", help="print the known data sets").set_defaults(run=_list)
    get = commands.add_parser("get", help="fetch a data set and print its size, licence and citation")
    get.add_argument("name", metavar="NAME", help="one of those that  attnstats data list  prints")
    get.set_defaults(run=_get)


def _list(options: argparse.Namespace) -> int:  # noqa: ARG001
    from rich.table import Column, Table

    from attnstats.datasets import available_datasets

    name = Column("name", no_wrap=True)  # it must be typed, so it is never cut
    others = (Column(each, overflow="fold") for each in ("classes", "licence", "source"))
    table = Table(name, Column("texts", justify="right"), *others, box=None)
    for card in available_datasets():
        size = "varies" if card.size is None else f"{card.size:,}"
        table.add_row(card.name, size, ", ".join(card.classes) or "varies", card.licence, card.source)
    OutputConsole().print(table)
    return 0


def _get(options: argparse.Namespace) -> int:
    from attnstats.datasets import load_dataset

    dataset = load_dataset(options.name)
    print(repr(dataset))
    print(f"licence: {dataset.licence}\ncitation: {dataset.citation}")
    return 0
