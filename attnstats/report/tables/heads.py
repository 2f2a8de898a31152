"""The table of the heads of a transformer."""

from __future__ import annotations

import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.frame import check_frame, parameter
from attnstats.report.notation import _words as notation
from attnstats.report.notation.formats import Table, printed
from attnstats.report.tables.verdicts import correction_name, interval_name

_PLACE = ["layer", "head", "query"]
_COLUMNS = ["value", "ci_low", "ci_high", "ci_level", "ci_method", "pvalue", "pvalue_adjusted", "correction", "n"]
_COLUMNS += ["n_seeds", "gini", "left_out", "ties", "group", "undefined"]
#: Stands for a head, above all their numbers, while rows are sorted.
_ROLLOUT = 2**31


def head_table(frame: pd.DataFrame) -> Table:
    """Return every layer and head: agreement with the information in the words, skew, near ties and group.

    Parameters
    ----------
    frame : DataFrame
        From `attnstats.studies.HeadAnalysis.to_frame`; of another results frame the table has no rows.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or has a head twice.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> keys = {"layer": 0, "head": 1, "parameters": encode_parameters(query="ClassToken()")}
    >>> frame = to_frame([
    ...     Row(quantity="tau_b", family="heads", value=0.21, ci_low=0.11, ci_high=0.31, ci_level=0.95, n=200,
    ...         pvalue_adjusted=0.002, correction="max-T", ties=0.01, **keys),
    ...     Row(quantity="gini", value=0.4, **keys)])
    >>> head_table(frame).text.iloc[0].tolist()
    ['0', '1', 'ClassToken()', '0.21 [0.11, 0.31]', '.002', '0.400', '0.010', '–']
    """
    rows = check_frame(frame)
    rows = rows[rows["layer"].notna() & rows["quantity"].isin(["tau_b", "gini", "left_out"])]
    rows = rows.assign(query=parameter(rows, "query"), group=parameter(rows, "group"))
    rows = rows[rows["query"].notna()]
    # Rolled-out attention is of no head; it stands below those of its layer, and NA would find no partner.
    keyed = rows.assign(head=rows["head"].astype("Int64").fillna(_ROLLOUT))
    data = keyed[(keyed["quantity"] == "tau_b") & (keyed["family"] == "heads")].reset_index(drop=True)
    if (twice := data.duplicated(_PLACE)).any():
        layer, head, query = data.loc[twice, _PLACE].iloc[0]
        raise FrameError(f"frame: must have each head once; got layer {layer}, head {head}, {query} again")
    for quantity in ("gini", "left_out"):
        means = keyed.loc[keyed["quantity"] == quantity, [*_PLACE, "value"]].drop_duplicates(_PLACE)
        data = data.merge(means.rename(columns={"value": quantity}), on=_PLACE, how="left")
    data = data.sort_values(["query", "layer", "head"], kind="stable", ignore_index=True)
    data = data.assign(head=data["head"].mask(data["head"] == _ROLLOUT))[[*_PLACE, *_COLUMNS]]
    unordered = data["value"].isna()
    agreement = pd.Series(list(map(notation.estimate, data["value"], data["ci_low"], data["ci_high"])), dtype=str)
    text = printed(
        {
            "Layer": map(notation.count, data["layer"]),
            "Head": data["head"].astype("string").fillna("rollout"),
            "Query": data["query"],
            f"tau-b [{interval_name(data)}]": agreement.mask(unordered, "no order"),
            f"p {correction_name(data)}": map(notation.pvalue, data["pvalue_adjusted"]),
            "Gini": map(notation.number, data["gini"]),
            "Near ties": map(notation.number, data["ties"]),
            "Group": map(notation.count, data["group"]),
        }
    )
    notes = [_NOTE, *([_NO_ORDER] if unordered.any() else [])]
    for n in data["n_seeds"].dropna().unique():
        over = "texts of one training" if n == 1 else f"texts and over {n:.0f} trainings"
        notes.append(f"Intervals and p-values are over {over}.")
    return Table("heads", _CAPTION, data, text, tuple(notes))


_CAPTION = "How far the attention of each layer and head orders the words of texts as their information does."
_NOTE = (
    "tau-b: mean over texts of Kendall's tau-b between attention and the pointwise MI of the words with the predicted "
    "class; all intervals hold together at their level. Gini: skew of the weights, 0 where all are equal. Near ties: "
    "share of the pairs of words that are tied in weight or information. Heads of one group order words alike."
)
_NO_ORDER = "No order: the weights are equal, or none is on the words, in too many texts."
