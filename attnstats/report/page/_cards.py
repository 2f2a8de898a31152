"""What the page opens with: a card for each finding, the effects of its claims drawn small beside the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import pandas as pd

from attnstats.report.notation import _words as notation
from attnstats.report.prose._records import Record, capital, claim_records, claim_text, effect

#: Width of a drawing and of the room that its axis leaves for the label of a tick, and of a letter of that label.
WIDTH, _EDGE, _LETTER = 340, 14, 5.2
#: Where the first interval stands, how far apart they are, and the room below the last one.
_TOP, _STEP, _BELOW = 9, 13, 20
#: Most ticks of an axis.
_TICKS = 5


@dataclass(frozen=True, slots=True)
class DrawnInterval:
    """One interval: its places on the axis (None where the frame holds no number), its training, verdict and text.

    An end that is infinite stands at the edge of the axis, and `open_low` or `open_high` says so.
    """

    training: str
    verdict: str
    text: str
    y: int
    place: float | None
    low: float | None
    high: float | None
    open_low: bool
    open_high: bool


@dataclass(frozen=True, slots=True)
class DrawnClaim:
    """One claim in words with its intervals, one for each training, and the marks of its axis."""

    text: str
    intervals: tuple[DrawnInterval, ...]
    height: int
    zero: float
    margin: tuple[float, float] | None
    ticks: tuple[tuple[float, str], ...]
    description: str


def drawn_claims(claims: pd.DataFrame) -> list[DrawnClaim]:
    """Return the drawing of each claim of `primary_claims`, the first training first."""
    records = claim_records(claims)
    names = dict.fromkeys(each["hypothesis"] for each in records)
    return [_drawn([each for each in records if each["hypothesis"] == name]) for name in names]


def _drawn(under: Sequence[Record]) -> DrawnClaim:
    margin = under[0].get("margin")
    shown = float(margin) if margin is not None and notation.is_number(margin) else None
    known = [each.get(name) for each in under for name in ("value", "ci_low", "ci_high")]
    numbers = [float(value) for value in known if value is not None and notation.is_number(value)]
    ends = [value for value in numbers if isfinite(value)]
    low, high = _axis([0.0, *ends, *([-shown, shown] if shown is not None else [])])
    left_edge = _EDGE + _LETTER * max(len(each["training"]) for each in under)
    scale = (WIDTH - _EDGE - left_edge) / (high - low)

    def place(value: float) -> float:
        return round(left_edge + (value - low) * scale, 1)

    def end(each: Record, name: str) -> tuple[float | None, bool]:
        if not notation.is_number(each.get(name)):
            return None, False
        value = float(each[name])
        return place(min(max(value, low), high)), not isfinite(value)

    intervals = []
    for i, each in enumerate(under):
        (middle, _), (left, open_low), (right, open_high) = (end(each, name) for name in ("value", "ci_low", "ci_high"))
        about = (each["training"], _verdict(each), effect(each), _TOP + _STEP * i)
        intervals.append(DrawnInterval(*about, middle, left, right, open_low, open_high))
    return DrawnClaim(
        text=capital(claim_text(under[0])),
        intervals=tuple(intervals),
        height=_TOP + _STEP * (len(under) - 1) + _BELOW,
        zero=place(0.0),
        margin=None if shown is None else (place(-shown), place(shown)),
        ticks=tuple((place(value), _tick(value, high - low)) for value in _ticks(low, high)),
        description=_description(under, shown),
    )


def _verdict(each: Record) -> str:
    return str(each.get("verdict") or "no verdict")


def _trained(each: Record) -> str:
    return f"trained {each['training']}" if each["training"] else ""


def _description(under: Sequence[Record], margin: float | None) -> str:
    """Return what is read to those who do not see the drawing."""
    said = [": ".join(filter(None, (_trained(each), f"{effect(each)}, {_verdict(each)}"))) for each in under]
    level = under[0].get("ci_level")
    of_level = f" with {100 * level:g} % interval" if level else ""
    beside = f"; margin ±{margin:g}" if margin is not None else ""
    return f"Effect{of_level}, zero marked: {'; '.join(said)}{beside}"


def _axis(values: Iterable[float]) -> tuple[float, float]:
    """Return ends that leave some room around all values."""
    low, high = min(found := list(values)), max(found)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two ends, zero among them where it lies between.

    >>> _ticks(-0.011, 0.032)
    [-0.01, 0.0, 0.01, 0.02, 0.03]
    """
    size = 10.0 ** floor(log10((high - low) / _TICKS))
    step = next(each * size for each in (1, 2, 5, 10) if (high - low) / (each * size) <= _TICKS)
    first, last = ceil(low / step), floor(high / step)
    return [round(step * i, 12) for i in range(first, last + 1)]


def _tick(value: float, width: float) -> str:
    decimals = max(-floor(log10(width / _TICKS)), 0)
    return notation.number(value, decimals).replace("-", "−")
