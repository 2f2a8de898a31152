"""Level, power and coverage of the comparison of intact with ablated models, on stand-ins for trained models.

A study has 8 models of the same 60 texts of 10 tokens. The score of a token is beta times its known information, which
is standard normal, plus standard normal noise, and attention is the softmax of the scores. The slope of a model and
text is the mean slope plus a seed effect plus a text effect, both normal. Shuffling the attention leaves nothing, so
the effect on tau is E[2 / pi arcsin(beta / sqrt(1 + beta^2))] over the slopes (Greiner's relation), known exactly.

Beside the rate of rejection stands the power that a planner would state: that of the same tests (`simulated_power`) of
normal tables of 8 models and 60 texts, whose variances over models, texts and what is left are measured on a pilot of
`N_PILOT` models and as many texts. The means of the models alone (`paired_test`) speak of the same 60 texts, and where
texts differ they reject too often what is no effect on other texts; that rate is shown beside.
Run as ``python -m analysis.validity.studies.ablation_test --n-simulations 2000``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import softmax

from analysis.validity.simulation import Trial, main, rates
from attnstats.ablation import Agreement, Permuted, ablate, trace_ablation_test
from attnstats.comparison import anova_equivalence_test, anova_test, paired_test, simulated_power
from attnstats.comparison.crossed.mean_squares import MeanSquares
from attnstats.trace import AttentionTrace

Array = NDArray[np.float64]
ALPHA = 0.05
N_SEEDS, N_EXAMPLES, N_TOKENS = 8, 60, 10
N_PILOT = 500
MARGIN = 0.1
EFFECTS = (0.0, 0.05, MARGIN, 0.2)
#: Standard deviation of the slope over seeds, and over texts.
COMPONENTS = {"seed": (0.15, 0.0), "seed and text": (0.15, 0.15), "mostly text": (0.03, 0.3)}

#: Nodes and weights of Gauss-Hermite quadrature for a standard normal variable.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


def true_effect(slope: float, spread: float) -> float:
    """Return the expected tau with normal slopes of this mean and standard deviation, by quadrature."""
    slopes = slope + spread * NODES
    taus = 2 / np.pi * np.arcsin(slopes / np.sqrt(1 + slopes**2))
    return float(taus @ WEIGHTS / WEIGHTS.sum())


@cache
def mean_slope(effect: float, spread: float) -> float:
    """Return the mean slope that gives this effect."""
    return float(brentq(lambda slope: true_effect(slope, spread) - effect, -5, 5))


@dataclass(frozen=True)
class AblationTrial:
    """Models whose attention follows the known information with some effect on tau; shuffled."""

    components: str
    effect: float

    def traces(self, order: Array, n: int, generator: np.random.Generator) -> Iterator[AttentionTrace]:
        """Draw the traces of n models on texts with this known order, shape (n_examples, n_tokens)."""
        seed_sd, text_sd = COMPONENTS[self.components]
        slope = mean_slope(self.effect, float(np.hypot(seed_sd, text_sd)))
        by_text = text_sd * generator.normal(size=(len(order), 1))
        hidden, output = np.zeros((*order.shape, 1)), np.zeros(len(order), dtype=np.int64)
        for _ in range(n):
            scores = (slope + seed_sd * generator.normal() + by_text) * order + generator.normal(size=order.shape)
            yield AttentionTrace.from_arrays(attention=softmax(scores, axis=1), hidden=hidden, output=output)

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the traces and compare them."""
        order = generator.normal(size=(N_EXAMPLES, N_TOKENS))
        traces = list(self.traces(order, N_SEEDS, generator))
        result = trace_ablation_test(traces, Permuted(), Agreement(order), margin=MARGIN, rng=generator)
        return {
            "difference, p": result.difference.pvalue <= ALPHA,
            "equivalence, p": result.equivalence.pvalue <= ALPHA,
            "interval misses": self.effect not in result.interval,
            "sign flips of the means, p": paired_test(self.differences(traces, order, generator).mean(axis=1)).pvalue
            <= ALPHA,
        }

    def differences(self, traces: Sequence[AttentionTrace], order: Array, generator: np.random.Generator) -> Array:
        """Return tau intact minus tau shuffled, shape (n_models, n_texts)."""
        outcome = Agreement(order)
        pairs = [outcome.values(each, ablate(each, Permuted(), rng=generator), generator) for each in traces]
        return np.stack([intact - ablated for intact, ablated in pairs])

    def stated_power(self, *, n_pilot: int = N_PILOT, n_simulations: int = 4000) -> dict[str, float]:
        """Return the power of the two tests, for the variances of a pilot."""
        generator = np.random.default_rng(0)
        order = generator.normal(size=(n_pilot, N_TOKENS))
        table = MeanSquares.of(self.differences(list(self.traces(order, n_pilot, generator)), order, generator))
        of_seeds = max(table.replicate - table.residual, 0.0) / n_pilot
        of_texts = max(table.item - table.residual, 0.0) / n_pilot
        sd = np.sqrt([of_seeds, of_texts, table.residual])

        def draw(n: int, draws: np.random.Generator) -> Array:
            shapes = (n, 1), (1, N_EXAMPLES), (n, N_EXAMPLES)
            return self.effect + sum(each * draws.normal(size=shape) for each, shape in zip(sd, shapes, strict=True))

        def difference(n: int, draws: np.random.Generator) -> float:
            return anova_test(draw(n, draws)).pvalue

        def equivalence(n: int, draws: np.random.Generator) -> float:
            return anova_equivalence_test(draw(n, draws), margin=MARGIN).pvalue

        tests = {"difference, p": difference, "equivalence, p": equivalence}
        return {
            name: simulated_power(test, N_SEEDS, n_simulations=n_simulations, rng=generator).power
            for name, test in tests.items()
        }


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial; the nominal rate is that of a true null, whatever the effect."""
    return [
        ({"components": components, "effect": effect, "margin": MARGIN}, AblationTrial(components, effect), ALPHA)
        for components in COMPONENTS
        for effect in EFFECTS
    ]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure how often the tests of an ablation reject at 5 %, and how often its intervals miss."""
    table = rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)
    stated = {
        (components, effect, test): power
        for components in COMPONENTS
        for effect in EFFECTS
        for test, power in AblationTrial(components, effect).stated_power().items()
    }
    keys = zip(table["components"], table["effect"], table["procedure"], strict=True)
    return table.assign(stated_power=[round(stated.get(key, np.nan), 4) for key in keys])


if __name__ == "__main__":
    main(__spec__.name)
