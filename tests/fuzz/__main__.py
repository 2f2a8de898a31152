"""The long run, outside CI; stopped, it goes on where it was.

python -m tests.fuzz --inputs 20000 --out results/fuzz            # every door
python -m tests.fuzz --inputs 2000 --door ranks.kendall           # those whose name begins so
python -m tests.fuzz --out results/fuzz --inputs 0 --write-table  # the counts into tests/fuzz and docs
"""

import argparse
import time
from pathlib import Path

from tests.fuzz.doors import DOORS, Door
from tests.fuzz.ledger import Ledger, write_table
from tests.fuzz.runner import kinds_of, try_door

BATCH, FEW = 200, 20


def main() -> None:
    """Try the doors a batch at a time, each in turn, so that whenever the run stops all have had about the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "--inputs", type=int, default=20_000, help="inputs a door; slow doors get a stated share of them"
    )
    parser.add_argument("--door", action="append", default=[], metavar="NAME", help="beginning of a door's name")
    parser.add_argument("--out", type=Path, default=Path("results/fuzz"), metavar="DIR")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start no batch after so long")
    parser.add_argument(
        "--write-table", action="store_true", help="write tests/fuzz/results.csv and docs/reliability.md"
    )
    options = parser.parse_args()
    doors = [door for name, door in DOORS.items() if name.startswith(tuple(options.door) or "")]
    ledger, end = Ledger(options.out), time.monotonic() + 60 * options.minutes
    for batch in range(-(-options.inputs // BATCH)):
        for door in doors:
            size = _size(door, batch)
            if size and (door.name, batch) not in ledger.done and time.monotonic() < end:
                _try(door, batch, size, ledger)
    if options.write_table:
        write_table(ledger.summary())


def _size(door: Door, batch: int) -> int:
    """How many inputs a door gets in a batch: a slow one few, and none in most, so that its share is what it says."""
    if door.share == 1:
        return BATCH
    return FEW if batch % round(FEW / (BATCH * door.share)) == 0 else 0


def _try(door: Door, batch: int, size: int, ledger: Ledger) -> None:
    began = time.monotonic()
    tally = try_door(door, size, start=batch)
    seconds = time.monotonic() - began
    ledger.add(door, batch, tally, seconds)
    counts = f"{tally.results} results, {tally.refusals} refusals, {len(tally.findings)} findings"
    print(f"{door.name} [{batch}]: {counts} of {tally.inputs}, {seconds:.1f} s", flush=True)
    for (sort, place), (n, finding) in kinds_of(tally.findings).items():
        print(f"    {n} {sort} | {place}: {finding.detail}\n        {finding.line}", flush=True)


if __name__ == "__main__":
    main()
