"""Tables with a row for each cell: what its models measure, on average over the seeds."""

import pandas as pd

from attnstats.frame import check_frame, parameter
from attnstats.report import notation
from attnstats.report.formats import Table, in_print, printed
from attnstats.report.summary import CELL, in_order, over_seeds, seed_rows

__all__ = ["ablation_table", "attribution_table", "cells_table", "erasure_table", "sensitivity_table"]

#: Columns of the cell table and what each prints over them.
CELL_QUANTITIES = {
    "accuracy": "Accuracy",
    "tau_b": "tau-b",
    "mi_normalised_mean": "U by rank",
    "mi_context": "U of context",
    "gini": "Gini",
    "conicity": "Conicity",
    "mi_reliability": "MI reliability",
}
_ABLATION_QUANTITIES = {
    "accuracy": "Accuracy",
    "tau_b": "tau-b",
    "gini": "Gini",
    "total_variation": "Total variation",
}
_SENSITIVITY_QUANTITIES = {
    "mi_normalised_mean": "U",
    "mi_pointwise_mean": "U",
    "tau_b": "tau-b",
    "spearman": "Spearman",
    "weighted_tau": "Weighted tau",
    "top_k_overlap": "Top overlap",
}
_ATTRIBUTION_QUANTITIES = {
    "tau_b_attention_attribution": "Attention",
    "tau_b_information_attribution": "MI",
}
_ERASURE_QUANTITIES = {
    "comprehensiveness": "Comprehensiveness",
    "sufficiency": "Sufficiency",
    "decision_flip_fraction": "Flip fraction",
}
_KEY_TITLES = {
    "dataset": "Data",
    "encoder": "Encoder",
    "attention": "Attention",
    "normalizer": "Normalizer",
    "ablation": "Ablation",
}


def cells_table(frame: pd.DataFrame) -> Table:
    """Return mean ± standard deviation over seeds of the main quantities, one row for each intact cell.

    Where a quantity was measured in several ways, the first one stands here; `sensitivity_table` shows them all.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="accuracy", encoder="mlp", value=0.7 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> cells_table(to_frame(rows)).text[["Encoder", "Accuracy", "Seeds"]]
      Encoder       Accuracy Seeds
    0     MLP  0.710 ± 0.010     3
    """
    caption = "Mean ± standard deviation over seeds (trained models) of each cell."
    notes = (
        "tau-b: mean over examples of Kendall's tau-b between attention and pointwise MI. U: mutual information with "
        "the predicted class divided by its entropy H. Gini: of the attention of an example.",
    )
    rows = seed_rows(check_frame(frame), *CELL_QUANTITIES)
    first = rows.groupby("quantity")[["view", "estimator"]].transform("first")
    rows = rows[(rows[["view", "estimator"]] == first).all(axis=1)]
    named = rows.assign(column=rows["quantity"], title=rows["quantity"].map(CELL_QUANTITIES))
    return _by_cell("cells", caption, notes, named, CELL[:-1], list(CELL_QUANTITIES))


def ablation_table(frame: pd.DataFrame) -> Table:
    """Return mean ± standard deviation over seeds of what tampering with the attention leaves.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> keys = {"quantity": "tau_b", "encoder": "mlp", "ablation": "permuted"}
    >>> rows = [Row(**keys, value=0.7 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> ablation_table(to_frame(rows)).text[["Encoder", "Ablation", "tau-b", "Seeds"]]
      Encoder  Ablation          tau-b Seeds
    0     MLP  permuted  0.710 ± 0.010     3
    """
    caption = "Mean ± standard deviation over seeds (trained models) when the attention is replaced."
    notes = ("Total variation: mean distance between the output and that of the intact model, from 0 to 1.",)
    rows = seed_rows(check_frame(frame), *_ABLATION_QUANTITIES, ablated=True)
    named = rows.assign(column=rows["quantity"], title=rows["quantity"].map(_ABLATION_QUANTITIES))
    return _by_cell("ablations", caption, notes, named, CELL, list(_ABLATION_QUANTITIES))


