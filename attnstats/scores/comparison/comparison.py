"""What a comparison of conditions found, with the reason for each choice."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attnstats._validation import check_member
from attnstats.report import CSV, HTML, LaTeX, Markdown, Table, Typst
from attnstats.scores.choice.choice import Choice
from attnstats.scores.choice.rules import Rules
from attnstats.scores.choice.setup import Setup
from attnstats.scores.comparison._frames import difference_frame, estimate_frame
from attnstats.scores.comparison._prose import explained, told
from attnstats.scores.comparison._tables import tables
from attnstats.scores.comparison.across_datasets import AcrossDatasets, RanksOverDatasets
from attnstats.scores.comparison.components import Component
from attnstats.scores.comparison.differences import Difference
from attnstats.scores.comparison.estimates import ConditionEstimate
from attnstats.scores.comparison.placings import Placing
from attnstats.scores.design import Design
from attnstats.scores.scores import Scores


@dataclass(frozen=True, eq=False)
class Comparison:
    """A comparison of conditions, as `compare` returns it; printed as the paragraph of a paper.

    Parameters
    ----------
    design : Design
        What is crossed, nested and missing, and the unit of replication.
    choices : tuple of Choice
        What was chosen, the analysis first, and what was refused, each with its reason.
    estimates : tuple of ConditionEstimate
        The mean of each condition, data sets weighing the same.
    differences : tuple of Difference
        Between all pairs of conditions, or of each other one from the reference.
    placings : tuple of Placing
        Rank of each condition, and whether it may be best.
    by_dataset : tuple of Difference
        The same differences in each of several data sets.
    across_datasets : tuple of AcrossDatasets
        What several data sets say of others, and of how many.
    ranks_over_datasets : RanksOverDatasets or None
        Friedman's and Nemenyi's tests, with three data sets or more that share no units.
    components : tuple of Component
        Where the variance of a difference comes from; empty where units have no items.
    reference : str or None
        The condition from which all others were compared.
    rules : Rules
        Level, correction and margin, and whether a low score is a good one.
    setup : Setup
        The analysis, and the scores arranged for it.
    scores : Scores
        The table.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import Comparison, compare
    >>> table = pd.DataFrame({"model": ["a", "a", "a", "b", "b", "b"], "run": [0, 1, 2] * 2})
    >>> table["score"] = [0.7, 0.9, 0.8, 0.6, 0.7, 0.65]
    >>> comparison: Comparison = compare(table, value="score", condition="model", seed="run")
    >>> comparison.differences
    (a − b = 0.15, 95 % CI [0.0258, 0.274], adjusted p = .035: better,)
    """

    design: Design
    choices: tuple[Choice, ...]
    estimates: tuple[ConditionEstimate, ...]
    differences: tuple[Difference, ...]
    placings: tuple[Placing, ...]
    by_dataset: tuple[Difference, ...]
    across_datasets: tuple[AcrossDatasets, ...]
    ranks_over_datasets: RanksOverDatasets | None
    components: tuple[Component, ...]
    reference: str | None
    rules: Rules
    setup: Setup
    scores: Scores

    def summary(self) -> str:
        """Return what was done and found, as the paragraph of a paper."""
        return " ".join(self.sentences())

    __repr__ = summary

    def sentences(self) -> list[str]:
        """Return the sentences of that paragraph: the method, then one for each verdict."""
        return told(self)

    def explain(self) -> str:
        """Return the design, what was chosen and refused, and why, a line each."""
        return explained(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the differences in every digit, those of single data sets below those of all."""
        return difference_frame([*self.differences, *self.by_dataset])

    def estimates_to_frame(self) -> pd.DataFrame:
        """Return the means of the conditions with their intervals and ranks, in every digit."""
        return estimate_frame(self)

    def tables(self) -> tuple[Table, ...]:
        """Return the tables for a paper: conditions, differences, and where there are any data sets and variance."""
        return tables(self)

    def table(self, name: str = "differences") -> Table:
        """Return one table by its name: ``"conditions"``, ``"differences"``, ``"datasets"``, ``"across_datasets"`` or
        ``"variance"``.
        """
        found = {each.name: each for each in self.tables()}
        return found[check_member(name, "name", list(found))]

    def to_markdown(self, name: str = "differences") -> str:
        """Return a table in Markdown."""
        return Markdown().render(self.table(name))

    def to_latex(self, name: str = "differences", *, siunitx: bool = False) -> str:
        """Return a table in LaTeX; `attnstats.report.LaTeX` names the packages that it needs."""
        return LaTeX(siunitx=siunitx).render(self.table(name))

    def to_html(self, name: str = "differences") -> str:
        """Return a table in HTML."""
        return HTML().render(self.table(name))

    def to_typst(self, name: str = "differences") -> str:
        """Return a table in Typst."""
        return Typst().render(self.table(name))

    def to_csv(self, name: str = "differences") -> str:
        """Return a table in CSV, in every digit."""
        return CSV().render(self.table(name))
