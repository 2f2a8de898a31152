"""One cell of a study: one model trained from one seed, traced and analysed. Cells know nothing of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attnstats import models
from attnstats._validation import FloatArray
from attnstats.ablation import Ablation
from attnstats.datasets import (
    EncodedDataset,
    HumanMarks,
    MarkedText,
    TextDataset,
    Vocabulary,
    encode_dataset,
    load_dataset,
)
from attnstats.datasets.marks.named import ERASER, YELP_HAT
from attnstats.datasets.texts._planted import PLANTED, PlantedText
from attnstats.exceptions import ConfigError
from attnstats.frame import Row, to_frame
from attnstats.information import MIEstimator
from attnstats.resampling import Permutation
from attnstats.studies.config._condition import Combination, Condition
from attnstats.studies.config.component import Component, Value
from attnstats.studies.config.parts import DatasetSpec, Measured
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.trace_rows._checkpoint import CHECKPOINT_ATTRIBUTIONS, checkpoint_rows
from attnstats.studies.trace_rows._components import (
    dropout_rates,
    make_ablation,
    make_attribution,
    make_estimator,
    make_output,
    make_training,
    make_view,
)
from attnstats.studies.trace_rows.analyse import TraceAnalysis, View, analyse_trace
from attnstats.studies.trace_rows.orders import PointwiseView
from attnstats.studies.trace_rows.outputs import Output
from attnstats.trace import AttentionTrace

#: Data sets whose tokens people marked.
MARKED = (ERASER.name, YELP_HAT.name)
_sent: Mapping[Component, TextDataset] = {}


@dataclass(frozen=True)
class Cell:
    """One model of a study."""

    config: StudyConfig
    dataset: DatasetSpec
    condition: Condition
    seed: int  # of the initial weights, the order of the data and everything random in the analysis

    @property
    def keys(self) -> dict[str, Any]:
        """The key columns of this cell's rows."""
        named: dict[str, Any] = {name: str(part) for name, part in self.condition._asdict().items()}
        return {"study": self.config.name, **named, "seed": self.seed}

    @property
    def training(self) -> Component:
        """How the model is trained."""
        return next(each for each in self.config.trainings if each.name == self.condition.training)

    @property
    def measured(self) -> Measured:
        """What is measured on the model."""
        return self.config.measured(self.condition.combination)


class Made(NamedTuple):
    """The objects that `Measured` names."""

    views: list[View]
    estimators: list[MIEstimator]
    outputs: list[Output]
    ablations: list[Ablation]
    attributions: list[models.Attribution]


def make_measured(measured: Measured) -> Made:
    """Return the objects that a configuration names."""
    return Made(
        [make_view(each) for each in measured.views],
        [make_estimator(each) for each in measured.estimators],
        [make_output(each) for each in measured.outputs],
        [make_ablation(each) for each in measured.ablations],
        [make_attribution(each) for each in measured.attributions],
    )


def run_cell(cell: Cell) -> TraceAnalysis:
    """Train, trace and analyse one model."""
    models.limit_threads(1)
    config, dataset = cell.config, load_encoded(cell.dataset)
    sizes = len(dataset.vocabulary), len(dataset.class_names)
    dropout = dropout_rates(cell.training)
    model = _compiled(cell.condition.combination, config.units, config.embedding_size, *sizes, **dropout)
    training, made = make_training(cell.training), make_measured(cell.measured)
    history, along = _train(cell, model, dataset, training, made)
    lengths = {"epochs": history.best_epoch + 1, "updates": history.n_updates}
    trace = models.trace_attention(model, dataset).with_metadata({**cell.keys, **lengths})
    sample: list[int] = []
    if cell.seed == 0:
        # The same texts under every architecture: short enough to read, long enough to have an order.
        readable = np.flatnonzero((trace.lengths >= 8) & (trace.lengths <= 24))
        readable = readable if len(readable) else np.arange(trace.n_examples)
        chosen = np.random.default_rng(0).permutation(readable)[: config.sample_examples]
        sample = sorted(chosen.tolist())
    analysis = analyse_trace(
        trace,
        views=made.views,
        estimators=made.estimators,
        outputs=made.outputs,
        ablations=made.ablations,
        attributions={
            str(named): each.scores(model, dataset)
            for named, each in zip(cell.measured.attributions, made.attributions, strict=True)
        },
        known_information=known_information(cell.dataset.source, trace),
        marks=marks_of(cell.dataset) if cell.dataset.source.name in MARKED else None,
        model=models.TrainedModel(model, dataset, seed=cell.seed, training=training),
        null=Permutation(config.null_resamples),
        near_tie=config.inference.near_tie,
        sample=sample,
        class_names=dataset.class_names,
        rng=np.random.default_rng(np.random.SeedSequence([cell.seed, 2211_07714])),
    )
    if not along:
        return analysis
    return replace(analysis, frame=pd.concat([analysis.frame, to_frame(along)], ignore_index=True))


