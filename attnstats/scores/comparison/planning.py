"""How many units and items a comparison needs, from one that was made."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtri, stdtrit

from attnstats._validation import check_fraction, check_object, check_positive
from attnstats.comparison._noncentral_t import noncentral_t_above
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError
from attnstats.results import plural
from attnstats.scores.analyses.contrast import Contrast
from attnstats.scores.choice.rules import Sizes
from attnstats.scores.comparison._needed import needed_numbers
from attnstats.scores.comparison.comparison import Comparison
from attnstats.scores.factor import counted

#: How many times as many units and items the table of detectable differences goes to.
_TIMES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, eq=False)
class ComparisonPlan:
    """How many units and items tell a difference between two conditions from none.

    Parameters
    ----------
    difference : float
        The difference that is to be found.
    power, assurance : float
        With which probability it is found, and the confidence that the larger numbers reach it.
    sizes : Sizes
        Units and items of the pilot.
    units, units_assured : int or None
        How many units do it with the items of the pilot, if its error is as estimated and if it is as large as its
        upper confidence limit; None where no number does.
    items, items_assured : int or None
        How many items do it with the units of the pilot.
    detectable : DataFrame
        The smallest difference found with this power for several numbers of units and items.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import ComparisonPlan, compare, plan_comparison
    >>> table = pd.DataFrame({"model": ["a", "a", "a", "b", "b", "b"], "run": [0, 1, 2] * 2})
    >>> table["score"] = [0.7, 0.9, 0.8, 0.6, 0.7, 0.65]
    >>> plan: ComparisonPlan = plan_comparison(compare(table, value="score", condition="model", seed="run"), 0.1)
    >>> plan.units, plan.units_assured
    (5, 12)
    """

    difference: float
    power: float
    assurance: float
    sizes: Sizes
    units: int | None
    units_assured: int | None
    items: int | None
    items_assured: int | None
    detectable: pd.DataFrame

    def summary(self) -> str:
        """Return the plan in a few sentences."""
        sizes = self.sizes
        with_items = "" if sizes.items is None else f" with {counted(sizes.items, str(sizes.item))}"
        lines = [
            f"To tell a difference of {self.difference:.3g} from none with {100 * self.power:.0f} % power:",
            f"{_number(self.units, sizes.unit)}{with_items}; {_number(self.units_assured, sizes.unit)} to be"
            f" {100 * self.assurance:.0f} % sure of that power, since the pilot's error is uncertain.",
        ]
        if sizes.items is not None:
            lines.append(
                f"{_number(self.items, str(sizes.item))} with {counted(sizes.units, sizes.unit)};"
                f" {_number(self.items_assured, str(sizes.item))} to be as sure."
            )
        return "\n".join(lines)

    __repr__ = summary


def plan_comparison(
    comparison: Comparison, difference: float | None = None, *, power: float = 0.8, assurance: float = 0.8
) -> ComparisonPlan:
    """Return how many units of replication and items would tell a difference from none.

    The error of the difference of two conditions in the comparison, the median over all pairs of them, is split into
    what units, items and the rest add to it, and each part shrinks with the number of its own. The level is that of one
    comparison out of as many as were made, by Bonferroni.

    Parameters
    ----------
    comparison : Comparison
        A pilot, as `compare` returns it.
    difference : float, optional
        The difference that is to be found, in the unit of the scores; by default the margin of the comparison.
    power : float
        Wanted probability to find it.
    assurance : float
        Confidence that the larger numbers reach this power: they take the upper confidence limit of the error at this
        level for the error.

    Returns
    -------
    ComparisonPlan

    Raises
    ------
    InvalidInputError
        If `comparison` is none, there is no difference to find, no two conditions differ by varying amounts, or the
        units are folds, of which more tell no more.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.scores import compare, plan_comparison
    >>> pilot = pd.DataFrame({"model": np.repeat(["a", "b"], 4), "run": [0, 1, 2, 3] * 2,
    ...                       "score": [0.70, 0.73, 0.71, 0.74, 0.72, 0.73, 0.75, 0.74]})
    >>> plan_comparison(compare(pilot, value="score", condition="model", seed="run"), 0.02).units
    10
    """
    check_object(comparison, "comparison", Comparison, "compare(...)")
    wanted = comparison.rules.margin if difference is None else difference
    if wanted is None:
        raise InvalidInputError("difference: must be given where the comparison has no margin; got None")
    wanted = check_positive(wanted, "difference")
    check_fraction(power, "power")
    check_fraction(assurance, "assurance")
    sizes = comparison.setup.sizes
    if not sizes.more_help:
        raise InvalidInputError(
            f"comparison: must be over units of which more tell more; got {plural(sizes.unit)} of the same data, of"
            " which more do not"
        )
    contrast = typical_contrast(comparison)
    alpha = comparison.rules.alpha / len(comparison.differences)
    df = contrast.error_with(1.0, 1.0)[1]
    larger = 1.0 if math.isinf(df) else math.sqrt(df / float(chdtri(df, assurance)))
    estimated, assured = (needed_numbers(contrast, target, sizes, alpha, power) for target in (wanted, wanted / larger))
    detectable = detectable_differences(contrast, sizes, alpha, power)
    return ComparisonPlan(
        wanted, power, assurance, sizes, estimated[0], assured[0], estimated[1], assured[1], detectable
    )


def typical_contrast(comparison: Comparison) -> Contrast:
    """Return the contrast of two conditions whose error is the median over all pairs."""
    setup = comparison.setup
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)  # the reasons say how few there are
        contrasts = [setup.analysis.difference(a, b) for a, b in combinations(setup.data.conditions, 2)]
    errors = [(each.error_with(1.0, 1.0)[0], place) for place, each in enumerate(contrasts)]
    known = sorted(pair for pair in errors if pair[0] > 0)
    if not known:
        raise InvalidInputError(
            "comparison: must hold two conditions whose difference varies; got none, so that nothing tells its error"
        )
    return contrasts[known[(len(known) - 1) // 2][1]]


def detectable_differences(contrast: Contrast, sizes: Sizes, alpha: float, power: float) -> pd.DataFrame:
    """Return the smallest difference found with a power, for several numbers of units and items."""
    rows = []
    for more in _TIMES if sizes.items else (1.0,):
        for units in sorted({max(2, round(sizes.units * times)) for times in _grid(sizes.units)}):
            error, df = contrast.error_with(units / sizes.units, more)
            rows.append((units, round((sizes.items or 1) * more), error * _shift(df, alpha, power)))
    frame = pd.DataFrame(rows, columns=["units", "items", "difference"])
    return frame if sizes.items else frame.drop(columns="items")


def _grid(units: int) -> list[float]:
    """Return multiples of a number of units, every number of few."""
    if units <= 40:
        return [n / units for n in range(2, max(4 * units, 12) + 1)]
    return [0.25 * times for times in range(1, 17)]


def _shift(df: float, alpha: float, power: float) -> float:
    """Return how many errors a difference must have to be found with a power."""
    critical = float(stdtrit(df, 1 - alpha / 2))

    def excess(shift: float) -> float:
        return noncentral_t_above(critical, df, shift) - power

    if excess(0.0) >= 0:
        return 0.0
    high = critical + 40.0
    while excess(high) < 0:  # with one or two degrees of freedom and a small level
        high *= 2
    return float(brentq(excess, 0.0, high))


def _number(n: int | None, unit: str) -> str:
    return f"no number of {plural(unit)}" if n is None else counted(n, unit)
