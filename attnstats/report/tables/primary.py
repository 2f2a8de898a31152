"""The table of findings and of the claims that decide them, the verdicts under each training side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._claims import finding_verdicts, primary_claims
from attnstats.report.notation._rows import rows_of
from attnstats.report.notation.formats import Table, printed
from attnstats.report.tables.verdicts import NO_PVALUE, correction_name, interval_name

_COLUMNS = ["unit", "ci_low", "ci_high", "pvalue", "pvalue_adjusted", "n_seeds"]


def primary_table(frame: pd.DataFrame) -> Table:
    """Return each finding and below it the claims that decide it, with a column of verdicts for each training.

    Effects and p-values are those of the first training. A finding has a verdict under another training where all of
    its claims are decided there. The row of a finding has no ``hypothesis``.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or a p-value lies below what its test could give.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> about = encode_parameters(hypothesis="i.deep", claim="deep keeps more", primary=True)
    >>> frame = to_frame([
    ...     Row(quantity="contrast", finding="i", value=0.1, verdict="supported", parameters=about),
    ...     Row(quantity="contrast_by_training", finding="i", training="long", verdict="negligible", parameters=about),
    ...     Row(quantity="finding", finding="i", verdict="supported", parameters=encode_parameters(title="More kept")),
    ...     Row(quantity="accuracy", training="standard", seed=0, value=0.7)])
    >>> primary_table(frame).text[["Claim", "Verdict, standard", "Verdict, long"]].to_numpy().tolist()
    [['(i) More kept', 'supported', 'negligible'], ['deep keeps more', 'supported', 'negligible']]
    """
    claims = primary_claims(check_frame(frame))
    findings = rows_of(frame, "finding", "title")
    trainings = list(dict.fromkeys(claims["training"])) or [""]
    rows: list[dict[str, Any]] = []
    for name in dict.fromkeys([*findings["finding"].dropna(), *claims["finding"].dropna()]):
        own = claims[claims["finding"] == name]
        for title, verdict in findings.loc[findings["finding"] == name, ["title", "verdict"]].to_numpy():
            rows.append({"finding": name, "claim": title, **_verdict_columns(finding_verdicts(own, verdict))})
        for hypothesis, under in own.groupby("hypothesis", sort=False):
            shown = under.iloc[0]
            verdicts = _verdict_columns(dict(zip(under["training"], under["verdict"], strict=True)))
            about = {"finding": name, "hypothesis": hypothesis, "claim": shown["claim"], "effect": shown["value"]}
            rows.append(about | shown[_COLUMNS].to_dict() | verdicts)
    order = ["finding", "hypothesis", "claim", *_verdict_columns(dict.fromkeys(trainings)), "effect", *_COLUMNS]
    data = pd.DataFrame(rows, columns=order)
    titles = "(" + data["finding"].astype("string") + ") " + data["claim"].astype("string")
    text: dict[str, Iterable[object]] = {"Claim": data["claim"].where(data["hypothesis"].notna(), titles)}
    text |= {column.replace("_", ", ").capitalize(): data[column] for column in order if column.startswith("verdict")}
    effect, adjusted = f"Effect [{interval_name(claims)}]", f"p {correction_name(claims)}"
    first = data[order[3]]
    text[effect] = map(notation.estimate, data["effect"], data["ci_low"], data["ci_high"])
    text["Unit"] = data["unit"]
    text[adjusted] = map(notation.claim_pvalue, first, data["pvalue_adjusted"], data["pvalue"])
    return Table("primary", _caption(trainings), data, printed(text), tuple(_notes(claims, first)))


def _verdict_columns(verdicts: dict[str, Any]) -> dict[str, Any]:
    """Return verdicts by the name of their column."""
    return {f"verdict_{name}" if name else "verdict": verdict for name, verdict in verdicts.items()}


def _caption(trainings: list[str]) -> str:
    first, *others = trainings
    if not others:
        return "The findings and the claims that decide them."
    return f"The findings and the claims that decide them, by how the models were trained; effects: if trained {first}."


def _notes(claims: pd.DataFrame, verdicts: pd.Series) -> Iterable[str]:
    """Yield what must be known to read the table."""
    where = {}
    for training, own in claims.groupby("training", sort=False):
        names = dict.fromkeys(name for each in own["datasets"].dropna() for name in each)
        where[training] = ", ".join(map(notation.pretty_name, names))
    if len(set(where.values())) > 1:
        yield "Data sets: " + "; ".join(f"{training}: {names}" for training, names in where.items() if names) + "."
    if verdicts.eq("contradicted").any():
        yield NO_PVALUE
