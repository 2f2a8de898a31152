"""The tables of a comparison, as a paper prints them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attnstats.report import (
    Best,
    Count,
    Estimate,
    Number,
    PValue,
    ResultColumn,
    Significance,
    Table,
    Words,
    results_table,
)
from attnstats.report.tables.emphasis import named
from attnstats.results import plural
from attnstats.scores.comparison._frames import difference_frame, ends, estimate_frame, pair_columns

if TYPE_CHECKING:
    from attnstats.scores.comparison.comparison import Comparison
    from attnstats.scores.comparison.differences import Difference

#: Why stars and intervals may disagree.
_WHY = "The p-values are adjusted for the number of comparisons, the intervals are not."


def tables(comparison: Comparison) -> tuple[Table, ...]:
    """Return all tables: conditions, differences, differences in each data set, variance components."""
    found = [_conditions(comparison), _differences(comparison)]
    if comparison.by_dataset:
        found += [_by_dataset(comparison), _across_datasets(comparison)]
    if comparison.components:
        found.append(_components(comparison))
    return tuple(found)


def _conditions(comparison: Comparison) -> Table:
    """Return the means of the conditions, the best in bold where it is shown to be."""
    design = comparison.design
    frame = estimate_frame(comparison)
    frame["best"] = frame["may_be_best"] & (frame["may_be_best"].sum() == 1)
    frame["ranks"] = [_span(each.low, each.high) for each in comparison.placings]
    frame = frame.sort_values("rank", kind="stable", ignore_index=True)
    best = Best("best", f"better than every other {design.condition} at level {comparison.rules.alpha:.2g}, Bonferroni")
    columns = [
        Words(design.condition),
        Estimate("mean", "ci_low", "ci_high", design.value, comparison.rules.interval_name, best=best),
        Words("ranks", "rank may be"),
        Count("n", plural(comparison.estimates[0].replication_unit)),
    ]
    arrow = "lower" if comparison.rules.lower_is_better else "higher"
    return results_table(
        frame,
        columns,
        name="conditions",
        caption=f"{design.value} of each {design.condition} ({arrow} is better).",
        notes=[f"Ranks hold for all {plural(design.condition)} at once.", *_method_notes(comparison)],
    )


def _differences(comparison: Comparison) -> Table:
    units = plural(comparison.setup.analysis.unit)
    frame = difference_frame(comparison.differences)
    frame = frame.join(pair_columns(comparison.differences, comparison.reference))
    corrected = f"p ({comparison.rules.correction_name})" if len(frame) > 1 else "p"
    starred = Significance("pvalue_adjusted", corrected, (round(comparison.rules.alpha, 12),), why=_WHY)
    columns = [
        Words("comparison", comparison.design.condition),
        Estimate("difference", "ci_low", "ci_high", "difference", comparison.rules.interval_name, significance=starred),
        PValue("pvalue_adjusted", corrected),
    ]
    explained = ""
    if frame["hedges_g"].notna().any():
        columns.append(Number("hedges_g", "g", decimals=2))
        explained = f"g: Hedges' g over {units}. "
    unpaired = ", unpaired" if comparison.setup.analysis.paired else ""  # beside an effect of pairs
    columns.append(Number("superiority", f"P(A > B){unpaired}", decimals=2))
    if comparison.rules.margin is not None:
        columns.append(PValue("equivalence_pvalue_adjusted", f"p within ±{comparison.rules.margin:g}"))
    columns.append(Words("verdict"))
    return results_table(
        frame,
        columns,
        name="differences",
        caption=f"Differences in {comparison.design.value} between {plural(comparison.design.condition)}.",
        groups="shared" if "shared" in frame else None,
        notes=[
            *_row_notes(comparison.differences),
            f"{explained}P(A > B): probability that one of the {units} of the first scores above one of the second"
            f"{', be they a pair or not' if unpaired else ''}; ties count one half.",
            *_method_notes(comparison),
        ],
    )


def _by_dataset(comparison: Comparison) -> Table:
    frame = difference_frame(comparison.by_dataset)
    frame["comparison"] = frame["first"] + " − " + frame["second"]
    corrected = f"p ({comparison.rules.correction_name})"
    starred = Significance("pvalue_adjusted", corrected, (round(comparison.rules.alpha, 12),), why=_WHY)
    columns = [
        Words("dataset", "data set"),
        Estimate("difference", "ci_low", "ci_high", "difference", comparison.rules.interval_name, significance=starred),
        PValue("pvalue_adjusted", corrected),
        Words("verdict"),
    ]
    return results_table(
        frame,
        columns,
        name="datasets",
        caption=f"Differences in {comparison.design.value} in each data set.",
        groups="comparison",
        notes=[
            *_row_notes(comparison.by_dataset),
            f"p-values are adjusted over all {len(frame)} rows.",
            *_method_notes(comparison),
        ],
    )


def _across_datasets(comparison: Comparison) -> Table:
    rows = [
        {
            "mean": np.nan if each.mean is None else each.mean.effect,
            **ends(None if each.mean is None else each.mean.confidence_interval),
            "pvalue": np.nan if each.mean is None else each.mean.pvalue,
            "tau": each.tau,
            "better_in": f"{each.better_in} of {each.n_datasets}",
            "worse_in": f"{each.worse_in} of {each.n_datasets}",
        }
        for each in comparison.across_datasets
    ]
    data_sets = plural(comparison.design.dataset_name)
    units = plural(comparison.setup.analysis.unit)
    crossed = f"crossed analysis of variance, since they share their {units}"
    how = crossed if comparison.setup.analysis.shared else "random effects (REML, Knapp and Hartung)"
    columns: list[ResultColumn] = [Words("comparison", comparison.design.condition)]
    if any(each.mean is not None for each in comparison.across_datasets):
        columns += [
            Estimate("mean", "ci_low", "ci_high", "mean difference", comparison.rules.interval_name),
            PValue("pvalue", "p"),
            Number("tau"),
        ]
    columns += [Words("better_in", "better in at least"), Words("worse_in", "worse in at least")]
    frame = pd.DataFrame(rows).join(pair_columns(comparison.across_datasets, comparison.reference))
    return results_table(
        frame,
        columns,
        name="across_datasets",
        groups="shared" if "shared" in frame else None,
        caption=f"What these {data_sets} say of others like them, and in how many of them a difference is shown.",
        notes=[
            f"Mean over {data_sets} of which these are a sample, {how}; tau is the standard deviation of the true"
            f" differences between {data_sets}. In at least so many: partial"
            f" conjunction, with {100 * comparison.rules.level:g} % confidence. Not adjusted for several comparisons."
        ],
    )


def _components(comparison: Comparison) -> Table:
    frame = pd.DataFrame(
        [
            {
                "source": each.source,
                "variance": each.variance,
                "share": 100 * each.share,
                "share_of_mean": 100 * each.share_of_mean,
            }
            for each in comparison.components
        ]
    )
    columns = [
        Words("source"),
        Number("variance"),
        Number("share", "share, %", decimals=0),
        Number("share_of_mean", "share of the mean's, %", decimals=0),
    ]
    return results_table(
        frame,
        columns,
        name="variance",
        caption="Where the variance of a difference comes from.",
        notes=["Mean over all pairs of conditions; unbiased estimates, which may be negative."],
    )


def _row_notes(differences: Sequence[Difference]) -> list[str]:
    """Return what must be said of single rows, each word with the rows that it is about."""
    rows = [f"{each.first} − {each.second}{f' ({each.dataset})' if each.dataset else ''}" for each in differences]
    notes = np.array([each.note for each in differences])
    said = dict.fromkeys(note for note in notes.tolist() if note)
    return [f"{named(rows, notes == note)}: {note}." for note in said]


def _method_notes(comparison: Comparison) -> list[str]:
    chosen = comparison.choices[0].answer
    return [f"{chosen[:1].upper()}{chosen[1:]}; {comparison.design.headline}."]


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"
