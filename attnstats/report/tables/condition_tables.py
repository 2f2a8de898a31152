"""Tables with a row for each condition: mean and standard deviation over its models. Each is declared once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from attnstats.frame import check_frame, parameter
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import CONDITION, in_order, over_seeds, seed_rows
from attnstats.report.notation.formats import Table, printed


def _as_named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows


def _first_variant(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the first of several ways in which a quantity was measured; heads side by side have `head_table`."""
    rows = rows[parameter(rows, "query").isna()]
    first = rows.groupby("quantity")[["view", "estimator"]].transform("first")
    return rows[(rows[["view", "estimator"]] == first).all(axis=1)]


def _every_variant(rows: pd.DataFrame) -> pd.DataFrame:
    """Spread a quantity over the ways in which it was measured; keep nothing if no quantity has more than one."""
    information = rows["quantity"].str.startswith("mi_")
    how = (rows["view"] + ", " + rows["estimator"]).where(information, "").str.cat(rows["output"], sep=", ")
    columns = rows["column"].str.cat(rows[["view", "estimator", "output"]], sep=" ").str.strip()
    titles = rows["title"].str.cat(how, sep=", ").str.replace(", , ", ", ").str.strip(", ")
    several = columns.groupby(rows["quantity"]).nunique().gt(1).any()
    return rows.assign(column=columns, title=titles).iloc[: None if several else 0]


def _by_parameter(rows: pd.DataFrame, *, key: str) -> pd.DataFrame:
    """Spread a quantity over the values of one of its parameters."""
    values = parameter(rows, key).astype(str)
    titles = rows["title"] + ", " + values.map(notation.pretty_name)
    return rows.assign(column=rows["column"] + " " + values, title=titles)


@dataclass(frozen=True, kw_only=True)
class ConditionTable:
    """A table of mean ± standard deviation over seeds: one row for each condition, columns for each quantity.

    Parameters
    ----------
    name : str
        File name without suffix.
    title, caption, note : str
        What stands over and under it.
    quantities : mapping of str to str
        What its columns hold, and their titles.
    spread : callable, optional
        Takes the rows of the models with the ``column`` and ``title`` of each, and returns those that are shown, with
        other columns where a quantity has several.
    ablated : bool
        Whether it is about models whose attention is replaced, not about intact ones.
    every_output : bool
        Whether it is about every output, not about the predicted class alone.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> rows = [Row(quantity="accuracy", encoder="mlp", value=0.7 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> conditions_table(to_frame(rows)).text[["Encoder", "Accuracy", "Seeds"]]
      Encoder       Accuracy Seeds
    0     MLP  0.710 ± 0.010     3

    >>> keys = {"quantity": "sufficiency", "encoder": "mlp", "parameters": encode_parameters(order="attention")}
    >>> rows = [Row(**keys, value=0.1 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> erasure_table(to_frame(rows)).text[["Encoder", "Sufficiency, attention"]]
      Encoder Sufficiency, attention
    0     MLP          0.110 ± 0.010
    """

    name: str
    title: str
    caption: str
    note: str
    quantities: Mapping[str, str]
    spread: Callable[[pd.DataFrame], pd.DataFrame] = _as_named
    ablated: bool = False
    every_output: bool = False

    def __call__(self, frame: pd.DataFrame) -> Table:
        """Return the table of a results frame, empty where the frame holds nothing for it.

        Raises
        ------
        FrameError
            If `frame` is no results frame, or holds a quantity of a condition twice for one seed.
        """
        rows = seed_rows(check_frame(frame), *self.quantities, ablated=self.ablated, every_output=self.every_output)
        rows = self.spread(rows.assign(column=rows["quantity"], title=rows["quantity"].map(dict(self.quantities))))
        keys = CONDITION if self.ablated else CONDITION[:-1]
        summary = over_seeds(rows, [*keys, "column"])
        data = pd.DataFrame(in_order(summary, *keys), columns=keys)
        text: dict[str, Iterable[object]] = {"Data": data["dataset"]}
        text |= {key.capitalize(): map(notation.pretty_name, data[key]) for key in keys[1:]}
        seeds = pd.Series(0, index=data.index)
        places = {name: place for place, name in enumerate(self.quantities)}
        shown = rows.sort_values("quantity", key=lambda names: names.map(places), kind="stable")
        for column, title in in_order(shown, "column", "title"):
            found = data[keys].merge(summary[summary["column"] == column], on=keys, how="left")
            data[f"{column}_mean"], data[f"{column}_sd"] = found["mean"], found["sd"]
            text[title] = map(notation.mean_sd, found["mean"], found["sd"])
            seeds = seeds.combine(found["n_seeds"].fillna(0).astype(int), max)
        data["n_seeds"] = seeds
        text["Seeds"] = map(notation.count, seeds)
        return Table(self.name, self.caption, data, printed(text), (self.note,))


