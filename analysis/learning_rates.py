"""Learning rates of the trainings, chosen from a grid by validation loss, and never by agreement with anything.

    python analysis/learning_rates.py analysis/studies/full.toml --seeds 2 --n-jobs 2

For every data set, encoder, training and rate of the grid, additive attention under softmax. A training takes the rate
whose validation loss, averaged over data sets, encoders and seeds, is lowest: one rate for all architectures. Rows are
added to ``analysis/results/learning_rates.csv`` as they come; those that are there are not trained again.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from attnstats import models
from attnstats._files import write_atomically
from attnstats.studies import Component, DatasetSpec, StudyConfig
from attnstats.studies.run._cells import load_encoded, make_layers
from attnstats.studies.trace_rows._components import dropout_rates, make_training

RESULTS = Path(__file__).parent / "results" / "learning_rates.csv"
GRID = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3)
KEYS = ["dataset", "encoder", "training", "learning_rate", "seed"]


def measure(config: StudyConfig, spec: DatasetSpec, encoder: Component, training: Component, seed: int) -> list[dict]:
    """Train one model at each rate of the grid, and return a row for each."""
    models.limit_threads(1)
    dataset = load_encoded(spec)
    layers = make_layers((encoder, Component("additive"), Component("softmax")), units=config.units)
    sizes = len(dataset.vocabulary), len(dataset.class_names)
    rates = dropout_rates(training)
    model = models.AttentionClassifier(*sizes, *layers, embedding_size=config.embedding_size, **rates)
    rows = []
    for rate in GRID:
        history = models.train(model, dataset, seed=seed, training=replace(make_training(training), learning_rate=rate))
        found = (str(spec.source), str(encoder), training.name, rate, seed)
        rows.append(
            {
                **dict(zip(KEYS, found, strict=True)),
                "updates": history.n_updates,
                "validation_loss": round(history.validation_loss[history.best_epoch], 5),
                "validation_accuracy": round(history.validation_accuracy[history.best_epoch], 4),
                "seconds": round(history.seconds, 1),
            }
        )
    return rows


def main() -> None:
    """Train what is not there yet, and print the mean validation loss of each training and rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--n-jobs", type=int, default=1)
    options = parser.parse_args()
    config = StudyConfig.read(options.config)
    rows = pd.read_csv(RESULTS).to_dict("records") if RESULTS.exists() else []
    done = {(row["dataset"], row["encoder"], row["training"], row["seed"]) for row in rows}
    tasks = [
        (config, spec, encoder, training, seed)
        for spec in config.datasets
        for training in config.trainings_of(spec)
        for encoder in dict.fromkeys(combination[0] for combination in config.combinations())
        for seed in range(options.seeds)
        if (str(spec.source), str(encoder), training.name, seed) not in done
    ]
    for found in Parallel(n_jobs=options.n_jobs, return_as="generator_unordered")(
        delayed(measure)(*each) for each in tasks
    ):
        rows += found
        write_atomically(
            RESULTS, pd.DataFrame(rows).sort_values(KEYS).to_csv(index=False, lineterminator="\n").encode()
        )
    table = pd.DataFrame(rows)
    print(table.pivot_table(index=["training", "learning_rate"], values="validation_loss", columns="dataset").round(4))
    print(table.groupby(["training", "learning_rate"])["validation_loss"].mean().round(4))


if __name__ == "__main__":
    main()
