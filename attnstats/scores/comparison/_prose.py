"""A comparison in words: the paragraph of a paper, and what was chosen and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.results import counted, format_pvalue, plural
from attnstats.scores.comparison.differences import Difference, Verdict, turned_round

if TYPE_CHECKING:
    from attnstats.scores.comparison.comparison import Comparison

#: Differences of one verdict that are told one by one.
_TOLD = 4


def told(comparison: Comparison) -> list[str]:
    """Return what was done and found, a sentence for each verdict."""
    sentences = [_method(comparison), _highest(comparison)]
    for verdict in Verdict:
        found = [each for each in _ordered(comparison) if each.verdict is verdict]
        if found:
            sentences.append(_told(found, verdict, comparison))
    sentences.append(_best(comparison))
    return sentences


def explained(comparison: Comparison) -> str:
    """Return the design, the choices and the refusals, a line each."""
    lines = [*str(comparison.design).splitlines(), ""]
    lines += [f"{choice}." for choice in comparison.choices]
    return "\n".join(lines)


def _method(comparison: Comparison) -> str:
    design, rules, n = comparison.design, comparison.rules, len(comparison.differences)
    several = f", p-values adjusted by {rules.correction_name} for {n} comparisons" if n > 1 else ""
    margin = "" if rules.margin is None else f"; differences below {rules.margin:g} do not matter"
    return (
        f"{counted(len(design.conditions), design.condition)} were compared on {design.value} ({design.headline}) by"
        f" {_with_article(comparison.choices[0].answer)} at level {_level(rules.alpha)}{several}{margin}."
    )


def _highest(comparison: Comparison) -> str:
    first = [
        estimate for estimate, place in zip(comparison.estimates, comparison.placings, strict=True) if place.rank == 1
    ]
    word = "lowest" if comparison.rules.lower_is_better else "highest"
    names = " and ".join(each.condition for each in first)
    interval = "" if len(first) > 1 or first[0].interval is None else f" ({first[0].interval})"
    return f"{names} scored {word}, {first[0].mean:.3g}{interval}."


def _ordered(comparison: Comparison) -> list[Difference]:
    """Return the differences; where all pairs are compared, with the better of the two first."""
    if comparison.reference is not None:
        return list(comparison.differences)
    return [turned_round(each) if each.verdict is Verdict.WORSE else each for each in comparison.differences]


def _told(found: list[Difference], verdict: Verdict, comparison: Comparison) -> str:
    more = f", and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    if verdict in (Verdict.BETTER, Verdict.WORSE):
        each = [
            f"{one.first} than {one.second} by {abs(one.difference):.3g}"
            f" ({'' if one.interval is None else f'{one.interval}, '}{format_pvalue(one.adjusted_pvalue)})"
            for one in found[:_TOLD]
        ]
        return f"{verdict.value.capitalize()}: {'; '.join(each)}{more}."
    each = [
        f"{one.first} and {one.second} ({one.difference:.3g}{'' if one.interval is None else f', {one.interval}'}"
        f"{_wanted(one, comparison)}{f'; {one.note}' if one.note else ''})"
        for one in found[:_TOLD]
    ]
    return f"{verdict.value.capitalize()}: {'; '.join(each)}{more}."


def _wanted(found: Difference, comparison: Comparison) -> str:
    """Return how many units or items would decide."""
    needed = found.needed
    if needed is None or (needed.units is None and needed.items is None):
        return ""
    sizes, where = comparison.setup.sizes, f" of each {comparison.design.dataset_name}" if comparison.by_dataset else ""
    units = plural(sizes.unit) + ("" if sizes.shared else where)
    ways = [] if needed.units is None else [f"{needed.units:,} {units}"]
    if needed.items is not None:
        ways.append(f"{needed.items:,} {plural(sizes.item or 'item')}{where}")
    target = "this" if comparison.rules.margin is None else f"a difference of {needed.difference:.3g}"
    return f"; {' or '.join(ways)} would tell {target} from none with {100 * needed.power:.0f} % power"


def _with_article(method: str) -> str:
    """Return the name of a method as it stands in a sentence: a person's, or one with an article, as it is."""
    first = method.split()[0]
    return method if first == "a" or first.endswith("'s") else f"the {method}"


def _level(alpha: float) -> str:
    return f"{alpha:.2g}".replace("0.", ".", 1)


def _best(comparison: Comparison) -> str:
    may = [each.condition for each in comparison.placings if each.may_be_best]
    level = f"{100 * comparison.rules.level:g} % confidence"
    if len(may) == len(comparison.placings):
        return f"Each may be the best, with {level}."
    return f"The best is {'' if len(may) == 1 else 'one of '}{', '.join(may)}, with {level}."
