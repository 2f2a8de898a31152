"""Put a finished study into the repository: its rows, configuration, tables and figures, and its findings in words.

    python analysis/publish.py results/full
    python analysis/publish.py analysis/results/full.parquet  # the documents alone, from committed rows

Writes ``analysis/results/NAME.parquet`` (the results frame without the texts that the report shows token by token),
``NAME.toml``, tables and figures in ``docs/NAME``, and ``docs/findings.md``: every number on that page stands in a row
of the frame. Of a study that decides no finding, as ``analysis/studies/along.toml``, only what it measured along
training.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from attnstats._files import write_atomically
from attnstats.frame import parameter, read_frame, write_frame
from attnstats.report import FindingSummary, primary_table, tell_answer, tell_findings, write_figures, write_tables
from attnstats.report.figures.illustrations import finding_figure_name
from attnstats.report.notation._words import ABSENT, plain
from attnstats.report.notation.formats import escape_markdown

ROOT = Path(__file__).parents[1]
#: Tables and figures of a study that decides nothing, whose others are about the ends of its trainings.
_ALONG = ("along", "distances")
NO_BREAK = "\N{NO-BREAK SPACE}"


def publish(study: Path) -> None:
    """Write the rows and the configuration of one study, and its documents."""
    frame = read_frame(study / "frame.csv")
    frame = frame[frame["example"].isna()].reset_index(drop=True)
    name = str(frame["study"].dropna().iloc[0])
    write_frame(frame, ROOT / "analysis" / "results" / f"{name}.parquet")
    write_atomically(ROOT / "analysis" / "results" / f"{name}.toml", (study / "study.toml").read_bytes())
    write_documents(frame)


def write_documents(frame: pd.DataFrame) -> None:
    """Write the tables, figures and findings of a frame."""
    name = str(frame["study"].dropna().iloc[0])
    decides = frame["quantity"].eq("finding").any()
    with TemporaryDirectory() as written:
        for path in (*write_tables(frame, Path(written)), *write_figures(frame, Path(written))):
            if path.suffix in (".md", ".csv", ".svg") and (decides or path.stem in _ALONG):
                write_atomically(ROOT / "docs" / name / path.name, path.read_bytes())
    if not decides:
        return
    page = "\n\n".join(_page(frame, name)) + "\n"
    write_atomically(ROOT / "docs" / "findings.md", page.encode())


def _page(frame: pd.DataFrame, name: str) -> Iterator[str]:
    """Yield the paragraphs of the page."""
    cells = frame[frame["quantity"] == "accuracy"]
    cells = cells[(cells["ablation"] == "none") & cells["updates"].isna()]
    conditions = cells[["dataset", "encoder", "attention", "normalizer", "training"]].drop_duplicates()
    n_datasets = cells["dataset"].nunique()
    versions = frame[frame["quantity"] == "version"]
    packages = dict(zip(parameter(versions, "package"), parameter(versions, "version"), strict=True))
    yield "# Do attention weights explain the model?"
    yield escape_markdown(tell_answer(frame))
    if cells["training"].isna().all():
        yield (
            "These models were trained in few large steps, the training called *early* "
            "[in the declared hypotheses](hypotheses.md#how-the-models-are-trained)."
        )
    yield from _verdicts(frame)
    for row in frame[frame["quantity"] == "unfinished"].itertuples():
        yield f"**{row.dataset} is unfinished**: {row.value:.0f} of {row.n:.0f} models; it takes no part."
    failures = frame[frame["quantity"] == "failure"]
    for row, error in zip(failures.itertuples(), parameter(failures, "error"), strict=True):
        model = plain(f"{row.encoder}, {row.attention}, {row.normalizer} on {row.dataset}")
        yield (
            f"**A model failed** ({model}, seed {row.seed}): {error}. A finding leaves out what compares a condition "
            "with fewer models than its tests need, and says so."
        )
    for finding in tell_findings(frame):
        yield from _finding(finding, name)
    yield "## Where this comes from"
    yield (
        f"Written by `analysis/publish.py` from [the rows of the study](../analysis/results/{name}.parquet), "
        f"`attnstats study run analysis/studies/{name}.toml`: {len(cells):,} trained models, {len(conditions)} "
        f"conditions, {n_datasets} data set{'s' if n_datasets > 1 else ''}. What is claimed, how it is tested and what "
        f"decides is [fixed beforehand](hypotheses.md). Effects are means over data sets, encoders and seeds, with "
        f"intervals over seeds and texts. [Every claim]({name}/verdicts.md), those that qualify and those that guard "
        f"among them; [the primary claims asked in other ways]({name}/specifications.svg); [more tables and figures]"
        f"({name}). attnstats {packages['attnstats']}, Keras {packages['keras']}, TensorFlow {packages['tensorflow']}, "
        f"NumPy {packages['numpy']}."
    )


def _verdicts(frame: pd.DataFrame) -> Iterator[str]:
    """Yield the table of the findings, in bold, and of the claims that decide them, and what stands below it."""
    table = primary_table(frame)
    columns = list(table.text.columns)
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for row, hypothesis in zip(table.text.to_numpy(), table.data["hypothesis"], strict=True):
        entries = [escape_markdown(each) for each in row]
        entries = [each.replace(" ", NO_BREAK) if each.endswith("]") else each for each in entries]
        shown = [f"**{each}**" if each != ABSENT else "" for each in entries] if pd.isna(hypothesis) else entries
        lines.append(f"| {' | '.join(shown)} |")
    yield "\n".join(lines)
    yield from map(escape_markdown, table.notes)


def _finding(finding: FindingSummary, name: str) -> Iterator[str]:
    """Yield one finding: its sentence, its figure, and folded whatever else was found."""
    yield f"## ({finding.name}) {finding.title}"
    verdict, _, rest = finding.sentence.partition(":")
    yield f"**{escape_markdown(verdict)}**:{escape_markdown(rest)}" if rest else escape_markdown(verdict)
    if finding.reservation:
        yield f"*{escape_markdown(finding.reservation)}*"
    if not finding.details:
        return
    yield f"![The claims that decide finding ({finding.name})]({name}/{finding_figure_name(finding.name)}.svg)"
    yield f"<details><summary>Everything else on finding ({finding.name})</summary>"
    for each in finding.details:
        yield f"**{escape_markdown(each.heading)}**"
        yield "\n".join(f"- {escape_markdown(line)}" for line in each.lines)
    if finding.figure is not None:
        yield f"[What was measured]({name}/{finding.figure}.svg)"
    yield "</details>"


def main() -> None:
    """Publish the study of the command line, or write the documents of its committed rows anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, help="folder of the study, or the file of its rows")
    study = parser.parse_args().study
    if study.is_dir():
        publish(study)
    else:
        write_documents(read_frame(study))


if __name__ == "__main__":
    main()
