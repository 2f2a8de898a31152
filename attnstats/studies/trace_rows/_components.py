"""The objects that the components of a configuration name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

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

_OUTPUTS: dict[str, type[Any]] = {"class": PredictedClass, "label": TrueLabel, "probability": BinnedProbability}
_MARGINS: dict[str, Margins] = {
    "as_measured": AsMeasured(),
    "standardized": Standardized(),
    "normal_scores": NormalScores(),
    "uniform_ranks": UniformRanks(),
}
_VIEWS: dict[str, type[Any]] = {"rank": RankView, "position": PositionView, "pointwise": PointwiseView}


def make_training(arguments: Mapping[str, Any]) -> models.Training:
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


def make_attribution(component: Component) -> attribution_room.Attribution:
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
