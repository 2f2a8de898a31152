"""The table of primary claims by training."""

from __future__ import annotations

import pandas as pd

from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import of_deciding_models, rows_of
from attnstats.report.notation.formats import Table, printed
from attnstats.report.tables.verdicts import correction_name, interval_name

_QUANTITIES = ("contrast", "contrast_by_training")
_COLUMNS = ["value", "unit", "ci_low", "ci_high", "ci_level", "ci_method", "pvalue", "pvalue_adjusted", "correction"]
_COLUMNS += ["verdict", "n_seeds"]


def training_table(frame: pd.DataFrame) -> Table:
    """Return each primary claim under each training, in the order of the frame; no rows where there is one training.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> about = encode_parameters(hypothesis="i.deep", claim="deep keeps more", primary=True)
    >>> frame = to_frame([
    ...     Row(quantity="contrast", finding="i", value=0.1, verdict="supported", parameters=about),
    ...     Row(quantity="contrast_by_training", finding="i", training="long", value=0.0, verdict="negligible",
    ...         parameters=about),
    ...     Row(quantity="accuracy", training="standard", seed=0, value=0.7)])
    >>> training_table(frame).text[["Hypothesis", "Training", "Verdict"]].to_numpy().tolist()
    [['deep keeps more', 'standard', 'supported'], ['deep keeps more', 'long', 'negligible']]
    """
    rows = pd.concat([rows_of(check_frame(frame), name, "hypothesis", "claim", "primary") for name in _QUANTITIES])
    elsewhere = rows.loc[rows["quantity"] == _QUANTITIES[1], "hypothesis"]
    first = of_deciding_models(frame)["training"].dropna()
    rows = rows[rows["hypothesis"].isin(elsewhere) & (rows["primary"] == True)]  # noqa: E712 (None is no claim)
    rows["training"] = rows["training"].fillna(first.iloc[0] if len(first) else "first")
    order = list(dict.fromkeys(rows["hypothesis"]))
    rows = rows.sort_values("hypothesis", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)
    data = rows[["finding", "hypothesis", "claim", "training", *_COLUMNS]].rename(columns={"value": "effect"})
    text = printed(
        {
            "Finding": data["finding"],
            "Hypothesis": data["claim"].where(data["claim"].notna(), data["hypothesis"]),
            "Training": data["training"],
            f"Effect [{interval_name(rows)}]": map(notation.estimate, data["effect"], data["ci_low"], data["ci_high"]),
            f"p {correction_name(rows)}": map(notation.pvalue, data["pvalue_adjusted"], data["pvalue"]),
            "Verdict": data["verdict"],
        }
    )
    caption = "The primary claims, decided anew where the models were trained otherwise. The first training decides."
    return Table("trainings", caption, data, text)
