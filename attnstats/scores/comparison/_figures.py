"""The figures of a comparison."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
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
from attnstats.results import counted, plural
from attnstats.scores.analyses.clusters import ClusterRobust
from attnstats.scores.comparison._frames import pair_columns
from attnstats.scores.comparison.differences import Difference, turned_round
from attnstats.scores.comparison.planning import detectable_differences, typical_contrast
from attnstats.scores.profiles._interquartile_mean import interquartile_mean
from attnstats.scores.profiles._performance_profile import performance_profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attnstats.scores.comparison.comparison import Comparison

#: Rows of a forest plot that can still be read.
_MOST_ROWS = 60
#: Curves that can still be told apart.
_MOST_CURVES = 12
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
    value, conditions = comparison.design.value, plural(comparison.design.condition)
    yield _forest(comparison)
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
            f"Mean ranks over {plural(comparison.design.dataset_name)}; no difference between those under one bar"
            " is shown (Nemenyi).",
            found.summary(),
            plot_critical_difference(labels, tied, distance=found.nemenyi.critical_difference),
        )
    if comparison.by_dataset and comparison.design.unit in ("seed", "subject"):
        yield from _profiles(comparison)
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


def _forest(comparison: Comparison) -> ComparisonFigure:
    """Return the differences, each below those of its data sets while these can be read."""
    value, conditions = comparison.design.value, plural(comparison.design.condition)
    found: Sequence[Difference] = comparison.differences
    title = f"Differences in {value} between {conditions}."
    reference = comparison.reference
    if len(found) > _MOST_ROWS and reference is None:
        found = _from_best(comparison)
        title = f"Differences in {value} of {found[0].first} from the other {conditions}."
    in_datasets = comparison.by_dataset if len(found) + len(comparison.by_dataset) <= _MOST_ROWS else ()
    rows = []
    for each, named in zip(found, pair_columns(found, reference).to_dict("records"), strict=True):
        within = [one for one in in_datasets if (one.first, one.second) == (each.first, each.second)]
        pair = f"{each.first} − {each.second}"
        rows += [_forest_row(one) | {"label": one.dataset, "group": pair} for one in within]
        label, group = ("all", pair) if within else (named["comparison"], named.get("shared", ""))
        rows.append(_forest_row(each) | {"label": label, "group": group, "pooled": bool(within)})
    figure = plot_forest(pd.DataFrame(rows), margin=comparison.rules.margin, label=f"difference in {value}")
    return ComparisonFigure("differences", title, "; ".join(each.summary() for each in found), figure)


def _from_best(comparison: Comparison) -> list[Difference]:
    """Return the differences of the condition that ranks first from the others."""
    best = min(comparison.placings, key=lambda each: each.rank).condition
    found = [each for each in comparison.differences if best in (each.first, each.second)]
    return [each if each.first == best else turned_round(each) for each in found]


def _forest_row(found: Difference) -> dict[str, object]:
    interval = found.interval
    return {
        "value": found.difference,
        "ci_low": np.nan if interval is None else interval.low,
        "ci_high": np.nan if interval is None else interval.high,
        "verdict": found.verdict.value,
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
    n_examples = len(together)
    if (groups := comparison.scores.factor("group")) is not None and together["cluster"].notna().all():
        together["label"] = [groups.labels[code] for code in together["cluster"]]
    if setup.analysis.shared or groups is not None:  # a unit is a run in all data sets, or a cluster of examples
        together = together.groupby("label", sort=False)["value"].mean().reset_index()
    assert found.interval is not None
    mean_of = None
    if isinstance(setup.analysis, ClusterRobust) and not np.isclose(together["value"].mean(), found.difference):
        mean_of = counted(n_examples, setup.analysis.example)  # clusters of several sizes
    yield ComparisonFigure(
        "paired_differences",
        f"{found.first} less {found.second} in each {setup.analysis.unit}.",
        found.summary(),
        plot_paired_differences(
            together,
            (found.difference, found.interval.low, found.interval.high),
            margin=comparison.rules.margin,
            unit=plural(setup.analysis.unit),
            mean_of=mean_of,
            label=f"difference in {comparison.design.value}",
        ),
    )


def _profiles(comparison: Comparison) -> Iterator[ComparisonFigure]:
    """Yield the share of runs above each score, and the interquartile means; the same comparison, the same bands."""
    unit, value = plural(comparison.setup.analysis.unit), comparison.design.value
    with warnings.catch_warnings(record=True) as few:
        warnings.simplefilter("always", FewReplicatesWarning)  # a reader of the page sees no warning
        try:
            profiles = performance_profile(comparison.scores, rng=_SEED)
        except InvalidInputError:  # every run is 0 or 1
            return
        means = interquartile_mean(comparison.scores, rng=_SEED)
    said = str(few[0].message).removeprefix("scores: ") if few else ""
    too_few = f" {said[0].upper()}{said[1:]}." if said else ""
    first = sorted(comparison.placings, key=lambda each: each.rank)[:_MOST_CURVES]
    profiles, means = (each[each["label"].isin([one.condition for one in first])] for each in (profiles, means))
    shown = f" of the {_MOST_CURVES} that rank first" if len(comparison.placings) > _MOST_CURVES else ""
    described = ", ".join(
        f"{row['label']} {row['value']:.3g} [{row['ci_low']:.3g}, {row['ci_high']:.3g}]" for _, row in means.iterrows()
    )
    yield ComparisonFigure(
        "profiles",
        f"Share of {unit} above each {value}{shown}, and interquartile means, with bootstrap intervals.{too_few}",
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
