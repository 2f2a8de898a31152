"""The table of interventions on the heads of a transformer."""

from __future__ import annotations

import json

import pandas as pd

from attnstats.frame import check_frame, parameter
from attnstats.report.notation import _words as notation
from attnstats.report.notation.formats import Table, printed
from attnstats.report.tables.verdicts import correction_name, interval_name

_COLUMNS = ["ablation", "layer", "head", "heads", "outcome", "value", "ci_low", "ci_high", "ci_level", "ci_method"]
_COLUMNS += ["null_value", "pvalue", "pvalue_adjusted", "correction", "n", "n_seeds"]
_CAPTION = "What an intervention on each head changes in the output of the running model."
_NOTE = (
    "A fall of the outcome is that of the intact model less that under the intervention; of an outcome that is a "
    "change, the change itself. All intervals hold together at their level. Not tested: nothing changed in any text."
)


def head_ablation_table(frame: pd.DataFrame) -> Table:
    """Return what each intervention on each head, or set of heads, changes, with interval and p-value.

    Parameters
    ----------
    frame : DataFrame
        From `attnstats.studies.HeadAblation.to_frame`; of another results frame the table has no rows.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> about = encode_parameters(outcome="accuracy", null_value=0.0)
    >>> frame = to_frame([
    ...     Row(quantity="contrast", family="heads", ablation="zeroed", layer=0, head=1, value=0.21, ci_low=0.11,
    ...         ci_high=0.31, ci_level=0.95, pvalue_adjusted=0.002, correction="max_t", n=200, parameters=about)])
    >>> head_ablation_table(frame).text.iloc[0].tolist()
    ['zeroed', '0', '1', 'fall of accuracy', '0.21 [0.11, 0.31]', '.002']
    """
    rows = check_frame(frame)
    rows = rows[(rows["quantity"] == "contrast") & (rows["family"] == "heads").fillna(False)]
    about = {name: parameter(rows, name) for name in ("outcome", "null_value", "heads")}
    data = rows.assign(**about)[_COLUMNS].reset_index(drop=True)
    untested = data["pvalue_adjusted"].isna()
    effect = pd.Series(list(map(notation.estimate, data["value"], data["ci_low"], data["ci_high"])), dtype=str)
    text = printed(
        {
            "Intervention": data["ablation"],
            "Layer": map(_several, map(notation.count, data["layer"]), data["heads"]),
            "Head": map(_several, map(notation.count, data["head"]), data["heads"]),
            "Outcome": map(_of_outcome, data["outcome"], data["null_value"]),
            f"Effect [{interval_name(data)}]": effect.mask(untested, "not tested"),
            f"p {correction_name(data)}": map(notation.pvalue, data["pvalue_adjusted"]),
        }
    )
    return Table("head_ablations", _CAPTION, data, text, (_NOTE,) if len(data) else ())


def _several(number: str, heads: object) -> str:
    """Return the number of one head or layer, or else all heads of a set, each as layer.head."""
    if number != notation.ABSENT or not isinstance(heads, list | str):
        return number
    pairs = json.loads(heads) if isinstance(heads, str) else heads
    return " ".join(f"{layer}.{head}" for layer, head in pairs)


def _of_outcome(outcome: str, null_value: float) -> str:
    """Return what the effect is: a change, tested against its margin, or a fall."""
    name = notation.pretty_name(outcome)
    return f"{name}, against {null_value:g}" if null_value else f"fall of {name}"
