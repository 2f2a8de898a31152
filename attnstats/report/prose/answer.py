"""The answer to the question of the report, from the rows of the frame."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._claims import finding_verdicts, primary_claims
from attnstats.report.notation._rows import rows_of, seed_rows
from attnstats.report.prose._records import Record, claim_records, listed
from attnstats.report.prose._sentence import MEANINGS, with_interval

_ANSWERS = {
    "supported": "In part, as far as this study can tell",
    "contradicted": "No, as far as this study can tell",
    "negligible": "No, as far as this study can tell",
    "inconclusive": "This study does not decide it",
}
#: The finding that the answer rests on, and the attention that it is about.
_ANSWERING, _ATTENTION = "ii", "additive"


def tell_answer(frame: pd.DataFrame) -> str:
    """Return in one or two sentences whether attention weights explain the model, as far as the study can tell.

    It rests on the finding that attention learns which tokens matter, beside how well its order agrees with that by
    information and how much the output changes when its weights are permuted; then come the verdicts of all findings.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> tell_answer(to_frame([Row(quantity="finding", finding="v", verdict="supported")]))
    'Of the findings, (v) is supported.'
    """
    answer = answer_in_parts(frame)
    shown = f" ({answer.evidence})" if answer.evidence else ""
    said = (
        f"{answer.gist.removesuffix('.')}{shown}{f'; {answer.beside}' if answer.beside else ''}." if answer.gist else ""
    )
    return f"{said} {answer.verdicts}".strip()


class Answer(NamedTuple):
    """The answer in one sentence without numbers, the numbers behind it, what was found beside it, and all verdicts.

    All but the last are empty text where the frame does not hold the finding that the answer rests on.

    Examples
    --------
    >>> Answer("", "", "", "Of the findings, (v) is supported.").gist
    ''
    """

    gist: str
    evidence: str
    beside: str
    verdicts: str


def answer_in_parts(frame: pd.DataFrame) -> Answer:
    """Return what `tell_answer` says, in parts."""
    rows = rows_of(check_frame(frame), "finding")
    rows = rows[rows["verdict"].notna()]
    verdicts = dict(zip(map(str, rows["finding"]), map(str, rows["verdict"]), strict=True))
    if not verdicts:
        return Answer("", "", "", "The frame holds no declared hypothesis, so there is no verdict.")
    claims = primary_claims(frame)
    under = {name: finding_verdicts(claims[claims["finding"] == name], verdict) for name, verdict in verdicts.items()}
    groups = [
        f"{listed(f'({name})' for name in verdicts if verdicts[name] == verdict)} "
        f"{'is' if list(verdicts.values()).count(verdict) == 1 else 'are'} {verdict}"
        for verdict in dict.fromkeys(verdicts.values())
    ]
    changing = [f"({name})" for name, each in under.items() if len(set(each.values())) > 1]
    hang = f"; the verdict on {listed(changing)} changes with the training" if changing else ""
    every = f"Of the findings, {listed(groups)}{hang}."
    if verdicts.get(_ANSWERING) not in _ANSWERS:
        return Answer("", "", "", every)
    own = claim_records(claims[claims["finding"] == _ANSWERING])
    return Answer(_gist(under[_ANSWERING]), *_numbers(frame, own), every)


def _gist(verdicts: Mapping[str, str]) -> str:
    """Return the answer to the question, from the finding that it rests on."""
    verdict = next(iter(verdicts.values()))
    changes = len(set(verdicts.values())) > 1
    lead = "That depends on the training, as far as this study can tell" if changes else _ANSWERS[verdict]
    usual = f"if trained {next(iter(verdicts))}, " if changes else ""
    return f"{lead}: {usual}{MEANINGS[_ANSWERING][verdict]}."


def _numbers(frame: pd.DataFrame, claims: Sequence[Record]) -> tuple[str, str]:
    """Return the numbers that the answer rests on, and what permuting the weights moves."""
    first = [each for each in claims if each["training"] == claims[0]["training"]]
    datasets = {name for each in first for name in each.get("datasets") or ()}
    numbers = [f"{with_interval(each)} above the control that comes nearest" for each in first[:1]]
    agreement = _mean(seed_rows(frame, "tau_b"), datasets)
    if agreement is not None:
        numbers.insert(0, f"tau-b {notation.number(agreement, 2)} on average")
    moved = seed_rows(frame, "total_variation", ablated=True)
    change = _mean(moved[moved["ablation"] == "permuted"], datasets)
    beside = (
        f"permuting its weights moves {100 * change:.0f} % of the predicted probability" if change is not None else ""
    )
    return ", ".join(numbers), beside


def _mean(rows: pd.DataFrame, datasets: Collection[str]) -> float | None:
    """Return the mean over conditions of additive attention under softmax; None where the frame holds no such model."""
    own = rows[(rows["attention"] == _ATTENTION) & (rows["normalizer"] == "softmax")]
    own = own[own["dataset"].isin(datasets)] if datasets else own
    own = own[own["value"].notna()]
    if own.empty:
        return None
    measured = own[["view", "estimator"]]  # in the way that decides, which stands first
    own = own[(measured == measured.iloc[0]).all(axis=1)]
    return float(own.groupby(["dataset", "encoder"])["value"].mean().mean())
