"""Is the order of information that was planted in a text found again, and how does that depend on n?

Each text has nine tokens: eight signals of distinct strength, each at a place of its own, and one filler, so the
information of every place about the class is known and no two are equal. Three kinds of states stand for the tokens.

- *noisy embeddings*: the two words of a signal lie four standard deviations apart in a direction of their own, with
  normal noise around them in 2 or 16 dimensions. Noise loses some information, the same function of each strength, so
  the order is the planted one, and what remains is known by quadrature.
- *trained MLP*: hidden states of the context-free encoder of an attention classifier trained on 3,000 other texts.
  They are a function of the token, and carry what it carries.

Views: *position*, I(state at a place; class) from each place alone; *pointwise, averaged*, the mean over texts of the
local terms of one probe on all tokens, cross-fitted over texts; *pointwise, text by text*, the same terms in each text
against ln p(y | token) / p(y), as tau-b averaged over texts. The output is the class itself, since of a model's
prediction nothing is known by construction.

At n = 5,000 the order over places has a tau-b above 0.93 with every estimator, also where the strengths lie close, and
is perfect on the trained encoder, text by text too. One linear probe on all tokens of unrelated embeddings misses it
(0.25 text by text), since no direction tells the class of every word; a network finds most of it (0.79), and training
makes such a direction.

Run as ``python -m analysis.validity.information.planted_recovery --n-simulations 6``; the networks take half of that
number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import entr, expit

from analysis.validity.simulation import main
from attnstats._parallel import parallel_map
from attnstats.datasets import PlantedText, encode_dataset, planted
from attnstats.datasets.joints._normal_expectation import normal_nodes
from attnstats.information import (
    BarberAgakov,
    Binned,
    BoostedTrees,
    DiscreteContinuousMixture,
    GaussianCopula,
    InfoNCE,
    MIEstimator,
    NeuralNetwork,
    Probe,
    Quantile,
    Ross,
)
from attnstats.information.interface import brief
from attnstats.ranks import kendall, kendall_batch

Array = NDArray[np.float64]

STRENGTHS = {
    "0.60 to 0.95": tuple(np.arange(0.95, 0.59, -0.05).round(3).tolist()),
    "0.575 to 0.75": tuple(np.arange(0.75, 0.57, -0.025).round(3).tolist()),
}
LENGTH = 9
N = (500, 1000, 2000, 5000)
#: Distance of the two words of a signal, in standard deviations of the noise.
GAP = 4.0
UNITS = 16
FAST: tuple[MIEstimator, ...] = (Probe(), Ross(), DiscreteContinuousMixture(), GaussianCopula())
SLOW: tuple[MIEstimator, ...] = (BarberAgakov(), InfoNCE())
#: In 16 noisy dimensions every sample would have a cell of its own: `Binned` refuses.
BINNED: tuple[MIEstimator, ...] = (Binned(Quantile(4)),)


def kept_information(strength: float) -> float:
    """Return I(noisy embedding; class) of a signal: that of the side of the middle on which its noisy word lies."""
    nodes, weights = normal_nodes(1)
    says_one = expit(GAP * (nodes[:, 0] + GAP / 2))
    posterior = strength * says_one + (1 - strength) * (1 - says_one)
    return float(np.log(2) - weights @ (entr(posterior) + entr(1 - posterior)))


def embedded(text: PlantedText, dim: int, generator: np.random.Generator) -> Array:
    """Return a noisy embedding of every token, shape (n, length, dim)."""
    centres = 3 * generator.normal(size=(LENGTH, dim))
    directions = generator.normal(size=(LENGTH, dim))
    directions *= GAP / 2 / np.linalg.norm(directions, axis=1, keepdims=True)
    # A signal lies on the side of the class that it names, a filler on that of its number's parity.
    sides = np.array([[_side(word) for word in words.split()] for words in text.texts])
    noise = generator.normal(size=(*sides.shape, dim))
    return centres + sides[..., np.newaxis] * directions + noise


def _side(word: str) -> int:
    return 1 if word.endswith("one") or word[-1] in "13579" else -1


def hidden_states(text: PlantedText, seed: int) -> Array:
    """Return the hidden states of a trained MLP encoder at every token of the last texts, shape (n, length, units)."""
    from attnstats import models

    data = encode_dataset(text, max_length=LENGTH)
    layers = models.MLP(units=UNITS), models.Additive(units=UNITS), models.Softmax()
    model = models.AttentionClassifier(len(data.vocabulary), 2, *layers, embedding_size=UNITS)
    models.train(model, data, seed=seed)
    return models.trace_attention(model, data).hidden.astype(np.float64)


@dataclass(frozen=True)
class Recovery:
    """States of one kind for texts of some strengths, and what is estimated from them at every n."""

    states: str
    strengths: str
    dim: int
    n: tuple[int, ...]
    estimators: tuple[MIEstimator, ...]
    probes: tuple[Probe, ...] = ()

    def __call__(self, generator: np.random.Generator) -> list[dict[str, object]]:
        """Draw texts and states once, and recover the order from the first n of them."""
        n_test = max(self.n)
        n_other = 3500 if self.states == "trained MLP" else 0
        values = STRENGTHS[self.strengths]
        text = planted(
            n_test + n_other, length=LENGTH, strengths=values, positions=range(len(values)), n_fillers=10, rng=generator
        )
        known, pointwise = text.position_information, text.pointwise_information()[n_other:]
        labels = text.labels[n_other:]
        if self.states == "trained MLP":
            splits = np.repeat(["train", "validation", "test"], [3000, 500, n_test])
            states, kept = hidden_states(replace(text, splits=splits), int(generator.integers(2**31))), known
        else:
            states = embedded(text, self.dim, generator)
            kept = np.array([*map(kept_information, values), 0.0])
        rows: list[dict[str, object]] = []
        for n in self.n:
            for estimator in self.estimators:
                found = np.array([estimator.estimate(states[:n, t], labels[:n], rng=generator) for t in range(LENGTH)])
                rows.append(self._row("position", estimator, n, _tau(found, known), found - kept))
            for probe in self.probes:
                terms = probe.pointwise(
                    states[:n].reshape(n * LENGTH, -1),
                    np.repeat(labels[:n], LENGTH),
                    groups=np.repeat(np.arange(n), LENGTH),
                    rng=generator,
                ).reshape(n, LENGTH)
                averaged = terms.mean(axis=0)
                rows.append(self._row("pointwise, averaged", probe, n, _tau(averaged, known), averaged - kept))
                each = kendall_batch(terms, pointwise[:n]).mean()
                rows.append(self._row("pointwise, text by text", probe, n, each))
        return rows

    def _row(
        self, view: str, estimator: MIEstimator, n: int, tau: float, errors: Array | None = None
    ) -> dict[str, object]:
        return {
            "states": self.states,
            "dim": self.dim,
            "strengths": self.strengths,
            "view": view,
            "estimator": brief(estimator),
            "n": n,
            "tau_b": tau,
            "mean_abs_error": np.nan if errors is None else float(np.abs(errors).mean()),
        }


def _tau(estimated: Array, known: Array) -> float:
    return float(kendall(estimated, known).statistic)


def settings() -> Iterator[tuple[Recovery, bool]]:
    """Yield every setting, and whether it is a slow one."""
    wide, close = STRENGTHS
    yield Recovery("noisy embeddings", wide, 2, N, (*FAST, *BINNED)), False
    yield Recovery("noisy embeddings", wide, 16, N, (*FAST, Probe(BoostedTrees())), (Probe(),)), False
    yield Recovery("noisy embeddings", close, 2, N, (Probe(), Ross(), *BINNED)), False
    yield Recovery("noisy embeddings", wide, 16, (1000, 5000), SLOW, (Probe(NeuralNetwork()),)), True
    # Two words are two atoms: their states span one dimension, so a Gaussian copula is refused and binning is not.
    yield (
        Recovery("trained MLP", wide, UNITS, N, (Probe(), Ross(), DiscreteContinuousMixture(), *BINNED), (Probe(),)),
        False,
    )


def simulate(
    *, n_simulations: int, rng: int = 0, n_jobs: int | None = None, chosen: list[tuple[Recovery, bool]] | None = None
) -> pd.DataFrame:
    """Measure tau-b between estimated and planted information, and the mean error of the estimates in nats."""
    tasks = [
        recovery
        for recovery, slow in (chosen or settings())
        for _ in range(n_simulations // 2 if slow else n_simulations)
    ]
    found = parallel_map(_run, tasks, rng=rng, n_jobs=n_jobs)
    table = pd.DataFrame([row for rows in found for row in rows])
    keys = [name for name in table.columns if name not in ("tau_b", "mean_abs_error")]
    groups = table.groupby(keys, sort=False)
    summary = groups[["tau_b", "mean_abs_error"]].mean()
    summary.insert(1, "mc_error", groups["tau_b"].sem())
    summary["n_simulations"] = groups.size()
    return summary.round(4).reset_index()


def _run(recovery: Recovery, generator: np.random.Generator) -> list[dict[str, object]]:
    return recovery(generator)


if __name__ == "__main__":
    main(__spec__.name)
