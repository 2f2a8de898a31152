"""Is the information that was planted in texts found again, and followed by attention, however the models are trained?

    python analysis/planted_trainings.py analysis/results/full.parquet

Writes ``analysis/results/planted_trainings.csv`` and ``docs/planted_trainings.md``.

The texts stand twice, with the information moved to other words, and the models are trained anew on each: whatever a
model thinks of a word for another reason cancels in the mean of both. Values are means over test texts, both plantings
and then seeds, with a t interval over the seeds that finished on both. Attentions are normalised by softmax.

- *MI found*: tau-b, within a text, between the pointwise MI of the states with the predicted class and the planted
  information. Most words carry none and are tied, so an order of different values agrees by the ceiling at most. In an
  MLP repeated words have the same state; tied in both orders, they allow a little more.
- *attention*: tau-b, within a text, between attention and the planted information.
- *slope*: of attention × length on the planted information, within a text; above zero where the attention has moved
  with the information.
- *MI by position*: estimated MI of the states at a position with the true class, minus that of the words there, in
  nats. The states of an MLP hold their own word alone, so theirs is the error of the estimate; those of the other
  encoders hold neighbours too, and may carry more.
"""

import argparse
import ast
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd

from attnstats._files import write_atomically
from attnstats.comparison import t_interval
from attnstats.datasets import PlantedText, load_dataset
from attnstats.frame import read_frame
from attnstats.information import Probe
from attnstats.information.interface import brief

ROOT = Path(__file__).parents[1]
#: Name of each measure on the page.
MEASURES = {
    "tau_b_information_known": "MI found",
    "tau_b_known": "attention",
    "known_slope": "slope",
    "mi": "MI by position",
}
CONDITION = ["training", "encoder", "attention", "measure"]


def planted_text(dataset: str) -> PlantedText:
    """Return the texts of a data set by the name that the frame has for it."""
    call = ast.parse(dataset, mode="eval").body
    keywords = call.keywords if isinstance(call, ast.Call) else []
    texts = load_dataset("planted", **{str(each.arg): ast.literal_eval(each.value) for each in keywords})
    assert isinstance(texts, PlantedText)
    return texts


def ceiling(texts: PlantedText) -> float:
    """Return the largest tau-b of an order without ties with the planted information, in which most words are tied."""
    information = texts.information()[0]
    apart = np.triu(information[:, np.newaxis] != information, k=1).sum()
    return sqrt(apart / (texts.length * (texts.length - 1) / 2))


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each measure over texts, plantings and seeds, by training, encoder and attention."""
    model = frame["seed"].notna() & frame["ablation"].eq("none").fillna(False).astype(bool)
    planted = frame["dataset"].str.startswith("planted").fillna(False).astype(bool)
    rows = frame[model & planted & frame["normalizer"].eq("softmax").fillna(False).astype(bool)]
    by_position = rows["view"].eq("position") & rows["output"].eq("label") & rows["estimator"].eq(brief(Probe()))
    rows = rows[(rows["quantity"].isin(MEASURES) & rows["quantity"].ne("mi")) | by_position.fillna(False).astype(bool)]
    rows = rows[rows["quantity"].isin(MEASURES)]
    rows = rows.assign(measure=rows["quantity"].map(MEASURES), training=rows["training"].fillna("–"))
    of_words = {each: planted_text(each).position_information.mean() for each in rows["dataset"].unique()}
    carried = rows["dataset"].map(of_words).where(rows["quantity"] == "mi", 0.0)
    rows = rows.assign(value=rows["value"].astype(float) - carried.astype(float))
    by_seed = rows.groupby([*CONDITION, "seed", "dataset"], sort=False)["value"].mean().unstack("dataset")
    found = []
    for names, own in by_seed.dropna().mean(axis=1).groupby(CONDITION, sort=False):
        interval = t_interval(own.to_numpy(), minimum_replicates=2, replication_unit="seed")
        about = dict(zip(CONDITION, names, strict=True))
        found.append(
            {**about, "value": own.mean(), "ci_low": interval.low, "ci_high": interval.high, "n_seeds": len(own)}
        )
    table = pd.DataFrame(found)
    return table.assign(ceiling=max(map(ceiling, map(planted_text, of_words))))


def page(table: pd.DataFrame) -> str:
    """Return the table in Markdown."""
    said = [f"{row.value:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]" for row in table.itertuples()]
    wide = table.assign(said=said).pivot_table(
        index=CONDITION[:3], columns="measure", values="said", aggfunc="first", sort=False
    )
    wide = wide.fillna("–")
    measures = [each for each in MEASURES.values() if each in wide.columns]
    slopes = table[table["measure"] == MEASURES["known_slope"]].groupby("training", sort=False)
    followed = "; ".join(f"{name}, {(own['ci_low'] > 0).sum()} of {len(own)}" for name, own in slopes)
    title, *_, texts, measured = (__doc__ or "").strip().split("\n\n")
    lines = [
        "# Planted information under each training",
        "",
        title,
        "",
        f"Written by `analysis/planted_trainings.py`. {texts}",
        "",
        measured,
        "",
        f"The ceiling of both tau-b is {table['ceiling'].iloc[0]:.3f}. Conditions whose interval of the slope lies "
        f"above zero, by training: {followed}. Seeds: {_range(table['n_seeds'])}.",
        "",
        f"| training | encoder | attention | {' | '.join(measures)} |",
        "|---|---|---|" + "---|" * len(measures),
    ]
    lines += [f"| {' | '.join([*names, *row[measures]])} |" for names, row in wide.iterrows()]
    return "\n".join(lines) + "\n"


def _range(counts: pd.Series) -> str:
    return str(counts.min()) if counts.nunique() == 1 else f"{counts.min()} to {counts.max()}"


def main() -> None:
    """Summarise the frame of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frame", type=Path, help="results frame of a study with planted text")
    table = summarise(read_frame(parser.parse_args().frame))
    results = ROOT / "analysis" / "results" / "planted_trainings.csv"
    write_atomically(results, table.round(4).to_csv(index=False, lineterminator="\n").encode())
    write_atomically(ROOT / "docs" / "planted_trainings.md", page(table).encode())


if __name__ == "__main__":
    main()
