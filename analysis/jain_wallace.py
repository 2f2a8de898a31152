"""Agreement of attention with gradients and with leave-one-out, beside the values that Jain and Wallace (2019) printed.

    python analysis/jain_wallace.py analysis/results/full.parquet

Writes ``analysis/results/jain_wallace.csv`` and ``docs/jain_wallace.md``.

Theirs are means over the texts of each class, under one model (Table 2 of arXiv 1902.10186v3, in
``analysis/references``); ours are means over texts and then over seeds, with a t interval over seeds, all classes
together. Texts are shorter here, embeddings are not pretrained, and tau is tau-b, so equal numbers are not expected;
signs and sizes can be compared.
"""

import argparse
from pathlib import Path

import pandas as pd

from attnstats._files import write_atomically
from attnstats.comparison import t_interval
from attnstats.frame import parameter, read_frame

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "analysis" / "references" / "jain_wallace_2019.csv"
#: Their name of each measure, and of each encoder.
MEASURES = {"gradient_times_input": "gradient", "leave_one_out": "leave-one-out"}
ENCODERS = {"bilstm": "bilstm", "mlp": "average", "cnn": "cnn"}


def compare(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each data set, encoder and measure of the study, with their value where they printed one."""
    rows = frame[
        (frame["quantity"] == "tau_b_attention_attribution")
        & (frame["attention"] == "additive")
        & (frame["normalizer"] == "softmax")
    ]
    rows = rows.assign(measure=parameter(rows, "attribution").map(MEASURES), encoder=rows["encoder"].map(ENCODERS))
    theirs = pd.read_csv(REFERENCE, comment="#")
    theirs["text"] = [f"{row.mean:.2f} ± {row.sd:.2f}" for row in theirs.itertuples()]
    printed = theirs.groupby(["dataset", "encoder", "measure"]).agg(
        low=("mean", "min"), high=("mean", "max"), text=("text", "; ".join)
    )
    found = []
    for (dataset, encoder, measure), own in rows.groupby(["dataset", "encoder", "measure"], sort=False):
        interval = t_interval(own["value"].to_numpy(float), minimum_replicates=2, replication_unit="seed")
        name = str(dataset).partition("(")[0]
        known = (name, encoder, measure) in printed.index
        low, high, text = printed.loc[(name, encoder, measure)] if known else (None, None, "–")
        found.append(
            {
                "dataset": dataset,
                "encoder": encoder,
                "measure": measure,
                "tau_b": own["value"].mean(),
                "ci_low": interval.low,
                "ci_high": interval.high,
                "n_seeds": len(own),
                "printed_low": low,
                "printed_high": high,
                "printed": text,
            }
        )
    return pd.DataFrame(found)


def page(table: pd.DataFrame) -> str:
    """Return the comparison in Markdown."""
    compared = table[table["printed_low"].notna()]
    below = compared[compared["ci_high"] < compared["printed_low"]]
    above = compared[compared["ci_low"] > compared["printed_high"]]
    lines = [
        "# Attention, gradients and leave-one-out, beside Jain and Wallace (2019)",
        "",
        __doc__.split("\n\n")[3].strip(),
        "",
        f"Of the {len(compared)} rows with printed values our interval reaches their range in "
        f"{len(compared) - len(below) - len(above)}; it lies below in {_named(below)} and above in {_named(above)}.",
        "",
        "| data | encoder | measure | tau-b, 95 % CI over seeds | seeds | printed, mean ± SD over texts, by class |",
        "|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        ours = f"{row.tau_b:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]"
        lines.append(f"| {row.dataset} | {row.encoder} | {row.measure} | {ours} | {row.n_seeds} | {row.printed} |")
    return "\n".join(lines) + "\n"


def _named(rows: pd.DataFrame) -> str:
    names = "; ".join(f"{row.dataset}, {row.encoder}, {row.measure}" for row in rows.itertuples())
    return f"{len(rows)} ({names})" if names else "none"


def main() -> None:
    """Compare the frame of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frame", type=Path, help="results frame of a study with attributions")
    table = compare(read_frame(parser.parse_args().frame))
    write_atomically(ROOT / "analysis" / "results" / "jain_wallace.csv", table.round(4).to_csv(index=False).encode())
    write_atomically(ROOT / "docs" / "jain_wallace.md", page(table).encode())


if __name__ == "__main__":
    main()
