"""The claims that decide a finding, under each way in which the models were trained."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from attnstats.report.notation._rows import rows_of

_ABOUT = ["hypothesis", "claim", "estimand", "primary", "role", "margin", "against_margin", "weakest_against"]
_ABOUT += ["datasets"]


def primary_claims(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each claim that decides under each training, the first training first.

    The column ``training`` is empty text throughout where the models were trained in one way.
    """
    rows = pd.concat(
        [rows_of(frame, name, *_ABOUT) for name in ("contrast", "contrast_by_training")], ignore_index=True
    )
    decides = (rows["primary"] != False) & rows["role"].fillna("primary").eq("primary")  # noqa: E712 (None decides)
    unnamed = pd.Series([f"claim {number}" for number in range(1, len(rows) + 1)], index=rows.index)
    rows["hypothesis"] = rows["hypothesis"].fillna(rows["claim"]).fillna(unnamed)
    rows["claim"] = rows["claim"].fillna(rows["hypothesis"])
    elsewhere = list(rows["training"].dropna().unique())
    known = [*frame.loc[frame["seed"].notna(), "training"].dropna().head(1), "first"]
    rows["training"] = rows["training"].fillna(known[0] if elsewhere else "")
    keys = list(zip(rows["finding"].fillna(""), rows["hypothesis"], strict=True))
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return rows.assign(place=[places[key] for key in keys])[decides].sort_values(
        "place", kind="stable", ignore_index=True
    )


def overall_verdict(verdicts: Collection[str]) -> str:
    """Return the verdict on a finding from those on the claims that decide it.

    >>> overall_verdict(["supported", "negligible"]), overall_verdict(["supported", "contradicted", "inconclusive"])
    ('negligible', 'contradicted')
    """
    left = set(verdicts) - {"supported"}
    if "contradicted" in left:
        return "contradicted"
    return "supported" if not left else "negligible" if left == {"negligible"} else "inconclusive"


def finding_verdicts(claims: pd.DataFrame, verdict: str) -> dict[str, str]:
    """Return the verdict on one finding under each training under which all of its claims are decided.

    `claims` are its rows of `primary_claims`; `verdict` is the one that stands in the frame, of the first training.
    """
    trainings = list(dict.fromkeys(claims["training"])) or [""]
    found = {trainings[0]: verdict}
    for name in trainings[1:]:
        own = claims[claims["training"] == name]
        if set(own["hypothesis"]) == set(claims["hypothesis"]) and own["verdict"].notna().all():
            found[name] = overall_verdict(list(own["verdict"]))
    return found