def sensitivity_table(frame: pd.DataFrame) -> Table:
    """Return what information and agreement come to when they are measured in other ways.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Returns
    -------
    Table
        Empty where everything was measured in one way.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> keys = {"quantity": "tau_b", "view": "pointwise", "encoder": "mlp", "seed": 0}
    >>> rows = [Row(**keys, output="class", value=0.3), Row(**keys, output="label", value=0.2)]
    >>> sensitivity_table(to_frame(rows)).text.drop(columns=["Data", "Attention", "Normalizer"])
      Encoder tau-b, class tau-b, label Seeds
    0     MLP        0.300        0.200     1
    """
    rows = seed_rows(check_frame(frame), *_SENSITIVITY_QUANTITIES, every_output=True)
    how = (rows["view"] + ", " + rows["estimator"]).where(rows["quantity"].str.startswith("mi_"), "")
    titles = rows["quantity"].map(_SENSITIVITY_QUANTITIES).str.cat(pd.concat([how, rows["output"]], axis=1), sep=", ")
    titles = titles.str.replace(", , ", ", ").str.strip(", ")
    columns = rows["quantity"].str.cat(rows[["view", "estimator", "output"]], sep=" ").str.strip()
    named = rows.assign(column=columns, title=titles)
    if named.groupby("quantity")["column"].nunique().max() in (1, float("nan")):
        named = named.iloc[:0]
    caption = "Mean ± standard deviation over seeds when information and agreement are measured in other ways."
    notes = (
        "U: mean mutual information over attention ranks, or of all tokens, divided by the entropy of the output; "
        "view, estimator and output as named. Top overlap: of the tokens of largest attention and largest MI.",
    )
    return _by_cell("sensitivity", caption, notes, named, CELL[:-1], list(dict.fromkeys(named["column"])))


def attribution_table(frame: pd.DataFrame) -> Table:
    """Return how attention and pointwise MI agree with attributions, one row for each cell.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> keys = {"quantity": "tau_b_attention_attribution", "encoder": "mlp"}
    >>> gradient = encode_parameters(attribution="gradient_times_input")
    >>> rows = [Row(**keys, parameters=gradient, value=0.4 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> attribution_table(to_frame(rows)).text[["Encoder", "Attention, gradient times input"]]
      Encoder Attention, gradient times input
    0     MLP                   0.410 ± 0.010
    """
    caption = "Mean ± standard deviation over seeds of tau-b between attention, or pointwise MI, and attributions."
    notes = (
        "Attention is set against the size of an attribution (Jain and Wallace 2019), pointwise MI against its value "
        "for the predicted class.",
    )
    return _by_parameter("attributions", caption, notes, frame, _ATTRIBUTION_QUANTITIES, "attribution")


def erasure_table(frame: pd.DataFrame) -> Table:
    """Return what erasing tokens in the order of attention, of MI and at random does to the output.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> keys = {"quantity": "sufficiency", "encoder": "mlp", "parameters": encode_parameters(order="attention")}
    >>> rows = [Row(**keys, value=0.1 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> erasure_table(to_frame(rows)).text[["Encoder", "Sufficiency, attention"]]
      Encoder Sufficiency, attention
    0     MLP          0.110 ± 0.010
    """
    caption = "Mean ± standard deviation over seeds of what erasing tokens in a given order does to the output."
    notes = (
        "A token is erased by taking its attention away. Comprehensiveness: fall of the predicted probability without "
        "the first tokens, high for a good order. Sufficiency: fall with the first tokens alone, low for a good order "
        "(DeYoung et al. 2020). Flip fraction: share of tokens erased before the decision changes, low for a good "
        "order (Serrano and Smith 2019).",
    )
    return _by_parameter("erasure", caption, notes, frame, _ERASURE_QUANTITIES, "order")


def _by_parameter(
    name: str, caption: str, notes: tuple[str, ...], frame: pd.DataFrame, quantities: dict[str, str], key: str
) -> Table:
    """Return a table with a column for each quantity and each value of one of its parameters."""
    rows = seed_rows(check_frame(frame), *quantities)
    values = parameter(rows, key).astype(str)
    titles = rows["quantity"].map(quantities) + ", " + values.map(notation.pretty_name)
    named = rows.assign(column=rows["quantity"] + " " + values, title=titles)
    order = [f"{quantity} {value}" for quantity in quantities for value in dict.fromkeys(values)]
    return _by_cell(name, caption, notes, named, CELL[:-1], order)


def _by_cell(
    name: str, caption: str, notes: tuple[str, ...], rows: pd.DataFrame, keys: list[str], columns: list[str]
) -> Table:
    """Return mean ± standard deviation over seeds, a row for each cell; ``column`` and ``title`` name a row's place."""
    summary = over_seeds(rows, [*keys, "column"])
    titles = dict(zip(rows["column"], rows["title"], strict=True))
    data = pd.DataFrame(in_order(summary, *keys), columns=keys)
    text = {
        _KEY_TITLES[key]: [notation.pretty_name(value) if key != "dataset" else value for value in data[key]]
        for key in keys
    }
    seeds = pd.Series(0, index=data.index)
    for column in columns:
        if column not in titles:
            continue
        found = data[keys].merge(summary[summary["column"] == column], on=keys, how="left")
        data[f"{column}_mean"], data[f"{column}_sd"] = found["mean"], found["sd"]
        text[titles[column]] = in_print(notation.mean_sd, found["mean"], found["sd"])
        seeds = seeds.combine(found["n_seeds"].fillna(0).astype(int), max)
    data["n_seeds"] = seeds
    text["Seeds"] = in_print(notation.count, seeds)
    return Table(name, caption, data, printed(text), notes)
