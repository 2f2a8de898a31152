"""The table of verdicts: every declared hypothesis, effect first."""

from __future__ import annotations

import pandas as pd

from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import heads_rows, rows_of
from attnstats.report.notation.formats import Table, printed

_DETAILS = ["hypothesis", "claim", "estimand", "primary", "margin"]
_DETAILS += ["hedges_g", "probability_of_superiority", "share_positive", "seeds_needed"]
_COLUMNS = ["unit", "ci_low", "ci_high", "ci_level", "ci_method", "test", "statistic", "alternative", "pvalue"]
_COLUMNS += ["pvalue_floor", "family", "correction", "pvalue_adjusted", "verdict", "replication_unit", "n_seeds"]
#: Printed columns that stand only where a row fills them, with the note that explains them.
_OPTIONAL = {
    "Unit": "",
    "Margin": "Margin: how far from zero counts as no difference.",
    "g": "g: Hedges' g over seeds.",
    "P(A>B)": "P(A>B): probability of superiority.",
    "Share > 0": "Share > 0: share of models with a difference above zero.",
    "p floor": "p floor: the smallest p-value that the test could give.",
    "Seeds needed": "Seeds needed: for 80 % power at the effect found.",
}
#: Why a contradicted claim has no p-value.
NO_PVALUE = "A p-value is that of the claim as it stands, so a contradicted claim has none: its interval decides."


def verdict_table(frame: pd.DataFrame) -> Table:
    """Return the declared hypotheses with effect, interval, p-values and verdict, in the order of the frame.

    Interventions on the heads of a model stand in `head_ablation_table`.
    Columns that hold nothing in any row (unit, margin, standardised effect, seeds needed) are not printed.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or a p-value lies below what its test could give.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> frame = to_frame([Row(
    ...     quantity="contrast", finding="i", value=0.31, ci_low=0.22, ci_high=0.4, ci_level=0.95,
    ...     pvalue=0.0039, pvalue_floor=0.0039, pvalue_adjusted=0.0078, correction="Holm", verdict="supported",
    ...     parameters=encode_parameters(hypothesis="i.additive", claim="additive keeps more"), n_seeds=8)])
    >>> verdict_table(frame).text.iloc[0].tolist()
    ['i', 'additive keeps more', '0.310 [0.220, 0.400]', '.004', '.008', '.0039', 'supported', '8']
    """
    claims = check_frame(frame)
    rows = rows_of(claims[~heads_rows(claims)], "contrast", *_DETAILS).reset_index(drop=True)
    data = rows[["finding", *_DETAILS, "value", *_COLUMNS]].rename(columns={"value": "effect"})
    claim = data["claim"].where(data["claim"].notna(), data["hypothesis"])
    secondary = data["primary"].map(lambda primary: primary is False).astype(bool)
    two = [2] * len(data)
    text = printed(
        {
            "Finding": data["finding"],
            "Hypothesis": claim.where(~secondary, claim + " (secondary)").map(notation.plain, na_action="ignore"),
            f"Effect [{interval_name(rows)}]": map(notation.estimate, data["effect"], data["ci_low"], data["ci_high"]),
            "Unit": data["unit"],
            "Margin": map(notation.number, data["margin"]),
            "g": map(notation.number, data["hedges_g"], two),
            "P(A>B)": map(notation.number, data["probability_of_superiority"], two),
            "Share > 0": map(notation.number, data["share_positive"], two),
            "p": map(notation.claim_pvalue, data["verdict"], data["pvalue"], data["pvalue_floor"]),
            f"p {correction_name(rows)}": map(
                notation.claim_pvalue, data["verdict"], data["pvalue_adjusted"], data["pvalue"]
            ),
            "p floor": map(notation.pvalue_floor, data["pvalue_floor"]),
            "Verdict": data["verdict"],
            "Seeds": map(notation.count, data["n_seeds"]),
            "Seeds needed": map(notation.count, data["seeds_needed"]),
        }
    )
    empty = [name for name in _OPTIONAL if (text[name] == notation.ABSENT).all()]
    notes = [said for name, said in _OPTIONAL.items() if said and name not in empty]
    if data["verdict"].eq("contradicted").any():
        notes.append(NO_PVALUE)
    caption = "The declared hypotheses. The unit of replication is the trained model (a seed)."
    return Table("verdicts", caption, data, text.drop(columns=empty), (" ".join(notes),) if notes else ())


def interval_name(rows: pd.DataFrame) -> str:
    """Return ``95 % CI``, or ``CI`` where the rows differ in level."""
    levels = rows["ci_level"].dropna().unique()
    return f"{100 * levels[0]:g} % CI" if len(levels) == 1 else "CI"


def correction_name(rows: pd.DataFrame) -> str:
    """Return ``Holm``, or ``adjusted`` where the rows differ in correction."""
    corrections = rows["correction"].dropna().unique()
    return notation.pretty_name(corrections[0]) if len(corrections) == 1 else "adjusted"
