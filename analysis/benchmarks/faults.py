"""Does a study survive what happens to it? Runs are ended at random moments, and stored files damaged at random places.

The cells take no time to compute; the rest is real: workers, store, claim, findings, frame. A run that was ended is
started again until it ends by itself; its frame must then be that of a run that nothing happened to, byte for byte. A
damaged file must be refused by name, or give what it gave before. ``python -m analysis.benchmarks.faults``, from the
top of the repository, writes results/faults.csv.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats import AttentionTrace
from attnstats._files import CHECKSUMS
from attnstats.exceptions import AttnstatsError
from attnstats.frame import read_frame
from attnstats.studies.run._provenance import Circumstances, Provenance
from attnstats.studies.run._store import CellStore
from attnstats.studies.run.study import FRAME, _write
from attnstats.studies.trace_rows.analyse import TraceAnalysis
from tests.processes import processes_of
from tests.studies.fabricated import Fabrication, study
from tests.studies.run.stand_in import STUDY, start

RESULTS = Path(__file__).parent / "results" / "faults.csv"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
#: Seconds after which no process of a run that was ended may be left.
GONE = 10.0
Damage = Callable[[bytes, np.random.Generator], bytes]


def kills(folder: Path, n_kills: int, rng: np.random.Generator, *, within: float | None = None) -> pd.DataFrame:
    """Return one row for each of some runs that are ended by a random signal, within some seconds or a whole run."""
    (folder / "study.toml").write_text(STUDY.replace("seeds = 4", "seeds = 12"))
    began = time.monotonic()
    _start(folder, folder / "whole").communicate()
    within = within or time.monotonic() - began
    rows: list[dict[str, Any]] = []
    n_chains = 0
    while len(rows) < n_kills:
        out = folder / f"chain{n_chains}"
        process, number = _start(folder, out), SIGNALS[rng.integers(len(SIGNALS))]
        try:
            process.communicate(timeout=rng.uniform(0, within))
        except subprocess.TimeoutExpired:
            rows.append(_ended(process, out, number))
        else:
            _check_same(folder / "whole", out, process.returncode)
            n_chains += 1
    last = _start(folder, out)
    last.communicate()
    _check_same(folder / "whole", out, last.returncode)
    return pd.DataFrame(rows)


def _ended(process: subprocess.Popen[str], out: Path, number: signal.Signals) -> dict[str, Any]:
    before = _stored(out)
    process.send_signal(number)
    sent = time.monotonic()
    process.wait()
    ended = time.monotonic()
    while processes_of(process.pid) and time.monotonic() - ended < GONE:
        time.sleep(0.05)
    gone, left = time.monotonic() - sent, processes_of(process.pid)
    said = process.communicate()[1] if not left else ""
    return {
        "what": number.name,
        "stored": len(before),
        "lost": len(before - _stored(out)),
        "exit": process.returncode,
        "left": len(left),
        "seconds": gone,
        "traceback": "Traceback" in said,
    }


def _start(folder: Path, out: Path) -> subprocess.Popen[str]:
    return start("steady", "run", folder / "study.toml", "--out", out, "--jobs", 2)


def _stored(out: Path) -> set[str]:
    return {path.name for path in (out / "cells").glob("[!.]*")}


def _check_same(whole: Path, out: Path, status: int) -> None:
    same = (whole / "frame.csv").read_bytes() == (out / "frame.csv").read_bytes()
    if status or not same:
        raise AssertionError(f"{out}: exit status {status}, frame {'as' if same else 'not as'} without interruption")


def _bit(content: bytes, rng: np.random.Generator) -> bytes:
    place = rng.integers(len(content))
    return content[:place] + bytes([content[place] ^ 1 << rng.integers(8)]) + content[place + 1 :]


def _digit(content: bytes, rng: np.random.Generator) -> bytes:
    digits = [place for place, byte in enumerate(content) if 48 <= byte < 58]
    place = rng.choice(digits) if digits else 0
    return content[:place] + bytes([48 + (content[place] - 47) % 10]) + content[place + 1 :]


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(len(content))]


def _lost(content: bytes, rng: np.random.Generator) -> bytes:
    first, last = sorted(rng.integers(len(content), size=2))
    return content[:first] + content[last + 1 :]


def _doubled(content: bytes, rng: np.random.Generator) -> bytes:
    first, last = sorted(rng.integers(len(content), size=2))
    return content[: last + 1] + content[first:]


def _line(content: bytes, rng: np.random.Generator) -> bytes:
    lines = content.splitlines(keepends=True)
    place = rng.integers(len(lines))
    return b"".join(lines[:place] + lines[place + 1 :] + lines[place : place + 1] * rng.integers(2))


def _zeros(content: bytes, rng: np.random.Generator) -> bytes:
    first = rng.integers(len(content))
    return content[:first] + bytes(min(512, len(content) - first)) + content[first + 512 :]


DAMAGES: tuple[Damage, ...] = (_bit, _digit, _cut, _lost, _doubled, _line, _zeros)


def damaged(folder: Path, n_places: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row for each kind of stored file: how often it was damaged, then refused, and still gave the same."""
    rows = []
    for what, file, look in _files(folder):
        content, before = file.read_bytes(), look()
        counts = {"refused": 0, "same": 0}
        for place in range(n_places):
            damage = DAMAGES[place % len(DAMAGES)]
            if place == 0:
                file.unlink()
            else:
                file.write_bytes(damage(content, rng))
            try:
                same = look() == before
            except AttnstatsError as error:
                if not str(error):
                    raise
                counts["refused"] += 1
            else:
                if not same:
                    raise AssertionError(f"{file}: {damage.__name__} at place {place} gives other numbers")
                counts["same"] += 1
            file.write_bytes(content)
        rows.append({"what": f"{what}: {file.name.removeprefix('0' * 32)}", "places": n_places, **counts})
    return pd.DataFrame(rows)


