"""The report page: one HTML file that needs nothing else, verdicts first. Its template lays out the tables."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from attnstats._files import write_files
from attnstats.exceptions import FrameError
from attnstats.frame import check_frame
from attnstats.report.figures import _style as style
from attnstats.report.figures._heatmap import PEOPLE, heatmaps, other_readings
from attnstats.report.figures._summaries import summary_figure_name
from attnstats.report.figures.illustration import Illustration
from attnstats.report.figures.illustrations import FIGURES, HEADS, figure_files
from attnstats.report.notation import _words as notation
from attnstats.report.notation._claims import primary_claims
from attnstats.report.notation._rows import CONDITION, heads_rows, in_order, rows_of, seed_rows
from attnstats.report.notation.formats import Table, numeric_columns
from attnstats.report.page._cards import WIDTH, drawn_claims
from attnstats.report.page._tables import LONG, tables_in_words
from attnstats.report.page._templates import fill_template
from attnstats.report.prose.answer import answer_in_parts
from attnstats.report.prose.summary import FindingSummary, tell_findings
from attnstats.report.tables.condition_tables import CONDITION_TABLES, conditions_table
from attnstats.report.tables.render import all_tables, table_files

_Figure = tuple[Illustration, str, bytes]
#: Tables that stand after the figures, each under its title.
_SECTIONS = (
    ("primary", "The claims that decide, by training"),
    ("trainings", "Trained otherwise"),
    ("estimates", "What qualifies the findings"),
    *((each.name, each.title) for each in CONDITION_TABLES),
    ("specifications", "The claims asked in other ways"),
    ("distances", "Trainings apart"),
    ("along", "Along training"),
    ("heads", "Layers and heads"),
    ("head_ablations", "Interventions on heads"),
    ("data", "Data"),
)


def write_report(frame: pd.DataFrame, directory: str | Path) -> Path:
    """Write ``tables/``, ``figures/`` and the page ``report.html``, and return the path of the page.

    Everything is made before anything is written, and each file is written atomically. What the frame does not hold is
    left out, and the page says so.

    Parameters
    ----------
    frame : DataFrame
        A results frame, as `attnstats.studies.run_study`, `attnstats.frame.to_frame` or `read_frame` return.
    directory : str or Path
        Made if it is not there.

    Raises
    ------
    FrameError
        If `frame` is no results frame, has no rows, holds a quantity of a condition twice for one seed, or a p-value
        lies below what its test could give.
    MissingExtraError
        If matplotlib or Jinja is not installed.
    OutputError
        If the directory cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from attnstats.frame import Row, to_frame
    >>> with TemporaryDirectory() as directory:
    ...     page = write_report(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]), directory)
    >>> page.name
    'report.html'
    """
    tables = all_tables(_checked(frame))
    figures = list(figure_files(frame))
    page = _page(frame, tables, figures)
    files = [(f"tables/{name}", content) for name, content in table_files(tables)]
    files += [(f"figures/{illustration.name}{suffix}", content) for illustration, suffix, content in figures]
    return write_files([*files, ("report.html", page.encode())], directory)[-1]


def render_page(frame: pd.DataFrame) -> str:
    """Return the report page of a results frame as HTML.

    Raises
    ------
    FrameError
        If `frame` is no results frame, has no rows, or as for the tables and figures.
    MissingExtraError
        If matplotlib or Jinja is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> render_page(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))[:15]
    '<!DOCTYPE html>'
    """
    return _page(frame, all_tables(_checked(frame)), list(figure_files(frame)))


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    if check_frame(frame).empty:
        raise FrameError("frame: must hold rows for a page; got a results frame without any")
    return frame


def _page(frame: pd.DataFrame, tables: list[Table], figures: Sequence[_Figure]) -> str:
    drawn = {each.name: (each, content) for each, suffix, content in figures if suffix == ".svg"}
    of_conditions = [drawn[each.name] for each in (*FIGURES, HEADS) if each.name in drawn]
    shown, n_heatmaps, mi_scale = heatmaps(frame)
    models = seed_rows(frame, *conditions_table.quantities)
    of_heads = frame.loc[heads_rows(frame), ["layer", "head", "parameters"]]
    n_heads = len(of_heads.drop_duplicates())
    in_words = tables_in_words(tables, frame)
    findings = _findings(frame, in_words.get("verdicts"), drawn)
    reservation = _shared_reservation([each["told"] for each in findings])
    for each in findings:
        each["why_open"] = _why_open(each["told"], reservation)
    folded = bool(findings) and not n_heads
    return fill_template(
        "page.html.jinja",
        study=_first(frame["study"]),
        n_heads=n_heads,
        n_models=len(in_order(models, *CONDITION[:-1], "seed")),
        n_conditions=len(in_order(models, *CONDITION[:-1])),
        n_seeds=models["seed"].nunique(dropna=False),
        datasets=_names_of_datasets(models),
        answer=answer_in_parts(frame),
        findings=findings,
        reservation=reservation,
        trainings=list(frame.loc[frame["seed"].notna(), "training"].dropna().unique()),
        failures=_failures(frame),
        unfinished=_unfinished(frame),
        sections=_SECTIONS,
        tables=in_words,
        numeric={name: numeric_columns(table.text) for name, table in in_words.items()},
        shown_figures=[] if folded else [(each, _image(content)) for each, content in of_conditions],
        folded_figures=[(each, _packed(content)) for each, content in of_conditions] if folded else [],
        figure_names=[each.name for each, _ in of_conditions],
        absent=[each for each in FIGURES if not n_heads and each.name not in drawn],
        heatmaps=shown,
        n_heatmaps=n_heatmaps,
        readings=[
            (f"r{place}", _reading_name(name), name == PEOPLE) for place, name in enumerate(other_readings(frame))
        ],
        mi_scale=notation.number(mi_scale, 2),
        verdicts=list(style.VERDICTS),
        attention_colour=style.GREEN,
        positive_colour=style.BLUE,
        negative_colour=style.VERMILLION,
        configuration=_without_folders(_first(rows_of(frame, "configuration", "toml")["toml"])),
        versions=_versions(frame),
        width=WIDTH,
        long=LONG,
    )


def _names_of_datasets(models: pd.DataFrame) -> list[str]:
    """Return the names of the data sets, one each for those that differ by a setting alone, with their number."""
    names = [notation.pretty_name(name.partition("(")[0]) for (name,) in in_order(models, "dataset") if name]
    counts = {name: names.count(name) for name in names}
    return [f"{name} ({count} settings)" if count > 1 else name for name, count in counts.items()]


def _image(content: bytes) -> str:
    """Return the address of an image that holds it; so its ids stay apart from those of other figures."""
    return f"data:image/svg+xml;base64,{b64encode(content).decode()}"


def _packed(content: bytes) -> str:
    """Return a figure of many conditions compressed, as the script of the page unpacks it: a tenth of its size."""
    return b64encode(gzip.compress(content, mtime=0)).decode()


def _reading_name(name: str) -> str:
    return "what people marked" if name == PEOPLE else notation.pretty_name(name).replace("_", " ")


def _findings(
    frame: pd.DataFrame, verdicts: Table | None, drawn: Mapping[str, tuple[Illustration, bytes]]
) -> list[dict[str, Any]]:
    """Return what the page says of each finding: in words, its claims drawn, its figure, and every claim as a table."""
    claims = primary_claims(frame)
    rules = rows_of(frame, "finding", "rule")
    findings = []
    for told in tell_findings(frame):
        about: dict[str, Any] = {"told": told, "rule": _first(rules.loc[rules["finding"] == told.name, "rule"])}
        figure = drawn.get(summary_figure_name(told.name))
        contrasts = _of_finding(verdicts, told.name) if verdicts else None
        about["figure"] = (figure[0], _image(figure[1])) if figure else None
        about["claims"] = drawn_claims(claims[claims["finding"] == told.name])
        about["contrasts"], about["numeric"] = contrasts, numeric_columns(contrasts.text) if contrasts else []
        findings.append(about)
    return findings


def _shared_reservation(findings: Sequence[FindingSummary]) -> str:
    """Return what is said of all findings alike, such as too few seeds; empty where nothing is."""
    said = [re.split(r"(?<=\.) ", told.reservation) for told in findings]
    return " ".join(sentence for sentence in said[0] if all(sentence in each for each in said)) if said else ""


def _why_open(told: FindingSummary, shared: str) -> str:
    """Return why a finding is undecided, without what is said of all; what was not tested stands with the details."""
    if told.verdict != "inconclusive" or told.reservation == told.gist:
        return ""
    return told.reservation.replace(shared, "").partition("Not evaluated: ")[0].strip()


def _of_finding(table: Table, finding: str) -> Table | None:
    """Return the rows of a table that are of one finding, without the columns that hold nothing there."""
    text = table.text[table.text["Finding"] == finding].drop(columns="Finding")
    text = text.loc[:, (text != notation.ABSENT).any(axis=0)]
    return (
        replace(table, caption=f"Every declared hypothesis of finding ({finding}).", text=text) if len(text) else None
    )


def _failures(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the condition and seed of each model that failed, and its error."""
    rows = rows_of(frame, "failure", "error")
    keys = rows[CONDITION].assign(seed="seed " + rows["seed"].astype("string"))
    places = [", ".join(value for value in row if pd.notna(value)) for row in keys.itertuples(index=False)]
    return list(zip(places, map(str, rows["error"]), strict=True))


def _unfinished(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Return each data set that took no part, and how many of its models are done."""
    rows = rows_of(frame, "unfinished")
    return [(str(row.dataset), f"{row.value:.0f} of {row.n:.0f}") for row in rows.itertuples()]


def _versions(frame: pd.DataFrame) -> list[tuple[str, str]]:
    rows = rows_of(frame, "version", "package", "version")
    return list(zip(map(str, rows["package"]), map(str, rows["version"]), strict=True))


def _without_folders(configuration: str) -> str:
    """Return a configuration with the last part of each path, since a page is for others and a path is private."""
    within = r"(?:(?!\2)[^\n])"
    return re.sub(rf"""(\bpath = (["'])){within}*[/\\](?={within})""", r"\1…/", configuration)


def _first(values: pd.Series) -> str:
    known = values.dropna()
    return str(known.iloc[0]) if len(known) else ""
