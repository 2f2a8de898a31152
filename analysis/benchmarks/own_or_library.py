"""What attnstats computes itself though a library has it: seconds and results of both, in turn, as the package uses it.

Run as ``python analysis/benchmarks/own_or_library.py`` on an idle machine, with one thread (OMP_NUM_THREADS=1). Seconds
are of the processor, the least of several runs; no first run is counted. Writes ``results/own_or_library.csv``. Ours
stays where it is at least three times as fast, or where a library cannot do what the package needs: the docstring says
what.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neural_network import MLPClassifier
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from attnstats._files import write_atomically
from attnstats._validation import FloatArray, IntArray
from attnstats.comparison import DerSimonianLaird, Holm
from attnstats.information import BoostedTrees, Logistic, NeuralNetwork, Probe
from attnstats.information._folds import stratified_folds
from attnstats.information.probes import Classifier, Fitted, PriorMixture, TrainingFold
from attnstats.information.probes.classifier import standardised
from attnstats.report.notation._escapes import escape_latex
from attnstats.report.notation.formats import Table
from attnstats.report.notation.latex import LaTeX, _latex_column

RESULTS = Path(__file__).parent / "results"
#: Ours stays for its speed if the library takes so many times as long.
LEAST_RATIO = 3.0


@dataclass(frozen=True)
class ScaledClassifier:
    """A fitted classifier of scikit-learn, on standardised features."""

    classifier: Any
    centre: FloatArray
    scale: FloatArray

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        """Return the log probability of every class."""
        found = self.classifier.predict_proba((x - self.centre) * self.scale).astype(np.float64)
        return np.log(found + np.finfo(float).tiny)


class Halves(NamedTuple):
    """The halves of the training folds, standardised as a whole, each with its rows and those of the other."""

    centre: FloatArray
    scale: FloatArray
    parts: list[TrainingFold]

    @classmethod
    def of(cls, training: TrainingFold) -> "Halves":
        """Return the halves."""
        centre, scale = standardised(training.x)
        training = training._replace(x=(training.x - centre) * scale)
        return cls(centre, scale, [training, training.part(0), training.part(1)])

    def loss(self, classifiers: list[Any]) -> float:
        """Return the mean log loss of each half predicted from the other."""
        total = 0.0
        whole, first, second = self.parts
        for classifier, half, other in zip(classifiers, (first, second), (second, first), strict=True):
            log_q = np.log(classifier.predict_proba(other.x).astype(np.float64) + np.finfo(float).tiny)
            mixture = PriorMixture.of(half.y, half.groups, half.n_classes)
            total -= float(mixture.log_likelihood(log_q, other.y).sum())
        return total / len(whole.y)

    def fitted(self, whole: Any, halves: list[Any], loss: float, name: str) -> Fitted:
        """Return what was learned."""
        models = (ScaledClassifier(each, self.centre, self.scale) for each in (whole, *halves))
        return Fitted(*models, loss, name)


@dataclass(frozen=True)
class LibraryLogistic:
    """`Logistic` for two classes by scikit-learn: the same penalties, warm starts from strong to weak ones."""

    tol: float = 1e-5  # with its default, 1e-4, the loss of 1000 rows is ten times as far from its least value as ours

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the fits to all rows and to each half."""
        del rng
        halves = Halves.of(training)
        best: tuple[float, float, list[tuple[FloatArray, FloatArray]]] | None = None
        models = [LogisticRegression(warm_start=True, tol=self.tol, max_iter=2000) for _ in (0, 1)]
        for penalty in 10.0 ** np.append(1, np.arange(0, -6.5, -0.5)):
            strength = 2 / (penalty * len(training.y))
            for model, half in zip(models, halves.parts[1:], strict=True):
                model.set_params(C=strength).fit(half.x, half.y)
            loss = halves.loss(models)
            if best is not None and loss >= best[0]:
                break
            best = loss, strength, [(model.coef_.copy(), model.intercept_.copy()) for model in models]
        assert best is not None
        for index, model in enumerate(models):
            model.coef_, model.intercept_ = best[2][index]
        whole = LogisticRegression(C=best[1], tol=self.tol, max_iter=2000).fit(halves.parts[0].x, training.y)
        return halves.fitted(whole, models, best[0], "logistic")


