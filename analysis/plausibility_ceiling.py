"""What agreement with human marks is measured by: people with one another, and random rationales.

    python analysis/plausibility_ceiling.py ../shared/data

For the reviews of YELP-HAT of about 50 and 100 words, and all of them: each annotator as an explanation of the others,
the others together as one of each annotator, and random rationales, by every measure and against each annotator, the
union and the majority of them, or their number. For the film reviews of ERASER, which one annotator marked, random
rationales in each split. The argument is the folder of ``yelp_hat_*.jsonl.gz`` and ``eraser_movies.tar.gz``, which are
no part of the repository. The table (results/plausibility_ceiling.csv) holds means and intervals alone, and
docs/plausibility.md shows it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from attnstats._files import write_atomically
from attnstats.datasets import HumanMarks, load_eraser, load_yelp_hat
from attnstats.exceptions import ConstantInputError
from attnstats.plausibility import (
    AveragePrecision,
    EachAnnotator,
    HumanAgreement,
    IntersectionF1,
    Majority,
    Measure,
    RandomSpans,
    RandomTokens,
    RankCorrelation,
    TokenF1,
    Union,
    compare_plausibility,
    crowd_ceiling,
    human_ceiling,
    random_rationale,
)

RESULTS = Path(__file__).parent / "results" / "plausibility_ceiling.csv"
PAGE = Path(__file__).parents[1] / "docs" / "plausibility.md"
#: Around the tables in the page.
BEGIN, END = "<!-- tables of analysis/results/plausibility_ceiling.csv -->", "<!-- end of the tables -->"
MEASURES = (AveragePrecision(), TokenF1(), IntersectionF1(), RankCorrelation())
NULLS = (RandomTokens(), RandomSpans())


def row(part: str, found: HumanAgreement) -> dict[str, object]:
    """Return the row of one mean with its interval over texts."""
    try:
        interval = found.interval()
        low, high = round(interval.low, 5), round(interval.high, 5)
    except ConstantInputError:  # a level of chance that is the same for every text
        low = high = None
    return {
        "part": part,
        "measure": found.measure.label,
        "explanation": found.source,
        "against": found.against.label,
        "n_texts": found.n_texts,
        "undefined": found.undefined,
        "mean": round(found.mean, 5),
        "low": low,
        "high": high,
    }


def people(part: str, marks: HumanMarks, measure: Measure) -> Iterator[dict[str, object]]:
    """Yield rows of people and of chance, and of the difference of the two against each annotator."""
    references = (None,) if measure.takes_counts else (EachAnnotator(), Union(), Majority())
    for against in references:
        ceiling = human_ceiling(marks, measure, against=against)
        yield row(part, ceiling)
        for null in NULLS:
            chance = random_rationale(marks, measure, null=null, against=ceiling.against, rng=0)
            yield row(part, chance)
            result = compare_plausibility(ceiling, chance, rng=0)
            interval = result.interval()
            yield {
                **row(part, ceiling),
                "explanation": f"{ceiling.source} less {null.label}",
                "mean": round(result.effect, 5),
                "low": round(interval.low, 5),
                "high": round(interval.high, 5),
            }
    yield row(part, crowd_ceiling(marks, measure, rng=0))


def rows(folder: Path) -> Iterator[dict[str, object]]:
    """Yield all rows, and say which data they are of."""
    every = load_yelp_hat(folder)
    lengths = [len(tokens) for tokens in every.tokens]
    parts = {
        "yelp_hat, 50 words": every.take([n < 75 for n in lengths]),
        "yelp_hat, 100 words": every.take([n >= 75 for n in lengths]),
        "yelp_hat": every,
        "yelp_hat, all see the label": every.take(every.agreed),
    }
    for part, marks in parts.items():
        print(part, marks, *marks.notes, sep="; ", flush=True)
        for measure in MEASURES:
            yield from people(part, marks, measure)
    films = load_eraser(folder / "eraser_movies.tar.gz", name="movies")
    print(films, *films.notes, sep="; ", flush=True)
    for split in ("train", "validation", "test"):
        for measure in MEASURES:
            for null in NULLS:
                marks = films.take(films.splits == split)
                yield row(f"movies, {split}", random_rationale(marks, measure, null=null, n_draws=50, rng=0))


def rendered(table: pd.DataFrame) -> str:
    """Return the table of the page: a line for each part and explanation, a column for each measure, by its default."""
    labels = [measure.label for measure in MEASURES]
    lines = ["| texts | explanation |" + "".join(f" {label} |" for label in labels), "|---|---|" + "---|" * len(labels)]
    together = table["against"].str.contains("union|majority") | table["explanation"].str.contains(" less ")
    for (part, explanation), found in table[~together].groupby(["part", "explanation"], sort=False):
        cells = found.set_index("measure")
        lines.append(f"| {part} | {explanation} | {' | '.join(_cell(cells.loc[label]) for label in labels)} |")
    return "\n".join(lines)


def _cell(found: pd.Series) -> str:
    limits = "" if pd.isna(found["low"]) else f" [{found['low']:.3f}, {found['high']:.3f}]"
    return f"{found['mean']:.3f}{limits}"


def main() -> None:
    """Write the table, and show it in the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    table = pd.DataFrame(rows(parser.parse_args().folder))
    write_atomically(RESULTS, table.to_csv(index=False, lineterminator="\n").encode())
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    write_atomically(PAGE, f"{before}{BEGIN}\n{rendered(pd.read_csv(RESULTS))}\n{END}{after}".encode())


if __name__ == "__main__":
    main()
