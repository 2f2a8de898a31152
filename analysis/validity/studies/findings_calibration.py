"""How often is each verdict given on studies whose claims are built true, false or null?

A study has two data sets, three encoders, three attentions (or, for finding iv, four normalizers), eight seeds and 40
texts a data set. Outcomes are drawn, not trained. To the mean of its condition each outcome adds the text's own level,
what the text does under this condition with every seed, the seed, and the rest: the second makes eight seeds on the
same texts agree on differences that other texts would not show.

What is built, for each finding:

- *true*: every primary claim holds. *false*: the opposite holds. *null*: nothing differs (for iii, both claims lie on
  the border of what they exclude).
- *first claim null*, *second claim null*: one primary claim is null and everything else is as true as can be, which is
  where a verdict on all of them together errs most. For ii: one control is as good as the trained attention.

A null that is called supported is an error; its nominal rate is at most 5 %.

Finding ii is also decided from stand-in traces through `analyse_trace`: eight models of 40 texts of eight tokens. The
class of the text shifts each state by the strength of its token, and the attention score of a token is a slope times
its strength plus noise, with a slope for each model and text. A mean slope of 0.5 is built true, its opposite false.
Run as ``python -m analysis.validity.studies.findings_calibration --n-simulations 200``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from analysis.validity.simulation import Trial, main, rates
from attnstats.ablation import Dirichlet, Permuted, Uniform
from attnstats.information import GaussianCopula, Probe
from attnstats.resampling import Permutation
from attnstats.studies import Component, Grid, Inference, PointwiseView, StudyConfig, analyse_trace
from attnstats.studies.config._condition import Condition
from attnstats.studies.findings import Outcomes, evaluate_findings
from attnstats.trace import AttentionTrace
from tests.studies.fabricated import CONTROLS, Fabrication, Shift, gumbel, no_shift, study, together, when

ALPHA = 0.05
VERDICTS = ("supported", "contradicted", "negligible", "inconclusive")
TRUTHS = ("true", "false", "all null", "first claim null", "second claim null")
ENCODERS, ATTENTIONS = ("mlp", "cnn", "bilstm"), ("additive", "scaled_dot_product", "deep")
TEMPERATURES = (0.25, 0.5, 1.0)
#: Size of what is built true; margins are 0.05, for the Gini coefficient 0.02.
SIZE = 0.08
#: Size for finding v, whose interaction is the root mean square over the nine cells: one cell of them so much above the
#: others makes 2/9 of it, which is to exceed the margin.
SIZE_OF_ONE_CELL = 0.25
SEED_SD, TEXT_SD, RESIDUAL_SD = 0.03, 0.1, 0.15
#: Mean slope of attention scores on the strength of a token, in traces.
SLOPE = 0.5
#: Spread of the near-tie concordance over models, and over texts of one condition.
SHARE_SD = 0.02


@dataclass(frozen=True, kw_only=True)
class Study(Fabrication):
    """Outcomes of a fabricated study; concordances of near ties differ between models and texts as outcomes do."""

    example_sd: float = 0.1
    seed_sd: float = SEED_SD
    residual_sd: float = RESIDUAL_SD
    rows: bool = False
    share_sd: float = 0.0

    def _cell(
        self,
        condition: Condition,
        means: dict[str, NDArray[np.float64]],
        shared: dict[str, NDArray[np.float64]],
        scores: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> tuple[pd.DataFrame, NDArray[np.float32]]:
        columns, weights = super()._cell(condition, means, shared, scores, rng)
        if not self.share_sd:
            return columns, weights
        text = self.share_sd * np.tanh(scores[:, 0])  # bounded and of mean zero, the same for every seed of a condition
        drawn = {}
        for name, share in (("", self.near), ("_halves", self.near), ("_reference", self.near_reference)):
            pairs = columns[f"near_tie{name}_pairs"].to_numpy(dtype=np.int64)
            own = share + text + self.share_sd * rng.uniform(-1, 1)
            drawn[f"near_tie{name}_concordant"] = rng.binomial(pairs, own).astype(float)
        return columns.assign(**drawn), weights


def informative(truth: str) -> Shift:
    """Shift the information of additive and deep attention, finding i."""
    sizes = {
        "true": (1, 1),
        "false": (-1, -1),
        "all null": (0, 0),
        "first claim null": (0, 1),
        "second claim null": (1, 0),
    }
    additive, deep = sizes[truth]
    return together(
        when(SIZE * additive, "information", attention=("additive",)),
        when(SIZE * deep, "information", attention=("deep",)),
    )


def learned(truth: str) -> Shift:
    """Shift the agreement of trained additive attention, 0.3 above its controls before, finding ii."""
    gain = {"true": SIZE, "false": -SIZE, "all null": 0.0, "first claim null": SIZE}[truth]
    level = when(gain - 0.3, "tau_b", attention=("additive",))
    return together(level, when(gain, "tau_b_random_scorer")) if truth == "first claim null" else level


def skewed(truth: str) -> Shift:
    """Shift the Gini coefficient under Gumbel-softmax at temperatures 0.25, 0.5 and 1, finding iv."""
    sizes = {
        "true": (1.0, 0.5, 0.0),
        "false": (-1.0, -0.5, 0.0),
        "all null": (0.0, 0.0, 0.0),
        "first claim null": (1.0, 1.0, 1.0),
        "second claim null": (1.0, 0.0, 0.0),
    }
    by_normalizer = {gumbel(each): SIZE * size for each, size in zip(TEMPERATURES, sizes[truth], strict=True)}
    return lambda outcome, condition: by_normalizer.get(condition.normalizer, 0.0) if outcome == "gini" else 0.0


def combined(truth: str) -> Shift:
    """Shift the agreement of some combinations of encoder and attention, finding v."""
    size = SIZE_OF_ONE_CELL
    target = when(size, "tau_b", encoder=("bilstm",), attention=("additive",))
    if truth == "all null":
        return no_shift
    if truth == "true":
        return target
    if truth == "false":
        return when(-size, "tau_b", encoder=("bilstm",), attention=("additive",))
    if truth == "first claim null":  # no interaction: the best encoder with the best attention
        return together(when(size, "tau_b", encoder=("bilstm",)), when(size, "tau_b", attention=("additive",)))
    return together(target, when(size, "tau_b", encoder=("mlp",), attention=("deep",)))


#: Concordance of near ties and of their reference, finding iii; the margin around one half is 0.05.
NEAR_TIES = {
    "true": (0.5, 0.6),
    "false": (0.6, 0.55),
    "all null": (0.55, 0.55),
    "first claim null": (0.55, 0.65),
    "second claim null": (0.5, 0.5),
}
SHIFTS: dict[str, Callable[[str], Shift]] = {"i": informative, "ii": learned, "iv": skewed, "v": combined}


def config(finding: str) -> StudyConfig:
    """Return the study that one finding needs, and no more."""
    grids = [Grid(ENCODERS, ATTENTIONS)]
    if finding == "iv":
        grids = [Grid(ENCODERS, ["additive"], [Component("softmax"), *map(gumbel, TEMPERATURES)])]
    return study(
        datasets=("reviews", "news"),
        architectures=grids,
        ablations=CONTROLS if finding == "ii" else (),
        inference=Inference(findings=(finding,), n_resamples=199),
    )


@dataclass(frozen=True)
class FindingTrial:
    """A study with one finding's claims built in some way."""

    finding: str
    truth: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the study and decide."""
        settings = config(self.finding)
        texts = generator.spawn(1)[0]
        mean = no_shift if self.finding == "iii" else SHIFTS[self.finding](self.truth)

        def shift(outcome: str, condition: Condition) -> float | NDArray[np.float64]:
            if outcome == "stability":
                return 0.0
            return mean(outcome, condition) + TEXT_SD * texts.normal(size=Study.n_examples)

        near, reference = NEAR_TIES[self.truth] if self.finding == "iii" else (0.5, 0.5)
        spread = SHARE_SD if self.finding == "iii" else 0.0
        fabrication = Study(shift=shift, near=near, near_reference=reference, share_sd=spread)
        drawn = fabrication.outcomes(settings, rng=generator)
        return verdict_on(drawn, settings, generator)


@dataclass(frozen=True)
class TraceTrial:
    """Finding ii on traces whose attention follows, shuns or ignores the strength of tokens."""

    truth: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the traces of eight models, analyse them and decide."""
        parts = Component("mlp"), Component("additive"), Component("softmax")
        settings = study(
            datasets=("reviews",),
            architectures=[Grid(*([part] for part in parts))],
            ablations=CONTROLS[1:],  # a random scorer would need a model
            inference=Inference(findings=("ii",), n_resamples=199),
        )
        condition = Condition(settings.datasets[0].source, *parts)
        keys = {name: str(part) for name, part in condition._asdict().items()}
        n_texts = Study.n_examples
        labels = generator.permutation(np.arange(n_texts) % 2)
        strength = generator.permuted(np.tile(np.linspace(0, 2, 8), (n_texts, 1)), axis=1)
        by_text = {"true": SLOPE, "false": -SLOPE, "all null": 0.0}[self.truth] + 0.3 * generator.normal(
            size=(n_texts, 1)
        )
        cells = {}
        for seed in range(settings.seeds):
            states = generator.normal(size=(*strength.shape, 2))
            states[..., 0] += (2 * labels[:, np.newaxis] - 1) * strength
            scores = (by_text + 0.2 * generator.normal()) * strength + generator.normal(size=strength.shape)
            weights = softmax(scores, axis=1)
            trace = AttentionTrace.from_arrays(attention=weights, hidden=states, output=labels)
            cells[condition, seed] = analyse_trace(
                trace.with_metadata({**keys, "seed": seed}),
                views=(PointwiseView(Probe(n_folds=2)),),
                estimators=(GaussianCopula(),),
                ablations=(Permuted(), Uniform(), Dirichlet()),
                null=Permutation(1),
                rng=generator,
            )
        return verdict_on(Outcomes(cells), settings, generator)


