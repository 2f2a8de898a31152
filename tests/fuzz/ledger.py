"""The counts of a long run, kept batch by batch so that it can stop anywhere, and the table of them in the docs."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tests.fuzz.doors import Door
from tests.fuzz.runner import Tally

RESULTS = Path(__file__).with_name("results.csv")
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_COLUMNS = ("door", "batch", "inputs", "results", "refusals", "findings", "seconds")
_BEGIN, _END = "<!-- table of tests/fuzz/results.csv -->\n", "<!-- end of the table -->"


class Ledger:
    """The counts of each batch, in ``counts.csv`` of a folder, and its findings as lines to run (``findings.txt``)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.counts, self.findings = folder / "counts.csv", folder / "findings.txt"
        if not self.counts.exists():
            self.counts.write_text(",".join(_COLUMNS) + "\n")
        with self.counts.open() as file:
            self.done = {(row["door"], int(row["batch"])) for row in csv.DictReader(file)}

    def add(self, door: Door, batch: int, tally: Tally, seconds: float) -> None:
        """Write one batch down."""
        with self.findings.open("a") as file:
            for each in tally.findings:
                file.write(
                    f"{door.name} | {each.sort} | {each.place} | {each.detail}\n    {door.prelude}; {each.line}\n"
                )
        row = (door.name, batch, tally.inputs, tally.results, tally.refusals, len(tally.findings), round(seconds, 2))
        with self.counts.open("a") as file:
            csv.writer(file, lineterminator="\n").writerow(row)
        self.done.add((door.name, batch))

    def summary(self) -> pd.DataFrame:
        """The counts of each door, over its batches."""
        counts = pd.read_csv(self.counts).drop(columns=["batch", "seconds"])
        return counts.groupby("door", as_index=False, sort=False).sum()


def rendered(counts: pd.DataFrame) -> str:
    """The table by room in Markdown, and below it the doors that got other numbers of inputs."""
    return "\n".join(_lines(counts)) + "\n"


def _lines(counts: pd.DataFrame) -> Iterator[str]:
    yield "| room | functions | inputs each | inputs | results | refusals | findings |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    rooms = counts.assign(room=counts["door"].str.partition(".")[0])
    for room, doors in rooms.groupby("room", sort=False):
        fewest, most = doors["inputs"].min(), doors["inputs"].max()
        each = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        sums = " | ".join(f"{doors[name].sum():,}" for name in ("inputs", "results", "refusals", "findings"))
        yield f"| {room} | {len(doors)} | {each} | {sums} |"
    sums = " | ".join(f"**{counts[name].sum():,}**" for name in ("inputs", "results", "refusals", "findings"))
    yield f"| all | {len(counts)} | | {sums} |"


def write_table(counts: pd.DataFrame) -> None:
    """Write ``results.csv``, and the table of it in ``docs/reliability.md``."""
    counts.to_csv(RESULTS, index=False)
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    PAGE.write_text(f"{before}{_BEGIN}{rendered(counts)}{_END}{rest.partition(_END)[2]}")


def table_in_docs() -> str:
    """The table as it stands in ``docs/reliability.md``."""
    return PAGE.read_text().partition(_BEGIN)[2].partition(_END)[0]
