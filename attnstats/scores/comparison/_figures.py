"""The figures of a comparison."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from attnstats.exceptions import FewReplicatesWarning, InvalidInputError
from attnstats.report import (
    plot_critical_difference,
    plot_forest,
    plot_paired_differences,
    plot_performance_profile,
    plot_power,
    plot_ranks,
    plot_variance,
)
from attnstats.results import plural
from attnstats.scores.comparison.planning import detectable_differences, typical_contrast
from attnstats.scores.profiles._interquartile_mean import interquartile_mean
from attnstats.scores.profiles._performance_profile import performance_profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attnstats.scores.comparison.comparison import Comparison
    from attnstats.scores.comparison.differences import Difference

#: Rows of a forest plot that can still be read.
_MOST_ROWS = 60
#: Of the random numbers of the bootstrap.
_SEED = 0
#: Wanted probability to find a difference.
_POWER = 0.8


class ComparisonFigure(NamedTuple):
    """A figure with its file name, what it shows, and what is to be seen in it."""

    name: str
    title: str
    description: str
    figure: Figure


def figures(comparison: Comparison) -> Iterator[ComparisonFigure]:
    """Yield the figures that a comparison has."""
    value, condition = comparison.design.value, comparison.design.condition
    conditions = plural(condition)
    yield ComparisonFigure(
        "differences", f"Differences in {value} between {conditions}.", _told(comparison), _forest(comparison)
    )
    yield ComparisonFigure(
        "ranks",
        f"Ranks that the {conditions} may have, all at once.",
        "; ".join(each.summary() for each in comparison.placings),
        plot_ranks(_rank_frame(comparison)),
    )
    if (found := comparison.ranks_over_datasets) is not None:
        labels = pd.DataFrame({"label": comparison.design.conditions, "value": found.nemenyi.mean_ranks})
        tied = np.array(found.nemenyi.pvalues) > comparison.rules.alpha
        yield ComparisonFigure(
            "critical_difference",
            f"Mean ranks over {plural(comparison.design.dataset_name)}; those under one bar do not differ (Nemenyi).",
            found.summary(),
            plot_critical_difference(labels, tied, distance=found.nemenyi.critical_difference),
        )
    if comparison.by_dataset and comparison.design.unit in ("seed", "subject"):
        yield _profiles(comparison)
    if comparison.setup.analysis.paired:
        yield from _paired(comparison)
    if comparison.components:
        components = pd.DataFrame([{"label": each.source, "value": each.variance} for each in comparison.components])
        yield ComparisonFigure(
            "variance",
            "Where the variance of a difference comes from.",
            "; ".join(each.summary() for each in comparison.components),
            plot_variance(components, label=f"variance of a difference in {value}"),
        )
    if comparison.setup.sizes.more_help:
        yield from _power(comparison)


def _forest(comparison: Comparison) -> Figure:
    """Return the differences, each above those of its data sets while these can be read."""
    in_datasets = comparison.by_dataset
    if len(comparison.differences) + len(in_datasets) > _MOST_ROWS:
        in_datasets = ()
    rows = []
    for each in comparison.differences:
        name = f"{each.first} − {each.second}"
        within = [one for one in in_datasets if (one.first, one.second) == (each.first, each.second)]
        rows += [_forest_row(one, one.dataset, name) for one in within]
        rows.append(_forest_row(each, "all" if within else name, name) | {"pooled": bool(within)})
    frame = pd.DataFrame(rows)
    if not in_datasets:
        frame = frame.drop(columns=["group", "pooled"])
    return plot_forest(frame, margin=comparison.rules.margin, label=f"difference in {comparison.design.value}")


def _forest_row(found: Difference, label: str, group: str) -> dict[str, object]:
    interval = found.interval
    return {
        "label": label,
        "value": found.difference,
        "ci_low": np.nan if interval is None else interval.low,
        "ci_high": np.nan if interval is None else interval.high,
        "verdict": found.verdict.value,
        "group": group,
        "pooled": False,
    }


def _rank_frame(comparison: Comparison) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"label": each.condition, "value": each.rank, "ci_low": each.low, "ci_high": each.high}
            for each in comparison.placings
        ]
    )


def _paired(comparison: Comparison) -> Iterator[ComparisonFigure]:
    """Yield the differences of the two best conditions, or of the best from the reference, in each unit."""
    varying = [each for each in comparison.differences if each.interval is not None]
    if not varying:
        return
    found = min(varying, key=lambda each: _rank(each.first, comparison) + _rank(each.second, comparison))
    names, setup = comparison.design.conditions, comparison.setup
    first, second = (setup.data.conditions[names.index(each)] for each in (found.first, found.second))
    together = pd.concat(
        [
            pd.DataFrame({"label": labels, "value": a.unit_means - b.unit_means, "cluster": a.clusters}).dropna(
                subset="value"
            )
            for a, b, labels in zip(first, second, setup.data.units, strict=True)
        ]
    )
    if (groups := comparison.scores.factor("group")) is not None and together["cluster"].notna().all():
        together["label"] = [groups.labels[code] for code in together["cluster"]]
    if setup.analysis.shared or groups is not None:  # a unit is a run in all data sets, or a cluster of examples
        together = together.groupby("label", sort=False)["value"].mean().reset_index()
    assert found.interval is not None
    yield ComparisonFigure(
        "paired_differences",
        f"{found.first} less {found.second} in each {setup.analysis.unit}.",
        found.summary(),
        plot_paired_differences(
            together,
            (found.difference, found.interval.low, found.interval.high),
            margin=comparison.rules.margin,
            unit=plural(setup.analysis.unit),
            label=f"difference in {comparison.design.value}",
        ),
    )


def _profiles(comparison: Comparison) -> ComparisonFigure:
    """Return the share of runs above each score, and the interquartile means; the same comparison, the same bands."""
    unit, value = plural(comparison.setup.analysis.unit), comparison.design.value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)  # the reasons say how few there are
        profiles = performance_profile(comparison.scores, rng=_SEED)
        means = interquartile_mean(comparison.scores, rng=_SEED)
    described = ", ".join(
        f"{row['label']} {row['value']:.3g} [{row['ci_low']:.3g}, {row['ci_high']:.3g}]" for _, row in means.iterrows()
    )
    return ComparisonFigure(
        "profiles",
        f"Share of {unit} above each {value}, and interquartile means, with bootstrap intervals.",
        f"Interquartile means: {described}.",
        plot_performance_profile(profiles, means, label=value),
    )


def _rank(name: str, comparison: Comparison) -> int:
    return next(each.rank for each in comparison.placings if each.condition == name)


def _power(comparison: Comparison) -> Iterator[ComparisonFigure]:
    try:
        contrast = typical_contrast(comparison)
    except InvalidInputError:  # no difference varies
        return
    sizes = comparison.setup.sizes
    alpha = comparison.rules.alpha / len(comparison.differences)
    frame = detectable_differences(contrast, sizes, alpha, _POWER).rename(columns={"units": "n", "difference": "value"})
    if sizes.items:
        frame["label"] = [f"{n:,} {plural(str(sizes.item))}" for n in frame["items"]]
    yield ComparisonFigure(
        "power",
        f"Smallest difference in {comparison.design.value} found with {100 * _POWER:.0f} % power.",
        f"With the {sizes.units} {plural(sizes.unit)} at hand"
        f" {frame.loc[frame['n'] == sizes.units, 'value'].median():.3g}.",
        plot_power(
            frame,
            margin=comparison.rules.margin,
            unit=plural(sizes.unit),
            label=f"difference in {comparison.design.value} found with {100 * _POWER:.0f}\N{NO-BREAK SPACE}% power",
        ),
    )


def _told(comparison: Comparison) -> str:
    return "; ".join(each.summary() for each in comparison.differences[:_MOST_ROWS])
