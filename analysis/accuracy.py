"""Test accuracy of the models that the study trains: additive attention, softmax, the whole training split.

    python analysis/accuracy.py rotten_tomatoes mlp bilstm --seeds 8
    python analysis/accuracy.py imdb bilstm --seeds 3 --max-length 200

Rows are added to ``analysis/results/accuracy.csv`` as they come, so a stopped run loses one model at most.
"""

import argparse
import csv
from pathlib import Path

from joblib import Parallel, delayed

from attnstats import models  # its names load Keras when they are used, after the threads are limited
from attnstats.datasets import encode_dataset, load_dataset

RESULTS = Path(__file__).parent / "results" / "accuracy.csv"
FIELDS = ("dataset", "max_length", "encoder", "attention", "seed", "epochs", "n_train", "n_test", "accuracy", "seconds")


def measure(name: str, max_length: int, encoder: str, seed: int) -> dict[str, object]:
    """Train one model and return its row."""
    models.limit_threads(1)
    dataset = encode_dataset(load_dataset(name), max_length=max_length)
    model = models.AttentionClassifier(
        len(dataset.vocabulary),
        len(dataset.class_names),
        models.make_layer("encoder", encoder),
        models.make_layer("attention", "additive"),
        models.make_layer("normalizer", "softmax"),
    )
    history = models.train(model, dataset, seed=seed)
    trace = models.trace_attention(model, dataset)
    accuracy = float((trace.predicted == trace.label).mean())
    sizes = (
        history.best_epoch + 1,
        len(dataset.train),
        len(dataset.test),
        round(accuracy, 4),
        round(history.seconds, 1),
    )
    return dict(zip(FIELDS, (name, max_length, encoder, "additive", seed, *sizes), strict=True))


def main() -> None:
    """Measure every encoder and seed asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("encoders", nargs="+")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--max-length", type=int, default=40)
    options = parser.parse_args()
    tasks = [(encoder, seed) for encoder in options.encoders for seed in range(options.seeds)]
    rows = Parallel(n_jobs=-1, return_as="generator_unordered")(
        delayed(measure)(options.dataset, options.max_length, encoder, seed) for encoder, seed in tasks
    )
    new = not RESULTS.exists()
    with RESULTS.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if new:
            writer.writeheader()
        for row in rows:
            print(row, flush=True)
            writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main()
