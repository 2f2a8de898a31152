"""Agreement of attention with gradients and with leave-one-out, beside the values that Jain and Wallace (2019) printed.

    python analysis/jain_wallace.py analysis/results/full.parquet results/jain_wallace/frame.csv

takes the frames of the full study and of ``analysis/studies/jain_wallace.toml``, and writes
``analysis/results/jain_wallace.csv`` and ``docs/jain_wallace.md``. Where a frame is missing, so are its rows.

Theirs are means of Kendall's tau-b over the texts of each predicted class, under one model (Table 2 of arXiv
1902.10186v3, in ``analysis/references``); ours are means over all texts, which lie between those of the classes, and
then over seeds, with a 95 % t interval over seeds. An interval reaches their range if it meets the span of their two
classes. Under *standard* and *theirs* texts are whole, longer ones left out, and states 128 wide; the full study cuts
texts to 120 tokens and has states of 64. Equal trainings differ in nothing else.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from attnstats._files import write_atomically
from attnstats.comparison import t_interval
from attnstats.frame import parameter, read_frame

ROOT = Path(__file__).parents[1]
REFERENCES = ROOT / "analysis" / "references"
#: Their name of each measure, and of each encoder.
MEASURES = {"gradient_times_input": "gradient", "leave_one_out": "leave-one-out"}
ENCODERS = {"bilstm": "bilstm", "mlp": "average", "cnn": "cnn"}
ROW = ["data", "encoder", "measure"]


class Setting(NamedTuple):
    """Models and texts of one kind."""

    name: str
    study: str
    whole: bool  # longer texts are left out, not cut
    training: str | None  # None: the first of the study, which decides its findings


FULL = Setting("full study", "full", False, None)
STANDARD = Setting("standard", "jain_wallace", True, "standard")
THEIRS = Setting("theirs", "jain_wallace", True, "theirs")
#: What differs from `STANDARD` in one thing.
CHANGES = (
    Setting("texts cut to 120 tokens", "jain_wallace", False, "standard"),
    Setting("their selected epoch", "jain_wallace", True, "their_selection"),
    Setting("their step of 0.001", "jain_wallace", True, "their_rate"),
    Setting("GloVe vectors", "jain_wallace", True, "glove"),
    Setting("no dropout", "jain_wallace", True, "no_dropout"),
)


def taus(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean tau-b of each model of the studies with additive attention under softmax, one row each."""
    frame = pd.concat(frames, ignore_index=True)
    rows = frame[
        (frame["quantity"] == "tau_b_attention_attribution")
        & (frame["attention"] == "additive")
        & (frame["normalizer"] == "softmax")
    ]
    rows = rows.assign(measure=parameter(rows, "attribution").map(MEASURES), encoder=rows["encoder"].map(ENCODERS))
    rows = rows[rows["measure"].notna() & rows["encoder"].notna()]
    return rows.assign(
        data=rows["dataset"].str.partition("(")[0],
        whole=rows["dataset"].str.contains("max_tokens", regex=False),
        training=rows["training"].fillna("early"),  # that of studies before trainings had names
    )[["study", "dataset", "data", "whole", "training", "encoder", "measure", "seed", "value"]]


