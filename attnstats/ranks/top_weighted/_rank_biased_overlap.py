"""Rank-biased overlap of two rankings that may be incomplete, differ in length and have ties."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, check_at_least, check_fraction
from attnstats.exceptions import InvalidInputError, NonFiniteError

#: An item, or tied ones.
Ranked: TypeAlias = Hashable | AbstractSet[Hashable] | list[Hashable]


@dataclass(frozen=True, slots=True)
class RankBiasedOverlap:
    """Rank-biased overlap of two rankings.

    Parameters
    ----------
    extrapolated : float
        The estimate, in [0, 1]: the agreement at the end of the lists is assumed to continue.
    minimum, residual : float
        The least overlap that is possible whatever follows the lists, and how much more is.
    persistence : float
        The p of the measure.
    lengths : tuple of int
        Number of items in each list.
    """

    extrapolated: float
    minimum: float
    residual: float
    persistence: float
    lengths: tuple[int, int]

    @property
    def maximum(self) -> float:
        """The largest overlap that is possible whatever follows the lists."""
        return self.minimum + self.residual

    def summary(self) -> str:
        """Return the overlap as a sentence for a paper."""
        return (
            f"RBO = {self.extrapolated:.3g} (p = {self.persistence:g}), between {self.minimum:.3g} and "
            f"{self.maximum:.3g} whatever follows, lists of {self.lengths[0]} and {self.lengths[1]} items"
        )

    def __repr__(self) -> str:
        return self.summary()


def rank_biased_overlap(
    first: Sequence[Ranked], second: Sequence[Ranked], *, persistence: float = 0.9
) -> RankBiasedOverlap:
    """Return the rank-biased overlap of two rankings.

    RBO = (1 − p) Σ p^(d−1) A_d over all depths d, where A_d is the share that the top d of both have in common: the
    expected agreement for a reader who goes on from each item to the next with probability p. With ties it is the mean
    over all ways to break them (RBO-a of Corsi and Urbano 2024), so a list with ties is not in full agreement with
    itself.

    Parameters
    ----------
    first, second : sequence
        Items from the top down, at least one each, none twice. A set or a list within the sequence stands for tied
        items; a tuple is one item, such as a bigram.
    persistence : float
        The p of the measure, in (0, 1); at 0.9 the top 10 have 86 % of the weight.

    Returns
    -------
    RankBiasedOverlap
        With the estimate RBO_EXT (Webber 2010, equation 32), RBO_MIN (equation 11) and RBO_RES (equation 30).

    Raises
    ------
    InvalidInputError
        If an item stands twice in a list or is not hashable, or p is not in (0, 1).
    NonFiniteError, TooFewSamplesError
        If an item is None or NaN; if a list is empty.

    References
    ----------
    W. Webber, A. Moffat and J. Zobel, A similarity measure for indefinite rankings, ACM TOIS 28 (2010) 20.
    M. Corsi and J. Urbano, The treatment of ties in rank-biased overlap, SIGIR 2024, 251-260.

    Examples
    --------
    >>> from attnstats.ranks import rank_biased_overlap
    >>> rank_biased_overlap(["good", "film", "not"], ["film", "good", "the"])
    RBO = 0.63 (p = 0.9), between 0.312 and 0.873 whatever follows, lists of 3 and 3 items
    >>> rank_biased_overlap([["good", "film"], "not"], ["good", "film", "not"])  # half of each is on top
    RBO = 0.95 (p = 0.9), between 0.473 and 0.95 whatever follows, lists of 3 and 3 items
    """
    p = check_fraction(persistence, "persistence")
    shares_first, shares_second = _shares(first, "first"), _shares(second, "second")
    short, long = sorted((len(shares_first), len(shares_second)))
    overlap = _overlaps(shares_first, shares_second, long)
    common = round(float(overlap[-1]))  # at the end of both lists ties do not matter any more
    depth = np.arange(1, long + 1)
    weights = p**depth / depth
    at_short = float(overlap[short - 1])

    minimum = (1 - p) / p * (float((overlap - common) @ weights) - common * math.log1p(-p))
    beyond = depth[short:]
    extrapolated = (1 - p) / p * (
        float(overlap @ weights) + float((at_short * (beyond - short) / short) @ weights[short:])
    ) + ((common - at_short) / long + at_short / short) * p**long
    union = short + long - common
    every = np.arange(1, union + 1)
    every_weight = p**every / every
    residual = (
        p**short
        + p**long
        - p**union
        - (1 - p)
        / p
        * (
            short * float(every_weight[short:].sum())
            + long * float(every_weight[long:].sum())
            + common * (-math.log1p(-p) - float(every_weight.sum()))
        )
    )
    return RankBiasedOverlap(extrapolated, minimum, residual, p, (len(shares_first), len(shares_second)))


def _shares(ranking: Iterable[Ranked], name: str) -> dict[Hashable, tuple[int, int]]:
    """Return the first and the last place, from 1, of each item's tied group."""
    if isinstance(ranking, str | bytes) or not isinstance(ranking, Iterable):
        what = "the string " if isinstance(ranking, str) else ""
        raise InvalidInputError(f"{name}: must be a sequence of items; got {what}{ranking!r}")
    if isinstance(ranking, AbstractSet | Mapping):
        raise InvalidInputError(f"{name}: must have an order, from the top down; got a {type(ranking).__name__}")
    places: dict[Hashable, tuple[int, int]] = {}
    for entry in ranking:
        group = tuple(entry) if isinstance(entry, AbstractSet | list) else (entry,)
        start = len(places)
        for item in group:
            _check_item(item, name)
            if item in places:
                raise InvalidInputError(f"{name}: must not hold an item twice; got {item!r} again")
            places[item] = (start + 1, start + len(group))
    check_at_least(len(places), 1, f"number of items in {name}")
    return places


def _check_item(item: Hashable, name: str) -> None:
    """Raise unless an item is hashable and equals itself, unlike NaN and missing values."""
    try:
        hash(item)
    except TypeError:
        raise InvalidInputError(
            f"{name}: must hold hashable items, such as words or numbers, or lists of them where they are tied;"
            f" got {item!r}"
        ) from None
    try:
        missing = item is None or bool(item != item)
    except TypeError:  # pandas' NA is neither equal nor unequal to itself
        missing = True
    if missing:
        raise NonFiniteError(f"{name}: must have no missing items; got {item!r}")


def _overlaps(
    first: dict[Hashable, tuple[int, int]], second: dict[Hashable, tuple[int, int]], depth: int
) -> FloatArray:
    """Return the expected number of items in common at depths 1, 2, ...; a list that has ended keeps its items."""
    overlap = np.zeros(depth)
    depths = np.arange(1, depth + 1)
    for item, (start, stop) in first.items():
        if item in second:
            other_start, other_stop = second[item]
            overlap += np.clip((depths - start + 1) / (stop - start + 1), 0, 1) * np.clip(
                (depths - other_start + 1) / (other_stop - other_start + 1), 0, 1
            )
    return overlap
