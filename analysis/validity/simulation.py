"""What the validity simulations share: rates with their Monte Carlo error, and a table on disk."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats._parallel import parallel_map

#: Returns, for one simulated data set, whether each procedure did what is counted (covered, rejected).
Trial = Callable[[np.random.Generator], Mapping[str, float]]


def rates(
    trials: Iterable[tuple[Mapping[str, Any], Trial, float]], *, n_simulations: int, rng: int, n_jobs: int | None = None
) -> pd.DataFrame:
    """Return one row per setting and procedure: the rate, its Monte Carlo error, and the nominal rate.

    Outcomes that are NaN, where a procedure refused, are left out, and the number of simulations is that of the others.

    Every trial comes with its setting (the columns that name it) and the nominal rate.
    """
    trials = list(trials)
    tasks = [(setting, trial) for setting, (_, trial, _) in enumerate(trials) for _ in range(n_simulations)]
    chunks = [tasks[start : start + 50] for start in range(0, len(tasks), 50)]
    found = [each for chunk in parallel_map(_run, chunks, rng=rng, n_jobs=n_jobs) for each in chunk]
    rows = []
    for index, (setting, _, nominal) in enumerate(trials):
        outcomes = pd.DataFrame([outcome for where, outcome in found if where == index]).astype(float)
        rows += [
            {
                **setting,
                "procedure": procedure,
                "nominal": nominal,
                "rate": rate,
                "mc_error": np.sqrt(rate * (1 - rate) / count),
                "n_simulations": count,
            }
            for procedure, rate, count in zip(outcomes, outcomes.mean(), outcomes.count(), strict=True)
        ]
    return pd.DataFrame(rows)


def _run(tasks: list[tuple[int, Trial]], generator: np.random.Generator) -> list[tuple[int, Mapping[str, float]]]:
    return [(setting, trial(generator)) for setting, trial in tasks]


def main(name: str) -> None:
    """Run the simulation of a module from the command line and write its table into ``results`` beside it.

    By the name of the module, not as ``__main__``: workers cannot unpickle functions that ``__main__`` caches.
    """
    module = import_module(name)
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=module.simulate.__doc__)
    parser.add_argument("--n-simulations", type=int, default=2_000)
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    table = module.simulate(n_simulations=arguments.n_simulations, rng=arguments.seed, n_jobs=arguments.n_jobs)
    table = table.round({"rate": 4, "mc_error": 4})
    script = Path(str(module.__file__))
    results = script.parent / "results" / f"{script.stem}.csv"
    results.parent.mkdir(exist_ok=True)
    table.to_csv(results, index=False, lineterminator="\n")
    print(table.to_string(index=False))
