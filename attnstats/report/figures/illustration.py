"""One figure of the report: what it needs, what stands over and under it, and what draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attnstats.report.notation._rows import seed_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What must be said of an interval of a share, which `over_seeds` ends where no mean of shares can lie.
WITHIN_SHARES = "Where t would pass 0 or 1, between which every share lies, the interval ends there."


@dataclass(frozen=True, slots=True)
class Illustration:
    """One figure of the report.

    Parameters
    ----------
    name : str
        File name without suffix.
    quantity : str
        The quantity without which there is nothing to draw.
    title, caption : str
        What stands over and under it.
    plot : callable
        Takes the results frame, returns the figure.
    view : str or None
        The view that the quantity must have, if one.

    Examples
    --------
    >>> from attnstats.report import FIGURES
    >>> [each.name for each in FIGURES]
    ['contrasts', 'specifications', 'information_by_rank', 'agreement', 'concordance', 'skew', 'along']
    """

    name: str
    quantity: str
    title: str
    caption: str
    plot: Callable[[pd.DataFrame], Figure]
    view: str | None = None

    def applies_to(self, frame: pd.DataFrame) -> bool:
        """Return whether the frame holds what the figure draws."""
        if self.quantity in ("contrast", "specification", "step_size"):
            return bool((frame["quantity"] == self.quantity).any())
        return not seed_rows(frame, self.quantity, view=self.view).empty
