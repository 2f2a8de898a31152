"""Seconds of many columns at once: ours, a loop of `mutual_information`, scikit-learn and ennemi, in turn.

Run as ``OMP_NUM_THREADS=1 python analysis/benchmarks/columns_speed.py`` after ``pip install -e '.[bench]'``. Seconds
are those of the processor, on one thread, so that other processes count for little. In a round every contender has its
turn in one process, and a ratio is the median over ``--rounds`` rounds, after one on few rows that is not counted, of
seconds over ours in the same round. Other packages have their turn in the first round alone, as they take long; what is
not installed is left out. Writes ``results/columns_speed.csv``.

scikit-learn computes each pair twice, as its function takes one target; its settings are its defaults with k = 3, and
its numbers differ from ours, as it scales columns by their deviation and takes x +- radius, which rounds.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from attnstats._files import write_atomically
from attnstats._validation import FloatArray, IntArray
from attnstats.information import KSG, Ross, mutual_information, mutual_information_matrix, rank_features

RESULTS = Path(__file__).parent / "results"
Contenders = Mapping[str, Callable[[], object]]
N_COLUMNS = 20
#: Ours, and what has its turn in every round.
OURS, LOOP = "attnstats", "loop of mutual_information"


#: Rows of the largest ranking by scikit-learn, which takes minutes for more.
MOST_THEIRS = 50_000


def columns(n: int) -> FloatArray:
    """Return dependent measured columns, shape (n, 20)."""
    rng = np.random.default_rng(n)
    mixing = np.eye(N_COLUMNS) + 0.3 * rng.normal(size=(N_COLUMNS, N_COLUMNS))
    return np.asarray(rng.normal(size=(n, N_COLUMNS)) @ mixing)


def matrix(values: FloatArray) -> Contenders:
    """Return who computes all pairs of columns."""
    found: dict[str, Callable[[], object]] = {
        OURS: lambda: mutual_information_matrix(values),
        LOOP: lambda: [
            mutual_information(values[:, i], values[:, j], KSG()) for i, j in combinations(range(N_COLUMNS), 2)
        ],
        "scikit-learn": lambda: [
            mutual_info_regression(np.delete(values, j, axis=1), values[:, j], random_state=0) for j in range(N_COLUMNS)
        ],
    }
    if importlib.util.find_spec("ennemi"):
        import ennemi

        found["ennemi"] = lambda: ennemi.pairwise_mi(values, k=3, max_threads=1)
    return found


def ranking(values: FloatArray, target: FloatArray | IntArray) -> Contenders:
    """Return who computes every column against a target, a class if it is whole."""
    is_class = target.dtype.kind == "i"
    estimator = Ross() if is_class else KSG()
    theirs = mutual_info_classif if is_class else mutual_info_regression
    found: dict[str, Callable[[], object]] = {
        OURS: lambda: rank_features(values, target),
        LOOP: lambda: [mutual_information(column, target, estimator) for column in values.T],
    }
    if len(values) <= MOST_THEIRS:
        found["scikit-learn"] = lambda: theirs(values, target, random_state=0)
    return found


def tasks(n: int, n_ranked: int) -> dict[str, Contenders]:
    """Return every task with its contenders."""
    few = columns(n_ranked)
    target = few[:, 0] + few[:, 1] + np.random.default_rng(1).normal(size=n_ranked)
    return {
        f"20 columns and a class, n = {n_ranked}": ranking(few, (target > 0).astype(np.int64)),
        f"20 columns and a measured target, n = {n_ranked}": ranking(few, target),
        f"20 columns and a class, n = {n}": ranking(few[:n], (target[:n] > 0).astype(np.int64)),
        f"20 columns and a measured target, n = {n}": ranking(few[:n], target[:n]),
        f"all pairs of 20 columns, n = {n}": matrix(columns(n)),
    }


def main() -> None:
    """Time every contender and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--n-ranked", type=int, default=500_000)
    options = parser.parse_args()
    for contenders in tasks(300, 300).values():
        for call in contenders.values():
            call()
    lines = []
    for task, contenders in tasks(options.n, options.n_ranked).items():
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for round_ in range(options.rounds):
            for name, call in contenders.items():
                if round_ > 0 and name not in (OURS, LOOP):
                    continue
                start = time.process_time()
                call()
                seconds[name].append(time.process_time() - start)
        for name, each in seconds.items():
            ratios = [theirs / ours for theirs, ours in zip(each, seconds[OURS], strict=False)]
            line = {
                "task": task,
                "package": name,
                "rounds": len(each),
                "seconds": float(np.median(each)),
                "times_ours": float(np.median(ratios)),
                "least": min(ratios),
                "most": max(ratios),
            }
            lines.append(line)
            print(f"{task:50s} {name:28s} {line['seconds']:9.3f} s  {line['times_ours']:7.1f}", flush=True)
    digits = {"seconds": 3, "times_ours": 2, "least": 2, "most": 2}
    table = pd.DataFrame(lines).round(digits)
    write_atomically(RESULTS / "columns_speed.csv", table.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    main()
