"""Seconds of the study's parts: a cell from training to rows, and the analysis of stored traces.

Run as ``python analysis/benchmarks/study_cost.py`` on an idle machine. A cell is a BiLSTM with additive attention on
Rotten Tomatoes: trained, traced and analysed by rank, by position and token by token, with five interventions and five
attributions, in one process and on one thread. Its first seed compiles the model and stands by itself. The stored
traces are copies of that of one such model; ``attnstats trace analyse`` reads and analyses them. The large trace is of
2,000 examples of 10 tokens with 128 dimensions, analysed by rank: information about the class by each estimator, with
the floor that five permutations set. Writes ``results/study_cost.csv``.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from attnstats import models
from attnstats._files import write_atomically
from attnstats.cli import main as attnstats
from attnstats.information import MIEstimator, Probe, Ross
from attnstats.studies import Component, DatasetSpec, Grid, RankView, StudyConfig, analyse_trace
from attnstats.studies.config._condition import Condition
from attnstats.studies.run._cells import Cell, load_encoded, run_cell
from attnstats.trace import AttentionTrace

RESULTS = Path(__file__).parent / "results"
ABLATIONS = ["uniform", "permuted", "random_scorer", "dirichlet", Component("temperature", temperature=0.5)]
ATTRIBUTIONS = ["gradient_times_input", "integrated_gradients", "leave_one_out"]
ATTRIBUTIONS += ["attention_times_gradient", "attention_times_norm"]
SOURCE, *PARTS = (Component(name) for name in ("rotten_tomatoes", "bilstm", "additive", "softmax"))
CONFIG = StudyConfig(
    name="cost",
    datasets=[DatasetSpec(SOURCE, max_length=40)],
    architectures=[Grid(*([part] for part in PARTS))],
    views=[Component("rank", ranks=6), Component("position", positions=6), Component("pointwise")],
    ablations=ABLATIONS,
    attributions=ATTRIBUTIONS,
    null_resamples=1,
)


def cell_seconds(n_seeds: int) -> list[float]:
    """Return the seconds of each of some cells that differ in the seed, the first of which compiles."""
    models.limit_threads(1)
    load_encoded(CONFIG.datasets[0])
    seconds = []
    for seed in range(n_seeds):
        started = time.perf_counter()
        run_cell(Cell(CONFIG, CONFIG.datasets[0], Condition(SOURCE, *PARTS), seed))
        seconds.append(time.perf_counter() - started)
    return seconds


def analysis_seconds(n_traces: int, jobs: int) -> float:
    """Return the seconds in which some stored traces are analysed, by ranks with `Ross` and token by token."""
    dataset = load_encoded(CONFIG.datasets[0])
    layers = (models.make_layer(kind, part.name) for kind, part in zip(Condition._fields[1:], PARTS, strict=True))
    model = models.AttentionClassifier(len(dataset.vocabulary), len(dataset.class_names), *layers)
    models.train(model, dataset, seed=0)
    trace = models.trace_attention(model, dataset)
    with tempfile.TemporaryDirectory() as folder:
        stored = [Path(folder) / f"trace{number}" for number in range(n_traces)]
        for number, place in enumerate(stored):
            trace.with_metadata({"seed": number}).save(place)
        started = time.perf_counter()
        options = ["--out", f"{folder}/out", "--estimator", "ross", "--jobs", str(jobs)]
        if attnstats(["trace", "analyse", *map(str, stored), *options]):
            raise RuntimeError("the traces could not be analysed")
        return time.perf_counter() - started


def rank_seconds(estimator: MIEstimator, *, n: int = 2_000, n_ranks: int = 10, dim: int = 128) -> float:
    """Return the seconds in which a trace in memory is analysed by rank on one thread, after one uncounted run."""
    rng = np.random.default_rng(0)
    output = rng.integers(2, size=n)
    hidden = rng.normal(size=(n, n_ranks, dim))
    hidden += 0.1 * np.where(output, 1, -1)[:, np.newaxis, np.newaxis] * rng.normal(size=(n_ranks, dim))
    trace = AttentionTrace.from_arrays(attention=rng.dirichlet(np.ones(n_ranks), size=n), hidden=hidden, output=output)
    with threadpool_limits(1):
        for _ in range(2):
            started = time.perf_counter()
            analyse_trace(trace, views=[RankView(n_ranks)], estimators=[estimator], rng=0)
            seconds = time.perf_counter() - started
    return seconds


def main() -> None:
    """Measure all, print and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--traces", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    first, *others = cell_seconds(options.seeds)
    stored = analysis_seconds(options.traces, options.jobs)
    table = pd.DataFrame(
        [
            ("BiLSTM cell, first seed (compiles)", 1, 1, first),
            ("BiLSTM cell, median of the other seeds", len(others), 1, np.median(others)),
            (f"analysis of {options.traces} stored traces", options.traces, options.jobs, stored),
            *((f"large trace by rank, {estimator}", 1, 1, rank_seconds(estimator)) for estimator in (Ross(), Probe())),
        ],
        columns=["task", "n", "workers", "seconds"],
    ).round({"seconds": 1})
    RESULTS.mkdir(exist_ok=True)
    write_atomically(RESULTS / "study_cost.csv", table.to_csv(index=False, lineterminator="\n").encode())
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
