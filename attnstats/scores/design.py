"""The design of a table of scores: what is crossed, nested and missing, and what the scores can speak of."""

from __future__ import annotations

from dataclasses import dataclass

from attnstats.scores._wording import design_lines, headline
from attnstats.scores.layout import Layout
from attnstats.scores.value_kinds import ValueKind


@dataclass(frozen=True)
class DesignFactor:
    """One factor of a design, as `find_design` returns it.

    Parameters
    ----------
    role, column : str
        What it is, as in `read_scores`, and the caller's name of it.
    n_labels : int
        How many there are.
    layout : Layout
        How it stands to the conditions.
    per_condition : tuple of int
        How many each condition has.
    inside : tuple of str
        Roles of the factors that it is nested in: each of its labels lies in one of theirs.
    determined : bool
        Whether the other factors fix it, so that it is no direction of the crossing: a data set, where examples are
        named, or a factor with one label.

    Examples
    --------
    >>> from attnstats.scores import DesignFactor, Layout
    >>> DesignFactor("seed", "run", 5, Layout.CROSSED, (5, 5)).n_labels
    5
    """

    role: str
    column: str
    n_labels: int
    layout: Layout
    per_condition: tuple[int, ...]
    inside: tuple[str, ...] = ()
    determined: bool = False


@dataclass(frozen=True)
class Design:
    """The design of a table of scores, as `find_design` returns it; printed in about five lines.

    Parameters
    ----------
    value, condition : str
        The caller's names of the score and of the condition.
    conditions : tuple of str
        The conditions.
    factors : tuple of DesignFactor
        The other factors.
    kind : ValueKind
        What the score is.
    n_cells : tuple of int
        Cells of each condition, those without a score included.
    n_missing_cells : tuple of int
        How many of them have no score.
    per_cell : tuple of int
        Fewest and most scores of a cell that has any.
    unit : str or None
        Role of the unit of replication; None if it is the row.
    paired : bool
        Whether the units are the same in all conditions, so that conditions are compared within them.
    declared : bool
        Whether the caller said so; otherwise it is found by the rule of `find_design`.
    n_units : tuple of int
        How many units each condition has; of folds those of all repetitions.
    n_incomplete : int
        Rows that were left out as incomplete when the table was read.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import find_design, read_scores
    >>> rows = [(model, run, 0.7 + 0.01 * run + 0.1 * (model == "b")) for model in "ab" for run in range(3)]
    >>> table = pd.DataFrame(rows, columns=["model", "run", "loss"])
    >>> design = find_design(read_scores(table, value="loss", condition="model", seed="run"))
    >>> design
    Design(2 models × 3 runs, crossed, complete)
    >>> design.unit, design.paired, design.n_units
    ('seed', True, (3, 3))
    """

    value: str
    condition: str
    conditions: tuple[str, ...]
    factors: tuple[DesignFactor, ...]
    kind: ValueKind
    n_cells: tuple[int, ...]
    n_missing_cells: tuple[int, ...]
    per_cell: tuple[int, int]
    unit: str | None
    paired: bool
    declared: bool
    n_units: tuple[int, ...]
    n_incomplete: int = 0

    def factor(self, role: str) -> DesignFactor | None:
        """Return the factor of a role, such as ``"seed"``; None if no column was named for it."""
        return next((factor for factor in self.factors if factor.role == role), None)

    @property
    def complete(self) -> bool:
        """Whether every cell has a score."""
        return not any(self.n_missing_cells)

    @property
    def unit_name(self) -> str:
        """The caller's name of the unit of replication."""
        factor = None if self.unit is None else self.factor(self.unit)
        return "row" if factor is None else factor.column

    @property
    def dataset_name(self) -> str:
        """The caller's name of a data set."""
        factor = self.factor("dataset")
        return "data set" if factor is None else factor.column

    @property
    def headline(self) -> str:
        """What is crossed with what, and how much of it is there, in one line."""
        return headline(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.headline})"

    def __str__(self) -> str:
        return "\n".join(design_lines(self))
