"""Seconds from a long table of scores to a comparison of all pairs of models: ours and the peers', in turn.

Run as ``python analysis/benchmarks/compare_speed.py`` on an idle machine, with one thread; peers that are not installed
(``pip install autorank scikit-posthocs pingouin baycomp deepsig``) are left out. The table is one as people have it: 4
models × 5 runs × 3 data sets × 400 questions, right or wrong, 3 % missing, of which one model is better by .06. Ours
takes it so; the peers take the 15 means of runs in data sets, and the time to make these is theirs. Beside the seconds
stands what each says of the best model against the first, in its own terms. A second table has a million rows, for
which peak memory is measured too. Writes ``results/compare_speed.csv``.
"""

import argparse
import importlib.util
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats._files import write_atomically
from attnstats.scores import compare

RESULTS = Path(__file__).parent / "results"
MODELS = list("abcd")


def realistic_table() -> pd.DataFrame:
    """Return zeros and ones of models, runs, tasks and questions, with missing rows."""
    rng = np.random.default_rng(1)
    names = ["model", "run", "task", "item"]
    table = pd.MultiIndex.from_product([MODELS, range(5), list("xyz"), range(400)], names=names).to_frame(index=False)
    model, task = (pd.factorize(table[name])[0] for name in ("model", "task"))
    run, item = table["run"].to_numpy(), table["item"].to_numpy()
    chance = 0.6 + np.array([0.0, 0.0, 0.01, 0.06])[model]
    chance = chance + rng.normal(0, 0.015, (4, 5))[model, run] + rng.normal(0, 0.2, (3, 400))[task, item]
    table["right"] = (rng.random(len(table)) < chance).astype(int)
    return table.sample(frac=0.97, random_state=1)


def large_table() -> pd.DataFrame:
    """Return a million scores: 10 models × 10 runs × 5 tasks × 2,000 questions."""
    names = ["model", "run", "task", "item"]
    factors = [[f"m{place}" for place in range(10)], range(10), list("vwxyz"), range(2000)]
    table = pd.MultiIndex.from_product(factors, names=names).to_frame(index=False)
    return table.assign(right=np.random.default_rng(0).normal(size=len(table)))


def ours(table: pd.DataFrame) -> str:
    """Return the verdict on the best model against the first."""
    found = compare(table, value="right", condition="model", seed="run", example="item", dataset="task", margin=0.02)
    last = next((each for each in found.differences if (each.first, each.second) == ("a", "d")), None)
    return "" if last is None else f"adjusted p = {last.adjusted_pvalue:.3g}, {last.interval}"


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each run in each task, a column for each model."""
    return table.groupby(["task", "run", "model"])["right"].mean().unstack()


def autorank_says(table: pd.DataFrame) -> str:
    """Return what autorank says of the two models."""
    from autorank import autorank

    found = autorank(means(table), alpha=0.05, verbose=False)
    return f"{found.omnibus} p = {found.pvalue:.3g}, post hoc {found.posthoc}"


def posthocs_says(table: pd.DataFrame) -> str:
    """Return Nemenyi's p-value of scikit-posthocs."""
    import scikit_posthocs

    found = scikit_posthocs.posthoc_nemenyi_friedman(means(table).to_numpy())
    return f"Nemenyi p = {found.iloc[0, 3]:.3g}"


def pingouin_says(table: pd.DataFrame) -> str:
    """Return pingouin's paired t test with Holm's correction."""
    import pingouin

    wide = means(table)
    wide["block"] = np.arange(len(wide))
    long = wide.melt(id_vars="block", var_name="model", value_name="right")
    found = pingouin.pairwise_tests(long, dv="right", within="model", subject="block", padjust="holm", effsize="hedges")
    row = found[(found["A"] == "a") & (found["B"] == "d")].iloc[0]
    column = next(name for name in found.columns if name.replace("_", "-").startswith("p-corr"))
    return f"paired t, Holm p = {row[column]:.3g}"


def baycomp_says(table: pd.DataFrame) -> str:
    """Return the posterior probabilities of baycomp's signed-rank test, for all pairs."""
    import baycomp

    wide = means(table)
    pairs = [(first, second) for place, first in enumerate(MODELS) for second in MODELS[place + 1 :]]
    found = [baycomp.SignedRankTest.probs(wide[a].to_numpy(), wide[b].to_numpy(), rope=0.02) for a, b in pairs]
    return "worse, within the rope, better: " + ", ".join(
        f"{each:.2f}" for each in found[pairs.index(("a", "d"))][::-1]
    )


def deepsig_says(table: pd.DataFrame) -> str:
    """Return deepsig's epsilon of almost stochastic order."""
    import deepsig

    wide = means(table)
    found = deepsig.multi_aso({name: wide[name].tolist() for name in MODELS}, seed=0, show_progress=False, num_jobs=1)
    return f"ASO epsilon of d over a {np.asarray(found)[3, 0]:.2f}"


PEERS: dict[str, Callable[[pd.DataFrame], str]] = {
    "autorank": autorank_says,
    "scikit_posthocs": posthocs_says,
    "pingouin": pingouin_says,
    "baycomp": baycomp_says,
    "deepsig": deepsig_says,
}


def timed(call: Callable[[pd.DataFrame], str], table: pd.DataFrame) -> tuple[float, str]:
    """Return the seconds of a call and what it says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        said = call(table)
        return time.perf_counter() - start, said


def main() -> None:
    """Time every contender in turn and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--million", action="store_true", help="print seconds and peak memory of the large table alone")
    options = parser.parse_args()
    if options.million:
        elapsed = timed(ours, large_table())[0]
        print(elapsed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
        return
    rounds = options.rounds
    # First, as a process starts with the peak memory of the one that starts it.
    spent = subprocess.run([sys.executable, __file__, "--million"], check=True, capture_output=True, text=True)
    seconds_of_million, peak = map(float, spent.stdout.split())
    contenders = {"attnstats": ours} | {name: call for name, call in PEERS.items() if importlib.util.find_spec(name)}
    table = realistic_table()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    said: dict[str, str] = {}
    for round_ in range(rounds + 1):  # the first one, which imports and compiles, does not count
        for name, call in contenders.items():
            elapsed, said[name] = timed(call, table)
            seconds[name] += [elapsed] if round_ else []
    least = min(seconds["attnstats"])
    rows: list[dict[str, Any]] = [
        {
            "table": "4 models × 5 runs × 3 tasks × 400 items, 3 % missing",
            "package": name,
            "seconds": min(each),
            "times_ours": min(each) / least,
            "says": said[name],
        }
        for name, each in seconds.items()
    ]
    million = "10 models × 10 runs × 5 tasks × 2,000 items"
    rows.append(
        {"table": million, "package": "attnstats", "seconds": seconds_of_million, "says": f"peak memory {peak:.2f} GiB"}
    )
    results = pd.DataFrame(rows).round({"seconds": 4, "times_ours": 1})
    print(results.to_string(index=False))
    write_atomically(RESULTS / "compare_speed.csv", results.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    main()