def _train(
    cell: Cell, model: models.AttentionClassifier, dataset: EncodedDataset, training: models.Training, made: Made
) -> tuple[models.TrainingHistory, list[Row]]:
    """Train a model, and return the course of the training and the rows of its checkpoints."""
    rates = training.learning_rates(len(dataset.train))
    rows: list[Row] = []

    def look(updates: int) -> None:
        attributions = [each for each in made.attributions if each.name in CHECKPOINT_ATTRIBUTIONS]
        rows.extend(
            checkpoint_rows(
                models.trace_attention(model, dataset).with_metadata(cell.keys),
                views=made.views,
                estimator=made.estimators[0],
                attributions={each.name: each.scores(model, dataset) for each in attributions},
                near_tie=cell.config.inference.near_tie,
                updates=updates,
                step_size=float(rates[:updates].sum()),
                # Plus one, since zero would give the stream of the model that is kept.
                rng=np.random.default_rng(np.random.SeedSequence([cell.seed, 2211_07714, updates + 1])),
            )
        )

    visits = {updates: partial(look, updates) for updates in checkpoints(cell.config.checkpoints, len(rates))}
    return models.train(model, dataset, seed=cell.seed, training=training, visits=visits), rows


def checkpoints(n_checkpoints: int, n_updates: int) -> list[int]:
    """Return 0, `n_checkpoints` - 1 numbers of updates that grow by equal factors from 1, and the last; each once.

    >>> checkpoints(4, 1000), checkpoints(1, 1000), checkpoints(0, 1000)
    ([0, 1, 10, 100, 1000], [0, 1000], [])
    """
    if not n_checkpoints:
        return []
    # Counted down, so that the one number of a single checkpoint is the last.
    spaced = np.geomspace(n_updates, 1, n_checkpoints)
    return sorted({0, *spaced.round().astype(int).tolist()})


def known_information(source: Component, trace: AttentionTrace) -> FloatArray | None:
    """Return the information of every token of planted text; None for other texts."""
    if source.name != PLANTED.name:  # known before a large data set is read again
        return None
    texts = load_texts(source.name, **source.parameters)
    assert isinstance(texts, PlantedText)
    known = np.zeros(trace.mask.shape)
    for row, real in enumerate(trace.mask):
        known[row, real] = [texts.token_information.get(token, 0.0) for token in trace.tokens(row)]
    return known


def load_texts(name: str, **parameters: Value) -> TextDataset:
    """Return the texts of a source: those that another process sent, otherwise those that are on this machine."""
    sent = _sent.get(Component(name, **parameters))
    return load_dataset(name, **parameters) if sent is None else sent


def take_texts(sent: Mapping[Component, TextDataset]) -> None:
    """From now on let cells of this process have these texts, whatever files of the same names are here."""
    global _sent
    if sent is not _sent:
        _sent = sent
        load_encoded.cache_clear()
        marks_of.cache_clear()


@lru_cache(maxsize=4)
def marks_of(spec: DatasetSpec) -> HumanMarks:
    """Return what people marked in the test texts of a data set of `MARKED`, in the tokens of the models."""
    texts = load_texts(spec.source.name, **spec.source.parameters)
    assert isinstance(texts, MarkedText)
    encoded = load_encoded(spec)
    return texts.marks.take(encoded.test.index).truncated(encoded.width)


@lru_cache(maxsize=4)
def load_encoded(spec: DatasetSpec) -> EncodedDataset:
    """Return a data set as token ids; kept in memory, since every cell of a data set needs it."""
    limits = {"train": spec.max_train, "test": spec.max_test}
    return encode_dataset(
        load_texts(spec.source.name, **spec.source.parameters),
        max_length=spec.max_length,
        min_count=spec.min_count,
        max_vocabulary=spec.max_vocabulary,
        max_texts={split: limit for split, limit in limits.items() if limit is not None},
    )


@lru_cache(maxsize=2)
def _compiled(
    combination: Combination, units: int, embedding_size: int, vocabulary_size: int, n_classes: int, **dropout: float
) -> models.AttentionClassifier:
    """Return the model of an architecture, compiled once a process and initialised anew for each seed."""
    made = make_layers(combination, units=units)
    return models.AttentionClassifier(vocabulary_size, n_classes, *made, embedding_size=embedding_size, **dropout)


def make_layers(combination: Combination, **of_encoder: int) -> list[Any]:
    """Return encoder, attention and normalizer, the encoder with some arguments besides its own."""
    encoder, attention, normalizer = combination
    return [
        models.make_layer("encoder", encoder.name, **of_encoder, **encoder.parameters),
        models.make_layer("attention", attention.name, **attention.parameters),
        models.make_layer("normalizer", normalizer.name, **normalizer.parameters),
    ]


def check_names(config: StudyConfig) -> None:
    """Make every part that the configuration names once, so that what is wrong in it is found before any work."""
    models.limit_threads(1)
    for combination in config.combinations():
        measured = config.measured(combination)
        made = make_measured(measured)
        asked = ["ablations"] * bool(made.ablations) + ["sample_examples"] * (config.sample_examples > 0)
        if asked and not any(isinstance(view, PointwiseView) for view in made.views):
            named = ", ".join(map(str, measured.views))
            raise ConfigError(f"views: must hold pointwise for {' and '.join(asked)}; got {named}")
    for training in config.trainings:  # such as vectors that are not installed, or of another size
        own = np.zeros((3, config.embedding_size), np.float32)
        make_training(training).embeddings.initial(own, Vocabulary(("the",)))
    for combination in config.combinations():
        encoder = combination[0]
        if "units" in encoder.parameters:
            raise ConfigError(f"architectures.encoders: units are those of the study, for all encoders; got {encoder}")
        _compiled(combination, config.units, config.embedding_size, 2, 2)
    for training in config.trainings:
        _compiled(combination, config.units, config.embedding_size, 2, 2, **dropout_rates(training))
    _compiled.cache_clear()
