"""Studies whose truth is known: outcomes drawn, not trained, with the columns and rows that real cells have.

Every outcome is a mean, that may depend on the condition, plus what an example, a seed and chance add: the crossed
design that the findings' intervals are made for. Nothing here knows how a finding is decided, so a claim is built true,
false or null by shifting means, and the declaration, the tests and the verdict rules are on trial.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.studies import Component, DatasetSpec, Grid, Inference, StudyConfig
from attnstats.studies.config._condition import Condition
from attnstats.studies.findings import Outcomes
from attnstats.studies.trace_rows.analyse import TraceAnalysis

#: A shift of the mean of an outcome (a column of `TraceAnalysis.examples`, or "stability") under a condition.
Shift = Callable[[str, Condition], float]

#: Mean of each outcome where nothing is shifted; controls carry nothing of the MI order.
MEANS = {
    "information": 0.4,
    "context_information": 0.6,
    "gini": 0.5,
    "entropy_deficit": 0.4,
    "max_attention": 0.4,
    "effective_positions": 4.0,
    "correct": 0.8,
    "tau_b": 0.3,
    "tau_b_separate_scorer": 0.2,
    "known_slope": 1.0,
    "tau_b_known": 0.3,
    "tau_b_information_known": 0.8,
}
CONTROLS = (
    Component("random_scorer"),
    Component("permuted"),
    Component("uniform"),
    Component("dirichlet", concentration=1.0),
)
TEMPERATURES = (0.25, 0.5, 1.0, 2.0)
PLANTED = tuple(Component("planted", strengths=[*strengths]) for strengths in ((0.9, 0.6), (0.6, 0.9)))
CONCORDANCE_GAPS = ((0.0, 0.1), (0.1, 1.0), (1.0, 100.0))


def gumbel(temperature: float) -> Component:
    """Return the Gumbel-softmax of a temperature."""
    return Component("gumbel_softmax", temperature=temperature)


def study(
    *, datasets: tuple[str, ...] = ("reviews", "news"), planted: bool = False, temperatures=(0.25, 0.5, 2.0), **settings
) -> StudyConfig:
    """Return a study of some data sets x {MLP, BiLSTM} x three attentions, and of Gumbel-softmax under additive."""
    sources = [Component(name) for name in datasets] + list(PLANTED) * planted
    swapped = [Component(kind, temperature=each) for kind in ("temperature", "gumbel_noise") for each in temperatures]
    defaults = {
        "name": "fabricated",
        "datasets": [DatasetSpec(source) for source in sources],
        "ablations": CONTROLS,
        "architectures": [
            Grid(["mlp", "bilstm"], ["additive", "scaled_dot_product", "deep"]),
            Grid(["mlp", "bilstm"], ["additive"], ablations=[Component("separate_scorer"), *swapped]),
            *(
                Grid(
                    ["mlp", "bilstm"],
                    ["additive"],
                    [gumbel(each)],
                    ablations=[Component("gumbel_noise", temperature=each)],
                )
                for each in temperatures
            ),
        ],
        "inference": Inference(n_resamples=499),
    }
    return StudyConfig(**{**defaults, **settings})


def no_shift(outcome: str, condition: Condition) -> float:
    """Return 0: nothing depends on the condition."""
    return 0.0


def when(size: float, outcome_name: str, **parts: tuple[str, ...]) -> Shift:
    """Return a shift of one outcome under the conditions whose parts have these names, e.g. ``attention=("deep",)``."""

    def shift(outcome: str, condition: Condition) -> float:
        found = {part: getattr(condition, part) for part in parts}
        matches = all(getattr(found[part], "name", found[part]) in names for part, names in parts.items())
        return size if outcome == outcome_name and matches else 0.0

    return shift


def together(*shifts: Shift) -> Shift:
    """Return the sum of shifts."""
    return lambda outcome, condition: sum(shift(outcome, condition) for shift in shifts)


@dataclass(frozen=True, kw_only=True)
class Fabrication:
    """How outcomes are drawn.

    Parameters
    ----------
    shift : callable
        Added to the mean of an outcome under a condition. "stability" shifts the correlation (0.5 by default, kept
        within 0 and 0.99) of the attention scores of two seeds.
    near, near_reference : float
        Concordance of near ties, and that of the noise reference.
    n_examples, n_tokens : int
        Size of each test set.
    example_sd, seed_sd, residual_sd : float
        Standard deviations of what an example (shared by all models of a data set), a model, and a model's view of an
        example add to an outcome.
    rows : bool
        Whether the frames hold all summary rows, not only what the findings cannot do without; takes more time.
    """

    shift: Shift = no_shift
    near: float = 0.5
    near_reference: float = 0.5
    n_examples: int = 40
    n_tokens: int = 8
    example_sd: float = 0.1
    seed_sd: float = 0.01
    residual_sd: float = 0.05
    rows: bool = False

    def outcomes(self, config: StudyConfig, *, skip: Collection = (), rng=1) -> Outcomes:
        """Draw every cell of a study, save the (condition, seed) pairs of `skip`, which count as failed."""
        rng = np.random.default_rng(rng)
        examples, attention, rows, owners = {}, {}, [], []
        for spec in config.datasets:
            shared: dict[str, np.ndarray] = {}
            for training, combination in product(config.trainings_of(spec), config.combinations()):
                condition = Condition(spec.source, *combination, training.name)
                columns = self._columns(config, condition)
                scores = rng.normal(size=(self.n_examples, self.n_tokens))
                for column in columns:
                    if column not in shared:
                        shared[column] = self.example_sd * rng.normal(size=self.n_examples)
                for seed in range(config.seeds):
                    table, weights = self._cell(condition, columns, shared, scores, rng)
                    own = self._rows(condition, seed, table, rng)
                    if (condition, seed) not in skip:
                        examples[condition, seed], attention[condition, seed] = table, weights
                        rows += own
                        owners += [len(own)]
        frame = to_frame(rows)
        ends = np.cumsum(owners)
        return Outcomes(
            {
                key: TraceAnalysis(frame.iloc[end - count : end], table, attention[key])
                for (key, table), end, count in zip(examples.items(), ends, owners, strict=True)
            }
        )

    def _columns(self, config: StudyConfig, condition: Condition) -> dict[str, float]:
        """Return the mean of each outcome of a condition."""
        means = {name: mean for name, mean in MEANS.items() if name != "tau_b_separate_scorer"}
        if condition.dataset.name != "planted":
            means = {name: mean for name, mean in means.items() if "known" not in name}
        measured = config.measured(condition.combination)
        for ablation in measured.ablations:
            means |= {f"tau_b_{ablation}": MEANS.get(f"tau_b_{ablation}", 0.0), f"gini_{ablation}": MEANS["gini"]}
            means[f"correct_{ablation}"] = MEANS["correct"]
        means |= {f"tau_b_information_{attribution}": 0.2 for attribution in measured.attributions}
        return {name: mean + self.shift(name, condition) for name, mean in means.items()}

    def _cell(self, condition, means, shared, scores, rng) -> tuple[pd.DataFrame, np.ndarray]:
        n = self.n_examples
        columns = {}
        for name, mean in means.items():
            if name == "tau_b_uniform":
                columns[name] = np.zeros(n)  # by definition
            elif name.startswith("correct"):  # a proportion: the share of ones has the mean wanted
                columns[name] = (rng.random(n) < np.clip(mean + self.seed_sd * rng.normal(), 0, 1)).astype(float)
            else:
                own = self.seed_sd * rng.normal() + self.residual_sd * rng.normal(size=n)
                columns[name] = mean + shared[name] + own
        for name in columns:
            if name.startswith("gini_temperature"):  # softmax(e/t) is an identity, text by text
                degree = float(name.partition("=")[2].removesuffix(")"))
                columns[name] = columns["gini"] - 0.1 * np.log2(degree)
        for name, share in (("", self.near), ("_halves", self.near), ("_reference", self.near_reference)):
            pairs = rng.integers(20, 40, size=n)
            columns[f"near_tie{name}_pairs"] = pairs.astype(float)
            columns[f"near_tie{name}_concordant"] = rng.binomial(pairs, share).astype(float)
        columns["near_uniform"] = (columns["near_tie_pairs"] >= 35).astype(float)
        likeness = np.clip(0.5 + self.shift("stability", condition), 0, 0.99)
        logits = np.sqrt(likeness) * scores + np.sqrt(1 - likeness) * rng.normal(size=scores.shape)
        weights = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return pd.DataFrame(columns), weights.astype(np.float32)

    def _rows(self, condition: Condition, seed: int, table: pd.DataFrame, rng: np.random.Generator) -> list[Row]:
        keys = {name: str(part) for name, part in condition._asdict().items()} | {"seed": seed, "ablation": "none"}
        rows = []

        def row(quantity, value, view=None, output=None, estimator=None, **parameters):
            encoded = encode_parameters(**parameters) if parameters else None
            named = {"view": view, "output": output, "estimator": estimator, "parameters": encoded}
            rows.append(Row(quantity=quantity, value=float(value), **named, **keys))

        def by_token(quantity, value, output="class", **parameters):
            row(quantity, value, "pointwise", output, "Probe()", **parameters)

        slope = (self.near_reference - self.near if self.near < self.near_reference else 0.05) * 0.5
        row("concordance_slope", slope + 0.005 * rng.normal())
        if not self.rows:
            return rows
        means = table.mean()
        for output, factor in (("class", 1.0), ("label", 0.9), ("probability(bins=4)", 1.1)):
            for estimator in ("Probe()", "Ross()"):
                value = factor * means["information"] + 0.005 * rng.normal() * (estimator != "Probe()")
                for view in ("rank", "position"):
                    row("mi_normalised_mean", value, view, output, estimator, **{f"{view}s": 6})
                    row("profile_tau_b", 1.2 * factor * means["tau_b"], view, output, estimator, **{f"{view}s": 6})
            by_token("mi_pointwise_mean", 0.5 * factor * means["information"], output)
            by_token("tau_b", factor * means["tau_b"], output)
            by_token("near_tie_concordance", self.near + 0.005 * rng.normal(), output)
        by_token("spearman", 1.3 * means["tau_b"])
        by_token("weighted_tau", 1.1 * means["tau_b"])
        by_token("top_k_overlap", 0.4 + 0.5 * means["tau_b"], k=3)
        by_token("mi_reliability", 0.7 + 0.02 * rng.normal())
        flat = condition.encoder.name == "bilstm"
        row("conicity", (0.8 if flat else 0.3) + 0.01 * rng.normal())
        row("output_entropy", 0.69 + 0.002 * rng.normal())
        row("mean_length", self.n_tokens)
        row("accuracy", means["correct"])
        for quantity in ("gini", "entropy_deficit", "max_attention", "effective_positions"):
            row(quantity, means[quantity])
        for low, high in CONCORDANCE_GAPS:
            for quantity, share in (("concordance", self.near), ("concordance_reference", self.near_reference)):
                by_token(quantity, share + slope * np.log1p(10 * low) / 5, gap_low=low, gap_high=high)
        return rows
