"""Seconds of nearest-neighbour estimates: ours and the peers', in one process, in turn, on the same samples.

Run as ``python analysis/benchmarks/mi_speed.py`` after ``pip install -e '.[bench]'``, on an idle machine. Each is
the median over rounds on one thread, after one round that is not counted; in a round a call is repeated for at least
``--round`` seconds, so that short ones are not timed with the caches that the call before them has left. Peers that
take more than ``--patience`` seconds for one call are left out once they have. Writes ``results/mi_speed.csv``.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import peers
from threadpoolctl import threadpool_limits

from attnstats._files import write_atomically
from attnstats._validation import FloatArray
from attnstats.datasets import GaussianJoint, LogisticLabels
from attnstats.information import KSG, Ross, mutual_information
from attnstats.resampling import Permutation

RESULTS = Path(__file__).parent / "results"
Call = Callable[[FloatArray, FloatArray], float]


def permutations(x: FloatArray, y: FloatArray) -> float:
    """Return the p-value of 200 permutations."""
    pvalue = mutual_information(x, y, KSG(), null=Permutation(200), rng=0).pvalue
    assert pvalue is not None
    return pvalue


def one_by_one(peer: Call, x: FloatArray, y: FloatArray) -> float:
    """Return the p-value of 200 permutations, by a loop over a peer's estimate."""
    rng = np.random.default_rng(0)
    value = peer(x, y)
    return (1 + sum(peer(x, rng.permutation(y)) >= value for _ in range(200))) / 201


def rows() -> list[tuple[str, FloatArray, FloatArray, dict[str, Call]]]:
    """Return the tasks: name, samples, and what is timed on them."""
    scalars = {"libKSG": peers.libksg(), "npeet-plus": peers.npeet, "infomeasure": peers.infomeasure_ksg}
    scalars |= {"ennemi": peers.ennemi_ksg, "scikit-learn": peers.sklearn_ksg}
    vectors = {"npeet-plus": peers.npeet, "infomeasure": peers.infomeasure_ksg}
    found = []
    for n in (1_000, 10_000, 100_000):
        x, y = GaussianJoint.dense(1, 1, 0.75).sample(n, rng=0)
        found.append((f"KSG 1 + 1 columns, n = {n:,}", x, y, {"attnstats": KSG().estimate} | scalars))
    x, y = GaussianJoint.sparse(3, 3, 2, 0.8).sample(10_000, rng=0)
    found.append(("KSG 3 + 3 columns, n = 10,000", x, y, {"attnstats": KSG().estimate} | vectors))
    x, y = GaussianJoint.sparse(64, 64, 2, 0.8).sample(10_000, rng=0)
    euclidean = {"attnstats": KSG().estimate, "attnstats, Euclidean": KSG(metric="euclidean").estimate}
    high = euclidean | {"npeet-plus": peers.npeet}  # infomeasure takes minutes
    found.append(("KSG 64 + 64 columns, n = 10,000", x, y, high))
    x, y = LogisticLabels(64, norm=2).sample(10_000, rng=0)
    classes = {"attnstats": Ross().estimate, "npeet-plus": peers.npeet_classes}
    found.append(("64 columns against 2 classes, n = 10,000", x, y, classes))
    x, y = GaussianJoint.dense(1, 1, 0.75).sample(1_000, rng=0)
    loops = {name: partial(one_by_one, peer) for name, peer in scalars.items()}
    found.append(("200 permutations, 1 + 1 columns, n = 1,000", x, y, {"attnstats": permutations} | loops))
    return found


def main() -> None:
    """Time every call and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--round", type=float, default=0.05)
    parser.add_argument("--patience", type=float, default=30.0)
    arguments = parser.parse_args()
    table = []
    for task, x, y, calls in rows():
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        values = {}
        for repeat in range(arguments.repeats + 1):
            for name, call in calls.items():
                if seconds[name] and seconds[name][0] > arguments.patience:
                    continue
                start, calls_made, elapsed = time.perf_counter(), 0, 0.0
                while elapsed < arguments.round:
                    values[name] = call(x, y)
                    calls_made += 1
                    elapsed = time.perf_counter() - start
                if repeat > 0 or elapsed > arguments.patience:
                    seconds[name].append(elapsed / calls_made)
        medians = {name: float(np.median(each)) for name, each in seconds.items()}
        mine = min(median for name, median in medians.items() if name.startswith("attnstats"))
        fastest = min(median for name, median in medians.items() if not name.startswith("attnstats"))
        for name, median in medians.items():
            row = {
                "task": task,
                "method": name,
                "milliseconds": round(1e3 * median, 3),
                "value": round(values[name], 4),
            }
            table.append(row | {"fastest_peer_over_ours": round(fastest / mine, 2)})
        frame = pd.DataFrame(table)
        print(frame[frame["task"] == task].to_string(index=False, header=len(table) == len(calls)), flush=True)
        write_atomically(RESULTS / "mi_speed.csv", frame.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # what peers say of their own dependencies
    with threadpool_limits(1):
        main()
