"""The one sentence that tells a finding: verdict, what it means, effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attnstats.report.notation import _words as notation
from attnstats.report.prose._records import Record, capital, effect, listed, unit

#: What each verdict on a finding means for a reader.
MEANINGS = {
    "i": {
        "supported": "the attended states tell more of the output than under scaled dot-product attention",
        "contradicted": "the attended states of at least one attention tell less of the output than those of scaled "
        "dot-product attention",
        "negligible": "the attended states tell no more of the output than under scaled dot-product attention, so "
        "information is no reason to prefer one attention to another",
        "inconclusive": "whether the attended states tell more of the output than under scaled dot-product attention "
        "stays open",
    },
    "ii": {
        "supported": "additive attention agrees with the order of tokens by information more than any attention that "
        "knows nothing of the text, so it learns something of which tokens carry information",
        "contradicted": "an attention that knows nothing of the text agrees with the order of tokens by information "
        "more than additive attention does",
        "negligible": "additive attention agrees with the order of tokens by information no more than an attention "
        "that knows nothing of the text",
        "inconclusive": "whether additive attention agrees with the order of tokens by information more than an "
        "attention that knows nothing of the text stays open",
    },
    "iii": {
        "supported": "which of two nearly equal weights is the larger says next to nothing of which token carries "
        "more information, and should not be read",
        "contradicted": "the order of nearly equal weights agrees with the MI order otherwise than is claimed",
        "negligible": "the order of nearly equal weights follows the MI order as well as noise in MI allows",
        "inconclusive": "whether the order of nearly equal weights says anything of the MI order stays open",
    },
    "iv": {
        "supported": "Gumbel-softmax trained below temperature one puts the weight on fewer tokens, which alone makes "
        "it no better an explanation",
        "contradicted": "Gumbel-softmax trained below temperature one does not put the weight on fewer tokens as is "
        "claimed",
        "negligible": "Gumbel-softmax trained below temperature one leaves the skew of attention as it is",
        "inconclusive": "whether Gumbel-softmax trained below temperature one puts the weight on fewer tokens stays "
        "open",
    },
    "v": {
        "supported": "how well attention keeps the MI order depends on the combination of encoder and attention, as is "
        "claimed",
        "contradicted": "another combination keeps the MI order better than BiLSTM with additive attention",
        "negligible": "no combination of encoder and attention keeps the MI order better by an amount that matters",
        "inconclusive": "which combination of encoder and attention keeps the MI order best stays open",
    },
}
_PARTLY = "a part of what is claimed holds, and the rest is too small to matter"


def tell(finding: str, verdicts: Mapping[str, str], claims: Sequence[Record], depending: Collection[str] = ()) -> str:
    """Return the sentence on a finding.

    It begins with the verdict, and where that changes with the training with the verdict under each. `verdicts` is by
    training, the first one first; `claims` are those that decide, under every training; `depending` names those of
    which it is shown that their effect depends on the training.
    """
    first = next(iter(verdicts))
    own = [each for each in claims if each["training"] == first]
    lead, meaning = _gist(finding, verdicts, claims, depending)
    if len(set(verdicts.values())) > 1:
        return f"{lead}: {meaning} ({_elsewhere(_changed(own, claims), claims)})."
    shown = evidence([each for each in own if each["verdict"] == verdicts[first]] or own)
    said = f"{lead}: {meaning} ({shown})" if meaning else f"{lead}: {shown}"
    return f"{said}{''.join(_hanging(own, claims))}."


def tell_briefly(
    finding: str, verdicts: Mapping[str, str], claims: Sequence[Record], depending: Collection[str] = ()
) -> str:
    """Return what `tell` says without a number: the verdict, under each training where that changes it, and meaning."""
    return f"{': '.join(part for part in _gist(finding, verdicts, claims, depending) if part)}."


def _gist(
    finding: str, verdicts: Mapping[str, str], claims: Sequence[Record], depending: Collection[str]
) -> tuple[str, str]:
    """Return the verdict with a capital and what it means, which is empty where nothing is known to be said."""
    first = next(iter(verdicts))
    own = [each for each in claims if each["training"] == first]
    verdict = verdicts[first]
    if len(set(verdicts.values())) > 1:
        return capital(_under(verdicts)), _change(_changed(own, claims), depending)
    partly = verdict == "negligible" and any(each["verdict"] == "supported" for each in own)
    lead = capital(verdict) + (f" under {_counted(len(verdicts))} trainings" if len(verdicts) > 1 else "")
    return lead, _PARTLY if partly else MEANINGS.get(finding, {}).get(verdict, "")


def _changed(own: Sequence[Record], claims: Sequence[Record]) -> Sequence[Record]:
    """Return the claims of which the verdict changes with the training, or all where none does."""
    return [each for each in own if len(set(_by_training(each, claims).values())) > 1] or own


def evidence(claims: Sequence[Record]) -> str:
    """Return what is estimated, with effect and interval; the effects of one estimand stand together."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for each in claims:
        against = f", {notation.plain(each['weakest_against'])}" if each.get("weakest_against") else ""
        groups.setdefault((f"{each.get('estimand') or 'effect'}{against}", unit(each)), []).append(each)
    said = (f"{name}: {listed(with_interval(each) for each in own)}{of}" for (name, of), own in groups.items())
    return "; ".join(said)


def with_interval(each: Record) -> str:
    """Return effect and interval, the level of the interval named."""
    shown, level = effect({**each, "unit": None}), each.get("ci_level")
    return shown.replace("[", f"[{100 * level:g} % CI ") if level else shown


def _by_training(each: Record, claims: Sequence[Record]) -> dict[str, str]:
    """Return the verdict on one claim under each training."""
    under = [other for other in claims if other["hypothesis"] == each["hypothesis"]]
    return {other["training"]: other["verdict"] or "without a verdict" for other in under}


def _under(verdicts: Mapping[str, str]) -> str:
    """Return each verdict with the trainings under which it stands."""
    return ", ".join(
        f"{verdict} if trained {listed((name for name in verdicts if verdicts[name] == verdict), 'or')}"
        for verdict in dict.fromkeys(verdicts.values())
    )


def _change(changed: Sequence[Record], depending: Collection[str]) -> str:
    """Return what a change of the verdict means: two verdicts may differ though the effect does not."""
    if any(each["hypothesis"] in depending for each in changed):
        return "the effect depends on how the models are trained"
    return "that the effect itself depends on the training is not shown"


def _elsewhere(changed: Sequence[Record], claims: Sequence[Record]) -> str:
    """Return the effects of some claims under every training."""
    parts = []
    for each in changed:
        under = [other for other in claims if other["hypothesis"] == each["hypothesis"]]
        effects = listed(f"{with_interval(other)}{unit(other)} if trained {other['training']}" for other in under)
        parts.append(f"{each.get('estimand') or 'effect'}: {effects}")
    return "; ".join(parts)


def _hanging(own: Sequence[Record], claims: Sequence[Record]) -> list[str]:
    """Return what to say of the claims whose verdict changes while that on the finding does not."""
    found = [(each, _by_training(each, claims)) for each in own]
    return [
        f"; that {notation.plain(each['claim'])} is {_under(verdicts)}"
        for each, verdicts in found
        if len(set(verdicts.values())) > 1
    ]


def _counted(number: int) -> str:
    return {2: "both", 3: "all three"}.get(number, f"all {number}")
