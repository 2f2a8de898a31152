"""Seconds of intervals and permutation tests: ours and the peers', in one process, in turn, on the same samples.

Run as ``python analysis/benchmarks/resampling_speed.py`` after ``pip install -e '.[bench]'``. Seconds are those of the
processor, on one thread, so that other processes count for little. Each is the median over rounds, after one that is
not counted. Calls that take more than ``--patience`` seconds are timed once. Writes ``results/resampling_speed.csv``.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.stats
from arch.bootstrap import IIDBootstrap
from threadpoolctl import threadpool_limits

from attnstats._files import write_atomically
from attnstats._validation import FloatArray
from attnstats.ranks import Tau
from attnstats.resampling import (
    BCa,
    Crossed,
    DoubleBootstrap,
    Nested,
    Percentile,
    Studentized,
    bootstrap_interval,
    permutation_test,
    sign_flip_test,
)

RESULTS = Path(__file__).parent / "results"
N_RESAMPLES = 9_999
N_FLIPS = 99_999


def scipy_interval(data: tuple[FloatArray, ...], statistic: Callable[..., float], **options: object) -> float:
    """Lower end of the BCa interval of SciPy, in batches as its documentation advises."""
    found = scipy.stats.bootstrap(data, statistic, n_resamples=N_RESAMPLES, batch=100, rng=0, **options)
    return float(found.confidence_interval.low)


def arch_interval(data: FloatArray, statistic: Callable[[FloatArray], float], method: str = "bca") -> float:
    """Lower end of the interval of arch."""
    return float(IIDBootstrap(data, seed=0).conf_int(statistic, reps=N_RESAMPLES, method=method)[0, 0])


def scipy_tau(x: FloatArray, y: FloatArray) -> float:
    """Tau-b of SciPy."""
    return float(scipy.stats.kendalltau(x, y).statistic)


def two_level(table: FloatArray, *, nested: bool) -> float:
    """Lower end of a two-level percentile interval in NumPy, a hundred resamples at a time."""
    generator = np.random.default_rng(0)
    n_seeds, n_examples = table.shape
    means = []
    for start in range(0, N_RESAMPLES, 100):
        n = min(100, N_RESAMPLES - start)
        seeds = generator.integers(n_seeds, size=(n, n_seeds, 1))
        examples = generator.integers(n_examples, size=(n, n_seeds if nested else 1, n_examples))
        means.append(table[seeds, examples].mean(axis=(1, 2)))
    return float(np.quantile(np.concatenate(means), 0.025))


def matrix_flips(differences: FloatArray) -> float:
    """Two-sided p of sign flips by one matrix product, ten thousand at a time."""
    generator = np.random.default_rng(0)
    observed = abs(differences.sum())
    reached = 0
    for start in range(0, N_FLIPS, 10_000):
        signs = generator.integers(2, size=(min(10_000, N_FLIPS - start), differences.size), dtype=np.int8)
        reached += int((np.abs((2.0 * signs - 1) @ differences) >= observed).sum())
    return (1 + reached) / (1 + N_FLIPS)


def scipy_flips(differences: FloatArray) -> float:
    """Two-sided p of sign flips of SciPy."""
    return float(
        scipy.stats.permutation_test(
            (differences,),
            np.mean,
            permutation_type="samples",
            vectorized=True,
            n_resamples=N_FLIPS,
            batch=1_000,
            rng=0,
        ).pvalue
    )


def scipy_pairings(x: FloatArray, y: FloatArray) -> float:
    """Permutation p of tau of SciPy."""
    test = scipy.stats.permutation_test(
        (x,), partial(scipy_tau, y), permutation_type="pairings", vectorized=False, n_resamples=N_RESAMPLES, rng=0
    )
    return float(test.pvalue)


def rows() -> list[tuple[str, dict[str, Callable[[], float]]]]:
    """Return the tasks: name, and what is timed on it."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=1_000)
    y = x + rng.normal(size=1_000)
    pairs = np.column_stack([x, y])
    table = rng.normal(size=(20, 1)) + rng.normal(size=(20, 500))
    seeds = np.repeat(np.arange(20), 500)

    def ours(data: FloatArray, statistic: object, **options: object) -> float:
        return bootstrap_interval(data, statistic, rng=0, **options).low

    return [
        (
            "BCa of a mean, n = 1,000, 9,999 resamples",
            {
                "attnstats": partial(ours, x, np.mean, method=BCa()),
                "scipy": partial(scipy_interval, (x,), np.mean, vectorized=True),
                "arch": partial(arch_interval, x, np.mean),
            },
        ),
        (
            "BCa of tau, n = 1,000, 9,999 resamples",
            {
                "attnstats": partial(ours, pairs, Tau(), method=BCa()),
                "scipy": partial(scipy_interval, (x, y), scipy_tau, vectorized=False, paired=True),
                "arch": partial(arch_interval, pairs, lambda data: scipy_tau(*data.T)),
            },
        ),
        (
            "studentized mean, n = 1,000, 9,999 resamples",
            {
                "attnstats": partial(ours, x, np.mean, method=Studentized()),
                "arch": partial(arch_interval, x, np.mean, "studentized"),
            },
        ),
        (
            "calibrated mean, n = 100, 1,999 x 499 resamples",
            {"attnstats": partial(ours, x[:100], np.mean, method=DoubleBootstrap())},
        ),
        (
            "two-level bootstrap, crossed, 20 x 500, 9,999 resamples",
            {
                "attnstats": partial(ours, table, np.mean, design=Crossed(), method=Percentile()),
                "numpy in batches": partial(two_level, table, nested=False),
            },
        ),
        (
            "two-level bootstrap, nested, 20 x 500, 9,999 resamples",
            {
                "attnstats": partial(ours, table.ravel(), np.mean, design=Nested(seeds), method=Percentile()),
                "numpy in batches": partial(two_level, table, nested=True),
            },
        ),
        (
            "permutation p of tau, n = 500, 9,999 permutations",
            {
                "attnstats": lambda: permutation_test(x[:500], y[:500], Tau(), rng=0).pvalue,
                "scipy": partial(scipy_pairings, x[:500], y[:500]),
            },
        ),
        (
            "sign flips, n = 500, 99,999 patterns",
            {
                "attnstats": lambda: sign_flip_test(x[:500], rng=0).pvalue,
                "numpy matrix product": partial(matrix_flips, x[:500]),
                "scipy": partial(scipy_flips, x[:500]),
            },
        ),
    ]


def main() -> None:
    """Time every call and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--patience", type=float, default=5.0)
    arguments = parser.parse_args()
    found = []
    for task, calls in rows():
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        values = {}
        for repeat in range(arguments.repeats + 1):
            for name, call in calls.items():
                if seconds[name] and seconds[name][0] > arguments.patience:
                    continue
                start = time.process_time()
                values[name] = call()
                elapsed = time.process_time() - start
                if repeat > 0 or elapsed > arguments.patience:
                    seconds[name].append(elapsed)
        medians = {name: float(np.median(each)) for name, each in seconds.items()}
        peers = [median for name, median in medians.items() if name != "attnstats"]
        for name, median in medians.items():
            row = {"task": task, "method": name, "seconds": round(median, 4), "value": round(values[name], 4)}
            ratio = round(min(peers) / medians["attnstats"], 2) if peers else None
            found.append(row | {"fastest_peer_over_ours": ratio})
        frame = pd.DataFrame(found)
        print(frame[frame["task"] == task].to_string(index=False, header=len(found) == len(calls)), flush=True)
        write_atomically(RESULTS / "resampling_speed.csv", frame.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
