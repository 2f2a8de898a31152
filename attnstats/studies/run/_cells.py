"""One cell of a study: one model trained from one seed, traced and analysed. Cells know nothing of each other."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from attnstats import ablation, models
from attnstats import information as information_room
from attnstats._validation import FloatArray
from attnstats.ablation import Ablation, Transplanted
from attnstats.datasets import EncodedDataset, encode_dataset, load_dataset
from attnstats.datasets.texts._planted import PLANTED, PlantedText
from attnstats.exceptions import ConfigError, UnknownNameError
from attnstats.information import AsMeasured, Margins, MIEstimator, NormalScores, Standardized, UniformRanks
from attnstats.information.interface import exported_estimators
from attnstats.models import attribution as attribution_room
from attnstats.resampling import Permutation
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.config.study import DatasetSpec, Measured, StudyConfig
from attnstats.studies.run._store import content_key
from attnstats.studies.trace_rows.analyse import TraceAnalysis, View, analyse_trace
from attnstats.studies.trace_rows.orders import PointwiseView
from attnstats.studies.trace_rows.outputs import BinnedProbability, Output, PredictedClass, TrueLabel
from attnstats.studies.trace_rows.profiles import PositionView, RankView
from attnstats.trace import AttentionTrace

__all__ = ["Cell", "check_names", "load_encoded", "run_cell"]

_OUTPUTS: dict[str, type[Any]] = {"class": PredictedClass, "label": TrueLabel, "probability": BinnedProbability}
_MARGINS: dict[str, Margins] = {
    "as_measured": AsMeasured(),
    "standardized": Standardized(),
    "normal_scores": NormalScores(),
    "uniform_ranks": UniformRanks(),
}
_VIEWS: dict[str, type[Any]] = {"rank": RankView, "position": PositionView, "pointwise": PointwiseView}


@dataclass(frozen=True)
class Cell:
    """One model of a study.

    Parameters
    ----------
    config : StudyConfig
        The study.
    dataset : DatasetSpec
        Its texts.
    condition : Condition
        Data set, encoder, attention and normalizer.
    seed : int
        Of the initial weights, the order of the data and everything random in the analysis.
    """

    config: StudyConfig
    dataset: DatasetSpec
    condition: Condition
    seed: int

    @property
    def keys(self) -> dict[str, Any]:
        """The key columns of this cell's rows."""
        named: dict[str, Any] = {name: str(part) for name, part in self.condition._asdict().items()}
        return {"study": self.config.name, **named, "seed": self.seed}

    @property
    def measured(self) -> Measured:
        """What is measured on the model."""
        return self.config.measured((self.condition.encoder, self.condition.attention, self.condition.normalizer))

    def content_key(self, fingerprint: str) -> str:
        """Return the key under which the result is stored; `fingerprint` is that of the encoded data."""
        config = self.config
        content: dict[str, Any] = {
            **self.keys,
            "data": fingerprint,
            "units": config.units,
            "embedding_size": config.embedding_size,
            "training": dict(config.training),
            **{name: [str(each) for each in parts] for name, parts in self.measured._asdict().items()},
            "null_resamples": config.null_resamples,
            "sample": config.sample_examples if self.seed == 0 else 0,
            "near_tie": config.inference.near_tie,
        }
        return content_key(content)


def run_cell(cell: Cell) -> TraceAnalysis:
    """Train, trace and analyse one model."""
    models.limit_threads(1)
    config, condition = cell.config, cell.condition
    dataset = load_encoded(cell.dataset)
    model = _compiled(
        condition.encoder,
        condition.attention,
        condition.normalizer,
        config.units,
        config.embedding_size,
        len(dataset.vocabulary),
        len(dataset.class_names),
    )
    training = make_training(config.training)
    history = models.train(model, dataset, seed=cell.seed, training=training)
    trace = models.trace_attention(model, dataset).with_metadata({**cell.keys, "epochs": history.best_epoch + 1})
    sample: list[int] = []
    if cell.seed == 0:
        # The same texts under every architecture: short enough to read, long enough to have an order.
        readable = np.flatnonzero((trace.lengths >= 8) & (trace.lengths <= 24))
        readable = readable if len(readable) else np.arange(trace.n_examples)
        chosen = np.random.default_rng(0).permutation(readable)[: config.sample_examples]
        sample = sorted(chosen.tolist())
    measured = cell.measured
    attributions = [make_attribution(each) for each in measured.attributions]
    return analyse_trace(
        trace,
        views=[make_view(view) for view in measured.views],
        estimators=[make_estimator(estimator) for estimator in measured.estimators],
        outputs=[make_output(output) for output in measured.outputs],
        ablations=[make_ablation(each) for each in measured.ablations],
        attributions={each.name: each.scores(model, dataset) for each in attributions},
        known_information=_known_information(cell.dataset.source, trace),
        model=models.TrainedModel(model, dataset, seed=cell.seed, training=training),
        null=Permutation(config.null_resamples),
        near_tie=config.inference.near_tie,
        sample=sample,
        class_names=dataset.class_names,
        rng=np.random.default_rng(np.random.SeedSequence([cell.seed, 2211_07714])),
    )


def _known_information(source: Component, trace: AttentionTrace) -> FloatArray | None:
    """Return the information of every token of planted text; None for other texts."""
    if source.name != PLANTED.name:  # known before a large data set is read again
        return None
    texts = load_dataset(source.name, **source.parameters)
    assert isinstance(texts, PlantedText)
    known = np.zeros(trace.mask.shape)
    for row, real in enumerate(trace.mask):
        known[row, real] = [texts.token_information.get(token, 0.0) for token in trace.tokens(row)]
    return known