@dataclass(frozen=True)
class LibraryNetwork:
    """`NeuralNetwork` by scikit-learn, epoch by epoch: the same layers, batches, steps and stop.

    Its decay is a penalty of the loss, of a strength at which it finds at least as much information as ours.
    """

    alpha: float = 0.3

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the networks of all rows and of each half."""
        halves = Halves.of(training)
        classes = np.arange(training.n_classes)
        whole, *models = (
            MLPClassifier(
                (32, 32),
                alpha=self.alpha,
                learning_rate_init=0.003,
                batch_size=min(64, len(part.y)),
                random_state=int(seed),
            )
            for part, seed in zip(halves.parts, rng.integers(2**31, size=3), strict=True)
        )
        lowest, n_best = np.inf, 0
        best: list[tuple[list[FloatArray], list[FloatArray]]] = []
        for epoch in range(1, 101):
            for model, half in zip(models, halves.parts[1:], strict=True):
                model.partial_fit(half.x, half.y, classes=classes)
            loss = halves.loss(models)
            if loss < lowest:
                lowest, n_best = loss, epoch
                best = [tuple([each.copy() for each in w] for w in (m.coefs_, m.intercepts_)) for m in models]
            elif epoch - n_best >= 10:
                break
        for index, model in enumerate(models):
            model.coefs_, model.intercepts_ = best[index]
        for _ in range(n_best):
            whole.partial_fit(halves.parts[0].x, training.y, classes=classes)
        return halves.fitted(whole, models, lowest, "neural network")


@dataclass(frozen=True)
class LibraryTrees:
    """`BoostedTrees` by scikit-learn (1.7 or newer), each half stopped by its loss on the other."""

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the ensembles of all rows and of each half."""
        del rng
        halves = Halves.of(training)
        whole, first, second = halves.parts
        models, losses = [], []
        for half, other in ((first, second), (second, first)):
            models.append(self.boosting(300, early_stopping=True))
            models[-1].fit(half.x, half.y, X_val=other.x, y_val=other.y)
            losses.append(-models[-1].validation_score_)
        least = min(map(len, losses))
        n_best = max(1, int((losses[0][:least] + losses[1][:least]).argmin()))
        of_all = self.boosting(n_best, early_stopping=False).fit(whole.x, whole.y)
        return halves.fitted(of_all, models, halves.loss(models), "boosted trees")

    def boosting(self, n_iterations: int, *, early_stopping: bool) -> HistGradientBoostingClassifier:
        """Return an ensemble before its fit."""
        return HistGradientBoostingClassifier(
            max_iter=n_iterations,
            max_leaf_nodes=None,
            max_depth=5,
            l2_regularization=5.0,
            max_bins=32,
            early_stopping=early_stopping,
            scoring="loss",
            n_iter_no_change=30,
            tol=0,
        )


class Item(NamedTuple):
    """One thing that both compute, with the largest difference of their results and its standard error."""

    name: str
    library: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    rounds: int
    difference: Callable[[], float]
    noise: Callable[[], float] = lambda: 0.0


