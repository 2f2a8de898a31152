"""Which architecture is most human-like, and does agreement with information go with agreement with people?

    attnstats study run analysis/studies/plausibility.toml --out results/plausibility
    python analysis/plausibility_models.py results/plausibility

reads the models of the study, and writes ``analysis/results/plausibility_models.csv`` and the tables of
docs/plausibility.md. The files of the marks must lie where the study says. Architectures are compared by
`attnstats.scores.compare`, seeds crossed with texts. Whether a text in which attention follows the order of information
is also one in which it follows the marks is Spearman's correlation of the two tau-b over the texts of a model, mean
over seeds; its interval is for other seeds and other texts.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from attnstats._files import write_atomically
from attnstats.comparison import anova_interval
from attnstats.datasets import HumanMarks
from attnstats.exceptions import TooFewSamplesError
from attnstats.plausibility import AveragePrecision, HumanAgreement, crowd_ceiling, human_ceiling, random_rationale
from attnstats.scores import Comparison, compare
from attnstats.studies import StudyConfig
from attnstats.studies.run._cells import marks_of
from attnstats.studies.run._store import CellStore

RESULTS = Path(__file__).parent / "results" / "plausibility_models.csv"
PAGE = Path(__file__).parents[1] / "docs" / "plausibility.md"
#: Around the tables in the page.
BEGIN, END = "<!-- tables of analysis/results/plausibility_models.csv -->", "<!-- end of the tables of models -->"
TARGET = "bilstm + additive"
#: Outcomes of the study, by what they are the plausibility of.
EXPLANATIONS = {
    "attention": "plausibility_attention",
    "information": "plausibility_information",
    "size of gradient × input": "plausibility_gradient_times_input",
    "gradient × input": "plausibility_gradient_times_input(signed=True)",
}


def outcomes(out: Path) -> pd.DataFrame:
    """Return the outcomes of each model and text of a study, a row each."""
    store = CellStore(out / "cells")
    parts = []
    for folder in sorted(path for path in store.directory.iterdir() if path.is_dir()):
        cell = store.read(folder.name)
        keys = cell.frame.iloc[0]
        named = {"dataset": keys["dataset"].partition("(")[0], "architecture": f"{keys.encoder} + {keys.attention}"}
        parts.append(cell.examples.assign(**named, seed=int(keys["seed"]), text=np.arange(len(cell.examples))))
    table = pd.concat(parts, ignore_index=True)
    if table.duplicated(["dataset", "architecture", "seed", "text"]).any():
        raise SystemExit(f"{out}: holds a model twice, of another version; begin with an empty folder")
    return table


def level(part: str, dataset: str, explanation: str, architecture: str, **numbers: float) -> dict[str, object]:
    """Return a row of the table."""
    named = {"part": part, "dataset": dataset, "explanation": explanation, "architecture": architecture}
    return {**named, **{name: round(value, 5) for name, value in numbers.items()}}


def of_people(dataset: str, marks: HumanMarks) -> Iterator[dict[str, object]]:
    """Yield what chance and people reach on the test texts."""
    found: dict[str, HumanAgreement] = {"random tokens": random_rationale(marks, AveragePrecision())}
    try:
        found["one annotator"] = human_ceiling(marks, AveragePrecision())
        found["the others"] = crowd_ceiling(marks, AveragePrecision())
    except TooFewSamplesError:  # one annotator for each text
        pass
    for name, agreement in found.items():
        interval = agreement.interval()
        yield level("people", dataset, name, "", mean=agreement.mean, low=interval.low, high=interval.high)


def of_models(dataset: str, table: pd.DataFrame, explanation: str) -> Iterator[dict[str, object]]:
    """Yield the plausibility of each architecture, and for attention its difference from the one asked about."""
    columns = {"value": EXPLANATIONS[explanation], "condition": "architecture", "seed": "seed", "example": "text"}
    compared = compare(table.dropna(subset=[columns["value"]]), **columns, reference=TARGET, margin=0.02, rng=0)
    for each in compared.estimates:
        numbers = {"mean": each.mean, "low": each.interval.low, "high": each.interval.high}
        yield level("models", dataset, explanation, each.condition, **numbers)
    if explanation == "attention":
        yield from _differences(dataset, compared, "average precision")


def by_tau(dataset: str, table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the same differences by tau-b with the number of people that marked a token."""
    outcome = "plausibility_tau_b_attention"
    columns = {"value": outcome, "condition": "architecture", "seed": "seed", "example": "text"}
    compared = compare(table.dropna(subset=[outcome]), **columns, reference=TARGET, margin=0.02, rng=0)
    yield from _differences(dataset, compared, "tau-b")