def of_setting(rows: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return the rows of one setting."""
    found = rows[(rows["study"] == setting.study) & (rows["whole"] == setting.whole)]
    training = setting.training or (found["training"].iloc[0] if len(found) else "")
    return found[found["training"] == training]


def printed() -> pd.DataFrame:
    """Return the span of the classes of each row that they printed, and its text."""
    theirs = pd.read_csv(REFERENCES / "jain_wallace_2019.csv", comment="#").rename(columns={"dataset": "data"})
    theirs["text"] = [f"{row.mean:.2f} ± {row.sd:.2f}" for row in theirs.itertuples()]
    return theirs.groupby(ROW, sort=False, as_index=False).agg(
        printed_low=("mean", "min"), printed_high=("mean", "max"), printed=("text", "; ".join)
    )


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each setting, data set, encoder and measure, with its change from the standard setting.

    The change is that of each seed: equal seeds have equal initial weights and, on equal texts, see them in one order.
    """
    base = of_setting(rows, STANDARD).set_index([*ROW, "seed"])["value"]
    found = []
    for setting in (FULL, STANDARD, *CHANGES, THEIRS):
        for (dataset, *key), own in of_setting(rows, setting).groupby(["dataset", *ROW], sort=False):
            changes = (own.set_index([*ROW, "seed"])["value"] - base).dropna() if setting != STANDARD else base[:0]
            found.append(
                {
                    "setting": setting.name,
                    "training": own["training"].iloc[0],
                    "dataset": dataset,
                    **dict(zip(ROW, key, strict=True)),
                    **_interval(own["value"], ("tau_b", "ci_low", "ci_high", "n_seeds")),
                    **_interval(changes, ("change", "change_low", "change_high", "n_changes")),
                }
            )
    return pd.DataFrame(found).merge(printed(), on=ROW, how="left")


def _interval(values: pd.Series, names: tuple[str, str, str, str]) -> dict[str, float]:
    """Return mean, limits and number of some values; nothing without two."""
    if len(values) < 2:
        return {}
    interval = t_interval(values.to_numpy(float), minimum_replicates=2, replication_unit="seed")
    return dict(zip(names, (values.mean(), interval.low, interval.high, len(values)), strict=True))


def gap(row: pd.Series) -> float:
    """Return how far the interval of a row ends from the printed span: below zero under it, above zero over it."""
    return max(row["ci_low"] - row["printed_high"], 0) + min(row["ci_high"] - row["printed_low"], 0)


class Printed:
    """The rows that they printed, under each setting that was run."""

    def __init__(self, table: pd.DataFrame) -> None:
        known = table[table["printed"].notna()]
        self.texts = printed().set_index(ROW)["printed"].to_dict()
        self.rows = {(row["setting"], *(row[name] for name in ROW)): row for _, row in known.iterrows()}

    def under(self, setting: Setting) -> dict[tuple[str, ...], pd.Series]:
        """Return the rows of a setting by data, encoder and measure."""
        return {key: self.rows[setting.name, *key] for key in self.texts if (setting.name, *key) in self.rows}


def page(table: pd.DataFrame) -> str:
    """Return the comparison in Markdown."""
    rows = Printed(table)
    parts = [
        ["# Attention, gradients and leave-one-out, beside Jain and Wallace (2019)"],
        __doc__.split("\n\n")[3].strip().split("\n"),
        ["## The rows that they printed"],
        _summary(rows),
        _side_by_side(rows),
        ["Mean tau-b and its interval; in bold where the interval reaches their range."],
        *_factors(rows),
        ["## Every data set of the full study"],
        _every(table[table["setting"] == FULL.name]),
        ["## How their setting differs"],
        [(REFERENCES / "jain_wallace_setting.md").read_text().strip()],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _summary(rows: Printed) -> list[str]:
    lines = []
    for setting in (FULL, STANDARD, THEIRS):
        gaps = {", ".join(key): gap(row) for key, row in rows.under(setting).items()}
        if not gaps:
            continue
        below, above = ([name for name, value in gaps.items() if value * side > 0] for side in (-1, 1))
        trained = next(iter(rows.under(setting).values()))["training"]
        lines.append(
            f"- **{setting.name}** (training {trained}): the interval reaches their range in "
            f"{len(gaps) - len(below) - len(above)} of {len(gaps)} rows; it lies below in {_named(below)} and above in "
            f"{_named(above)}."
        )
    return lines


def _side_by_side(rows: Printed) -> list[str]:
    shown = [each for each in (FULL, STANDARD, THEIRS) if rows.under(each)]
    lines = _header("data", "encoder", "measure", "printed, by class", *(each.name for each in shown))
    for key, theirs in rows.texts.items():
        values = [rows.under(each).get(key) for each in shown]
        lines.append(_line(*key, theirs, *("–" if row is None else _reaching(row) for row in values)))
    return lines


def _factors(rows: Printed) -> list[list[str]]:
    """Return, for the rows that the standard setting leaves out of range, what each change does."""
    missed = {key: row for key, row in rows.under(STANDARD).items() if gap(row) != 0}
    if not missed:
        return []
    changes = [each for each in (*CHANGES, THEIRS) if rows.under(each)]
    sentences = []
    table = _header("data", "encoder", "measure", *(each.name for each in changes))
    for key, row in missed.items():
        single = {each.name: found for each in CHANGES if (found := rows.under(each).get(key)) is not None}
        nearest = min(single, key=lambda name: abs(gap(single[name])), default="")
        if single and abs(gap(single[nearest])) < abs(gap(row)):
            outcome = "which reaches" if gap(single[nearest]) == 0 else "which does not reach"
            found = f"*{nearest}* alone takes it to {_value(single[nearest])}, {outcome} their range"
        else:
            found = "no single change takes it nearer to their range"
        sentences.append(f"- {', '.join(key)}: {_value(row)} under the standard setting; {found}.")
        every = [rows.under(each).get(key) for each in changes]
        table.append(_line(*key, *("–" if each is None else f"{_change(each)}: {_reaching(each)}" for each in every)))
    note = "Change from the standard setting, paired by seed, and the mean that it leads to."
    return [["## One change at a time"], sentences, table, [note]]


def _every(table: pd.DataFrame) -> list[str]:
    lines = _header("data", "encoder", "measure", "tau-b", "seeds", "printed, by class")
    for _, row in table.iterrows():
        theirs = row["printed"] if isinstance(row["printed"], str) else "–"
        lines.append(_line(row["dataset"], row["encoder"], row["measure"], _value(row), row["n_seeds"], theirs))
    return lines


def _header(*names: str) -> list[str]:
    return [_line(*names), "|---" * len(names) + "|"]


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _value(row: pd.Series) -> str:
    return f"{row['tau_b']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"


def _reaching(row: pd.Series) -> str:
    return f"**{_value(row)}**" if gap(row) == 0 else _value(row)


def _change(row: pd.Series) -> str:
    return f"{row['change']:+.3f} [{row['change_low']:+.3f}, {row['change_high']:+.3f}]"


def _named(names: list[str]) -> str:
    return f"{len(names)} ({'; '.join(names)})" if names else "none"


def main() -> None:
    """Compare the frames of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frames", type=Path, nargs="+", help="results frames of studies with attributions")
    table = compare(taus([read_frame(path) for path in parser.parse_args().frames]))
    write_atomically(ROOT / "analysis" / "results" / "jain_wallace.csv", table.round(4).to_csv(index=False).encode())
    write_atomically(ROOT / "docs" / "jain_wallace.md", page(table).encode())


if __name__ == "__main__":
    main()
