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
RESULTS |= {"n_units", "n_items", "stated_effect"}  # which a setting names in words
#: What a table says in plain words, under the title of its section.
IN_WORDS = {
    "compare": """\
In plain words: the wanted analysis was chosen for every table that was not refused; refused are tables without a
single wrong answer, which are constant (one in fifty of two conditions with 200 examples each, right at a rate of
.99). From 3 runs on, with and without missing cells, whether runs vary, examples, both or neither, the level of a
difference, the family-wise error of all pairs, ranks, and the intervals of differences and of means err in .03 to
.07 wherever scores are normal or right at a rate of .5, and so do examples and rows right at .9 and .99 (intervals
of a mean of 400 rows right at .99 in .08). The Monte Carlo error of one row is about .005. Clusters of unequal size
are a little bold where few examples are wrong (20 texts right at .9: .07 and .08 of true differences missed).
Differences are found too seldom where t has few degrees of freedom (3 runs of each condition alone: .03), where few
answers differ (200 examples right at .99: .01), and over a single cross-validation of 10 folds (.01). The set that
may be best misses the best in .00 to .04, for Bonferroni's bound is wide.

It does not hold for *shares near 1 over runs that differ widely*: where runs make up three tenths of the variance
behind an answer that is right at a rate of .9 or .99, their means are skewed, and few of them do not show the tail.
Intervals of a mean miss .06 to .16, those of a true difference .06 to .07 at .9 and .09 to .17 at .99, and
differences as large as the margin are called equivalent in .08 to .22; 20 runs help little (.09 to .13). Means of 5
to 8 skewed runs miss .07 to .08. Where runs differ little and examples much the same rates are .04 to .06. Where data
sets have runs in common, the mean over other data sets misses .02 to .05, with runs of their own .07; taken for
independent, as in a random-effects mean over them, it missed .55 to .7, and Friedman's test rejected .8, which is why
neither is done there.

On the same tables the tests that `compare` refuses reject far too often: t over cells up to .9, and autorank, where
it is given cells for rows, up to .8 (of one row for each run or data set .04 to .07); t over means of runs .05
where runs vary more than examples, .34 where examples alone do; clusters ignored up to .4; t over folds up to .4;
the z of a mixed model of statsmodels with intercepts of run and example, but none of a run in one condition, .6;
the t tests of scikit-posthocs .5.

"""
}


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
    yield f"\n## {script.stem}\n\n{title}\n\n{IN_WORDS.get(script.stem, '')}"
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
