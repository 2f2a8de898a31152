"""A finding in one paragraph, as a function of the results frame alone: every number in it stands in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import pandas as pd

from attnstats.exceptions import FrameError, InvalidInputError
from attnstats.frame import check_frame, decode_parameters
from attnstats.report.prose._models import describe_models, number
from attnstats.results import counted, format_pvalue

#: A row of the frame, its parameters among its columns.
Record: TypeAlias = dict[Any, Any]

_VERDICTS = {
    "supported": "is supported by this study",
    "contradicted": "is contradicted by this study",
    "negligible": "is not borne out by this study: what is claimed is negligible or absent",
    "inconclusive": "is neither supported nor contradicted by this study",
}
_PARTLY_NEGLIGIBLE = "is not borne out by this study as a whole: a part of what is claimed is negligible"
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
#: Without these no sentence can be made of a contrast.
_NEEDED = ("claim", "estimand", "value", "verdict", "correction", "pvalue_adjusted", "n_seeds")
_DIMENSIONLESS = ("correlation", "coefficient", "proportion", "W")


def paragraph(frame: pd.DataFrame, finding: str) -> str:
    """Return the paragraph that reports one finding of a study.

    It holds the verdict; each primary claim with effect, interval, corrected p-value and seeds, and in how many data
    sets it holds; secondary claims and guards; the models; sensitivity tests and other specifications; caveats.

    Parameters
    ----------
    frame : DataFrame
        Results frame of a study; one that holds the paragraph as a former version wrote it gives that.
    finding : str
        Name of the finding: ``"i"`` to ``"v"``.

    Raises
    ------
    InvalidInputError
        If `finding` is no text.
    FrameError
        If `frame` is no results frame, holds no verdict on the finding, or a contrast lacks a part of the paragraph.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> claim = encode_parameters(claim="additive keeps more", estimand="difference", role="primary", datasets=["mine"])
    >>> shared = {"finding": "i", "verdict": "supported"}
    >>> rows = [
    ...     Row(quantity="contrast", value=0.1, ci_low=0.05, ci_high=0.15, ci_level=0.95, pvalue_adjusted=0.004,
    ...         correction="holm", n_seeds=8, unit="share of H", parameters=claim, **shared),
    ...     Row(quantity="finding", parameters=encode_parameters(title="A claim"), **shared)]
    >>> print(paragraph(to_frame(rows), "i").partition(" Information is")[0])
    Finding (i), "A claim", is supported by this study. Additive keeps more: supported (difference 0.100 share of H,
    95 % CI [0.050, 0.150], Holm-adjusted p = .004, 8 seeds). This rests on 1 data set (mine).
    """
    if not isinstance(finding, str):
        raise InvalidInputError(f"finding: must be a name such as 'i'; got {finding!r}")
    own = check_frame(frame)[(frame["finding"] == finding).fillna(False)]
    verdicts = _records(own, "finding")
    if not verdicts:
        raise FrameError(f"frame: must hold a verdict on finding {finding!r}; got none")
    summary = verdicts[-1]
    if summary.get("sentence"):
        return str(summary["sentence"])
    contrasts = _records(own, "contrast")
    if not contrasts:
        return str(summary.get("note") or f"Finding ({finding}) was not evaluated.")
    missing = [name for name in _NEEDED if any(each.get(name) is None for each in contrasts)]
    if missing or summary["verdict"] not in _VERDICTS or not summary.get("title"):
        lacking = ", ".join(missing) or "a verdict and a title of the finding"
        raise FrameError(f"frame: must hold what a paragraph on finding {finding!r} says; it lacks {lacking}")
    try:
        return " ".join(_sentences(frame, own, summary, contrasts))
    except (KeyError, TypeError, ValueError) as error:  # a number that is missing cannot be written, nor none be least
        lacking = error.args[0] if isinstance(error, KeyError) else "a number or a row"
        raise FrameError(
            f"frame: must hold what a paragraph on finding {finding!r} says; it lacks {lacking}"
        ) from error


def _sentences(frame: pd.DataFrame, own: pd.DataFrame, summary: Record, contrasts: Sequence[Record]) -> list[str]:
    finding, primary = summary["finding"], _of_role(contrasts, "primary")
    verdict = _VERDICTS[summary["verdict"]]
    if summary["verdict"] == "negligible" and any(each["verdict"] == "supported" for each in primary):
        verdict = _PARTLY_NEGLIGIBLE
    said = [f'Finding ({finding}), "{summary["title"]}", {verdict}.']
    said += [f"{_capital(each['claim'])}: {each['verdict']} ({_effect(each)})." for each in primary]
    said.append(_where(primary))
    said += _datasets(_records(own, "partial_conjunction"))
    said += _places(_records(own, "lead"), _records(own, "rank"))
    explains = [each for each in contrasts if each.get("family") == "iv.explanation"]
    others = [each for each in contrasts if each not in explains]
    said += _explanation(explains)
    said += _families(_of_role(others, "secondary"))
    said += _families(_of_role(others, "guard"))
    said += describe_models(frame, finding, {name for each in primary for name in each.get("datasets", ())})
    said += _families(_of_role(contrasts, "sensitivity"))
    specifications = _records(own, "specification")
    said += _construction(specifications)
    said += _curve([each for each in specifications if not each["by_construction"]])
    said += [_CAVEATS[finding]] if finding in _CAVEATS else []
    said += [summary["note"]] if summary.get("note") else []
    return said


def _effect(each: Record) -> str:
    """Return effect, interval, corrected p-value, standardised effects and seeds of one claim."""
    unit = f" {each['unit']}" if each.get("unit") and each["unit"] not in _DIMENSIONLESS else ""
    parts = [f"{each['estimand']} {number(each['value'])}{unit}"]
    if each.get("weakest_against"):
        parts[0] += f", which is {each['weakest_against']}"
    if each.get("ci_low") is not None:
        level = f"{100 * each['ci_level']:g} % CI"
        parts.append(f"{level} [{number(each['ci_low'])}, {number(each['ci_high'])}]")
    if each.get("against_margin"):
        parts.append(f"margin {each['margin']:g}")
    parts.append(
        f"{each['correction'].replace('_', '-').capitalize()}-adjusted {format_pvalue(each['pvalue_adjusted'])}"
    )
    if each.get("hedges_g") is not None:
        parts.append(f"Hedges' g {each['hedges_g']:.2f}")
    if each.get("probability_of_superiority") is not None:
        parts.append(f"P(A > B) {each['probability_of_superiority']:.2f}")
    if each.get("share_positive") is not None:
        parts.append(f"above zero in {100 * each['share_positive']:.0f} % of the models")
    return ", ".join([*parts, counted(each["n_seeds"], "seed")])


def _where(primary: Sequence[Record]) -> str:
    names = list(dict.fromkeys(name for each in primary for name in each.get("datasets", ())))
    strata = max((each.get("n_strata") or 0 for each in primary), default=0)
    within = f", in {strata} strata of data set and architecture" if strata > len(names) else ""
    return f"This rests on {counted(len(names), 'data set')} ({', '.join(names)}){within}."


def _datasets(rows: Sequence[Record]) -> Iterator[str]:
    """Yield in how many data sets each primary claim holds."""
    for name in dict.fromkeys(each["hypothesis"] for each in rows):
        own = [each for each in rows if each["hypothesis"] == name]
        held = [each for each in own if each["verdict"] == "supported"]
        last = held[-1] if held else own[0]
        shown = f"holds in at least {last['at_least']} of the" if held else "is not shown to hold in any of the"
        yield f"By partial conjunction, {name} {shown} {len(own)} data sets ({format_pvalue(last['pvalue'])})."


def _places(leads: Sequence[Record], ranks: Sequence[Record]) -> Iterator[str]:
    """Yield which combinations may be the best, and the ranks that the best of them by the data may have."""
    candidates = [each["condition"] for each in leads if (each["ci_high"] or 0) > 0]
    if not candidates:
        return
    level = f"{100 * leads[0]['ci_level']:g} % simultaneous"
    first = min(ranks, key=lambda each: each["value"])
    yield (
        f"The best combination is {' or '.join(candidates)} by Hsu's comparisons with the best ({level}); that of the "
        f"highest mean, {first['condition']}, ranks between {first['ci_low']:.0f} and {first['ci_high']:.0f}."
    )


def _families(rows: Sequence[Record]) -> Iterator[str]:
    """Yield one sentence for each claim of a small family, and one for each family that is large."""
    for family in dict.fromkeys(each["family"] for each in rows):
        own = [each for each in rows if each["family"] == family]
        if len(own) <= _FEW:
            yield from (f"{_capital(each['claim'])}: {each['verdict']} ({_brief(each)})." for each in own)
            continue
        counts = ", ".join(
            f"{sum(each['verdict'] == verdict for each in own)} {verdict}"
            for verdict in dict.fromkeys(each["verdict"] for each in own)
        )
        low, high = (pick(own, key=lambda each: each["value"]) for pick in (min, max))
        yield (
            f"Of {len(own)} {_FAMILIES.get(str(family), 'claims')}, {counts}; the effects run from "
            f"{number(low['value'])} ({low['hypothesis']}) to {number(high['value'])} ({high['hypothesis']})."
        )


def _explanation(rows: Sequence[Record]) -> Iterator[str]:
    """Yield whether sharper attention loses nothing that an explanation needs, for each normalizer."""
    for normalizer in dict.fromkeys(each["hypothesis"].rpartition(".")[0] for each in rows):
        own = [each for each in rows if each["hypothesis"].rpartition(".")[0] == normalizer]
        shown = all(each["verdict"] == "supported" for each in own) and len(own) == _FEW
        parts = (f"{each['estimand']} {each['verdict']} ({_brief(each)})" for each in own)
        yield (
            f"That {normalizer.removeprefix('iv.')} explains better is another claim, which asks that nothing be lost "
            f"against softmax, and it is {'supported' if shown else 'not supported'}: {'; '.join(parts)}."
        )


def _brief(each: Record) -> str:
    interval = ""
    if each.get("ci_low") is not None:
        interval = f" [{number(each['ci_low'])}, {number(each['ci_high'])}]"
    against = f" against a margin of {each['margin']:g}" if each.get("against_margin") else ""
    return f"{number(each['value'])}{interval}{against}, {format_pvalue(each['pvalue_adjusted'])}"


def _construction(specifications: Sequence[Record]) -> Iterator[str]:
    """Yield what holds by construction: shown and verified, and no evidence."""
    fixed = [each for each in specifications if each["by_construction"]]
    if fixed:
        shown = ", ".join(f"{number(each['value'])} at temperature {each['temperature']:g}" for each in fixed)
        verified = min(each["verified"] for each in fixed)
        yield (
            f"At fixed logits without noise a temperature below one gives softmax(e/t), which is more skewed by "
            f"construction (Gini higher by {shown}; verified in {100 * verified:.4g} % of texts and models): an "
            "identity, and no evidence."
        )


def _curve(specifications: Sequence[Record]) -> Iterator[str]:
    """Yield how many specifications agree with the primary claim, and the exceptions."""
    if not specifications:
        return
    other = [each for each in specifications if not each["agrees"]]
    exceptions = ""
    if other:
        named = "; ".join(_named(each) for each in other[:_FEW])
        exceptions = f" (not for {named}{' and others' if len(other) > _FEW else ''})"
    yield (
        f"The effect stays on its side of what is claimed in {len(specifications) - len(other)} of "
        f"{len(specifications)} specifications of view, estimator, output, measure and setting{exceptions}."
    )


def _named(each: Record) -> str:
    known = ("temperature", "training", "noise", "encoder", "attention")
    settings = (f"{key} {each[key]}" for key in known if each.get(key) is not None)
    parts = [each["measure"], *(each[key] for key in ("view", "estimator", "output") if each.get(key)), *settings]
    return f"{each['hypothesis']} by {', '.join(map(str, parts))}"


def _records(rows: pd.DataFrame, quantity: str) -> list[Record]:
    chosen = rows[rows["quantity"] == quantity]
    plain = chosen.drop(columns="parameters").astype(object)
    found = plain.where(plain.notna(), None).to_dict("records")
    return [record | decode_parameters(text) for record, text in zip(found, chosen["parameters"], strict=True)]


def _of_role(contrasts: Iterable[Record], role: str) -> list[Record]:
    return [each for each in contrasts if each.get("role", "primary") == role]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
