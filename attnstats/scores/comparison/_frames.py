"""A comparison as frames: one row for each condition, and one for each difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from attnstats.results import ConfidenceInterval
    from attnstats.scores.comparison.across_datasets import AcrossDatasets
    from attnstats.scores.comparison.comparison import Comparison
    from attnstats.scores.comparison.differences import Difference

_ABSENT = float("nan")
#: Letters of the names of two conditions that can stand side by side.
_LONG = 26


def estimate_frame(comparison: Comparison) -> pd.DataFrame:
    """Return the means of the conditions with their intervals, ranks, and whether each may be best."""
    rows = [
        {
            comparison.design.condition: estimate.condition,
            "mean": estimate.mean,
            **ends(estimate.interval),
            "n": estimate.n,
            "rank": place.rank,
            "rank_low": place.low,
            "rank_high": place.high,
            "may_be_best": place.may_be_best,
        }
        for estimate, place in zip(comparison.estimates, comparison.placings, strict=True)
    ]
    return pd.DataFrame(rows)


def difference_frame(differences: Sequence[Difference]) -> pd.DataFrame:
    """Return differences with all that was asked of them, in every digit; empty cells where something was not asked."""
    return pd.DataFrame([_row(each) for each in differences])


def _row(found: Difference) -> dict[str, object]:
    margin, effects, needed = found.margin, found.effects, found.needed
    flips = found.beside[0] if found.beside else None
    return {
        "dataset": found.dataset,
        "first": found.first,
        "second": found.second,
        "difference": found.difference,
        **ends(found.interval),
        "pvalue": found.pvalue,
        "pvalue_adjusted": found.adjusted_pvalue,
        "verdict": found.verdict.value,
        "n": found.n,
        "hedges_g": _ABSENT if effects is None else effects.hedges_g,
        "superiority": _ABSENT if effects is None else effects.superiority,
        "cliffs_delta": _ABSENT if effects is None else effects.cliffs_delta,
        "equivalence_pvalue": _ABSENT if margin is None else margin.equivalence,
        "equivalence_pvalue_adjusted": _ABSENT if margin is None else margin.adjusted_equivalence,
        "noninferiority_pvalue": _ABSENT if margin is None else margin.noninferiority,
        "noninferiority_pvalue_adjusted": _ABSENT if margin is None else margin.adjusted_noninferiority,
        "needed_units": pd.NA if needed is None or needed.units is None else needed.units,
        "needed_items": pd.NA if needed is None or needed.items is None else needed.items,
        "test": found.test,
        "test_beside": "" if flips is None else flips.test,
        "pvalue_beside": _ABSENT if flips is None else flips.pvalue,
        "pvalue_beside_floor": _ABSENT if flips is None or flips.pvalue_floor is None else flips.pvalue_floor,
        "note": found.note,
    }


def pair_columns(differences: Sequence[Difference | AcrossDatasets], reference: str | None) -> pd.DataFrame:
    """Return what the rows of pairs are called, in the column ``comparison``, and with long names ``shared`` as well.

    Long names of pairs would fill a table, so that the condition which rows have in common stands over them.
    """
    joined = [f"{each.first} − {each.second}" for each in differences]
    if max(map(len, joined)) <= _LONG:
        return pd.DataFrame({"comparison": joined})
    own = [each.second if reference is None else each.first for each in differences]
    shared = [f"{each.first} − …" if reference is None else f"… − {reference}" for each in differences]
    return pd.DataFrame({"comparison": own, "shared": shared})


def ends(interval: ConfidenceInterval | None) -> dict[str, float]:
    """Return the ends of an interval as two columns, NaN where there is none."""
    low_high = (_ABSENT, _ABSENT) if interval is None else (interval.low, interval.high)
    return dict(zip(("ci_low", "ci_high"), low_high, strict=True))
