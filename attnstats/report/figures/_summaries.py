"""One figure for each finding, small enough to be seen whole: what was measured, averaged over the data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from attnstats.report.figures.illustration import Illustration
from attnstats.report.figures.plots import plot_agreement, plot_concordance, plot_information_by_rank, plot_skew
from attnstats.report.notation._claims import primary_claims
from attnstats.report.notation._rows import of_deciding_models

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The keys of which the values of one model are averaged over data sets, the seed among them.
_KEYS = ["quantity", "encoder", "attention", "normalizer", "ablation", "view", "estimator", "output", "training"]
_KEYS += ["seed", "layer", "head", "parameters"]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a finding was measured by: quantities, which models are shown, the figure, and how it is read."""

    quantities: tuple[str, ...]
    plot: Callable[[pd.DataFrame], Figure]
    title: str
    caption: str
    attention: str | None = None
    normalizer: str | None = "softmax"
    replaced: bool = False
    view: str | None = None

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are shown."""
        rows = of_deciding_models(frame)
        rows = rows[rows["quantity"].isin(self.quantities) & rows["seed"].notna() & rows["example"].isna()]
        rows = rows[rows["output"].isna() | (rows["output"] == "class")]
        for name, value in (("attention", self.attention), ("normalizer", self.normalizer), ("view", self.view)):
            rows = rows if value is None else rows[(rows[name] == value).fillna(False)]
        return rows if self.replaced else rows[rows["ablation"].isna() | (rows["ablation"] == "none")]


_MEASURED = {
    "i": _Measured(
        ("mi_normalised",),
        plot_information_by_rank,
        "What attended states tell of the output",
        "Information between the output and the state with the r-th largest attention; dotted: what the estimator "
        "gives where there is none.",
        view="rank",
    ),
    "ii": _Measured(
        ("tau_b",),
        plot_agreement,
        "Additive attention beside its controls",
        "Agreement (tau-b) of attention with the order of tokens by information; grey: attention that knows nothing of "
        "the text.",
        attention="additive",
        replaced=True,
    ),
    "iii": _Measured(
        ("concordance", "concordance_reference"),
        plot_concordance,
        "Order of pairs of tokens, from near ties to large gaps",
        "Share of pairs that attention and information order alike; dashed: if attention were the true order; dotted: "
        "chance.",
    ),
    "iv": _Measured(
        ("gini",),
        plot_skew,
        "Skew of attention by normalizer",
        "Gini coefficient of the weights: 0 is even, 1 is all on one token.",
        normalizer=None,
    ),
    "v": _Measured(
        ("tau_b",),
        plot_agreement,
        "Agreement of every encoder and attention",
        "Agreement (tau-b) of attention with the order of tokens by information, under softmax.",
    ),
}


def summary_figures(frame: pd.DataFrame) -> Iterator[Illustration]:
    """Yield for each finding the figure of what it was measured by, where the frame holds it.

    The value of each trained model is averaged over the data sets of the claims that decide, so that the intervals are
    over seeds as everywhere else. A condition that was not run on all of them is left out.
    """
    claims = primary_claims(frame)
    for finding in dict.fromkeys(claims["finding"].dropna()):
        measured = _MEASURED.get(finding)
        if measured is None:
            continue
        rows = measured.rows(frame)
        own = claims[(claims["finding"] == finding) & (claims["training"] == claims["training"].iloc[0])]
        named = {name for each in own["datasets"].dropna() for name in each}
        rows = rows[rows["dataset"].isin(named)] if named else rows
        shown = _over_datasets(rows)
        if not (shown["quantity"] == measured.quantities[0]).any():
            continue
        yield Illustration(
            summary_figure_name(finding),
            measured.quantities[0],
            measured.title,
            measured.caption,
            partial(_draw, measured.plot, shown),
        )


def summary_figure_name(finding: str) -> str:
    """Return the file name, without suffix, of the summary figure of a finding.

    >>> summary_figure_name("iv")
    'summary_iv'
    """
    return f"summary_{finding}"


def _draw(plot: Callable[[pd.DataFrame], Figure], shown: pd.DataFrame, _: pd.DataFrame) -> Figure:
    return plot(shown)


def _over_datasets(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the mean over data sets of each model and key, where there are several."""
    n_datasets = rows["dataset"].nunique()
    if n_datasets < 2:
        return rows
    groups = rows.groupby(_KEYS, sort=False, dropna=False)
    means = groups[["value", "null_floor"]].transform("mean")
    whole = (groups["dataset"].transform("nunique") == n_datasets) & ~rows.duplicated(_KEYS)
    pooled = rows.assign(**means, dataset=f"mean of {n_datasets} data sets")[whole]
    return pooled.astype(rows.dtypes).reset_index(drop=True)
