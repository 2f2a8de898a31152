"""Seconds of rank correlations of many short examples and of one pair: ours and the peers', in one process, in turn.

Run as ``OMP_NUM_THREADS=1 python analysis/benchmarks/ranks_speed.py`` after ``pip install -e '.[bench]'``. Seconds are
those of the processor, on one thread, so that other processes count for little. Each is the median over ``--rounds``
rounds after one that is not counted; in a round every contender has its turn. Peers that are not installed are left
out, and loops of scipy and pandas are timed once. Writes ``results/ranks_speed.csv``.
"""

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from attnstats._files import write_atomically
from attnstats._validation import BoolArray, FloatArray
from attnstats.ranks import kendall, kendall_batch, spearman, spearman_batch, top_k_overlap_batch, weighted_tau_batch

RESULTS = Path(__file__).parent / "results"
Contenders = Mapping[str, Callable[[], object]]
#: Contenders that are timed once.
SLOW = ("scipy loop", "pandas loop")


def loop(function: Callable[..., object], x: FloatArray, y: FloatArray, mask: BoolArray) -> list[object]:
    """Return the function of each pair of rows."""
    return [function(x[row, inside], y[row, inside]) for row, inside in enumerate(mask)]


def rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> dict[str, Contenders]:
    """Return who computes what of the rows of two arrays."""
    taus: dict[str, Callable[[], object]] = {
        "attnstats": lambda: kendall_batch(x, y, mask=mask),
        "scipy loop": lambda: loop(stats.kendalltau, x, y, mask),
        "pandas loop": lambda: loop(lambda a, b: pd.Series(a).corr(pd.Series(b), method="kendall"), x, y, mask),
    }
    rhos: dict[str, Callable[[], object]] = {
        "attnstats": lambda: spearman_batch(x, y, mask=mask),
        "scipy loop": lambda: loop(stats.spearmanr, x, y, mask),
    }
    if mask.all():
        taus["scipy axis"] = lambda: stats.kendalltau(x, y, axis=1)
    if importlib.util.find_spec("hyper_corr"):
        import hyper_corr

        taus["hyper_corr loop"] = lambda: loop(lambda a, b: hyper_corr.kendalltau(a, b, ties=True), x, y, mask)
        rhos["hyper_corr loop"] = lambda: loop(lambda a, b: hyper_corr.spearmanr(a, b, ties=True), x, y, mask)
    return {
        "tau-b with p": taus,
        "rho with p": rhos,
        "weighted tau": {
            "attnstats": lambda: weighted_tau_batch(x, y, mask=mask),
            "scipy loop": lambda: loop(stats.weightedtau, x, y, mask),
        },
        "top-3 overlap": {"attnstats": lambda: top_k_overlap_batch(x, y, k=3, mask=mask)},
    }


def pair(n: int) -> dict[str, Contenders]:
    """Return who computes what of one pair (ours has an interval besides)."""
    x, y = np.random.default_rng(n).integers(0, n // 2, (2, n)).astype(float)
    return {
        f"tau-b with p, one pair, n = {n}": {
            "attnstats": lambda: kendall(x, y, exact=False),
            "scipy": lambda: stats.kendalltau(x, y, method="asymptotic"),
        },
        f"rho with p, one pair, n = {n}": {
            "attnstats": lambda: spearman(x, y, exact=False),
            "scipy": lambda: stats.spearmanr(x, y),
        },
    }


def tasks(n_examples: int) -> dict[str, Contenders]:
    """Return every task with its contenders."""
    rng = np.random.default_rng(0)
    even = rng.integers(0, 20, (2, n_examples, 50)).astype(float)
    ragged = rng.integers(0, 40, (2, n_examples, 200)).astype(float)
    mask = np.arange(200) < rng.integers(5, 201, (n_examples, 1))
    found: dict[str, Contenders] = {}
    for layout, (x, y), inside in (
        ("length 50, ties", even, np.ones(even.shape[1:], dtype=np.bool_)),
        ("length 5 to 200, ties", ragged, mask),
    ):
        for quantity, contenders in rows(x, y, inside).items():
            found[f"{quantity}, {n_examples} pairs of {layout}"] = contenders
    for n in (50, 1_000, 100_000):
        found |= pair(n)
    return found


def main() -> None:
    """Time every contender and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--n-examples", type=int, default=10_000)
    options = parser.parse_args()
    lines = []
    for task, contenders in tasks(options.n_examples).items():
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for round_ in range(options.rounds + 1):
            for name, call in contenders.items():
                if name in SLOW and round_ > 0:
                    continue
                start = time.process_time()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # constant rows
                    call()
                if round_ > 0 or name in SLOW:
                    seconds[name].append(time.process_time() - start)
        ours = float(np.median(seconds["attnstats"]))
        for name, each in seconds.items():
            median = float(np.median(each))
            lines.append({"task": task, "package": name, "seconds": median, "times_ours": median / ours})
            print(f"{task:60s} {name:16s} {median:10.5f} s  {median / ours:8.1f}")
    table = pd.DataFrame(lines).round({"seconds": 6, "times_ours": 2})
    write_atomically(RESULTS / "ranks_speed.csv", table.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    main()
