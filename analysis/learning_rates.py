"""Learning rates of the trainings, chosen from a grid by validation loss, and never by agreement with anything.

    python analysis/learning_rates.py analysis/studies/full.toml --trainings standard early --seeds 2 --n-jobs 2

For every data set, encoder, training and rate of the grid, additive attention under softmax. A model counts with the
lowest validation loss at the end of any epoch. The loss at the last epoch would not do: it grows once a model is sure
of what it says, while its accuracy stays, and would choose the rate that trains least. A training takes the least rate
whose mean over data sets, encoders and seeds is within one standard error of the lowest mean (Breiman et al. 1984,
*Classification and Regression Trees*, 3.4.3), the error being that of the paired difference: one rate for all
architectures. A training that goes on where another ends takes the other's rate.

Rows are added to ``analysis/results/learning_rates.csv`` as they come; those that are there are not trained again.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from attnstats import models
from attnstats._files import write_atomically
from attnstats.studies import Component, DatasetSpec, StudyConfig
from attnstats.studies.run._cells import load_encoded, make_layers
from attnstats.studies.trace_rows._components import dropout_rates, make_training

RESULTS = Path(__file__).parent / "results" / "learning_rates.csv"
GRID = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2)
KEYS = ["dataset", "encoder", "training", "learning_rate", "seed"]


def measure(
    config: StudyConfig, spec: DatasetSpec, encoder: Component, training: Component, seed: int, rates: list[float]
) -> list[dict]:
    """Train one model at each of some rates, and return a row for each."""
    models.limit_threads(1)
    dataset = load_encoded(spec)
    layers = make_layers((encoder, Component("additive"), Component("softmax")), units=config.units)
    sizes = len(dataset.vocabulary), len(dataset.class_names)
    dropout = dropout_rates(training)
    model = models.AttentionClassifier(*sizes, *layers, embedding_size=config.embedding_size, **dropout)
    rows = []
    for rate in rates:
        history = models.train(model, dataset, seed=seed, training=replace(make_training(training), learning_rate=rate))
        found = (str(spec.source), str(encoder), training.name, rate, seed)
        rows.append(
            {
                **dict(zip(KEYS, found, strict=True)),
                "epochs": len(history.validation_loss),
                "lowest_epoch": 1 + int(np.argmin(history.validation_loss)),
                "lowest_loss": round(min(history.validation_loss), 5),
                "last_loss": round(history.validation_loss[-1], 5),
                "last_accuracy": round(history.validation_accuracy[-1], 4),
            }
        )
    return rows


def main() -> None:
    """Train what is not there yet, and print the mean validation loss of each training and rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--trainings", nargs="+", required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--n-jobs", type=int, default=1)
    options = parser.parse_args()
    config = StudyConfig.read(options.config)
    rows = pd.read_csv(RESULTS).to_dict("records") if RESULTS.exists() else []
    done = {tuple(row[key] for key in KEYS) for row in rows}
    tasks = [
        (config, spec, encoder, training, seed, missing)
        for spec in config.datasets
        for training in config.trainings_of(spec)
        if training.name in options.trainings
        for encoder in dict.fromkeys(combination[0] for combination in config.combinations())
        for seed in range(options.seeds)
        if (missing := [r for r in GRID if (str(spec.source), str(encoder), training.name, r, seed) not in done])
    ]
    for found in Parallel(n_jobs=options.n_jobs, return_as="generator_unordered")(
        delayed(measure)(*each) for each in tasks
    ):
        rows += found
        write_atomically(
            RESULTS, pd.DataFrame(rows).sort_values(KEYS).to_csv(index=False, lineterminator="\n").encode()
        )
    for training, found in pd.DataFrame(rows).groupby("training"):
        print(training)
        print(chosen(found).round(4))


def chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean lowest loss of each rate, how far it lies above the best, the error of that, and the choice."""
    losses = rows.pivot_table("lowest_loss", ["dataset", "encoder", "seed"], "learning_rate")
    above = losses.sub(losses[losses.mean().idxmin()], axis=0)
    table = pd.DataFrame({"loss": losses.mean(), "above": above.mean(), "error": above.sem()})
    near = table.index[table["above"] <= table["error"]]
    return table.assign(chosen=table.index == near.min())


if __name__ == "__main__":
    main()
