"""A finding in words, as a function of the results frame alone: every number stands in its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from attnstats.exceptions import FrameError, InvalidInputError
from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._claims import finding_verdicts, primary_claims
from attnstats.report.prose._records import capital, claim_records, is_training_guard, records
from attnstats.report.prose._sentence import tell, tell_briefly
from attnstats.report.prose.details import DetailList, detail_lists

#: Sentences of a note on a claim whose verdict changes with the training, which the sentence on the finding tells.
_SAID = (r"hangs on the training: [^.]*\.", r"is [^.]*; that its effect hangs on the training is not shown\.")
#: The figure of what each finding was measured by.
_MEASURED = {"i": "information_by_rank", "ii": "agreement", "iii": "concordance", "iv": "skew", "v": "agreement"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSummary:
    """One finding in words.

    Parameters
    ----------
    name, title, verdict : str
        Which finding, what the paper says, and the verdict of this study.
    verdicts : mapping of str to str
        The verdict under each training under which the finding is decided; one without a name if there is one.
    sentence : str
        The verdict, under each training where that changes it, what it means, and effects with intervals.
    gist : str
        The same without effects: the verdict and what it means.
    figure : str or None
        Name of the figure of what was measured.
    reservation : str
        What must be known before it is relied on, such as too few seeds; empty if there is nothing.
    details : tuple of DetailList
        What else was found, as lists.

    Examples
    --------
    >>> FindingSummary(name="i", title="More kept", verdict="supported", verdicts={"": "supported"},
    ...                sentence="Supported.", figure=None).verdict
    'supported'
    """

    name: str
    title: str
    verdict: str
    verdicts: Mapping[str, str]
    sentence: str
    figure: str | None
    gist: str = ""
    reservation: str = ""
    details: tuple[DetailList, ...] = ()


def tell_finding(frame: pd.DataFrame, finding: str) -> FindingSummary:
    """Return one finding of a study in words: one sentence, and behind it lists of everything else.

    A claim whose verdict changes with the training says so at the start of the sentence.

    Parameters
    ----------
    frame : DataFrame
        Results frame of a study.
    finding : str
        Name of the finding: ``"i"`` to ``"v"``, or whatever the frame holds.

    Raises
    ------
    InvalidInputError
        If `finding` is no text.
    FrameError
        If `frame` is no results frame or holds nothing of the finding, or if rows of it lack a key or a number.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> claim = encode_parameters(claim="deep keeps more", estimand="difference in MI", role="primary")
    >>> rows = [
    ...     Row(quantity="contrast", finding="i", verdict="supported", value=0.1, ci_low=0.05, ci_high=0.15,
    ...         ci_level=0.95, parameters=claim),
    ...     Row(quantity="finding", finding="i", verdict="supported", parameters=encode_parameters(title="More kept"))]
    >>> print(tell_finding(to_frame(rows), "i").sentence)
    Supported: the attended states tell more of the output than under scaled dot-product attention
    (difference in MI: 0.100 [95 % CI 0.050, 0.150]).
    """
    if not isinstance(finding, str):
        raise InvalidInputError(f"finding: must be a name such as 'i'; got {finding!r}")
    own = check_frame(frame)[(frame["finding"] == finding).fillna(False)]
    if own.empty:
        raise FrameError(f"frame: must hold rows of finding {finding!r}; got none")
    about = [*records(own, "finding"), {}][0]
    verdict, reservation = str(about.get("verdict") or "no verdict"), _in_words(str(about.get("note") or ""), own)
    title, figure = str(about.get("title") or ""), _MEASURED.get(finding)
    claims = primary_claims(frame)
    claims = claims[claims["finding"] == finding]
    if claims.empty:
        sentence = reservation or f"{capital(verdict)}."
        return FindingSummary(
            name=finding,
            title=title,
            verdict=verdict,
            verdicts={"": verdict},
            sentence=sentence,
            figure=figure,
            gist=sentence,
        )
    known, verdicts = claim_records(claims), finding_verdicts(claims, verdict)
    guards = [each for each in records(own, "contrast") if each.get("verdict") == "supported"]
    depending = [str(each.get("hypothesis")).removesuffix(".trainings") for each in guards if is_training_guard(each)]
    try:
        sentence, details = tell(finding, verdicts, known, depending), detail_lists(frame, own, known)
        gist = tell_briefly(finding, verdicts, known, depending)
    except (KeyError, TypeError, ValueError) as error:  # a number that is missing cannot be written, nor none be least
        lacking = error.args[0] if isinstance(error, KeyError) else "a number or a row"
        raise FrameError(f"frame: must hold what is said of finding {finding!r}; it lacks {lacking}") from error
    return FindingSummary(
        name=finding,
        title=title,
        verdict=verdict,
        verdicts=verdicts,
        sentence=sentence,
        figure=figure,
        gist=gist,
        reservation=reservation,
        details=details,
    )


def tell_findings(frame: pd.DataFrame) -> list[FindingSummary]:
    """Return every finding of a frame in words, in their order in the frame.

    Raises
    ------
    FrameError
        As `tell_finding`.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> [each.name for each in tell_findings(to_frame([Row(quantity="finding", finding="v", verdict="supported")]))]
    ['v']
    """
    rows = check_frame(frame)
    stated = rows.loc[rows["quantity"] == "finding", "finding"].dropna()
    claimed = rows.loc[rows["quantity"] == "contrast", "finding"].dropna()
    return [tell_finding(frame, name) for name in dict.fromkeys([*stated, *claimed])]


def _in_words(note: str, own: pd.DataFrame) -> str:
    """Return a note with claims for names of hypotheses, without what the sentence says of changing verdicts."""
    contrasts = {each["hypothesis"]: each.get("claim") for each in records(own, "contrast") if each.get("hypothesis")}
    for name in sorted(contrasts, key=len, reverse=True):
        note = re.sub(rf"(?<![\w.]){re.escape(name)} ({'|'.join(_SAID)})\s*", "", note)
        note = note.replace(name, f"“{contrasts[name]}”")
    return notation.plain(note)