def hidden_states(n: int, dim: int) -> tuple[FloatArray, IntArray]:
    """Return vectors with a few strong directions and a class that they nearly decide: hidden states and an output."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(n, 6))
    x = np.tanh(latent @ rng.normal(size=(6, dim)) / 2) + 0.1 * rng.normal(size=(n, dim))
    log_odds = 8 * latent[:, 0] + 3 * latent[:, 1] * latent[:, 2]
    return x, (rng.random(n) < expit(log_odds)).astype(np.int64)


def of_probe(name: str, library: str, ours: Classifier, theirs: Classifier, n: int, dim: int, rounds: int) -> Item:
    """Return a model of the probe: seconds of the fits outside one fold of five, nats of all five."""
    x, y = hidden_states(n, dim)
    rows = np.arange(n - n // 5)
    training = TrainingFold(x[rows], y[rows], rows, rows % 2, 2)

    def differences() -> FloatArray:
        own, other = (Probe(model).pointwise(x, y, rng=0) for model in (ours, theirs))
        return other - own

    return Item(
        f"{name}, {n} rows in {dim} dimensions (difference: nats, library less own)",
        library,
        lambda: ours.fit(training, np.random.default_rng(0)),
        lambda: theirs.fit(training, np.random.default_rng(0)),
        rounds,
        lambda: float(differences().mean()),
        lambda: float(differences().std() / np.sqrt(n)),
    )


def items() -> list[Item]:
    """Return everything that is compared."""
    rng = np.random.default_rng(0)
    pvalues = rng.random(12) ** 3
    variances = rng.uniform(0.01, 1, size=12)
    effects = rng.normal(0, np.sqrt(variances + 2))
    groups = np.arange(6000) % 1000
    y = rng.integers(2, size=1000)[groups]
    text = pd.DataFrame({"Data_set": ["reviews & co"] * 20, "MI": ["-0.31 ± 0.02"] * 20, "Verdict": ["supported"] * 20})
    table = Table("some", "A caption & more.", text, text)

    def styled() -> str:
        escaped = text.map(escape_latex).rename(columns=escape_latex)
        columns = "".join(_latex_column(text[column]) for column in text)
        return escaped.style.hide(axis="index").to_latex(
            hrules=True,
            caption=escape_latex(table.caption),
            label=f"tab:{table.name}",
            position_float="centering",
            column_format=columns,
        )

    def library_folds() -> IntArray:
        folds = np.empty(len(y), dtype=np.int64)
        splits = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(y, y, groups)
        for fold, (_, test) in enumerate(splits):
            folds[test] = fold
        return folds

    def imbalance(folds: IntArray) -> float:
        return max(abs(float(y[folds == fold].mean() - y.mean())) for fold in range(5))

    return [
        *(
            of_probe("logistic regression", "scikit-learn LogisticRegression", Logistic(), LibraryLogistic(), n, 128, 9)
            for n in (1000, 5000)
        ),
        *(
            of_probe("neural network", "scikit-learn MLPClassifier", NeuralNetwork(), LibraryNetwork(), n, 64, 5)
            for n in (300, 1000)
        ),
        *(
            of_probe("boosted trees", "scikit-learn HistGradientBoosting", BoostedTrees(), LibraryTrees(), n, dim, 3)
            for n, dim in ((300, 16), (1000, 16), (1000, 64))
        ),
        Item(
            "folds of 1000 groups, 6 rows each (difference: largest imbalance of a class)",
            "scikit-learn StratifiedGroupKFold",
            lambda: stratified_folds(y, groups, 5, np.random.default_rng(0)),
            library_folds,
            3,
            lambda: imbalance(library_folds()) - imbalance(stratified_folds(y, groups, 5, np.random.default_rng(0))),
        ),
        Item(
            "Holm, 12 p-values",
            "statsmodels multipletests",
            lambda: Holm().adjust(pvalues),
            lambda: multipletests(pvalues, method="holm")[1],
            20,
            lambda: float(np.abs(multipletests(pvalues, method="holm")[1] - Holm().adjust(pvalues)).max()),
        ),
        Item(
            "DerSimonian-Laird, 12 studies",
            "statsmodels combine_effects",
            lambda: DerSimonianLaird().tau2(effects, variances),
            lambda: combine_effects(effects, variances, method_re="dl").tau2,
            100,
            lambda: (
                combine_effects(effects, variances, method_re="dl").tau2 - DerSimonianLaird().tau2(effects, variances)
            ),
        ),
        Item(
            "LaTeX table, 20 rows (difference: characters)",
            "pandas Styler",
            lambda: LaTeX().render(table),
            styled,
            20,
            lambda: sum(one != other for one, other in zip(LaTeX().render(table), styled(), strict=True)),
        ),
    ]


def compared(item: Item) -> dict[str, object]:
    """Return the row of an item."""
    difference, noise = item.difference(), item.noise()
    seconds = np.empty((2, item.rounds))
    for turn in range(item.rounds):
        for which, run in enumerate((item.ours, item.theirs)):
            start = time.process_time()
            run()
            seconds[which, turn] = time.process_time() - start
    ours, theirs = seconds.min(axis=1)
    ratio = theirs / ours
    return {
        "item": item.name,
        "library": item.library,
        "own_seconds": float(f"{ours:.3g}"),
        "library_seconds": float(f"{theirs:.3g}"),
        "ratio": float(f"{ratio:.3g}"),
        "difference": float(f"{difference:.2g}"),
        "standard_error": float(f"{noise:.2g}"),
        "own_because": "faster" if ratio >= LEAST_RATIO else "see its docstring",
    }


def main() -> None:
    """Compare every item and write the table."""
    rows = []
    for item in items():
        rows.append(compared(item))
        print(rows[-1], flush=True)
    text = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
    write_atomically(RESULTS / "own_or_library.csv", text.encode())


if __name__ == "__main__":
    main()
