"""From contrasts to differences with adjusted p-values and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attnstats.scores.analyses.analysis import Analysis
from attnstats.scores.analyses.blocks import Blocks
from attnstats.scores.analyses.contrast import Contrast, Untestable
from attnstats.scores.choice.rules import Rules, Sizes
from attnstats.scores.comparison._needed import needed_numbers
from attnstats.scores.comparison.differences import Difference, MarginTests, Needed, Verdict

#: Wanted probability to decide.
_POWER = 0.8


def contrast_of(analysis: Analysis, a: Blocks, b: Blocks) -> Contrast:
    """Return the contrast of two conditions; one of conditions that score the same in all cells says so."""
    found = analysis.difference(a, b)
    same = (np.array_equal(x.values, y.values, equal_nan=True) for x, y in zip(a, b, strict=True))
    if not (analysis.paired and all(same)):
        return found
    untested = ", so that nothing can be tested" if isinstance(found, Untestable) else ""
    return replace(found, note=f"the scores are the same in all cells{untested}")


def judge(
    contrasts: Sequence[Contrast], names: Sequence[tuple[str, str, str]], rules: Rules, sizes: Sizes
) -> tuple[Difference, ...]:
    """Return the differences of one family of contrasts, each named by two conditions and its data set."""
    pvalues = rules.adjusted([each.pvalue for each in contrasts])
    margins = _margin_tests(contrasts, rules)
    found = []
    for contrast, (first, second, dataset), adjusted, margin in zip(contrasts, names, pvalues, margins, strict=True):
        verdict, note = _verdict(contrast, float(adjusted), margin, rules)
        open_ = verdict is Verdict.INCONCLUSIVE and not dataset
        found.append(
            Difference(
                first,
                second,
                contrast.effect,
                contrast.interval(rules.level),
                contrast.pvalue,
                float(adjusted),
                verdict,
                contrast.n,
                contrast.test,
                dataset,
                margin,
                needed=_needed(contrast, rules, sizes, len(contrasts)) if open_ else None,
                note="; ".join(filter(None, [contrast.note, note])),
            )
        )
    return tuple(found)


def _margin_tests(contrasts: Sequence[Contrast], rules: Rules) -> list[MarginTests | None]:
    """Return the tests of equivalence (two one-sided ones) and of non-inferiority, each adjusted as a family."""
    if rules.margin is None:
        return [None] * len(contrasts)
    above = np.array([each.above(-rules.margin) for each in contrasts])
    below = np.array([each.below(rules.margin) for each in contrasts])
    equivalence, noninferiority = np.maximum(above, below), below if rules.lower_is_better else above
    columns = equivalence, noninferiority, rules.adjusted(list(equivalence)), rules.adjusted(list(noninferiority))
    return [MarginTests(*map(float, row)) for row in zip(*columns, strict=True)]


def _verdict(contrast: Contrast, adjusted: float, margin: MarginTests | None, rules: Rules) -> tuple[Verdict, str]:
    """Return the verdict on the first condition, and what must be said beside it."""
    shown = adjusted < rules.alpha  # not where there is no test
    if margin is not None and margin.adjusted_equivalence < rules.alpha:
        return Verdict.EQUIVALENT, "there is a difference, but one within the margin" if shown else ""
    if not shown:
        return Verdict.INCONCLUSIVE, ""
    return Verdict.BETTER if (contrast.effect < 0) == rules.lower_is_better else Verdict.WORSE, ""


def _needed(contrast: Contrast, rules: Rules, sizes: Sizes, n_comparisons: int) -> Needed | None:
    """Return how many units, or items, would tell the difference that matters, or else the one seen, from none."""
    target = abs(contrast.effect) if rules.margin is None else rules.margin
    error = contrast.error_with(1.0, 1.0)[0]
    if not (sizes.more_help and target and error > 0):
        return None
    numbers = needed_numbers(contrast, target, sizes, rules.alpha / n_comparisons, _POWER)
    return Needed(target, *numbers, _POWER)
