"""Seconds in which a cell is trained and analysed, by this build and by another one, in turn, on the same models.

Run as ``python analysis/benchmarks/cell_cost.py BUILD``, where BUILD is a checkout of another version, such as a
worktree. This build trains one model of each cell; a process of each build loads its weights. Seconds are those of the
processor on one thread, the least over rounds, after one round that is not counted. ``training`` is one epoch,
``retrained`` stands for the ablations that train a model anew, ``analysis`` for everything else but the attributions.
Differences are those of the rows ``mi``, in nats, and of all other values. Writes ``results/cell_cost.csv``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parent / "results"
STUDIES = Path(__file__).parents[1] / "studies"
#: Preset, data set, encoder and training.
CELLS = [
    ("quick", "rotten_tomatoes", "bilstm", "standard"),
    ("quick", "rotten_tomatoes", "mlp", "standard"),
    ("full", "rotten_tomatoes", "bilstm", "standard"),
    ("full", "rotten_tomatoes", "cnn", "standard"),
    ("full", "reuters_r8", "bilstm", "standard"),
    ("full", "imdb", "bilstm", "standard"),
]
#: What tells one row of a cell from another; a build may have rows that the other lacks.
KEYS = ["quantity", "view", "estimator", "output", "parameters", "ablation", "example"]
RETRAINED = ("shuffled_labels", "separate_scorer")


class Task:
    """A cell whose model is made, and trained or loaded, in this process."""

    def __init__(self, preset: str, source: str, encoder: str, training: str) -> None:
        from attnstats import models
        from attnstats.studies import StudyConfig
        from attnstats.studies.config._condition import Condition
        from attnstats.studies.run._cells import Cell, load_encoded, make_layers, make_training

        models.limit_threads(1)
        config = StudyConfig.read(STUDIES / f"{preset}.toml")
        spec = next(each for each in config.datasets if each.source.name == source)
        wanted = (encoder, "additive", "softmax")
        combination = next(each for each in config.combinations() if tuple(part.name for part in each) == wanted)
        self.cell = Cell(config, spec, Condition(spec.source, *combination, training), 1)
        self.dataset = load_encoded(spec)
        sizes = len(self.dataset.vocabulary), len(self.dataset.class_names)
        layers = make_layers(combination, units=config.units)
        self.model = models.AttentionClassifier(*sizes, *layers, embedding_size=config.embedding_size)
        self.training = make_training(self.cell.training)

    def train(self, place: Path) -> None:
        """Train the model, and write its weights."""
        from attnstats import models

        models.train(self.model, self.dataset, seed=self.cell.seed, training=self.training)
        np.savez(place, *self.model.get_weights())

    def load(self, place: Path) -> None:
        """Read the weights."""
        with np.load(place) as weights:
            self.weights = list(weights.values())

    def seconds(self) -> tuple[dict[str, float], pd.DataFrame]:
        """Return the seconds of each part, and the rows of all but the retrained ablations."""
        from attnstats import models
        from attnstats.ablation import ablate
        from attnstats.resampling import Permutation
        from attnstats.studies import analyse_trace
        from attnstats.studies.run._cells import make_measured

        start = time.process_time()
        epoch = replace(self.training, epochs=1)
        models.train(self.model, self.dataset, seed=self.cell.seed, training=epoch)
        seconds = {"training": time.process_time() - start}
        self.model.set_weights(self.weights)
        trace = models.trace_attention(self.model, self.dataset).with_metadata(self.cell.keys)
        trained = models.TrainedModel(self.model, self.dataset, seed=self.cell.seed, training=self.training)
        made = make_measured(self.cell.measured)
        retrained = [each for each in made.ablations if each.name in RETRAINED]
        others = [each for each in made.ablations if each.name not in RETRAINED]
        start = time.process_time()
        attributions = {each.name: each.scores(self.model, self.dataset) for each in made.attributions}
        attributed = time.process_time()
        analysis = analyse_trace(
            trace,
            views=made.views,
            estimators=made.estimators,
            outputs=made.outputs,
            ablations=others,
            attributions=attributions,
            model=trained,
            null=Permutation(self.cell.config.null_resamples),
            rng=0,
        )
        analysed = time.process_time()
        for each in retrained:
            ablate(trace, each, model=trained, rng=0)
        seconds |= {"attributions": attributed - start, "analysis": analysed - attributed}
        if retrained:
            seconds["retrained"] = time.process_time() - analysed
        return seconds, analysis.frame


def serve(place: Path) -> None:
    """Answer each line of the standard input, the number of a cell, with seconds, and write the rows there."""
    tasks: dict[int, Task] = {}
    for line in sys.stdin:
        number = int(line)
        if number not in tasks:
            tasks[number] = Task(*CELLS[number])
            tasks[number].load(place / f"{number}.npz")
        seconds, frame = tasks[number].seconds()
        frame[[*KEYS, "value"]].to_csv(place / "rows.csv", index=False)
        print(json.dumps(seconds), flush=True)


class Build:
    """A process in which the package of one checkout analyses cells."""

    def __init__(self, checkout: Path, place: Path) -> None:
        self.place = place
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | threads | {"PYTHONPATH": str(checkout)},
        )

    def seconds(self, number: int) -> tuple[dict[str, float], pd.DataFrame]:
        """Return the seconds of the parts of a cell, and its rows."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(number, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("a build could not analyse its cell")
        return json.loads(answer), pd.read_csv(self.place / "rows.csv")

    def end(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def main() -> None:
    """Analyse every cell by both builds, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, nargs="*", default=list(range(len(CELLS))))
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    if options.build is None:
        parser.error("the checkout of another build must be given")
    from attnstats._files import write_atomically

    table: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for number in options.cells:
            Task(*CELLS[number]).train(place / f"{number}.npz")
        builds = [Build(each, place) for each in (Path(__file__).parents[2], options.build)]
        for number in options.cells:
            rounds = [[build.seconds(number) for build in builds] for _ in range(options.rounds + 1)]
            own, other = (pd.DataFrame([each[side][0] for each in rounds[1:]]).min() for side in (0, 1))
            own["all"], other["all"] = own.sum(), other.sum()
            shared = pd.merge(*(frame for _, frame in rounds[-1]), on=KEYS)
            gap, of_mi = (shared.value_x - shared.value_y).abs(), shared.quantity == "mi"
            gaps = {"median_mi_difference": gap[of_mi].median(), "largest_mi_difference": gap[of_mi].max()}
            gaps["median_other_difference"] = gap[~of_mi].median()
            for part in own.index:
                row = {"cell": ", ".join(CELLS[number]), "part": part, "seconds": own[part], "other": other[part]}
                table.append(row | {"ratio": other[part] / own[part]} | gaps)
            frame = pd.DataFrame(table).round({"seconds": 2, "other": 2, "ratio": 2})
            frame[list(gaps)] = frame[list(gaps)].map(lambda each: float(np.format_float_scientific(each, 1)))
            print(frame[frame.cell == ", ".join(CELLS[number])].to_string(index=False), flush=True)
            write_atomically(RESULTS / "cell_cost.csv", frame.to_csv(index=False, lineterminator="\n").encode())
        for build in builds:
            build.end()


if __name__ == "__main__":
    main()