@lru_cache(maxsize=4)
def load_encoded(spec: DatasetSpec) -> EncodedDataset:
    """Return a data set as token ids; kept in memory, since every cell of a data set needs it."""
    limits = {"train": spec.max_train, "test": spec.max_test}
    return encode_dataset(
        load_dataset(spec.source.name, **spec.source.parameters),
        max_length=spec.max_length,
        min_count=spec.min_count,
        max_vocabulary=spec.max_vocabulary,
        max_texts={split: limit for split, limit in limits.items() if limit is not None},
    )


@lru_cache(maxsize=2)
def _compiled(
    encoder: Component,
    attention: Component,
    normalizer: Component,
    units: int,
    embedding_size: int,
    vocabulary_size: int,
    n_classes: int,
) -> "models.AttentionClassifier":
    """Return the model of an architecture, compiled once a process and initialised anew for each seed."""
    return models.AttentionClassifier(
        vocabulary_size,
        n_classes,
        models.make_layer("encoder", encoder.name, units=units, **encoder.parameters),
        models.make_layer("attention", attention.name, **attention.parameters),
        models.make_layer("normalizer", normalizer.name, **normalizer.parameters),
        embedding_size=embedding_size,
    )


def check_names(config: StudyConfig) -> None:
    """Make every part that the configuration names once, so that what is wrong in it is found before any work."""
    models.limit_threads(1)
    for combination in config.combinations():
        measured = config.measured(combination)
        views = [make_view(view) for view in measured.views]
        asked = ["ablations"] * bool(measured.ablations) + ["sample_examples"] * (config.sample_examples > 0)
        if asked and not any(isinstance(view, PointwiseView) for view in views):
            named = ", ".join(map(str, measured.views))
            raise ConfigError(f"views: must hold pointwise for {' and '.join(asked)}; got {named}")
        for estimator in measured.estimators:
            make_estimator(estimator)
        for output in measured.outputs:
            make_output(output)
        for each in measured.ablations:
            make_ablation(each)
        for each in measured.attributions:
            make_attribution(each)
    make_training(config.training)
    for encoder, attention, normalizer in config.combinations():
        if "units" in encoder.parameters:
            raise ConfigError(f"architectures.encoders: units are those of the study, for all encoders; got {encoder}")
        _compiled(encoder, attention, normalizer, config.units, config.embedding_size, 2, 2)
    _compiled.cache_clear()


def make_training(arguments: Mapping[str, Any]) -> "models.Training":
    """Return the training that a configuration asks for."""
    training: models.Training = _make(models.Training, Component("training", **arguments))
    return training


def make_view(component: Component) -> View:
    """Return the view that a configuration names."""
    if component.name not in _VIEWS:
        raise UnknownNameError("views", component.name, _VIEWS)
    view: View = _make(_VIEWS[component.name], component)
    return view


def make_output(component: Component) -> Output:
    """Return the output that a configuration names."""
    if component.name not in _OUTPUTS:
        raise UnknownNameError("outputs", component.name, _OUTPUTS)
    output: Output = _make(_OUTPUTS[component.name], component)
    return output


def make_attribution(component: Component) -> "attribution_room.Attribution":
    """Return the attribution that a configuration names."""
    members = (getattr(attribution_room, name) for name in attribution_room.__all__ if name != "Attribution")
    known: dict[str, type[Any]] = {each.name: each for each in members}
    if component.name not in known:
        raise UnknownNameError("attributions", component.name, known)
    attribution: attribution_room.Attribution = _make(known[component.name], component)
    return attribution


def make_estimator(component: Component, *, any_output: bool = False) -> MIEstimator:
    """Return the estimator of a name; only those that take a class as output, unless `any_output`."""
    known = {
        name.lower(): each
        for name, each in exported_estimators(information_room).items()
        if each.discrete_y or any_output
    }
    if component.name not in known:
        raise UnknownNameError("estimator", component.name, sorted(known))
    objects = {}
    if "margins" in component.parameters:
        name = component.parameters["margins"]
        if name not in _MARGINS:
            raise UnknownNameError(f"{component.name}.margins", name, _MARGINS)
        objects["margins"] = _MARGINS[str(name)]
    estimator: MIEstimator = _make(known[component.name], component, **objects)
    return estimator


def make_ablation(component: Component) -> Ablation:
    """Return the intervention that a configuration names."""
    members = [getattr(ablation, name) for name in ablation.__all__]
    known: dict[str, type[Any]] = {each.name: each for each in members if isinstance(getattr(each, "name", None), str)}
    del known[Transplanted.name]  # takes another model's trace, which no configuration can name
    if component.name not in known:
        raise UnknownNameError("ablations", component.name, known)
    made: Ablation = _make(known[component.name], component)
    return made


def _make(cls: type[Any], component: Component, **objects: Any) -> Any:
    """Return the object of a class with the parameters that a configuration gives, some of them named objects."""
    known = [each.name for each in fields(cls) if each.init]
    unknown = [name for name in component.parameters if name not in known]
    if unknown:
        takes = f"the known ones are {', '.join(known)}" if known else "it takes none"
        raise ConfigError(f"{component.name}.{unknown[0]}: unknown parameter; {takes}")
    return cls(**(component.parameters | objects))