def verdict_on(outcomes: Outcomes, settings: StudyConfig, generator: np.random.Generator) -> dict[str, bool]:
    """Return which verdict the one finding of a study gets."""
    (found,) = [
        row.verdict for row in evaluate_findings(outcomes, settings, rng=generator) if row.quantity == "finding"
    ]
    if found not in VERDICTS:
        raise RuntimeError(f"finding {settings.inference.findings[0]} was {found}")
    return {each: found == each for each in VERDICTS}


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial."""
    drawn: list[tuple[dict[str, object], Trial, float]] = [
        ({"finding": finding, "outcomes": "drawn", "truth": truth}, FindingTrial(finding, truth), ALPHA)
        for finding in ("i", "ii", "iii", "iv", "v")
        for truth in TRUTHS
        if (finding, truth) != ("ii", "second claim null")
    ]
    return drawn + [
        ({"finding": "ii", "outcomes": "from traces", "truth": truth}, TraceTrial(truth), ALPHA) for truth in TRUTHS[:3]
    ]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure how often each verdict is given; a nominal rate stands where "supported" would be an error."""
    table = rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)
    error = table["truth"].str.contains("null") & (table["procedure"] == "supported")
    return table.assign(nominal=table["nominal"].where(error))


if __name__ == "__main__":
    main(__spec__.name)
