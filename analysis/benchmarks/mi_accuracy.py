"""Estimates of mutual information on 40 tasks of known truth at n = 100 to 10,000: ours beside the peers'.

Run as ``python analysis/benchmarks/mi_accuracy.py`` after ``pip install -e '.[bench]'``; all see the same samples.
Rows are written as they come to ``results/mi_accuracy.csv`` and those that are there are not computed again; the
summary goes to ``results/mi_accuracy_summary.csv``. Seconds at n = 2,000 were measured on an idle machine, the others
on a busy one, and at n = 10,000 there is one sample of each task.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import peers
from tasks import all_tasks

from attnstats._files import write_atomically
from attnstats._validation import FloatArray
from attnstats.exceptions import AttnstatsError, UnreliableEstimateWarning
from attnstats.information import (
    CCA,
    KSG,
    BestBound,
    Gaussian,
    GaussianCopula,
    KozachenkoLeonenko,
    LocalNonuniformity,
    MIEstimator,
    Standardized,
    StudentCopula,
    UniformRanks,
    mutual_information,
)
from attnstats.information.interface import brief

RESULTS = Path(__file__).parent / "results"
SIZES = (2_000, 100, 500, 10_000)
OURS: tuple[MIEstimator, ...] = (
    BestBound(),
    KSG(),
    KSG(margins=Standardized()),
    KSG(metric="euclidean", margins=Standardized()),
    KSG(margins=UniformRanks()),
    KozachenkoLeonenko(),
    LocalNonuniformity(),
    Gaussian(),
    CCA(),
    GaussianCopula(),
    StudentCopula(),
)


def ours(estimator: MIEstimator, x: FloatArray, y: FloatArray) -> tuple[float, str]:
    """Return the estimate, with its notes and warnings; or what was refused."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnreliableEstimateWarning)
        try:
            estimate = mutual_information(x, y, estimator, rng=0)
        except AttnstatsError as error:
            return float("nan"), f"{type(error).__name__}: {error}"
    said = [*estimate.notes, *(f"warning: {each.message}" for each in caught)]
    return estimate.value, "; ".join(said)


def theirs(peer: peers.Peer, x: FloatArray, y: FloatArray) -> tuple[float, str]:
    """Return the estimate of another package, or what it raised."""
    try:
        return peer(x, y), ""
    except (ValueError, np.linalg.LinAlgError) as error:
        return float("nan"), f"{type(error).__name__}: {error}"


def methods(n: int, dim: int) -> dict[str, Callable[[FloatArray, FloatArray], tuple[float, str]]]:
    """Return what is run on x and y of `dim` columns in all."""
    others = peers.VECTORS | (peers.SCALARS if dim == 2 else {})
    if dim > 10 or n > 2_000:  # equal to npeet-plus where it was tried, and slow
        others = {name: peer for name, peer in others.items() if name != "infomeasure KSG"}
    return {brief(each): partial(ours, each) for each in OURS} | {
        name: partial(theirs, peer) for name, peer in others.items()
    }


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each method, how its mean estimates over seeds lie to the truth."""
    mean = rows.groupby(["n", "method", "task"], as_index=False, sort=False).agg(
        truth=("truth", "first"),
        estimate=("estimate", "mean"),
        seconds=("seconds", "median"),
        warned=("said", lambda said: said.str.contains("warning: ").mean() > 0.5),
    )
    mean["error"] = (mean["estimate"] - mean["truth"]).abs()
    mean["silent"] = (mean["error"] > 0.3) & ~mean["warned"]
    table = mean.groupby(["n", "method"], sort=False).agg(
        n_tasks=("task", "size"),
        within_0_1=("error", lambda error: int((error <= 0.1).sum())),
        mean_abs_error=("error", "mean"),
        largest_error=("error", "max"),
        median_seconds=("seconds", "median"),
        off_by_0_3=("error", lambda error: int((error > 0.3).sum())),
        off_by_0_3_unwarned=("silent", "sum"),
    )
    return table.reset_index().round({"mean_abs_error": 4, "largest_error": 3, "median_seconds": 4})


def main() -> None:
    """Fill in the missing rows and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of samples")
    arguments = parser.parse_args()
    path = RESULTS / "mi_accuracy.csv"
    rows = pd.read_csv(path, keep_default_na=False, na_values=["nan"]).to_dict("records") if path.exists() else []
    done = {(row["n"], row["task"], row["seed"], row["method"]) for row in rows}
    for n, (name, task) in product(arguments.sizes, all_tasks().items()):
        for seed in arguments.seeds:
            x, y = task.sample(n, rng=seed)
            for method, estimate in methods(n, x.shape[1] + y.shape[1]).items():
                if (n, name, seed, method) in done:
                    continue
                start = time.perf_counter()
                value, said = estimate(x, y)
                seconds = time.perf_counter() - start
                keys = {"n": n, "task": name, "seed": seed, "method": method, "truth": task.mutual_information}
                rows.append(keys | {"estimate": round(value, 6), "seconds": round(seconds, 4), "said": said})
        write_atomically(path, pd.DataFrame(rows).to_csv(index=False, na_rep="nan", lineterminator="\n").encode())
        print(n, name, flush=True)
    table = summarise(pd.DataFrame(rows))
    write_atomically(RESULTS / "mi_accuracy_summary.csv", table.to_csv(index=False, lineterminator="\n").encode())
    print(table.to_string(index=False))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # what peers say of their own dependencies
    main()
