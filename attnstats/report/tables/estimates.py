"""The table of estimates that qualify a finding and decide nothing."""

from __future__ import annotations

import pandas as pd

from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import of_deciding_models, rows_of
from attnstats.report.notation.formats import Table, printed
from attnstats.report.tables.verdicts import interval_name

_COLUMNS = ["value", "unit", "ci_low", "ci_high", "ci_level", "ci_method", "n_seeds"]


def estimate_table(frame: pd.DataFrame) -> Table:
    """Return what qualifies each finding by encoder, with intervals, and under each training where there are several.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> about = encode_parameters(estimate="v.importance.leave-one-out", estimand="mean tau-b of leave-one-out and MI")
    >>> row = Row(quantity="estimate", finding="v", encoder="bilstm", value=0.1, ci_low=0.05, ci_high=0.15,
    ...           ci_level=0.95, parameters=about, n_seeds=8)
    >>> estimate_table(to_frame([row])).text.iloc[0].tolist()
    ['v', 'mean tau-b of leave-one-out and MI', 'BiLSTM', '0.100 [0.050, 0.150]', '8']
    """
    rows = rows_of(check_frame(frame), "estimate", "estimate", "estimand").reset_index(drop=True)
    several = rows["training"].notna().any()
    first = of_deciding_models(frame)["training"].dropna()
    rows["training"] = rows["training"].fillna(first.iloc[0] if len(first) else "first")
    data = rows[["finding", "estimate", "estimand", "encoder", "training", *_COLUMNS]]
    text = printed(
        {
            "Finding": data["finding"],
            "Estimate": data["estimand"],
            "Encoder": map(notation.pretty_name, data["encoder"]),
            "Training": data["training"],
            f"Mean [{interval_name(rows)}]": map(notation.estimate, data["value"], data["ci_low"], data["ci_high"]),
            "Seeds": map(notation.count, data["n_seeds"]),
        }
    )
    caption = "What qualifies the findings and decides none, by encoder."
    note = (
        "Near-uniform attention: at least half of the pairs of tokens of the text are near ties. Gradients, "
        "leave-one-out: attention that ordered the tokens as they do would agree with pointwise MI as much as they do."
    )
    return Table("estimates", caption, data, text if several else text.drop(columns="Training"), (note,))
