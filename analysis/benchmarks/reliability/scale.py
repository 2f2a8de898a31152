"""Seconds and peak memory of the verbs against the number of rows.

    python analysis/benchmarks/reliability/scale.py [--only NAME ...]

For Linux. Each case is a process of its own on one thread: the data are made, the verb is called once, and the largest
memory that the process ever held is noted, data and imports among it. Compiled code comes from the cache of a call on
few rows before. Writes ``results/scale.csv``, a row for each case and n, and ``results/scale_summary.csv`` with the
exponent of the seconds between the two largest n. A case that has a row is not run again: delete the table to begin
anew.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parent / "results"
SIZES = (10_000, 100_000, 1_000_000)
Call = Callable[[], object]


def pair(n: int, columns: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return two dependent tables of normals."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, columns))
    return x, 0.8 * x + 0.6 * rng.normal(size=(n, columns))


def information(estimator: str, columns: int, classes: bool = False) -> Callable[[int], Call]:
    """Return the case of an estimator by its name, as it is by default."""

    def of(n: int) -> Call:
        from attnstats import information, mutual_information

        x, y = pair(n, columns)
        target = (y[:, 0] > 0).astype(int) if classes else y
        chosen = getattr(information, estimator)()
        return lambda: mutual_information(x, target, chosen, rng=0)

    return of


def two(verb: str, **options: object) -> Callable[[int], Call]:
    """Return the case of a verb of two columns."""

    def of(n: int) -> Call:
        import attnstats

        x, y = (each[:, 0] for each in pair(n))
        return lambda: getattr(attnstats, verb)(x, y, **options)

    return of


def batch(n: int) -> Call:
    """Return tau-b with p-values of n pairs of 50 values."""
    from attnstats import kendall_batch

    x, y = pair(n, 50)
    return lambda: kendall_batch(x, y)


def bootstrap(n: int) -> Call:
    """Return a BCa interval of a mean."""
    from attnstats import bootstrap_interval
    from attnstats.resampling import BCa

    x = pair(n)[0][:, 0]
    return lambda: bootstrap_interval(x, np.mean, method=BCa(999), rng=0)


def permutation(n: int) -> Call:
    """Return a permutation test of a correlation."""
    from attnstats import permutation_test

    x, y = (each[:, 0] for each in pair(n))
    return lambda: permutation_test(x, y, lambda a, b: float(a @ b), n_resamples=99, rng=0)


def effect(measure: str) -> Callable[[int], Call]:
    """Return an effect size with its interval."""

    def of(n: int) -> Call:
        from attnstats import comparison

        x, y = (each[:, 0] for each in pair(n))
        return lambda: comparison.estimate_effect(x, y, getattr(comparison, measure)())

    return of


def sign_flips(n: int) -> Call:
    """Return a sign-flip test."""
    from attnstats import sign_flip_test

    x, y = (each[:, 0] for each in pair(n))
    return lambda: sign_flip_test(y - x, n_resamples=999, rng=0)


def mixed_model(n: int) -> Call:
    """Return a mixed model of two conditions, crossed with 25 runs and n / 50 items."""
    from attnstats.comparison import mixed_model_test

    rng = np.random.default_rng(0)
    items = n // 50
    condition, run, item = (each.ravel() for each in np.indices((2, 25, items)))
    values = rng.normal(size=25)[run] + rng.normal(size=items)[item] + rng.normal(size=n)
    names = np.array(["a", "b"])[condition]
    return lambda: mixed_model_test(values, names, random={"run": run, "item": item})


def report(n: int) -> Call:
    """Return the report of a frame with n rows, by repeating the seeds of the committed study."""
    from attnstats import read_frame, write_report

    frame = read_frame(Path(__file__).parents[2] / "results" / "full.parquet")
    parts = [frame]
    while sum(map(len, parts)) < n:
        more = frame[frame["seed"].notna()].copy()
        more["seed"] += 1000 * len(parts)
        parts.append(more)
    whole = pd.concat(parts, ignore_index=True).iloc[:n]
    folder = tempfile.mkdtemp()
    return lambda: write_report(whole, folder)


CASES: dict[str, tuple[Callable[[int], Call], tuple[int, ...]]] = {
    "KSG, 1 + 1 columns": (information("KSG", 1), SIZES),
    "KSG, 3 + 3 columns": (information("KSG", 3), SIZES),
    "Ross, 1 column and 2 classes": (information("Ross", 1, classes=True), SIZES),
    "Binned, 1 + 1 columns": (information("Binned", 1), SIZES),
    "GaussianCopula, 3 + 3 columns": (information("GaussianCopula", 3), SIZES),
    "Probe, 128 columns and 2 classes": (information("Probe", 128, classes=True), SIZES[:2]),
    "BestBound, 1 + 1 columns": (information("BestBound", 1), SIZES[:2]),
    "kendall": (two("kendall"), SIZES),
    "spearman": (two("spearman"), SIZES),
    "kendall_batch, pairs of 50 values": (batch, SIZES),
    "BCa of a mean, 999 resamples": (bootstrap, SIZES),
    "permutation test, 99 resamples": (permutation, SIZES),
    "sign-flip test, 999 resamples": (sign_flips, SIZES),
    "Cliff's delta with interval": (effect("CliffsDelta"), SIZES),
    "Hedges' g with interval": (effect("PairedG"), SIZES),
    "mixed model, two conditions": (mixed_model, (1_200, 12_000, 100_000)),
    "report of a frame": (report, (100_000, 1_000_000)),
}


def measured(name: str, n: int) -> dict[str, float]:
    """Return seconds and largest memory of one call, in a process of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "--case", name, "--n", str(n)],
        capture_output=True, text=True, check=True, env=os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
    )  # fmt: skip
    return json.loads(run.stdout.splitlines()[-1])


def one_call(name: str, n: int) -> None:
    """Print what one call took."""
    make, _ = CASES[name]
    if name != "report of a frame":
        make(1_000)()
    call = make(n)
    started = time.perf_counter()
    call()
    seconds = time.perf_counter() - started
    # Not `ru_maxrss`: a process begins with that of the one that started it.
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(json.dumps({"seconds": round(seconds, 4), "peak_mib": round(int(peak) / 1024)}))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="NAME", help="cases to run")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--n", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        one_call(arguments.case, arguments.n)
        return
    path = RESULTS / "scale.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    done = {(row["case"], row["n"]) for row in rows}
    for name in arguments.only:
        for n in CASES[name][1]:
            if (name, n) not in done:
                rows.append({"case": name, "n": n} | measured(name, n))
                print(rows[-1], flush=True)
                pd.DataFrame(rows).to_csv(path, index=False)
    summary = []
    for name, group in pd.DataFrame(rows).groupby("case", sort=False):
        (n_0, s_0), (n_1, s_1) = group.sort_values("n")[["n", "seconds"]].to_numpy()[-2:]
        exponent = round(math.log(s_1 / s_0) / math.log(n_1 / n_0), 2)
        peak = group["peak_mib"].max()
        summary.append({"case": name, "largest_n": int(n_1), "seconds": s_1, "peak_mib": peak, "exponent": exponent})
    pd.DataFrame(summary).to_csv(RESULTS / "scale_summary.csv", index=False)


if __name__ == "__main__":
    main()
