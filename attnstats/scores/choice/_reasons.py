"""What was chosen for a design and what was refused, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from attnstats.results import plural
from attnstats.scores._wording import span
from attnstats.scores.analyses.blocks import Arrangement
from attnstats.scores.analyses.clusters import ClusterRobust
from attnstats.scores.analyses.crossed import CrossedAnova, IndependentCrossedAnova
from attnstats.scores.analyses.folds import CorrectedT
from attnstats.scores.choice._measured import measured
from attnstats.scores.choice.choice import Choice
from attnstats.scores.choice.rules import Rules, Sizes
from attnstats.scores.choice.setup import Setup
from attnstats.scores.design import Design
from attnstats.scores.value_kinds import Binary, Bounded, Ordinal

#: Units below which variances are poorly known.
_FEW = 8
#: Share of the scale within which a mean is near an end.
_NEAR = 0.1


def choices_of(setup: Setup, design: Design, rules: Rules, n_comparisons: int) -> tuple[Choice, ...]:
    """Return the choices and refusals of a comparison, the most important first."""
    analysis, sizes, units = setup.analysis, _simulated_sizes(setup), plural(setup.analysis.unit)
    name = analysis.name_over(len(setup.data.datasets))
    chosen = [Choice("differences", name, analysis.reason, measured(type(analysis).__name__, sizes))]
    if not design.complete:
        chosen.append(_missing(setup, design, sizes))
    if sizes.units < _FEW:
        where = "" if sizes.shared or len(setup.data.datasets) == 1 else f" in the smallest {design.dataset_name}"
        few = f"there are {sizes.units}{where}: a variance that so few tell is poorly known, which t allows for"
        chosen.append(Choice("few units", f"t with few degrees of freedom over {units}", few))
    chosen.append(_intervals(design))
    if rules.margin is not None:
        chosen.append(_margin(setup, design, rules.margin))
    if n_comparisons > 1:
        chosen.append(_several(rules, n_comparisons))
    if len(setup.data.datasets) > 1:
        chosen.append(_datasets(setup, design))
    return (*chosen, *_refused(setup, sizes))


def _simulated_sizes(setup: Setup) -> Sizes:
    """Return the sizes by which simulated designs are told apart; those of folds by how many one repetition has."""
    if isinstance(setup.analysis, CorrectedT):
        return replace(setup.sizes, items=round(1 + 1 / setup.analysis.test_share))
    return setup.sizes


def _missing(setup: Setup, design: Design, sizes: Sizes) -> Choice:
    gaps = f"{sum(design.n_missing_cells):,} of {sum(design.n_cells):,} cells have no score"
    if setup.analysis.paired and (sizes.items is not None or sizes.shared):
        left, of = _common_cells(setup.data)
        answer = (
            f"effects fitted by generalised least squares to all cells of each, of which two {plural(design.condition)}"
            f" have {left} of {of:,} in common"
        )
        return Choice("missing cells", answer, gaps)
    if sizes.items is not None or sizes.shared:
        return Choice("missing cells", "effects fitted by least squares to the cells that are there", gaps)
    units = plural(setup.analysis.unit)
    if not setup.analysis.paired:
        return Choice("missing cells", f"each {design.condition} has the {units} that are there", gaps)
    answer = f"differences and ranks are over the {units} that two have in common, means over those that each has"
    return Choice("missing cells", answer, gaps)


def _common_cells(data: Arrangement) -> tuple[str, int]:
    """Return how many cells two conditions have in common, the fewest and the most, and how many there could be."""
    there = [np.concatenate([~np.isnan(block.values).ravel() for block in condition]) for condition in data.conditions]
    return span([int((a & b).sum()) for a, b in combinations(there, 2)]), there[0].size


def _intervals(design: Design) -> Choice:
    question = f"intervals of {plural(design.condition)}"
    if isinstance(design.kind, Binary | Bounded):
        ends = f"scores lie within {design.kind.low:g} and {design.kind.high:g}, and so must the intervals"
        return Choice(question, "Wilson's, with the effective sample size", ends)
    if isinstance(design.kind, Ordinal):
        at = f"ratings from {design.kind.low:g} to {design.kind.high:g} are taken as numbers"
        return Choice(question, "t", f"{at}, their distances at face value; near an end the interval may pass it")
    return Choice(question, "t", "the score has no two ends")


def _margin(setup: Setup, design: Design, margin: float) -> Choice:
    answer, reason = "two one-sided tests at the margin", f"differences below {margin:g} were declared not to matter"
    if isinstance(design.kind, Binary | Bounded):
        width = design.kind.high - design.kind.low
        means = [np.nanmean(np.concatenate([each.unit_means for each in blocks])) for blocks in setup.data.conditions]
        if any(min(mean - design.kind.low, design.kind.high - mean) < _NEAR * width for mean in means):
            reason += "; near an end scores are skewed, and with few units these tests then find equivalence too often"
    return Choice("equivalence", answer, reason)


def _several(rules: Rules, n: int) -> Choice:
    method = rules.correction_name
    reason = f"{n} comparisons at {rules.alpha:.2g} each would find a difference where there is none too often"
    return Choice("several comparisons", f"p-values adjusted by {method}", reason)


def _datasets(setup: Setup, design: Design) -> Choice:
    name = design.dataset_name
    unit = setup.analysis.unit
    how = f"a {unit} of one label is the same in all" if setup.analysis.shared else f"they share no {plural(unit)}"
    return Choice(
        f"several {plural(name)}",
        "the mean over them, each weighing the same",
        f"the verdicts are on these {plural(name)}; {how}",
    )


def _refused(setup: Setup, sizes: Sizes) -> list[Choice]:
    """Return what is often done instead."""
    analysis, unit = setup.analysis, setup.analysis.unit
    refused = []
    if analysis.shared:
        answer = "Friedman's and Nemenyi's tests over data sets"
        why = f"a {unit} that is good is so in all of them: they are no independent blocks"
        refused.append(Choice("ranks", answer, why, refused=True))
    if isinstance(analysis, CrossedAnova | IndependentCrossedAnova):
        refused += [
            Choice(
                "differences",
                f"a t test over all {plural(analysis.item)}",
                f"it answers for these {plural(unit)} alone",
                measured("NaiveT", sizes),
                refused=True,
            ),
            Choice(
                "differences",
                f"a t test over the means of {plural(unit)}",
                f"it answers for these {plural(analysis.item)} alone",
                measured("UnitMeansT", sizes),
                refused=True,
            ),
        ]
    if isinstance(analysis, ClusterRobust):
        why = f"{plural(analysis.example)} of one {unit} are alike"
        answer = f"a t test or McNemar's over {plural(analysis.example)}"
        refused.append(Choice("differences", answer, why, measured("ClustersIgnored", sizes), refused=True))
    if isinstance(analysis, CorrectedT):
        why = "they share training rows, so that their variance is too small"
        refused.append(Choice("differences", "a t test over folds", why, measured("NaiveFolds", sizes), refused=True))
    return refused
