"""How names and numbers print. Nothing is rounded before it comes here."""

from __future__ import annotations

import re
from math import floor, inf, isfinite, isnan, log10

import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.results import format_pvalue

#: Shown where a number does not exist.
ABSENT = "–"

_NAMES = {
    "bilstm": "BiLSTM",
    "bigru": "BiGRU",
    "cnn": "CNN",
    "mlp": "MLP",
    "gumbel_softmax": "Gumbel-softmax",
    "scaled_dot_product": "scaled dot-product",
    "entmax15": "entmax-1.5",
    "transformer": "Transformer",
    "holm": "Holm",
    "max_t": "max-T",
    "benjamini_hochberg": "Benjamini-Hochberg",
    "benjamini_yekutieli": "Benjamini-Yekutieli",
    "dirichlet": "Dirichlet",
}
_CALL = re.compile(r"(?P<name>[^()]+)(?:\((?P<arguments>.*)\))?", re.DOTALL)
#: A word in a text that may be a key of the frame, with its arguments.
_KEY = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\((?:[^()=]+=[^()=]+)+\))?")


def pretty_name(text: str) -> str:
    """Return a key of the frame as a reader knows it.

    >>> pretty_name("gumbel_softmax(temperature=0.5)"), pretty_name("bilstm"), pretty_name("random_scorer")
    ('Gumbel-softmax (temperature 0.5)', 'BiLSTM', 'random scorer')
    """
    match = _CALL.fullmatch(text)
    if match is None:
        return text
    name = _NAMES.get(match["name"], match["name"].replace("_", " "))
    if not match["arguments"]:
        return name
    return f"{name} ({match['arguments'].replace('_', ' ').replace('=', ' ')})"


def plain(text: str) -> str:
    """Return a text with the keys of the frame in it as a reader knows them.

    >>> plain("cnn + scaled_dot_product leads gumbel_softmax(temperature=0.5)")
    'CNN + scaled dot-product leads Gumbel-softmax (temperature 0.5)'
    """

    def known(match: re.Match[str]) -> str:
        word = match[0]
        return pretty_name(word) if "_" in word or "(" in word or word in _NAMES else word

    return _KEY.sub(known, text)


def is_number(value: object) -> bool:
    """Return whether a value of the frame is a number, not NA and not NaN."""
    return value is not None and value is not pd.NA and not isnan(float(value))  # type: ignore[arg-type]


def number(value: object, decimals: int = 3) -> str:
    """Return a number at fixed decimals; never a negative zero.

    >>> number(0.12345), number(-0.0001), number(float("nan"))
    ('0.123', '0.000', '–')
    """
    if not is_number(value):
        return ABSENT
    text = f"{float(value):.{decimals}f}"  # type: ignore[arg-type]
    return text.removeprefix("-") if float(text) == 0 else text


def count(value: object) -> str:
    """Return a whole number in groups of thousands.

    >>> count(12345.0), count(float("inf")), count(None)
    ('12,345', '∞', '–')
    """
    if not is_number(value):
        return ABSENT
    return "∞" if value == inf else f"{int(value):,}"  # type: ignore[call-overload]


def decimals_for(spread: float) -> int:
    """Return the decimals at which a spread shows two significant digits, from 0 to 5.

    >>> decimals_for(0.032), decimals_for(0.4), decimals_for(0.0), decimals_for(120.0)
    (3, 2, 3, 0)
    """
    if not isfinite(spread) or spread <= 0:
        return 3
    return min(max(1 - floor(log10(spread)), 0), 5)


def estimate(value: object, low: object, high: object) -> str:
    """Return an estimate with its interval, at the digits that the interval supports.

    >>> estimate(0.12345, 0.0911, 0.1557), estimate(0.5, None, None)
    ('0.123 [0.091, 0.156]', '0.500')
    """
    if not (is_number(low) and is_number(high)):
        return number(value)
    decimals = decimals_for((float(high) - float(low)) / 2)  # type: ignore[arg-type]
    return f"{number(value, decimals)} [{number(low, decimals)}, {number(high, decimals)}]"


def mean_sd(mean: object, sd: object) -> str:
    """Return ``mean ± standard deviation``; the mean alone where one seed gives no deviation."""
    return f"{number(mean)} ± {number(sd)}" if is_number(sd) else number(mean)


def pvalue(value: object, lowest: object = None) -> str:
    """Return a p-value under a heading p; refuse one outside 0..1 or below the lowest that its test could give.

    >>> pvalue(0.0421), pvalue(0.0009765625, 0.0009765625), pvalue(1.0), pvalue(None)
    ('.042', '< .001', '> .999', '–')
    """
    if not is_number(value):
        return ABSENT
    p = float(value)  # type: ignore[arg-type]
    if not 0 <= p <= 1:
        raise FrameError(f"pvalue: must lie in 0..1; got {p!r}")
    if is_number(lowest) and p < float(lowest) * (1 - 1e-9):  # type: ignore[arg-type]
        raise FrameError(f"pvalue: must not lie below what its test could give, {lowest!r}; got {p!r}")
    return format_pvalue(p).removeprefix("p ").removeprefix("= ")


def claim_pvalue(verdict: object, value: object, lowest: object = None) -> str:
    """Return the p-value of a claim under a heading p; a contradicted claim has none, for its interval decides.

    >>> claim_pvalue("supported", 0.0421), claim_pvalue("negligible", 1.0), claim_pvalue("contradicted", 1.0)
    ('.042', '> .999', '–')
    """
    shown = pvalue(value, lowest)
    return ABSENT if isinstance(verdict, str) and verdict == "contradicted" else shown


def said_pvalue(shown: str) -> str:
    """Return a p-value that stands under no heading.

    >>> said_pvalue(".042"), said_pvalue("< .001")
    ('p = .042', 'p < .001')
    """
    return f"p {shown}" if shown[0] in "<>" else f"p = {shown}"


def verdict(word: object, adjusted: object, raw: object) -> str:
    """Return a verdict with its adjusted p-value.

    >>> verdict("supported", 0.0312, 0.0156), verdict("inconclusive", None, None), verdict("contradicted", 1.0, 1.0)
    ('supported, p = .031', 'inconclusive', 'contradicted')
    """
    p = claim_pvalue(word, adjusted, raw)
    said = str(word) if isinstance(word, str) else ABSENT
    return said if p == ABSENT else f"{said}, {said_pvalue(p)}"


def pvalue_floor(value: object) -> str:
    """Return the smallest attainable p-value to two significant digits; ABSENT for a test without one.

    >>> pvalue_floor(0.00390625), pvalue_floor(1e-05), pvalue_floor(3.52e-13)
    ('.0039', '.00001', '3.5e-13')
    """
    if not is_number(value):
        return ABSENT
    floor_ = float(value)  # type: ignore[arg-type]
    if 0 < floor_ < 1e-6:
        return f"{floor_:.1e}"
    decimals = max(1 - floor(log10(floor_)), 3) if floor_ > 0 else 3
    text = f"{floor_:.{decimals}f}"
    return (text.rstrip("0") if decimals > 3 else text).replace("0.", ".", 1)
