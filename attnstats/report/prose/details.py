"""What stands behind the sentence on a finding, as short lists: one item, one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from attnstats.report.notation import _words as notation
from attnstats.report.notation._settings import SETTINGS, measure_name, setting_text
from attnstats.report.prose._models import describe_models
from attnstats.report.prose._records import (
    Record,
    capital,
    claim,
    claim_line,
    claim_text,
    effect,
    is_training_guard,
    listed,
    of_role,
    records,
)
from attnstats.results import counted

_CAVEATS = {
    "i": "Information is compared at equal sample, width and estimator; it says what the attended states hold, not "
    "that they hold it because they are attended.",
    "ii": "Agreement of attention with the MI order is association; only the arm in which information was moved speaks "
    "of cause, and for such text alone.",
    "iii": "The reference shrinks the MI estimates and may stand a little too high where their truth is skewed, so a "
    "narrow lead of the reference would be no evidence.",
    "iv": "Skew alone is no evidence that attention explains better (Meister et al. 2021).",
    "v": "Where hidden states share their information (high conicity) the MI order is mostly noise, and the agreement "
    "of anything with it is bounded by its reliability.",
}
#: Families larger than this are summarised by counts; what they hold.
_FEW = 3
_FAMILIES = {
    "ii": "gains of a mechanism over a control",
    "ii.specific": "gains over a control, additive less scaled dot-product",
    "ii.nothing": "claims that a control carries nothing of the MI order",
}
_EXPLANATION = "iv.explanation"


@dataclass(frozen=True, slots=True)
class DetailList:
    """A heading and the lines below it.

    Examples
    --------
    >>> DetailList("Guards", ("Accuracy is kept: supported",)).heading
    'Guards'
    """

    heading: str
    lines: tuple[str, ...]


def detail_lists(frame: pd.DataFrame, own: pd.DataFrame, claims: Sequence[Record]) -> tuple[DetailList, ...]:
    """Return the lists of one finding that are not empty; `own` are its rows, `claims` those that decide."""
    contrasts, finding = records(own, "contrast"), str(own["finding"].iloc[0])
    first = [each for each in claims if each["training"] == claims[0]["training"]]
    trainings = [each for each in contrasts if is_training_guard(each)]
    explanation = [each for each in contrasts if each.get("family") == _EXPLANATION]
    others = [each for each in contrasts if each not in [*trainings, *explanation]]
    deciding = {each["hypothesis"] for each in first}
    free = [each for each in others if not each.get("role") and each.get("hypothesis") not in deciding]
    datasets = list(dict.fromkeys(name for each in first for name in each.get("datasets") or ()))
    specifications = records(own, "specification")
    lists = {
        f"Claims that decide{_correction(first)}": [_deciding_line(each) for each in first],
        "Trained otherwise": [*_elsewhere(claims, first), *(claim_line(each) for each in trainings)],
        "Data sets": [*_where(first, datasets), *_datasets(records(own, "partial_conjunction"), first)],
        "Other claims": list(_families([*of_role(others, "secondary"), *free])),
        "Does the sharper attention explain better?": list(_explanation(explanation)),
        "What qualifies it, by encoder": list(_estimates(records(own, "estimate"))),
        "Guards": list(_families(of_role(others, "guard"))),
        "Asked in other ways": [
            *_families(of_role(others, "sensitivity")),
            *_construction(specifications),
            *_curves([each for each in specifications if not each.get("by_construction")], first),
        ],
        "Places of the combinations": list(_places(records(own, "lead"), records(own, "rank"))),
        "The models, means over seeds by architecture": list(describe_models(frame, finding, datasets)),
        "Read with care": [_CAVEATS[finding]] if finding in _CAVEATS else [],
    }
    return tuple(DetailList(heading, tuple(lines)) for heading, lines in lists.items() if lines)


def _correction(first: Sequence[Record]) -> str:
    names = {each.get("correction") for each in first}
    name = names.pop() if len(names) == 1 else None
    return f", p-values adjusted by {notation.pretty_name(name)}" if name else ""


def _deciding_line(each: Record) -> str:
    """Return the line of a claim that decides, with standardised effects and seeds."""
    more = []
    if each.get("hedges_g") is not None:
        more.append(f"Hedges' g {notation.number(each['hedges_g'], 2)}")
    if each.get("probability_of_superiority") is not None:
        more.append(f"P(A > B) {notation.number(each['probability_of_superiority'], 2)}")
    if each.get("share_positive") is not None:
        more.append(f"above zero in {100 * each['share_positive']:.0f} % of the models")
    if each.get("n_seeds") is not None:
        more.append(counted(each["n_seeds"], "seed"))
    return claim_line(each, *more)


def _elsewhere(claims: Sequence[Record], first: Sequence[Record]) -> Iterator[str]:
    """Yield the verdict and effect of each claim under each other training."""
    usual = {each["hypothesis"]: each.get("datasets") for each in first}
    for each in claims:
        if each["training"] != claims[0]["training"]:
            names = each.get("datasets") or []
            where = f", on {_names(names)} alone" if names and names != usual.get(each["hypothesis"]) else ""
            yield f"If trained {each['training']}: {claim_line(each)}{where}"


def _where(first: Sequence[Record], datasets: Sequence[str]) -> Iterator[str]:
    if datasets:
        strata = max((each.get("n_strata") or 0 for each in first), default=0)
        within = f", in {strata} strata of data set and architecture" if strata > len(datasets) else ""
        yield f"The claims rest on {counted(len(datasets), 'data set')} ({_names(datasets)}){within}"


def _datasets(rows: Sequence[Record], first: Sequence[Record]) -> Iterator[str]:
    """Yield in how many data sets each claim holds."""
    named = {each["hypothesis"]: claim(each) for each in first}
    for name in dict.fromkeys(each["hypothesis"] for each in rows):
        own = [each for each in rows if each["hypothesis"] == name]
        held = [each for each in own if each["verdict"] == "supported"]
        last = held[-1] if held else own[0]
        shown = f"at least {last['at_least']} of {len(own)}" if held else f"none of {len(own)}"
        said = notation.said_pvalue(notation.pvalue(last["pvalue"])) if last["pvalue"] <= 0.999 or held else ""
        yield f"{named.get(name, capital(str(name)))}: shown to hold in {shown}{f' ({said})' if said else ''}"


def _families(rows: Sequence[Record]) -> Iterator[str]:
    """Yield one line for each claim of a small family, and one for each family that is large."""
    for family in dict.fromkeys(each.get("family") for each in rows):
        own = [each for each in rows if each.get("family") == family]
        if len(own) <= _FEW:
            yield from map(claim_line, own)
            continue
        verdicts = [str(each.get("verdict")) for each in own]
        counts = listed(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts))
        low, high = (pick(own, key=lambda each: each["value"]) for pick in (min, max))
        yield (
            f"{len(own)} {_FAMILIES.get(str(family), 'claims')}: {counts}; the smallest is {effect(low)} "
            f"({claim_text(low)}), the largest {effect(high)} ({claim_text(high)})"
        )


def _estimates(rows: Sequence[Record]) -> Iterator[str]:
    """Yield what qualifies the finding and decides nothing, under the first training."""
    for each in rows:
        if each["training"] is None:
            where = f", {notation.pretty_name(each['encoder'])}" if each["encoder"] else ""
            yield f"{capital(notation.plain(str(each.get('estimand'))))}{where}: {effect(each)}"


def _explanation(rows: Sequence[Record]) -> Iterator[str]:
    """Yield whether sharper attention loses nothing that an explanation needs, for each normalizer, and its claims."""
    for normalizer in dict.fromkeys(each["hypothesis"].rpartition(".")[0] for each in rows):
        own = [each for each in rows if each["hypothesis"].rpartition(".")[0] == normalizer]
        shown = all(each["verdict"] == "supported" for each in own) and len(own) == _FEW
        name = notation.pretty_name(normalizer.removeprefix("iv."))
        yield f"{name}, if nothing may be lost against softmax: {'supported' if shown else 'not supported'}"
        yield from map(claim_line, own)


def _construction(specifications: Sequence[Record]) -> Iterator[str]:
    """Yield what holds by construction: shown and verified, and no evidence."""
    fixed = [each for each in specifications if each.get("by_construction")]
    if fixed:
        shown = listed(f"{notation.number(each['value'])} at temperature {each['temperature']:g}" for each in fixed)
        verified = min(each["verified"] for each in fixed)
        yield (
            "At fixed logits without noise a lower temperature is more skewed by construction (Gini higher by "
            f"{shown}, verified in {100 * verified:.4g} % of texts and models): an identity, and no evidence"
        )


def _curves(specifications: Sequence[Record], first: Sequence[Record]) -> Iterator[str]:
    """Yield for each claim how many specifications agree with it, and the exceptions."""
    named = {each["hypothesis"]: claim(each) for each in first}
    for name in dict.fromkeys(each.get("hypothesis") for each in specifications):
        own = [each for each in specifications if each.get("hypothesis") == name]
        other = [each for each in own if not each.get("agrees")]
        exceptions = "; ".join(_specification(each) for each in other[:_FEW])
        more = f"; and {len(other) - _FEW} more" if len(other) > _FEW else ""
        yield (
            f"{named.get(name, 'A claim')}: the effect lies on the same side in {len(own) - len(other)} of {len(own)} "
            "ways" + (f"; not by {exceptions}{more}" if other else "")
        )


def _specification(each: Record) -> str:
    """Return one way to ask in words."""
    estimator = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", (each.get("estimator") or "").removesuffix("()"))
    parts = [each.get("view"), notation.pretty_name(estimator), notation.plain(each.get("output") or "")]
    settings = setting_text({name: each.get(name) for name in SETTINGS})
    about = ", ".join(part for part in (*parts, settings) if part)
    measure = measure_name(str(each.get("measure"))).replace("U of", "information of")
    return measure + (f" ({about})" if about else "")


def _places(leads: Sequence[Record], ranks: Sequence[Record]) -> Iterator[str]:
    """Yield which combinations may be the best, and the ranks that the best of them by the data may have."""
    candidates = [notation.plain(each["condition"]) for each in leads if (each["ci_high"] or 0) > 0]
    if candidates:
        level = f" ({100 * leads[0]['ci_level']:g} % simultaneous)" if leads[0].get("ci_level") else ""
        yield f"The best combination is {listed(candidates, 'or')} by Hsu's comparisons with the best{level}"
    if ranks:
        first = min(ranks, key=lambda each: each["value"])
        name = notation.plain(first["condition"])
        yield f"{name} has the highest mean, and ranks between {first['ci_low']:.0f} and {first['ci_high']:.0f}"


def _names(datasets: Sequence[str]) -> str:
    return ", ".join(map(notation.pretty_name, datasets))
