"""A comparison in words: the paragraph of a paper, and what was chosen and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from attnstats.report.notation import _words as notation
from attnstats.report.notation._given import common_decimals, power_of_ten
from attnstats.results import ConfidenceInterval, counted, format_pvalue, plural
from attnstats.scores._notes import notes
from attnstats.scores._wording import span
from attnstats.scores.comparison.differences import Difference, Needed, Verdict, turned_round
from attnstats.scores.value_kinds import Continuous

if TYPE_CHECKING:
    from attnstats.scores.comparison.comparison import Comparison

_NUMBER = re.compile(r"-?\d+(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)
#: Differences of one verdict that are told one by one.
_TOLD = 4
#: Scores that are so many times as large as others may have another unit.
_FAR = 20


@dataclass(frozen=True)
class _Digits:
    """How numbers with intervals print: with the decimals that their table has."""

    places: int
    power: int

    @classmethod
    def of(cls, values: Sequence[float], intervals: Sequence[ConfidenceInterval | None]) -> Self:
        low, high = np.array([(each.low, each.high) for each in intervals if each is not None]).reshape(-1, 2).T
        power = power_of_ten(np.array(values), low, high)
        return cls(common_decimals(low / 10.0**power, high / 10.0**power), power)

    def number(self, value: float) -> str:
        text = notation.number(value / 10.0**self.power, self.places)
        return f"{text}e{self.power:+03d}" if self.power else text

    def interval(self, interval: ConfidenceInterval | None) -> str:
        """Return an interval, empty where there is none."""
        if interval is None:
            return ""
        return f"{100 * interval.level:g} % CI [{self.number(interval.low)}, {self.number(interval.high)}]"


def told(comparison: Comparison) -> list[str]:
    """Return what was done and found, a sentence for each verdict."""
    sentences = [_method(comparison), _highest(comparison)]
    for verdict in Verdict:
        found = [each for each in _ordered(comparison) if each.verdict is verdict]
        if found:
            sentences.append(_told(found, verdict, comparison))
    sentences.append(_best(comparison))
    return sentences + [f"Note: {each}." for each in notes(comparison.scores, comparison.design, comparison.rules)]


def explained(comparison: Comparison) -> str:
    """Return the design, the choices and the refusals, a line each."""
    lines = str(comparison.design).splitlines()
    if not comparison.rules.lower_is_better:
        lines.append(f"a high {comparison.design.value} is taken for a good one (lower_is_better=True if not)")
    lines.append("")
    lines += [f"{choice}." for choice in comparison.choices]
    lines += [f"beside: {each}." for each in _beside(comparison)]
    lines += [f"note: {each}." for each in notes(comparison.scores, comparison.design, comparison.rules)]
    if comparison.scores.unused:
        lines.append(f"not used: {comparison.scores.unused}")
    return "\n".join(lines)


def _beside(comparison: Comparison) -> Iterator[str]:
    """Yield other tests of the same hypotheses: those of the first differences, and the ranks over data sets."""
    tested = [each for each in _ordered(comparison) if each.beside]
    if tested:
        found = []
        for each in tested[:_TOLD]:
            other = each.beside[0]
            least = "" if other.pvalue_floor is None else f" (no less than {_plain(other.pvalue_floor)})"
            found.append(f"{each.first} − {each.second} {format_pvalue(other.pvalue)}{least}")
        more = f", and {len(tested) - _TOLD} more" if len(tested) > _TOLD else ""
        yield f"{tested[0].beside[0].test}, not adjusted: {'; '.join(found)}{more}"
    if comparison.ranks_over_datasets is not None:
        yield comparison.ranks_over_datasets.summary()


def _plain(pvalue: float) -> str:
    return format_pvalue(pvalue).removeprefix("p = ").removeprefix("p ")


def _method(comparison: Comparison) -> str:
    design, rules, n = comparison.design, comparison.rules, len(comparison.differences)
    several = f", p-values adjusted by {rules.correction_name} for {n} comparisons" if n > 1 else ""
    margin = "" if rules.margin is None else f"; differences below {rules.margin:g} were declared not to matter"
    good = "lower" if rules.lower_is_better else "higher"
    return (
        f"{counted(len(design.conditions), design.condition)} were compared on {design.value}, {good} being better"
        f" ({design.headline}), by"
        f" {_with_article(comparison.choices[0].answer)} at level {_level(rules.alpha)}{several}{margin}."
        f"{_in_common(comparison)}{_scales(comparison)}"
    )


def _in_common(comparison: Comparison) -> str:
    """Return how many units the differences are over, where two conditions have fewer in common than each has."""
    found, analysis = comparison.differences, comparison.setup.analysis
    units = {each.condition: each.n for each in comparison.estimates}
    if not analysis.paired or all(each.n >= max(units[each.first], units[each.second]) for each in found):
        return ""
    both = f"two {plural(comparison.design.condition)} have in common"
    return f" Differences are over {span([each.n for each in found])} {plural(analysis.unit)} that {both}."


def _scales(comparison: Comparison) -> str:
    """Return which data set decides the mean, where its scores are far larger and neither counts nor of two ends."""
    datasets, kind = comparison.scores.factor("dataset"), comparison.design.kind
    if datasets is None or not isinstance(kind, Continuous):
        return ""
    largest = np.zeros(len(datasets.labels))
    np.maximum.at(largest, datasets.codes, np.abs(comparison.scores.values))
    small, large = int(largest.argmin()), int(largest.argmax())
    if not 0 < _FAR * largest[small] < largest[large]:
        return ""
    return (
        f" Scores of {datasets.labels[large]} reach {largest[large]:.3g} and those of {datasets.labels[small]}"
        f" {largest[small]:.3g}, so that the first decide the mean (bring both to one unit or scale)."
    )


def _highest(comparison: Comparison) -> str:
    first = [
        estimate for estimate, place in zip(comparison.estimates, comparison.placings, strict=True) if place.rank == 1
    ]
    word = "lowest" if comparison.rules.lower_is_better else "highest"
    names = " and ".join(_name(each.condition, comparison) for each in first)
    digits = _Digits.of([each.mean for each in comparison.estimates], [each.interval for each in comparison.estimates])
    interval = "" if len(first) > 1 or first[0].interval is None else f" ({digits.interval(first[0].interval)})"
    return f"{names} scored {word}, {digits.number(first[0].mean)}{interval}."


def _ordered(comparison: Comparison) -> list[Difference]:
    """Return the differences; where all pairs are compared, with the one that scored better first."""
    found = comparison.differences
    if comparison.reference is not None:
        return list(found)
    lower = comparison.rules.lower_is_better
    return [turned_round(each) if (each.difference > 0 if lower else each.difference < 0) else each for each in found]


def _told(found: list[Difference], verdict: Verdict, comparison: Comparison) -> str:
    n = len(found) if len(found) <= _TOLD + 1 else _TOLD  # not "and 1 more"
    if n < len(found):
        if comparison.reference is None:
            ranks = {each.condition: each.rank for each in comparison.placings}
            found = sorted(found, key=lambda one: sorted((ranks[one.first], ranks[one.second])))
        found = sorted(found, key=lambda one: not one.note)  # what needs a word is told
    more = f", and {len(found) - n} more" if n < len(found) else ""
    tell = _shown if verdict in (Verdict.BETTER, Verdict.WORSE) else _not_shown
    told_ = f"{verdict.value.capitalize()}: {'; '.join(tell(one, comparison) for one in found[:n])}{more}."
    needed = next((one.needed for one in found[:n] if _ways(one, comparison)), None)
    return told_ if needed is None else f"{told_} {_needed_for(needed, comparison)}"


def _shown(one: Difference, comparison: Comparison) -> str:
    """Return a difference with its size and interval above 0, since the words say which way it goes."""
    digits, size = _digits(comparison), turned_round(one) if one.difference < 0 else one
    first, second = (_name(each, comparison) for each in (one.first, one.second))
    interval = f"{digits.interval(size.interval)}, " if size.interval else ""
    return f"{first} than {second} by {digits.number(size.difference)} ({interval}{format_pvalue(one.adjusted_pvalue)})"


def _not_shown(one: Difference, comparison: Comparison) -> str:
    digits = _digits(comparison)
    first, second = (_name(each, comparison) for each in (one.first, one.second))
    interval = f", {digits.interval(one.interval)}" if one.interval else ""
    tested = ""
    if one.verdict is Verdict.INCONCLUSIVE and one.interval and 0 not in one.interval:  # which looks like a difference
        tested = f", {'adjusted ' if len(comparison.differences) > 1 else ''}{format_pvalue(one.adjusted_pvalue)}"
    needed = f"; {ways} needed" if (ways := _ways(one, comparison)) else ""
    note = f"; {one.note}" if one.note else ""
    return f"{first} and {second} ({digits.number(one.difference)}{interval}{tested}{needed}{note})"


def _digits(comparison: Comparison) -> _Digits:
    found = comparison.differences
    return _Digits.of([each.difference for each in found], [each.interval for each in found])


def _name(label: str, comparison: Comparison) -> str:
    """Return the name of a condition; where all are numbers, with what they are numbers of."""
    numbers = all(_NUMBER.fullmatch(each) for each in comparison.design.conditions)
    return f"{comparison.design.condition} {label}" if numbers else label


def _ways(found: Difference, comparison: Comparison) -> str:
    """Return how many units or items would decide, empty where no number does."""
    needed = found.needed
    if needed is None:
        return ""
    sizes, where = comparison.setup.sizes, f" of each {comparison.design.dataset_name}" if comparison.by_dataset else ""
    units = plural(sizes.unit) + ("" if sizes.shared else where)
    ways = [] if needed.units is None else [f"{needed.units:,} {units}"]
    if needed.items is not None:
        ways.append(f"{needed.items:,} {plural(sizes.item or 'item')}{where}")
    return " or ".join(ways)


def _needed_for(needed: Needed, comparison: Comparison) -> str:
    """Return what the numbers of units and items are needed for, and what true difference they take for granted."""
    margin = comparison.rules.margin
    target, taken = (
        ("the difference", ", were the true one that seen") if margin is None else (f"a difference of {margin:.3g}", "")
    )
    return f"Needed: to tell {target} from none with {100 * needed.power:.0f} % power{taken}."


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
        return f"None can be ruled out as the best, with {level}."
    mark = "; " if any(", " in each for each in may) else ", "
    names = mark.join(_name(each, comparison) for each in may)
    if len(may) > 1:
        return f"The best is one of {names}, with {level}."
    open_ = any(
        each.verdict is Verdict.INCONCLUSIVE and may[0] in (each.first, each.second) for each in comparison.differences
    )
    fewer = "fewer comparisons say that, and so it may hold where a difference from it is inconclusive"
    return f"The best is {names}, with {level}{f': {fewer}' if open_ else ''}."
