"""Seconds of KSG from 10,000 to a million rows beside a loop of SciPy's cKDTree, in turn, and other large samples.

Run as ``python analysis/benchmarks/ksg_scale.py``. Each size is one row: seconds of the processor and of the clock, the
least of three calls of ours and one of the peer (three below 100,000 rows), on one thread unless the row says two. The
peer searches the joint tree for the k-th neighbour in the max-norm and counts in each margin, and is given the normal
scores that ours computes itself; where it runs, both estimates stand beside each other. Rows are written as they come
to ``results/ksg_scale.csv``, and those that are there are not computed again; ``results/ksg_scale_summary.csv`` has the
exponent of n with which the seconds grow in 3 + 3 columns, and the least lead.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from scipy.special import digamma
from threadpoolctl import threadpool_limits

from attnstats._files import write_atomically
from attnstats._validation import FloatArray
from attnstats.datasets import GaussianJoint
from attnstats.information import KSG
from attnstats.information.margins import NormalScores
from attnstats.ranks import kendall

RESULTS = Path(__file__).parent / "results"
K = 3
SIZES = (10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 1_000_000)
KEYS = ["task", "n", "threads"]


def by_ckdtree(x: FloatArray, y: FloatArray) -> float:
    """Return the estimate of algorithm 1 from three trees of SciPy, of continuous samples."""
    joint = np.hstack([x, y])
    distances = cKDTree(joint).query(joint, k=K + 1, p=np.inf, workers=1)[0][:, -1]
    radii = np.nextafter(distances, 0)  # strictly closer
    inside = [cKDTree(each).query_ball_point(each, radii, p=np.inf, workers=1, return_length=True) for each in (x, y)]
    return float(digamma(K) + digamma(len(x)) - (digamma(inside[0]) + digamma(inside[1])).mean())


def timed(call: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Return the least seconds of the processor and of the clock, and the value."""
    spent = []
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.perf_counter()
        value = call()
        spent.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(each[0] for each in spent), min(each[1] for each in spent), value


def tasks(n_largest: int) -> list[tuple[str, int, int]]:
    """Return task, size and threads of every row."""
    rows = [("KSG 3 + 3 columns", n, 1) for n in SIZES]
    rows += [("KSG 1 + 1 columns", 1_000_000, threads) for threads in (1, 2)]
    rows += [("KSG 3 + 3 columns", 1_000_000, 2), ("KSG 64 + 64 columns", 100_000, 1), ("kendall", 10_000_000, 1)]
    return [row for row in rows if row[1] <= n_largest]


def measured(task: str, n: int, threads: int) -> dict[str, object]:
    """Return one row of the table."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if task == "kendall":
        x, y = np.random.default_rng(0).normal(size=(2, n))
        cpu, wall, value = timed(lambda: float(kendall(x, y + x, exact=False).statistic), 1)
        return {"cpu": cpu, "wall": wall, "value": value}
    columns = int(task.split()[1])
    joint = GaussianJoint.dense(1, 1, 0.75) if columns == 1 else GaussianJoint.sparse(columns, columns, 2, 0.8)
    x, y = joint.sample(n, rng=0)
    rounds = 1 if columns == 64 else 3
    cpu, wall, value = timed(lambda: KSG(k=K).estimate(x, y), rounds)
    row: dict[str, object] = {"cpu": cpu, "wall": wall, "value": value}
    if columns <= 3 and threads == 1:
        x, y = (NormalScores().transform(each, each) for each in (x, y))
        cpu, wall, value = timed(lambda: by_ckdtree(x, y), 3 if n < 100_000 else 1)
        lead = cpu / row["cpu"]
        row |= {"ckdtree_cpu": cpu, "ckdtree_wall": wall, "ckdtree_value": value, "ckdtree_over_ours": lead}
    return row


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return the exponents of growth, by least squares on logarithms and between the ends, and the least lead."""
    rows = table[(table["task"] == "KSG 3 + 3 columns") & (table["threads"] == 1)].sort_values("n")
    found = []
    for name, column in (("attnstats", "cpu"), ("cKDTree", "ckdtree_cpu")):
        sizes, seconds = np.log(rows["n"].to_numpy(dtype=float)), np.log(rows[column].to_numpy(dtype=float))
        ends = (seconds[-1] - seconds[0]) / (sizes[-1] - sizes[0])
        found.append({"package": name, "exponent": np.polyfit(sizes, seconds, 1)[0], "exponent_of_ends": ends})
    lead = rows["ckdtree_over_ours"]
    return pd.DataFrame(found).assign(
        n_from=rows["n"].min(), n_to=rows["n"].max(), least_lead=lead.min(), largest_lead=lead.max()
    )


def write(table: pd.DataFrame, name: str) -> None:
    """Write a table of results."""
    write_atomically(RESULTS / name, table.to_csv(index=False, lineterminator="\n", float_format="%.4g").encode())


def main() -> None:
    """Time every row that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=10_000_000, help="rows of the largest sample")
    options = parser.parse_args()
    path = RESULTS / "ksg_scale.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=KEYS)
    for columns in (1, 3, 64):  # compile
        measured(f"KSG {columns} + {columns} columns", 500, 1)
    measured("KSG 3 + 3 columns", 200_000, 2)
    measured("kendall", 1_000, 1)
    for task, n, threads in tasks(options.largest):
        if ((table["task"] == task) & (table["n"] == n) & (table["threads"] == threads)).any():
            continue
        row = {"task": task, "n": n, "threads": threads} | measured(task, n, threads)
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True) if len(table) else pd.DataFrame([row])
        print(" ".join(f"{key}={value}" for key, value in row.items()), flush=True)
        write(table, "ksg_scale.csv")
        if (table["task"] == "KSG 3 + 3 columns").sum() > 1:
            write(summary(table), "ksg_scale_summary.csv")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
