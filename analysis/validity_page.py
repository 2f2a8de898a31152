"""Write docs/validity.md: the lowest and highest rate of each procedure in the committed tables of the simulations.

Run as ``python analysis/validity_page.py`` after a table has changed; a test compares the page with the tables.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "analysis" / "validity"
PAGE = ROOT / "docs" / "validity.md"
HEAD = """# How far each interval and test keeps its level

Written by `analysis/validity_page.py` from the tables of the simulations, `python -m analysis.validity.ROOM.NAME`. A
rate is the share of simulated samples in which an interval covered the truth, or a test rejected; beside it stands the
setting that gave it. What is known to go wrong is simulated as well as what is recommended: [pitfalls](pitfalls.md)
says which.
"""
#: Columns that are results; the others say what was simulated.
RESULTS = {"procedure", "estimator", "nominal", "rate", "mc_error", "n_simulations", "bias", "warned", "width", "sd"}
RESULTS |= {"bias_in_widths", "coverage", "coverage_mc_error", "refused", "stated_power", "truth", "tie_share"}


def rendered() -> str:
    """Return the page."""
    return HEAD + "".join(
        section
        for script in sorted(SCRIPTS.glob("*/*.py"), key=lambda script: script.stem)
        for section in _section(script)
    )


def _section(script: Path) -> Iterator[str]:
    path = script.parent / "results" / f"{script.stem}.csv"
    if not path.exists():
        return
    table = pd.read_csv(path)
    measure = next((each for each in ("rate", "bias") if each in table), None)
    if measure is None:
        return
    title = (ast.get_docstring(ast.parse(script.read_text())) or "").split("\n\n")[0].replace("\n", " ")
    yield f"\n## {script.stem}\n\n{title}\n\n"
    yield f"([{script.name}]({_link(script)}), [table]({_link(path)}), "
    yield f"{table['n_simulations'].min():,} simulations a row or more, Monte Carlo error up to "
    yield f"{table['mc_error'].max():.3f}.)\n\n"
    yield f"| procedure | nominal | settings | lowest {measure} | highest {measure} |\n|---|---:|---:|---|---|\n"
    by = [each for each in ("estimator", "procedure", "nominal") if each in table]
    for names, rows in table.groupby(by, sort=False):
        about = dict(zip(by, names if isinstance(names, tuple) else (names,), strict=True))
        nominal = f"{about['nominal']:g}" if "nominal" in about else "0"
        label = " ".join(str(about[each]) for each in ("estimator", "procedure") if each in about)
        ends = " | ".join(_named(rows, row, measure) for row in (rows[measure].idxmin(), rows[measure].idxmax()))
        yield f"| {label} | {nominal} | {len(rows)} | {ends} |\n"


def _link(path: Path) -> str:
    return f"../{path.relative_to(ROOT).as_posix()}"


def _named(rows: pd.DataFrame, row: object, measure: str) -> str:
    """Return the rate of a row, with what its setting has of its own among these rows."""
    value = f"{rows.at[row, measure]:.3f}"
    settings = [each for each in rows.columns if each not in RESULTS and rows[each].nunique(dropna=False) > 1]
    where = ", ".join(f"{each} {rows.at[row, each]}" for each in settings)
    return f"{value} ({where})" if where else value


if __name__ == "__main__":
    PAGE.write_text(rendered())