def accuracies(dataset: str, table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the share of the texts that the models of each architecture classify correctly."""
    for architecture, share in table.groupby("architecture", sort=False)["correct"].mean().items():
        yield level("accuracy", dataset, "", str(architecture), mean=float(share))


def _differences(dataset: str, compared: Comparison, measure: str) -> Iterator[dict[str, object]]:
    for each in compared.differences:
        numbers = {"mean": each.difference, "low": each.interval.low, "high": each.interval.high}
        row = level(
            "differences", dataset, "attention", f"{each.first} − {each.second}", **numbers, p=each.adjusted_pvalue
        )
        yield {**row, "verdict": each.verdict.value, "measure": measure}


def of_texts(dataset: str, table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield how far agreement with information goes along with agreement with people, over the texts of a model."""
    for architecture, rows in table.groupby("architecture", sort=False):
        one, other = (
            rows.pivot_table(index="seed", columns="text", values=name, dropna=False).to_numpy()
            for name in ("tau_b", "plausibility_tau_b_attention")
        )
        there = ~(np.isnan(one) | np.isnan(other)).any(axis=0)
        terms = correlation_terms(one[:, there], other[:, there])
        interval = anova_interval(terms, replication_unit="seed", crossed_unit="text")
        numbers = {"mean": float(terms.mean()), "low": interval.low, "high": interval.high}
        yield level("goes along", dataset, "attention", str(architecture), **numbers)


def correlation_terms(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each text adds to Spearman's correlation of each row of two tables, to first order.

    With z the standardised ranks and r = mean(z z'), a text adds r + (z z' − r (z² + z'²)/2): the mean is r, and the
    spread that of r (the influence function of a correlation).
    """
    z, w = (
        (ranks - ranks.mean(axis=1, keepdims=True)) / ranks.std(axis=1, keepdims=True)
        for ranks in (rankdata(one, axis=1), rankdata(other, axis=1))
    )
    correlation = (z * w).mean(axis=1, keepdims=True)
    return np.asarray(correlation + z * w - correlation * (z**2 + w**2) / 2)


def tables(found: pd.DataFrame) -> str:
    """Return the tables of the page in Markdown."""
    parts = []
    for dataset, rows in found.groupby("dataset", sort=False):
        people = rows[rows["part"] == "people"].set_index("explanation")
        said = "; ".join(f"{name} {_value(row)}" for name, row in people.iterrows())
        less = f"{TARGET} less it (attention)"
        names = ["architecture", "accuracy", *EXPLANATIONS, less, "by tau-b", "goes along"]
        lines = [f"**{dataset}** (average precision; {said})", "", _line(names), _line(["---"] * len(names))]
        models = rows[rows["part"] == "models"].set_index(["explanation", "architecture"])
        along = rows[rows["part"] == "goes along"].set_index("architecture")
        differences = {measure: each.set_index("architecture") for measure, each in rows.groupby("measure")}
        accuracy = rows[rows["part"] == "accuracy"].set_index("architecture")["mean"]
        for architecture in models.loc["attention"].sort_values("mean", ascending=False).index:
            cells = [_value(models.loc[name, architecture]) for name in EXPLANATIONS]
            cells = [architecture, f"{accuracy[architecture]:.2f}", *cells]
            cells += [_against(differences[measure], architecture) for measure in ("average precision", "tau-b")]
            lines.append(_line([*cells, _value(along.loc[architecture])]))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _against(differences: pd.DataFrame, architecture: str) -> str:
    """Return the target less an architecture, whichever way round it was compared."""
    if (name := f"{TARGET} − {architecture}") in differences.index:
        return f"{_value(differences.loc[name])}, {differences.loc[name, 'verdict']}"
    if (name := f"{architecture} − {TARGET}") in differences.index:
        row = differences.loc[name]
        turned = {"better": "worse", "worse": "better"}
        said = turned.get(row["verdict"], row["verdict"])
        return f"{_value(pd.Series({'mean': -row['mean'], 'low': -row['high'], 'high': -row['low']}))}, {said}"
    return ""


def _value(row: pd.Series) -> str:
    return f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Read the models of a study and the marks, and write the table and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of the study")
    arguments = parser.parse_args()
    config = StudyConfig.read(Path(__file__).parent / "studies" / "plausibility.toml")
    every = outcomes(arguments.out)
    rows: list[dict[str, object]] = []
    for spec in config.datasets:
        name = spec.source.name
        table = every[every["dataset"] == name]
        if table.empty:
            continue
        rows += of_people(name, marks_of(spec))
        for explanation in EXPLANATIONS:
            rows += of_models(name, table, explanation)
        rows += by_tau(name, table)
        rows += of_texts(name, table)
        rows += accuracies(name, table)
    found = pd.DataFrame(rows)
    write_atomically(RESULTS, found.to_csv(index=False, lineterminator="\n").encode())
    page = PAGE.read_text(encoding="utf-8")
    if BEGIN in page:
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        write_atomically(PAGE, f"{before}{BEGIN}\n{tables(found)}\n{END}{after}".encode())
    print(found.to_string())


if __name__ == "__main__":
    main()
