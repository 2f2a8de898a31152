"""The objects that the components of a configuration name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from attnstats import ablation, models
from attnstats import information as information_room
from attnstats.ablation import Ablation, Transplanted
from attnstats.exceptions import ConfigError, UnknownNameError
from attnstats.information import AsMeasured, Margins, MIEstimator, NormalScores, Standardized, UniformRanks
from attnstats.information.interface import exported_estimators
from attnstats.models import attribution as attribution_room
from attnstats.studies.config.component import Component
from attnstats.studies.trace_rows.analyse import View
from attnstats.studies.trace_rows.orders import PointwiseView
from attnstats.studies.trace_rows.outputs import BinnedProbability, Output, PredictedClass, TrueLabel
from attnstats.studies.trace_rows.profiles import PositionView, RankView

_T = TypeVar("_T")

_OUTPUTS: dict[str, type[Output]] = {"class": PredictedClass, "label": TrueLabel, "probability": BinnedProbability}
_MARGINS: dict[str, Margins] = {
    "as_measured": AsMeasured(),
    "standardized": Standardized(),
    "normal_scores": NormalScores(),
    "uniform_ranks": UniformRanks(),
}
_VIEWS: dict[str, type[View]] = {"rank": RankView, "position": PositionView, "pointwise": PointwiseView}


_TRAINING: dict[str, dict[str, type]] = {
    "schedule": {"constant": models.Constant, "cosine": models.CosineDecay},
    "selection": {"last_epoch": models.LastEpoch, "lowest_loss": models.LowestLoss, "highest_auc": models.HighestAUC},
    "embeddings": {"random": models.RandomEmbeddings, "glove": models.GloVe},
}
#: Arguments of the model that act in training alone, and so stand with the training.
_DROPOUT = ("embedding_dropout", "word_dropout", "dropout")


def make_training(component: Component) -> models.Training:
    """Return the training that a configuration describes; arguments of its parts stand beside their names."""
    given: dict[str, Any] = {name: value for name, value in component.items if name not in _DROPOUT}
    parts: dict[str, Any] = {}
    for part in _TRAINING.keys() & given.keys():
        name, known = str(given.pop(part)), _TRAINING[part]
        own = {each.name for each in fields(known[name])} & given.keys() if name in known else set()
        parts[part] = _make(
            known, f"{component.name}.{part}", Component(name, **{each: given.pop(each) for each in own})
        )
    plain = _make({component.name: models.Training}, "trainings", Component(component.name, **given))
    return replace(plain, **parts)


def dropout_rates(training: Component) -> dict[str, Any]:
    """Return the rates of dropout that a training sets, arguments of the model; the others are the model's own."""
    return {name: value for name, value in training.items if name in _DROPOUT}


def make_view(component: Component) -> View:
    """Return the view that a configuration names."""
    return _make(_VIEWS, "views", component)


def make_output(component: Component) -> Output:
    """Return the output that a configuration names."""
    return _make(_OUTPUTS, "outputs", component)


def make_attribution(component: Component) -> attribution_room.Attribution:
    """Return the attribution that a configuration names."""
    members = (getattr(attribution_room, name) for name in attribution_room.__all__ if name != "Attribution")
    known: dict[str, type[attribution_room.Attribution]] = {each.name: each for each in members}
    return _make(known, "attributions", component)


def make_estimator(component: Component, *, any_output: bool = False) -> MIEstimator:
    """Return the estimator of a name; only those that take a class as output, unless `any_output`."""
    every = {name.lower(): each for name, each in exported_estimators(information_room).items()}
    known = {name: every[name] for name in sorted(every) if every[name].discrete_y or any_output}
    return _make(known, "estimator", component, margins=_MARGINS)


def make_ablation(component: Component) -> Ablation:
    """Return the intervention that a configuration names."""
    members = [getattr(ablation, name) for name in ablation.__all__]
    known: dict[str, type[Ablation]] = {
        each.name: each for each in members if isinstance(getattr(each, "name", None), str)
    }
    del known[Transplanted.name]  # takes another model's trace, which no configuration can name
    return _make(known, "ablations", component)


def _make(classes: Mapping[str, type[_T]], kind: str, component: Component, **objects: Mapping[str, Any]) -> _T:
    """Return the object that a configuration names, with its parameters, some of which name one of some `objects`."""
    if component.name not in classes:
        raise UnknownNameError(kind, component.name, classes)
    cls: Any = classes[component.name]
    parameters: dict[str, Any] = component.parameters
    for name in objects.keys() & parameters.keys():
        if parameters[name] not in objects[name]:
            raise UnknownNameError(f"{component.name}.{name}", parameters[name], objects[name])
        parameters[name] = objects[name][parameters[name]]
    known = [each.name for each in fields(cls) if each.init]
    unknown = [name for name in parameters if name not in known]
    if unknown:
        takes = f"the known ones are {', '.join(known)}" if known else "it takes none"
        raise ConfigError(f"{component.name}.{unknown[0]}: unknown parameter; {takes}")
    made: _T = cls(**parameters)
    return made
