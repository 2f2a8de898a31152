"""BestBound on the 40 tasks at n = 100 to 10,000: error, doubts, and seconds beside an earlier build, in turn.

Run as ``python analysis/benchmarks/best_bound.py --before FOLDER``, a checkout of the build to compare with (for the
committed table ``git worktree add FOLDER ace6b1f``); without it the seconds are ours alone.
Seconds are those of the processor on one thread, the least of two rounds, each build in a process of its own. Rows are
written as they come to ``results/best_bound.csv`` and those that are there are not computed again; the summary goes to
``results/best_bound_summary.csv``. An estimate is doubted where `mutual_information` warns that it may be far off.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from tasks import all_tasks

from attnstats._files import write_atomically

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parents[2]
SIZES, N_SEEDS, ROUNDS = (100, 500, 2_000, 10_000), 3, 2
KEYS = ["n", "task", "seed"]
FAR, NEAR = 0.3, 0.1  # nats


def serve() -> None:
    """Answer each line of input, a task, n and a seed, with the estimate of the build on the path and its seconds."""
    from attnstats.exceptions import AttnstatsError, UnreliableEstimateWarning
    from attnstats.information import BestBound, mutual_information

    tasks = all_tasks()
    for line in sys.stdin:
        n, task, seed = json.loads(line)
        x, y = tasks[task].sample(n, rng=seed)
        seconds = []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UnreliableEstimateWarning)
            for _ in range(ROUNDS):
                caught.clear()
                start = time.process_time()
                try:
                    estimate = mutual_information(x, y, BestBound(), rng=0)
                except AttnstatsError as error:  # a refusal is no estimate, but an answer
                    seconds.append(float("nan"))
                    estimate, refusal = None, str(error)
                    break
                seconds.append(time.process_time() - start)
        if estimate is None:
            print(json.dumps([float("nan"), float("nan"), refusal, "refused"]), flush=True)
            continue
        said = "; ".join(str(each.message) for each in caught)
        print(json.dumps([estimate.value, min(seconds), said, *estimate.notes[:1]]), flush=True)


class Build:
    """A process that estimates with one build of the package."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PYTHONPATH": str(folder)}
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True,
        )  # fmt: skip
        self.ask(100, "normal 1x1", 0)  # compile

    def ask(self, n: int, task: str, seed: int) -> list:
        """Return value, seconds, what was warned of and the first note."""
        self.process.stdin.write(json.dumps([n, task, seed]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each n, how the mean estimates over seeds lie to the truth, and the doubts of single ones."""
    rows = rows.assign(error=rows.estimate - rows.truth, doubted=rows.said.notna() & (rows.said != ""))
    found = []
    for n, of_size in rows.groupby("n"):
        mean = of_size.groupby("task").error.mean().abs()
        far, near = of_size[of_size.error.abs() > FAR], of_size[of_size.error.abs() < NEAR]
        found.append(
            {
                "n": n,
                "n_tasks": len(mean),
                "within_0_1": int((mean <= NEAR).sum()),
                "mean_abs_error": mean.mean(),
                "largest_error": mean.max(),
                "off_by_0_3": len(far),
                "of_these_doubted": int(far.doubted.sum()),
                "doubted_within_0_1": near.doubted.mean(),
                "median_seconds": of_size.seconds.median(),
                "median_ratio": (of_size.seconds_before / of_size.seconds).median(),
            }
        )
    return pd.DataFrame(found).round(4)


def main() -> None:
    """Estimate what is not there yet, and write the summary."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="a checkout of the build to compare with")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    path = RESULTS / "best_bound.csv"
    rows = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=KEYS)
    done = set(map(tuple, rows[KEYS].to_numpy().tolist()))
    ours, before = Build(ROOT), Build(options.before) if options.before else None
    for n in options.sizes:
        for task, joint in all_tasks().items():
            for seed in range(N_SEEDS):
                if (n, task, seed) in done:
                    continue
                value, seconds, said, note = ours.ask(n, task, seed)
                # The earlier build takes ten times as long, so it is timed on one seed.
                then = before.ask(n, task, seed) if before and seed == 0 else (float("nan"), float("nan"))
                row = {
                    "n": n, "task": task, "seed": seed, "truth": joint.mutual_information, "estimate": round(value, 6),
                    "seconds": round(seconds, 4), "estimate_before": then[0], "seconds_before": then[1],
                    "note": note, "said": said,
                }  # fmt: skip
                rows = pd.concat([rows, pd.DataFrame([row])], ignore_index=True)
                write_atomically(path, rows.to_csv(index=False).encode())
                print(f"{n} {task} {seed}: {value:.3f} of {row['truth']:.3f}, {seconds:.3f} s", file=sys.stderr)
    table = summary(rows)
    write_atomically(RESULTS / "best_bound_summary.csv", table.to_csv(index=False).encode())
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
