"""Level, power and coverage of the comparison of intact with ablated models, on stand-ins for trained models.

A study has 8 models of the same 60 texts of 10 tokens. The score of a token is beta times its known information, which
is standard normal, plus standard normal noise, and attention is the softmax of the scores. The slope of a model and
text is the mean slope plus a seed effect plus a text effect, both normal. Shuffling the attention leaves nothing, so
the effect on tau is E[2 / pi arcsin(beta / sqrt(1 + beta^2))] over the slopes (Greiner's relation), known exactly.
Run as ``python analysis/validity/ablation_test.py --n-simulations 2000``.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import softmax
from simulation import Trial, main, rates

from attnstats.ablation import Agreement, Permuted, trace_ablation_test
from attnstats.trace import AttentionTrace

ALPHA = 0.05
N_SEEDS, N_EXAMPLES, N_TOKENS = 8, 60, 10
MARGIN = 0.1
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

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the traces and compare them."""
        seed_sd, text_sd = COMPONENTS[self.components]
        slope = mean_slope(self.effect, float(np.hypot(seed_sd, text_sd)))
        order = generator.normal(size=(N_EXAMPLES, N_TOKENS))
        by_text = text_sd * generator.normal(size=(N_EXAMPLES, 1))
        hidden, output = np.zeros((N_EXAMPLES, N_TOKENS, 1)), np.zeros(N_EXAMPLES, dtype=np.int64)
        traces = [
            AttentionTrace.from_arrays(
                attention=softmax(
                    (slope + seed_sd * generator.normal() + by_text) * order + generator.normal(size=order.shape),
                    axis=1,
                ),
                hidden=hidden,
                output=output,
            )
            for _ in range(N_SEEDS)
        ]
        result = trace_ablation_test(traces, Permuted(), Agreement(order), margin=MARGIN, rng=generator)
        return {
            "difference, p": result.difference.pvalue <= ALPHA,
            "equivalence, p": result.equivalence.pvalue <= ALPHA,
            "crossed interval misses": self.effect not in result.interval,
            "t interval over seeds misses": self.effect not in result.difference.interval(0.95),
        }


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial; the nominal rate is that of a true null, whatever the effect."""
    return [
        ({"components": components, "effect": effect, "margin": MARGIN}, AblationTrial(components, effect), ALPHA)
        for components in COMPONENTS
        for effect in (0.0, 0.05, MARGIN, 0.2)
    ]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure how often the tests of an ablation reject at 5 %, and how often its intervals miss."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(simulate, "ablation_test")
