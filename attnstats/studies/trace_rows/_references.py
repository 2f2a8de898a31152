"""Orders of tokens that do not come from attention: attributions, and what planted text is known to hold."""

from __future__ import annotations

import numpy as np

from attnstats._distributions import as_token_scores
from attnstats._validation import FloatArray, RealArray
from attnstats.frame import encode_parameters
from attnstats.ranks import kendall_batch
from attnstats.studies.trace_rows._measures import RowsAndOutcomes, mean_row
from attnstats.trace import AttentionTrace


def attribution_rows(
    trace: AttentionTrace, name: str, scores: RealArray, information: FloatArray | None
) -> RowsAndOutcomes:
    """Return rows that set attention and pointwise information beside an attribution, and each example's tau-b.

    Attention has no sign, so it is compared with the size of the scores (Jain and Wallace 2019); information has one.
    """
    scores = as_token_scores(scores, trace.mask, f"attributions.{name}")
    columns = {f"tau_b_attention_{name}": kendall_batch(trace.attention, np.abs(scores), mask=trace.mask).statistic}
    if information is not None:
        columns[f"tau_b_information_{name}"] = kendall_batch(information, scores, mask=trace.mask).statistic
    rows = [
        mean_row(
            f"{column.removesuffix(f'_{name}')}_attribution",
            values,
            "correlation",
            parameters=encode_parameters(attribution=name),
        )
        for column, values in columns.items()
    ]
    return rows, columns


def known_information_rows(trace: AttentionTrace, known: RealArray, information: FloatArray | None) -> RowsAndOutcomes:
    """Return rows that set attention and pointwise information beside the known information of every token.

    ``known_slope`` is the least-squares slope, within a text, of attention × length on the known information in nats.
    """
    known = as_token_scores(known, trace.mask, "known_information")
    mask, lengths = trace.mask, trace.lengths[:, np.newaxis]
    means = known.sum(axis=1, keepdims=True) / lengths
    centred = np.where(mask, known - means, 0)
    squares = (centred**2).sum(axis=1)
    products = (centred * trace.attention * lengths).sum(axis=1)
    slope = np.divide(products, squares, out=np.full(len(squares), np.nan), where=squares > 0)
    columns = {"tau_b_known": kendall_batch(trace.attention, known, mask=mask).statistic}
    if information is not None:
        columns["tau_b_information_known"] = kendall_batch(information, known, mask=mask).statistic
    rows = [mean_row(column, values, "correlation") for column, values in columns.items()]
    rows.append(mean_row("known_slope", slope, "shares per nat"))
    return rows, {**columns, "known_slope": slope}