conditions_table = ConditionTable(
    name="cells",  # the name of its files
    title="Conditions",
    caption="Mean ± standard deviation over seeds (trained models) under each condition.",
    note="tau-b: mean over examples of Kendall's tau-b between attention and pointwise MI. U: mutual information with "
    "the predicted class divided by its entropy H. Gini: of the attention of an example.",
    quantities={
        "accuracy": "Accuracy",
        "tau_b": "tau-b",
        "mi_normalised_mean": "U by rank",
        "mi_context": "U of context",
        "gini": "Gini",
        "conicity": "Conicity",
        "mi_reliability": "MI reliability",
    },
    spread=_first_variant,
)
sensitivity_table = ConditionTable(
    name="sensitivity",
    title="Measured in other ways",
    caption="Mean ± standard deviation over seeds when information and agreement are measured in other ways.",
    note="U: mean mutual information over attention ranks, or of all tokens, divided by the entropy of the output; "
    "view, estimator and output as named. Top overlap: of the tokens of largest attention and largest MI.",
    quantities={
        "mi_normalised_mean": "U",
        "mi_pointwise_mean": "U",
        "tau_b": "tau-b",
        "spearman": "Spearman",
        "weighted_tau": "Weighted tau",
        "top_k_overlap": "Top overlap",
    },
    spread=_every_variant,
    every_output=True,
)
ablation_table = ConditionTable(
    name="ablations",
    title="Ablations",
    caption="Mean ± standard deviation over seeds (trained models) when the attention is replaced.",
    note="Total variation: mean distance between the output and that of the intact model, from 0 to 1. It and the "
    "accuracy are known only where a model recomputed the output under the attention put in.",
    quantities={"accuracy": "Accuracy", "tau_b": "tau-b", "gini": "Gini", "total_variation": "Total variation"},
    ablated=True,
)
attribution_table = ConditionTable(
    name="attributions",
    title="Attributions",
    caption="Mean ± standard deviation over seeds of tau-b between attention, or pointwise MI, and attributions.",
    note="Attention is set against the size of an attribution (Jain and Wallace 2019), pointwise MI against its value "
    "for the predicted class.",
    quantities={"tau_b_attention_attribution": "Attention", "tau_b_information_attribution": "MI"},
    spread=partial(_by_parameter, key="attribution"),
)
erasure_table = ConditionTable(
    name="erasure",
    title="Erasure",
    caption="Mean ± standard deviation over seeds of what erasing tokens in a given order does to the output.",
    note="A token is erased by taking its attention away. Comprehensiveness: fall of the predicted probability without "
    "the first tokens, high for a good order. Sufficiency: fall with the first tokens alone, low for a good order "
    "(DeYoung et al. 2020). Flip fraction: share of tokens erased before the decision changes, low for a good "
    "order (Serrano and Smith 2019).",
    quantities={
        "comprehensiveness": "Comprehensiveness",
        "sufficiency": "Sufficiency",
        "decision_flip_fraction": "Flip fraction",
    },
    spread=partial(_by_parameter, key="order"),
)

#: Every table of conditions, in the order of the report.
CONDITION_TABLES = (conditions_table, sensitivity_table, ablation_table, attribution_table, erasure_table)