def _files(folder: Path) -> list[tuple[str, Path, Callable[[], object]]]:
    """Return what is stored: of what, the file, and what is read from it, as something that can be compared."""
    store = CellStore(folder / "cells")
    provenance = Provenance({"seed": 0}, {"data": "d"}, {}, {}, "none")
    config = study(seeds=8)
    analysis = next(iter(Fabrication(rows=True).outcomes(config)._cells.values()))
    store.write(provenance, analysis, Circumstances.now(seconds=1.0))
    failed = "0" * 32
    store.write_failure(failed, "MemoryError: no room")

    def cell() -> object:
        return _comparable(store.read(provenance.key))

    def failure() -> object:
        found = store.failure(failed)
        if found is None:
            raise AttnstatsError("taken for a cell that was never tried")
        return found

    done = folder / "done"
    _write(config, analysis.frame, done)

    def frame() -> object:
        return read_frame(done / FRAME).to_csv()

    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(3), size=4)
    trace = AttentionTrace.from_arrays(
        attention=weights, hidden=rng.normal(size=(4, 3, 2)), output=weights, label=np.arange(4) % 2
    )
    trace.save(folder / "trace")

    def arrays() -> object:
        found = AttentionTrace.load(folder / "trace")
        parts = (found.attention, found.hidden, found.output, found.mask, found.label)
        return [None if part is None else np.asarray(part).tobytes() for part in parts], str(found.metadata)

    return [
        *(("cell", path, cell) for path in sorted((store.directory / provenance.key).iterdir())),
        ("failure", store.directory / f"{failed}.failed", failure),
        *(("study", done / name, frame) for name in (CHECKSUMS, FRAME)),
        *(("trace", path, arrays) for path in sorted((folder / "trace").iterdir())),
    ]


def _comparable(analysis: TraceAnalysis) -> object:
    return analysis.frame.to_csv(), analysis.examples.to_csv(), analysis.attention.tobytes()


def summary(kills: pd.DataFrame, damaged: pd.DataFrame) -> pd.DataFrame:
    """Return both as one table: each kind of end, then each kind of file."""
    by_signal = kills.groupby("what").agg(
        times=("exit", "size"),
        exits=("exit", lambda each: " ".join(map(str, sorted(set(each))))),
        stored_at_the_end=("stored", "mean"),
        lost=("lost", "sum"),
        processes_left=("left", "sum"),
        seconds=("seconds", "max"),
        tracebacks=("traceback", "sum"),
    )
    of_files = damaged.rename(columns={"places": "times"})
    return pd.concat([by_signal.round(2).reset_index(), of_files], ignore_index=True).convert_dtypes()


def main() -> None:
    """Damage stored files, end runs, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m analysis.benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--places", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored, by what is started too
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        damage = damaged(Path(folder), options.places, rng)
    print(damage.to_string(index=False), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        ended = kills(Path(folder), options.kills, rng)
    print(ended.to_string(index=False))
    summary(ended, damage).to_csv(RESULTS, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
