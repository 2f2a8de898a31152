"""Level of tests over the folds of a cross-validation: corrected resampled t, naive t, combined 5 × 2 cv F.

Two linear classifiers see two halves of the features, which are alike in distribution, so that neither is better on
average; each fold scores the accuracy of both. Run as
``python -m analysis.validity.comparison.cross_validation --n-simulations 1000``.
"""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import ttest_rel

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import corrected_resampled_t_test, five_by_two_cv_test
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning

ALPHA = 0.05
#: Features of either classifier.
DIM = 5


@dataclass(frozen=True)
class FoldsTrial:
    """One data set, cross-validated."""

    n: int
    signal: float
    n_folds: int
    n_repeats: int

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the data, score both classifiers on all folds and test the scores; nothing where all differ alike."""
        labels = np.resize([-1.0, 1.0], self.n)
        features = generator.normal(size=(2, self.n, DIM)) + self.signal * labels[:, np.newaxis]
        a, b = np.concatenate([self.scores(features, labels, generator) for _ in range(self.n_repeats)], axis=1)
        found: dict[str, float] = {}
        with warnings.catch_warnings(), suppress(ConstantInputError):
            warnings.simplefilter("ignore", FewReplicatesWarning)
            if self.n_folds == 2:
                found["5 × 2 cv F"] = five_by_two_cv_test(a.reshape(5, 2), b.reshape(5, 2)).pvalue < ALPHA
            sizes = {"n_train": self.n_folds - 1, "n_test": 1}
            corrected = corrected_resampled_t_test(a, b, **sizes, minimum_replicates=5)
            found |= {"corrected t": corrected.pvalue < ALPHA, "naive t": float(ttest_rel(a, b).pvalue) < ALPHA}
        return found

    def scores(self, features: np.ndarray, labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Return the accuracies of both classifiers in each fold, shape (2, n_folds)."""
        fold = generator.permutation(np.arange(self.n) % self.n_folds)
        found = np.empty((2, self.n_folds))
        for each in range(self.n_folds):
            train, test = fold != each, fold == each
            columns = np.concatenate([features, np.ones((2, self.n, 1))], axis=2)
            fitted = columns[:, train]
            gram = np.swapaxes(fitted, 1, 2) @ fitted
            coefficients = np.linalg.solve(gram, np.swapaxes(fitted, 1, 2) @ labels[train][:, np.newaxis])
            guesses = np.sign(columns[:, test] @ coefficients)[..., 0]
            found[:, each] = (guesses == labels[test]).mean(axis=1)
        return found


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    return [
        (
            {"n": n, "signal": signal, "n_folds": n_folds, "n_repeats": n_repeats},
            FoldsTrial(n, signal, n_folds, n_repeats),
            ALPHA,
        )
        for (n, signal), (n_folds, n_repeats) in product(
            ((100, 0.1), (100, 0.4), (400, 0.4)), ((5, 1), (10, 1), (5, 5), (10, 10), (2, 5))
        )
    ]


def simulate(*, n_simulations: int = 1_000, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Return the rate at which two classifiers that are equally good are told apart."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
