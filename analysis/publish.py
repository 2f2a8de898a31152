"""Put a finished study into the repository: its rows, configuration, tables and figures, and its findings in words.

    python analysis/publish.py results/full

Writes ``analysis/results/NAME.parquet`` (the results frame without the texts that the report shows token by token),
``NAME.toml``, tables and figures in ``docs/NAME``, and ``docs/findings.md``: every number on that page stands in a row
of the frame.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from attnstats._files import write_atomically
from attnstats.frame import parameter, read_frame, write_frame
from attnstats.report import paragraph, verdict_table, write_figures, write_tables
from attnstats.report.tables.verdicts import correction_name, interval_name

ROOT = Path(__file__).parents[1]


def publish(study: Path) -> None:
    """Write the rows, tables, figures and findings of one study."""
    frame = read_frame(study / "frame.csv")
    frame = frame[frame["example"].isna()].reset_index(drop=True)
    name = str(frame["study"].dropna().iloc[0])
    write_frame(frame, ROOT / "analysis" / "results" / f"{name}.parquet")
    write_atomically(ROOT / "analysis" / "results" / f"{name}.toml", (study / "study.toml").read_bytes())
    with TemporaryDirectory() as written:
        for path in (*write_tables(frame, Path(written)), *write_figures(frame, Path(written))):
            if path.suffix in (".md", ".csv", ".svg"):
                write_atomically(ROOT / "docs" / name / path.name, path.read_bytes())
    page = "\n\n".join(_page(frame, name)) + "\n"
    write_atomically(ROOT / "docs" / "findings.md", page.encode())


def _page(frame: pd.DataFrame, name: str) -> Iterator[str]:
    """Yield the paragraphs of the page."""
    findings = frame[frame["quantity"] == "finding"]
    cells = frame[frame["quantity"] == "accuracy"]
    cells = cells[cells["ablation"] == "none"]
    conditions = cells[["dataset", "encoder", "attention", "normalizer"]].drop_duplicates()
    n_datasets = cells["dataset"].nunique()
    versions = frame[frame["quantity"] == "version"]
    packages = dict(zip(parameter(versions, "package"), parameter(versions, "version"), strict=True))
    yield "# The five findings"
    yield (
        f"Written by `analysis/publish.py` from [the rows of the study](../analysis/results/{name}.parquet), "
        f"`attnstats study run analysis/studies/{name}.toml`: {len(cells):,} trained models, {len(conditions)} "
        f"conditions, {n_datasets} data set{'s' if n_datasets > 1 else ''}. What is claimed, how it is tested and what "
        f"decides is [fixed beforehand](hypotheses.md). attnstats {packages['attnstats']}, Keras {packages['keras']}, "
        f"TensorFlow {packages['tensorflow']}, NumPy {packages['numpy']}."
    )
    for row in frame[frame["quantity"] == "unfinished"].itertuples():
        yield f"**{row.dataset} is unfinished**: {row.value:.0f} of {row.n:.0f} models; it takes no part."
    failures = frame[frame["quantity"] == "failure"]
    for row, error in zip(failures.itertuples(), parameter(failures, "error"), strict=True):
        model = f"{row.encoder}, {row.attention}, {row.normalizer} on {row.dataset}"
        yield (
            f"**A model failed** ({model}, seed {row.seed}): {error}. A finding leaves out what compares a condition "
            "with fewer models than its tests need, and says so."
        )
    yield "\n".join(_answers(frame))
    yield (
        f"Effects are means over data sets, encoders and seeds, with intervals over seeds and texts. [Every claim]"
        f"({name}/verdicts.md), those that qualify and those that guard among them; [the primary claims asked in other "
        f"ways]({name}/specifications.svg); [more tables and figures]({name})."
    )
    for finding in findings["finding"]:
        yield f"## Finding ({finding})"
        yield paragraph(frame, str(finding))


def _answers(frame: pd.DataFrame) -> Iterator[str]:
    """Yield the lines of a table of the verdicts, each finding over the claims that decide it."""
    findings = frame[frame["quantity"] == "finding"]
    table = verdict_table(frame)
    primary = table.data["primary"].astype(bool)
    effect, adjusted = f"Effect [{interval_name(table.data)}]", f"p {correction_name(table.data)}"
    yield f"| | verdict | {effect} | unit | {adjusted} |"
    yield "|---|---|---|---|---|"
    for row, title in zip(findings.itertuples(), parameter(findings, "title"), strict=True):
        yield f"| **({row.finding}) {title}** | **{row.verdict}** | | | |"
        for claim in table.text[primary & (table.data["finding"] == row.finding)].to_dict("records"):
            about = (claim["Hypothesis"], claim["Verdict"], claim[effect], claim["Unit"], claim[adjusted])
            yield f"| {' | '.join(about)} |"


def main() -> None:
    """Publish the study of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, help="folder of the study")
    publish(parser.parse_args().study)


if __name__ == "__main__":
    main()
