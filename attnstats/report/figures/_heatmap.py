"""Reviews token by token: attention, pointwise mutual information, and what else the frame says of each token."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attnstats.frame import parameter
from attnstats.report.figures import _style as style
from attnstats.report.figures._panels import same
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import CONDITION, in_order, of_deciding_models, with_heads

#: Most heat-maps that a page shows.
LIMIT = 12
#: The name of the share of the people who marked a token.
PEOPLE = "people"
_KEYS = [*CONDITION, "seed", "example"]
_QUANTITIES = ["token_attention", "token_pointwise_mi", "token_attribution", "token_marked"]
_PARAMETERS = ("position", "token", "predicted", "label", "attribution")


@dataclass(frozen=True, slots=True)
class Shade:
    """A number on a coloured ground, in a text colour that reads on it."""

    text: str
    ground: str
    ink: str


@dataclass(frozen=True, slots=True)
class Token:
    """One token with its attention (share of the review's), its pointwise MI (nats), and its other readings."""

    word: str
    attention: Shade
    pointwise_mi: Shade
    others: tuple[Shade, ...] = ()


@dataclass(frozen=True, slots=True)
class Heatmap:
    """One review read by one model; `tau_b` is empty where the frame holds none for the review."""

    model: str
    dataset: str
    example: str
    predicted: str
    label: str
    tau_b: str
    tokens: tuple[Token, ...]


def other_readings(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of what the frame says of tokens beside attention and information: attributions, and people."""
    rows = of_deciding_models(frame)
    names = parameter(rows[rows["quantity"] == "token_attribution"], "attribution").dropna().unique()
    return (*map(str, names), *((PEOPLE,) if (rows["quantity"] == "token_marked").any() else ()))


def heatmaps(frame: pd.DataFrame) -> tuple[list[Heatmap], int, float]:
    """Return the heat-maps to show, how many the frame holds, and the largest absolute pointwise MI among those shown.

    Attention and attributions are shaded relative to the largest size in their review, pointwise MI on one scale for
    all reviews, and the share of people from 0 to 1. Readings beside the first two stand as in `other_readings`.
    """
    others = other_readings(frame)
    frame = of_deciding_models(frame)
    rows = with_heads(frame[frame["quantity"].isin(_QUANTITIES)])
    rows = rows.assign(**{name: parameter(rows, name) for name in _PARAMETERS})
    taus = with_heads(frame[(frame["quantity"] == "tau_b") & frame["example"].notna()])
    groups = dict(list(rows.groupby(_KEYS, sort=False, dropna=False)))
    shown = _share(_by_review(list(groups)), len(in_order(rows, "dataset")))
    mi = pd.concat([groups[key] for key in shown])["value"] if shown else pd.Series(dtype="float64")
    is_mi = rows["quantity"] == "token_pointwise_mi"
    scale = float(mi[is_mi.reindex(mi.index)].abs().max()) if shown else 0.0
    return [_heatmap(groups[key], taus, scale, others) for key in shown], len(groups), scale


def mix(colour: str, strength: float, text: str = "") -> Shade:
    """Return a text on a ground between white (0) and a colour (1), with the ink that reads on it.

    >>> mix("#0072B2", 0.0).ground, mix("#0072B2", 1.0).ground, mix("#0072B2", 1.0).ink
    ('#ffffff', '#0072b2', '#ffffff')
    """
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    red, green, blue = (round(255 + strength * (channel - 255)) for channel in channels)
    weights = ((0.2126, red), (0.7152, green), (0.0722, blue))
    luminance = sum(weight * (channel / 255) ** 2.2 for weight, channel in weights)
    return Shade(text, f"#{red:02x}{green:02x}{blue:02x}", "#ffffff" if luminance < 0.2 else "#222222")


def _by_review(keys: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return the keys with the models of one review together, reviews in order of first appearance."""
    reviews: dict[tuple[object, object], list[tuple[object, ...]]] = {}
    for key in keys:
        reviews.setdefault((key[0], key[-1]), []).append(key)
    return [key for review in reviews.values() for key in review]


def _share(keys: list[tuple[object, ...]], n_datasets: int) -> list[tuple[object, ...]]:
    """Return the keys; where they are more than `LIMIT`, an equal share of the first ones of each data set."""
    if len(keys) <= LIMIT:
        return keys
    datasets = pd.Series([key[0] for key in keys])
    places = datasets.groupby(datasets, dropna=False).cumcount()
    return [key for key, place in zip(keys, places, strict=True) if place < max(LIMIT // n_datasets, 1)]


def _heatmap(rows: pd.DataFrame, taus: pd.DataFrame, scale: float, others: tuple[str, ...]) -> Heatmap:
    attention = rows[rows["quantity"] == "token_attention"].set_index("position")
    pointwise = rows[rows["quantity"] == "token_pointwise_mi"].set_index("position")["value"]
    largest = attention["value"].max()
    readings = [_reading(rows, name) for name in others]
    tokens = []
    for position, row in attention.sort_index().iterrows():
        mi = pointwise.get(position)
        shades = tuple(_signed(values.get(position), size) for values, size in readings)
        tokens.append(Token(str(row["token"]), _attention(row["value"], largest), _signed(mi, scale), shades))
    first = rows.iloc[0]
    known = {name: first[name] for name in _KEYS if pd.notna(first[name])}
    own = taus.loc[same(taus, **known), "value"]
    parts = [notation.pretty_name(known[name]) for name in ("encoder", "attention", "normalizer") if name in known]
    if "seed" in known:
        parts.append(f"seed {known['seed']}")
    return Heatmap(
        model=", ".join(parts),
        dataset=notation.pretty_name(_text(first["dataset"])),
        example=_text(first["example"]),
        predicted=_text(first["predicted"]),
        label=_text(first["label"]),
        tau_b=notation.number(own.iloc[0], 2) if len(own) else "",
        tokens=tuple(tokens),
    )


def _attention(weight: float, largest: float) -> Shade:
    return mix(style.GREEN, weight / largest if largest > 0 else 0.0, notation.number(weight, 2))


def _reading(rows: pd.DataFrame, name: str) -> tuple[pd.Series, float]:
    """Return what an attribution, or people, say of each position, and what is shaded fully."""
    if name == PEOPLE:
        return rows[rows["quantity"] == "token_marked"].set_index("position")["value"], 1.0
    of_it = (rows["quantity"] == "token_attribution") & (rows["attribution"] == name)
    values = rows[of_it].set_index("position")["value"]
    return values, float(values.abs().max()) if len(values) else 0.0


def _signed(value: float | None, scale: float) -> Shade:
    if value is None:
        return Shade(notation.ABSENT, "#ffffff", "#222222")
    colour = style.BLUE if value > 0 else style.VERMILLION
    return mix(colour, abs(value) / scale if scale > 0 else 0.0, notation.number(value, 2))


def _text(value: object) -> str:
    return notation.ABSENT if value is None or value is pd.NA else str(value)
