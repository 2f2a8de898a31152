"""Every public door, found from `__all__`: how it is called, and which arguments it takes.

A function is a door, so is a class that takes parameters, and so is every way to ask an estimator or a distribution
for numbers. What is no door stands in `NO_DOORS` with its reason, so that a new export is either tried or explained.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

from attnstats.information import MIEstimator
from attnstats.information.interface import exported_estimators
from attnstats.scores import compare
from tests.fuzz import changes, commands, designs, score_commands, score_tables, vocabulary
from tests.fuzz.kinds import AT_DOOR, KINDS
from tests.fuzz.strategies import SEED, Argument, Kind, argument, data, labels, per_sample

ROOMS = (
    "information",
    "ranks",
    "resampling",
    "comparison",
    "ablation",
    "adapters",
    "plausibility",
    "datasets",
    "trace",
    "frame",
    "results",
    "report",
    "scores",
)
#: Rooms whose names stand in any call.
_EVERYWHERE = ("comparison", "information", "resampling", "results")

_REASONS = {
    "fetches a real data set": """imdb newsgroups_sports reuters_r8 rotten_tomatoes load_dataset local_file eraser
        yelp_hat""",
    "is what a function returns, and is tried there": """ConcordanceCurve RankAgreement RankBiasedOverlap TopKOverlap
        BestComparison CriticalDifference EffectSize FamilyResult IntraclassCorrelation MetaAnalysis PartialConjunction
        RankIntervals SampleSizePlan SimulatedPower VarianceComponents AblationResult ConsistencyCheck EntropyPosterior
        SampleSizeCurve SplitHalf DatasetCard EncodedDataset EncodedSplit MarkedText PlantedText SplitCounts TextDataset
        AttentionTrace Illustration Table DetailList FindingSummary Row MIEstimate SignificanceResult
        AcrossDatasets Arrangement Block Choice Comparison ComparisonPlan Component ConditionEstimate Contrast Design
        DesignFactor Difference EffectSizes Factor MarginTests MeasuredValidity Needed Placing RanksOverDatasets Rules
        Scores Setup Sizes HumanAgreement IntervenedHeads Attributions PerturbationCurve RationaleFaithfulness
        Evidence HeldOutPairs LagProfile MIDifference InformationMatrix""",
    "is what `compare` chooses, and is tried there": """Analysis ClusterRobust CorrectedT CrossedAnova
        IndependentCrossedAnova IndependentProportions PairedProportions PairedT WelchT""",
    "is one of a few words": "Layout Verdict",
    "checks an argument of other doors": "check_trace",
    "says what is read of a trace that a model wrote": "Position TransformerTrace Tokens Words",
    "shows a frame with stated columns, whose checks have tests of their own": """Best Count Estimate Number PValue
        LaTeX Significance Words results_table plot_critical_difference plot_forest plot_paired_differences
        plot_performance_profile plot_power plot_ranks plot_variance""",
    "trains or analyses whole models": "run_study trace_attention StudyConfig analyse_trace",
    "runs a model of another library": """attribute_torch attribute_transformer intervene_transformer
        rationale_faithfulness trace_keras trace_torch trace_transformer""",
    "is what an intervention on a live model gets": "HeadPass",
    "is called by scikit-learn, whose own checks of it are run": "InformationSelector",
    "reads or writes files, through the command line here": """read_frame write_frame write_report write_figures
        write_tables print_verdicts render_page read_inspect_logs read_lm_eval_samples
        write_comparison load_eraser load_yelp_hat read_trace trace_problems""",
}
NO_DOORS = {name: reason for reason, names in _REASONS.items() for name in names.split()}

#: Share of the inputs that a slow door gets: by the door, or what it belongs to.
SHARES = {
    **dict.fromkeys(("variational", "BestBound", "compare_estimators"), 0.01),
    **dict.fromkeys(("report", "command"), 0.05),
    **dict.fromkeys(("Probe", "CanonicalKSG", "sample_size_curve", "self_consistency", "trace_ablation_test"), 0.1),
    **dict.fromkeys(("lagged_mutual_information", "mutual_information_difference"), 0.1),
    **dict.fromkeys(("mutual_information_matrix", "rank_features", "select_features"), 0.1),
    **dict.fromkeys(("permutation_test", "ClassConditionalGaussians"), 0.1),
}
#: How an estimator or a distribution is made where its defaults are slow or not enough.
_MADE = {
    "BestBound": "BestBound(families=(GaussianCopula(), CanonicalKSG(AllColumns())), max_evidence=100)",
    "PrincipalComponents": "PrincipalComponents(1)",
    "AdditiveNoise": "AdditiveNoise(0.5)",
    "BimodalMixture": "BimodalMixture(2.0, 0.5)",
    "ClassConditionalGaussians": "ClassConditionalGaussians(normal((2, 2), 1))",
    "DiscreteChannel": "DiscreteChannel([0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]])",
    "GaussianJoint": "GaussianJoint(covariance(2, 1), 1)",
    "LogisticLabels": "LogisticLabels(2, 1.0)",
    "StudentJoint": "StudentJoint(GaussianJoint(covariance(2, 1), 1), 3.0)",
    "Transformed": "Transformed(GaussianJoint(covariance(2, 1), 1), asinh)",
    "XORLabels": "XORLabels(2)",
}
#: Arguments with a default that a call mostly needs all the same.
_ALWAYS = {
    "trace_ablation_test": ("models", "margin"),
    "plan_sample_size": ("effect",),
    **dict.fromkeys(
        (
            *("anova_test", "independent_anova_test", "paired_anova_test"),
            *("anova_equivalence_test", "independent_anova_equivalence_test", "paired_anova_equivalence_test"),
        ),
        ("variance", "shared_replicates", "missing"),
    ),
    **dict.fromkeys(("anova_interval", "variance_components"), ("missing",)),
    **dict.fromkeys(("compare", "read_scores"), ("seed", "example", "dataset", "fold", "group", "subject", "block")),
}
#: Mostly a dozen samples; none, one and two among them.
_SIZE = st.sampled_from((0, 1, 2, 3, 5, 8, 8, 12, 12, 12, 20, 20, 40, 80))
#: Estimates need more.
_SIZE_OF_ESTIMATES = st.sampled_from((0, 1, 2, 5, 12, 20, 40, 80, 80, 120, 120, 200))


@dataclass(frozen=True, eq=False)
class Door:
    """A public callable and the kinds of its arguments.

    Parameters
    ----------
    name : str
        Room and name, such as ``"ranks.kendall"``.
    text : str
        How it is written in a call, such as ``"KSG().estimate"``.
    room : str
        Whose names stand in a call.
    required, optional : mapping of str to Kind
        The arguments without and with a default.
    share : float
        Share of the inputs that this door gets, below one for slow ones.
    more_names : tuple of str
        Names besides the arguments that an error may speak of: the parameters of the object whose method this is.
    """

    name: str
    text: str
    room: str
    required: Mapping[str, Kind]
    optional: Mapping[str, Kind] = field(default_factory=dict)
    share: float = 1.0
    more_names: tuple[str, ...] = ()

    @property
    def prelude(self) -> str:
        """The imports that a call as text needs."""
        modules = (
            "tests.fuzz.vocabulary",
            "tests.fuzz.score_tables",
            "tests.fuzz.changes",
            "tests.fuzz.commands",
            "tests.fuzz.score_commands",
            *(f"attnstats.{room}" for room in self._rooms),
        )
        return "; ".join(f"from {module} import *" for module in modules)

    @property
    def _rooms(self) -> tuple[str, ...]:
        return (*_EVERYWHERE, self.room)

    def namespace(self) -> dict[str, Any]:
        """What the text of a call is evaluated in; the names of the room itself come last."""
        modules = (changes, score_tables, vocabulary, commands, score_commands)
        names = {name: value for module in modules for name, value in vars(module).items()}
        for room in self._rooms:
            module = import_module(f"attnstats.{room}")
            names |= {name: getattr(module, name) for name in module.__all__}
        return names


@dataclass(frozen=True)
class Call:
    """One call of a door: its arguments, as brought and plain."""

    door: Door
    arguments: Mapping[str, Argument]

    def __str__(self) -> str:
        given = (f"{name}={each.brought}" for name, each in self.arguments.items())
        return f"{self.door.text}({', '.join(given)})"

    @property
    def has_plain_twin(self) -> bool:
        """Whether a container or dtype was changed that changes no value."""
        return any(each.brought != each.plain for each in self.arguments.values())


@cache
def calls(door: Door) -> st.SearchStrategy[Call]:
    """Calls of a door: none, one or two arguments spoilt, the others good and often in another container."""
    kinds = {**door.required, **door.optional}
    always = [name for name in door.optional if name in ("rng", *_ALWAYS.get(door.text, ()))]
    optional = [name for name in door.optional if name not in always]
    extra = st.sets(st.sampled_from(optional), max_size=2) if optional else st.just(set())
    spoilt = st.integers(0, 3).map(lambda drawn: max(0, drawn - 1))  # how many

    @st.composite
    def call(draw: st.DrawFn) -> Call:
        n = draw(_SIZE_OF_ESTIMATES if door.room == "information" else _SIZE)
        names = [*door.required, *sorted(draw(extra)), *always]
        wrong = {draw(st.sampled_from(names)) for _ in range(draw(spoilt))} if names else set()
        return Call(door, {name: argument(draw, kinds[name], n, spoilt=name in wrong) for name in names})

    return call()


def public_names(package: str) -> Iterator[str]:
    """The exports of a package that take arguments: no constants, no protocols, no classes without parameters."""
    module = import_module(package)
    for name in module.__all__:
        public = getattr(module, name)
        if inspect.isclass(public):
            if not getattr(public, "_is_protocol", False) and inspect.signature(public).parameters:
                yield name
        elif callable(public) and not hasattr(public, "__origin__"):  # which a type alias has
            yield name


def _doors() -> Iterator[Door]:
    for room in ROOMS:
        module = import_module(f"attnstats.{room}")
        for name in public_names(f"attnstats.{room}"):
            if name not in NO_DOORS:
                yield _door(room, name, getattr(module, name))
        for name in module.__all__:
            yield from _methods(room, name, getattr(module, name))
    names = (*inspect.signature(compare).parameters, *score_tables.COLUMNS)
    designed = {"case": designs.DESIGNED}
    yield Door("scores.compare.designs", "compared", "scores", designed, more_names=names)
    yield Door("cli.command", "command", "results", {"case": commands.COMMAND}, share=SHARES["command"])
    yield Door("cli.scores", "command", "results", {"case": score_commands.SCORE_COMMAND}, share=SHARES["command"])


def _door(room: str, name: str, function: Callable[..., Any]) -> Door:
    kinds = {**KINDS, **AT_DOOR.get(name, {})}
    parameters = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL) and not each.name.startswith("_")
    ]
    unknown = [each.name for each in parameters if each.name not in kinds]
    if unknown:
        raise LookupError(f"{room}.{name}: tests/fuzz/kinds.py must say which kind {', '.join(unknown)} is")
    required = {each.name: kinds[each.name] for each in parameters if each.default is each.empty}
    optional = {each.name: kinds[each.name] for each in parameters if each.default is not each.empty}
    return Door(f"{room}.{name}", name, room, required, optional, SHARES.get(name, SHARES.get(room, 1.0)))


def _methods(room: str, name: str, public: Any) -> Iterator[Door]:
    """The ways to ask an object of this class for numbers."""
    if name == "AttentionTrace":
        yield _door(room, "AttentionTrace.from_arrays", public.from_arrays)
    elif room == "datasets" and inspect.isfunction(getattr(public, "sample", None)):
        text = f"{_MADE.get(name, f'{name}()')}.sample"
        yield Door(f"{room}.{name}.sample", text, room, {"n": KINDS["n"]}, {"rng": SEED})
    elif room == "information" and public in exported_estimators(import_module("attnstats.information")).values():
        yield from _verbs(name, public)


_SAMPLES = Kind(lambda n: data("n").good(n) | data("n", 2).good(n), data("n").bad, carried=True)
_ORDERS = per_sample(
    "np.tile(np.arange({n}), (3, 1))", "np.arange({n})[np.newaxis, ::-1]", "[[99] * {n}]", "[[-1] * {n}]"
)


def _verbs(name: str, kind: Any) -> Iterator[Door]:
    """The verbs of a class of estimators."""
    variational = kind.__module__.startswith("attnstats.information.variational")
    made = _MADE.get(name, f"{name}()")
    if variational:
        made = f"{name}(training=NetworkTraining(max_epochs=2, patience=1))"
    share = SHARES.get("variational" if variational else name, 1.0)
    samples = {"x": _SAMPLES, "y": _SAMPLES if kind.continuous_y else labels()}
    rest = {"groups": KINDS["groups"], "rng": SEED}
    for verb, required, optional in (
        ("estimate", samples, rest),
        ("pointwise", samples, rest),
        ("conditional_pointwise", {**samples, "z": _SAMPLES}, rest),
        ("permuted_estimates", {**samples, "rows": _ORDERS}, {}),
        ("entropy", {"x": _SAMPLES}, {}),
    ):
        written = getattr(kind, verb, None)
        inherited = verb not in ("estimate", "pointwise") and written is getattr(MIEstimator, verb, None)
        if inspect.isfunction(written) and not inherited:
            parameters = tuple(inspect.signature(kind).parameters)
            text = f"{made}.{verb}"
            yield Door(f"information.{name}.{verb}", text, "information", required, optional, share, parameters)


DOORS = {door.name: door for door in _doors()}
