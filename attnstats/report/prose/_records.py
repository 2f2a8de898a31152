"""Rows of a finding as records, and how one claim is written on a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import pandas as pd

from attnstats.frame import decode_parameters
from attnstats.report.notation import _words as notation

#: A row of the frame, its parameters among its columns.
Record: TypeAlias = dict[Any, Any]

#: Units that a reader needs not be told.
_DIMENSIONLESS = ("correlation", "coefficient", "proportion", "W")
_UNITS = {"share of H": "of the output's entropy"}


def records(rows: pd.DataFrame, quantity: str) -> list[Record]:
    """Return the rows of one quantity as records, None where there is nothing."""
    chosen = rows[rows["quantity"] == quantity]
    plain = chosen.drop(columns="parameters").astype(object)
    found = plain.where(plain.notna(), None).to_dict("records")
    texts = chosen["parameters"].fillna("{}")
    return [record | decode_parameters(text) for record, text in zip(found, texts, strict=True)]


def claim_records(claims: pd.DataFrame) -> list[Record]:
    """Return rows of `primary_claims` as records, the parameters of each row among them."""
    found = []
    for training, own in claims.groupby("training", sort=False):
        for quantity in own["quantity"].unique():
            found += [{**each, "training": training} for each in records(own, quantity)]
    order = list(dict.fromkeys(claims["hypothesis"]))
    return sorted(found, key=lambda each: order.index(each["hypothesis"]))


def is_training_guard(each: Record) -> bool:
    """Return whether a claim is that the effect of another one depends on the training."""
    return str(each.get("hypothesis")).endswith(".trainings")


def of_role(contrasts: Iterable[Record], role: str) -> list[Record]:
    """Return the claims that have some role."""
    return [each for each in contrasts if each.get("role") == role]


def unit(each: Record) -> str:
    """Return the unit of an effect with a space before it, empty where there is none to be told."""
    name = each.get("unit")
    return f" {_UNITS.get(name, name)}" if name and name not in _DIMENSIONLESS else ""


def effect(each: Record) -> str:
    """Return effect, interval and unit."""
    return notation.estimate(each.get("value"), each.get("ci_low"), each.get("ci_high")) + unit(each)


def claim_line(each: Record, *more: str) -> str:
    """Return a claim with verdict, effect, margin and p-value on one line; `more` stands at its end."""
    parts = [each.get("verdict") or "no verdict", effect(each)]
    if each.get("weakest_against"):
        parts[1] += f" against {notation.plain(each['weakest_against'])}"
    if each.get("against_margin"):
        parts.append(f"margin {each['margin']:g}")
    shown = notation.claim_pvalue(each.get("verdict"), each.get("pvalue_adjusted"), each.get("pvalue"))
    if shown != notation.ABSENT:
        parts.append(notation.said_pvalue(shown))
    return f"{claim(each)}: {', '.join([*parts, *more])}"


def claim(each: Record) -> str:
    """Return a claim in plain words with a capital, or the name of its hypothesis."""
    return capital(claim_text(each))


def claim_text(each: Record) -> str:
    """Return a claim in plain words, or the name of its hypothesis."""
    return notation.plain(str(each.get("claim") or each.get("hypothesis") or "a claim without a name"))


def capital(text: str) -> str:
    """Return a text with a capital at its start."""
    return text[:1].upper() + text[1:]


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    *others, final = names
    return f"{', '.join(others)} {last} {final}" if others else final
