"""The trained models behind a finding, described from their rows in the results frame."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import pandas as pd

from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import of_deciding_models

_WORDS = {
    "accuracy": "Accuracy",
    "output_entropy": "Entropy of the output in nats",
    "conicity": "Conicity of the hidden states",
    "mi_reliability": "Reliability of the MI order",
}
#: Combinations that are named.
_BEST = 3


def describe_models(frame: pd.DataFrame, finding: str, datasets: Collection[str]) -> Iterator[str]:
    """Yield what the models on some data sets were like: the range over architectures of their means over seeds."""
    kinds = ["softmax", "gumbel_softmax"] if finding == "iv" else ["softmax"]
    rows = of_deciding_models(frame)
    rows = rows[rows["seed"].notna() & rows["example"].isna() & rows["dataset"].isin(list(datasets))]
    rows = rows[(rows["ablation"].isna() | (rows["ablation"] == "none")) & rows["value"].notna()]
    rows = rows[rows["normalizer"].str.split("(").str[0].isin(kinds)]
    means = rows.groupby(["quantity", "dataset", "encoder", "attention", "normalizer"], sort=False)["value"].mean()
    for name in [name for name in _WORDS if name in means.index.get_level_values(0)]:
        yield f"{_WORDS[name]}: {_range(means[name])}"
    if finding == "v" and {"tau_b", "conicity", "mi_reliability"} <= set(means.index.get_level_values(0)):
        by_pair = means.groupby(level=["quantity", "encoder", "attention"], sort=False).mean()
        best = by_pair["tau_b"].sort_values(ascending=False).head(_BEST)
        for place, ((encoder, attention), value) in enumerate(best.items(), start=1):
            yield (
                f"Highest mean tau-b, place {place}: {notation.plain(f'{encoder} + {attention}')}, "
                f"{notation.number(value)} (reliability {by_pair['mi_reliability', encoder, attention]:.2f}, conicity "
                f"{by_pair['conicity', encoder, attention]:.2f})"
            )
    if finding == "iii" and {"concordance", "concordance_reference"} <= set(means.index.get_level_values(0)):
        yield from _first_gap(rows)


def _first_gap(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the share of the first gap of both curves."""
    curves = {}
    for quantity in ("concordance", "concordance_reference"):
        own = rows[rows["quantity"] == quantity]
        gaps = [json.loads(text) for text in own["parameters"]]
        first = [gap["gap_low"] == 0 for gap in gaps]
        curves[quantity] = float(own["value"][first].mean())
        high = next((gap["gap_high"] for gap in gaps if gap["gap_low"] == 0), None)
    if high is not None:
        yield (
            f"Of pairs whose weights differ by less than {high:g} in log, attention orders "
            f"{100 * curves['concordance']:.1f} % as MI does; an attention in the true MI order would order "
            f"{100 * curves['concordance_reference']:.1f} % so"
        )


def _range(values: pd.Series[float]) -> str:
    low, high = notation.number(float(values.min())), notation.number(float(values.max()))
    return low if low == high else f"{low} to {high}"
