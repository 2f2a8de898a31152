"""The models that are given, in whatever form, each with its condition and its seed."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats.exceptions import FrameError, InvalidInputError, TraceError, UnknownNameError
from attnstats.frame import check_unchanged, read_frame
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.findings._combinations import TARGET
from attnstats.studies.findings._information import SCALED_DOT
from attnstats.studies.findings.evidence._design import SOFTMAX
from attnstats.studies.trace_rows._description import key_columns
from attnstats.studies.trace_rows.analyse import TraceAnalysis
from attnstats.studies.verdicts._frames import models_of_frame
from attnstats.trace import AttentionTrace, TransformerTrace, read_trace
from attnstats.trace.transformer._stored import is_saved_transformer

#: What the findings ask for by name, and the key column that it stands in.
ROLES = {
    **dict.fromkeys(("additive", "deep", SCALED_DOT), "attention"),
    **dict.fromkeys((SOFTMAX.name, "gumbel_softmax"), "normalizer"),
    TARGET[0].name: "encoder",
}
#: How the name of a file ends that holds arrays or a frame.
_SUFFIXES = (".npz", ".safetensors", ".csv", ".parquet")
_PARTS = ("dataset", "encoder", "attention", "normalizer")


@dataclass(frozen=True, eq=False)
class Model:
    """A trace that is still to be analysed, or what was measured on it, with what it says of itself."""

    name: str  # in messages
    source: AttentionTrace | TraceAnalysis
    keys: Mapping[str, Any]
    shown: str  # in results, which may be published: without the folders of a path


def models_of(given: object, shared: Mapping[str, str], roles: Mapping[str, str]) -> dict[tuple[Condition, int], Model]:
    """Return the models by condition and seed, own names of conditions replaced by the roles that they play."""
    models = [_filled(each, shared) for each in _every(given)]
    if not models:
        raise InvalidInputError("models: must hold at least one; got none")
    for own, role in roles.items():
        part = component_of(role)
        if part.name not in ROLES:
            raise UnknownNameError("roles", part.name, ROLES)
        column = ROLES[part.name]
        known = dict.fromkeys(str(each.keys[column]) for each in models)
        if own not in known:
            raise UnknownNameError(f"roles ({column})", own, known)
        models = [
            replace(each, keys={**each.keys, column: role}) if each.keys[column] == own else each for each in models
        ]
    return _by_seed(models)


def component_of(text: str) -> Component:
    """Return the component that a name in a frame stands for, as ``gumbel_softmax(temperature=0.5)``.

    >>> component_of("gumbel_softmax(temperature=0.5)").parameters, component_of("BERT (base)").parameters
    ({'temperature': 0.5}, {})
    """
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args:
            return Component(call.func.id, **{str(each.arg): ast.literal_eval(each.value) for each in call.keywords})
    except (SyntaxError, ValueError):  # a name that is no call stands for itself
        pass
    return Component(text)


def _every(given: object) -> Iterator[Model]:
    if isinstance(given, Mapping):
        for name, models in given.items():
            if not isinstance(name, str):
                raise InvalidInputError(f"models: must have names as keys; got {name!r}")
            for each in _every(models):
                keys = {**each.keys, "attention": name}
                yield replace(each, name=f"{each.name} of {name}", keys=keys, shown=f"{each.shown} of {name}")
        return
    items = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    for number, item in enumerate(items):
        yield from _read(item, f"models[{number}]")


def _read(item: object, name: str) -> Iterator[Model]:
    shown = name
    if isinstance(item, str | Path):
        name, shown, item = str(item), Path(item).name, _stored(Path(item))
    if isinstance(item, AttentionTrace):
        yield Model(name, item, key_columns(item), shown)
    elif isinstance(item, TraceAnalysis):
        yield Model(name, item, _keys_of(item.frame, name), shown)
    elif isinstance(item, pd.DataFrame):
        for own, analysis in models_of_frame(item, name):
            yield Model(own, analysis, _keys_of(analysis.frame, own), own.replace(name, shown))
    elif isinstance(item, TransformerTrace):
        raise InvalidInputError(
            f"{name}: holds {len(item.layers)} layers of {len(item.heads)} heads; say which is meant, as "
            "trace.head(layer=5, head=0), or trace.with_attention(trace.rollout(), 5)"
        )
    else:
        raise InvalidInputError(
            f"{name}: must be a trace, a TraceAnalysis, a results frame or the path of one; got {type(item).__name__}"
        )


def _stored(path: Path) -> object:
    """Return what a file or folder holds."""
    if is_saved_transformer(path):
        return TransformerTrace.load(path)
    if path.is_file() and path.suffix not in _SUFFIXES:
        kinds = ", ".join(_SUFFIXES)
        raise TraceError(
            f"{path}: must be a saved trace, a folder of .npy files or of trace analyse, or a file {kinds}"
        )
    frame = path / "frame.csv" if path.is_dir() else path
    if frame.suffix == ".parquet":
        return read_frame(frame)
    if frame.suffix != ".csv" or not frame.exists():
        return read_trace(path)  # which tells of a path that is not there
    check_unchanged(frame)
    try:
        return pd.read_csv(frame, dtype="string", keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise FrameError(f"{frame}: must be a results frame as CSV, with commas between fields ({said})") from error


def _keys_of(rows: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return the key columns that the rows of one model fill."""
    found: dict[str, Any] = {}
    for column in (*_PARTS, "training", "seed"):
        values = rows[column].dropna().unique().tolist()
        if len(values) > 1:
            raise InvalidInputError(f"{name}: must be of one {column}; got {values[0]} and {values[1]}")
        found |= {column: values[0]} if values else {}
    labels = rows["ablation"].fillna("none").unique()
    return found if "none" in labels else {**found, "ablation": labels[0]}


def _filled(model: Model, shared: Mapping[str, str]) -> Model:
    """Return a model with every part of its condition, after checking that it is an intact one."""
    keys = {"training": "standard", **shared, **model.keys}
    if keys.get("ablation", "none") != "none":
        raise InvalidInputError(f"{model.name}: must have its own attention; it has that of {keys['ablation']}")
    for column in _PARTS:
        if column not in keys:
            raise InvalidInputError(
                f"{model.name}: must say its {column}: in the metadata of a trace, as by trace.with_metadata("
                f"{{{column!r}: ...}}), or for all models by shared={{{column!r}: ...}}"
            )
    return replace(model, keys=keys)


def _by_seed(models: Sequence[Model]) -> dict[tuple[Condition, int], Model]:
    """Return the models by condition and seed; without seeds they count in their order within a condition."""
    seeds = [each.keys.get("seed") for each in models]
    conditions = [
        Condition(**{name: component_of(str(each.keys[name])) for name in _PARTS}, training=str(each.keys["training"]))
        for each in models
    ]
    if None in seeds and any(seed is not None for seed in seeds):
        lacking = models[seeds.index(None)].name
        raise InvalidInputError(f"{lacking}: must have a seed, as other models have; got none")
    found: dict[tuple[Condition, int], Model] = {}
    numbers: Counter[Condition] = Counter()
    for model, condition, given in zip(models, conditions, seeds, strict=True):
        seed = numbers[condition] if given is None else int(given)
        numbers[condition] += 1
        if (condition, seed) in found and found[condition, seed].name == model.name:
            raise InvalidInputError(f"models: must each be given once; got {model.name} twice")
        if (condition, seed) in found:
            raise InvalidInputError(
                f"{model.name}: must differ from {found[condition, seed].name} in condition or seed; both are "
                f"{' '.join(map(str, condition))}, seed {seed}. Heads of one model need names, as attention='head 3'"
            )
        found[condition, seed] = model
    _check_labels(found)
    return found


def _check_labels(models: Mapping[tuple[Condition, int], Model]) -> None:
    """Raise if traces of one data set have other labels, and so are of other texts, or of others in this order."""
    first: dict[Component, tuple[str, AttentionTrace]] = {}
    for (condition, _), model in models.items():
        if isinstance(model.source, AttentionTrace) and model.source.label is not None:
            name, other = first.setdefault(condition.dataset, (model.name, model.source))
            if not np.array_equal(model.source.label, np.asarray(other.label)):
                raise InvalidInputError(
                    f"models: must be of the same texts in the same order on a data set; {model.name} has other labels "
                    f"than {name}"
                )


def check_texts(analyses: Mapping[tuple[Condition, int], TraceAnalysis]) -> dict[tuple[Condition, int], TraceAnalysis]:
    """Return the analyses with attention of equal width in a condition, after checking that texts are the same."""
    first: dict[object, tuple[str, TraceAnalysis]] = {}
    found = {}
    for (condition, seed), analysis in analyses.items():
        name = " ".join([*map(str, condition), f"seed {seed}"])
        for alike in (condition.dataset, condition):
            other, reference = first.setdefault(alike, (name, analysis))
            if len(reference.examples) != len(analysis.examples):
                raise InvalidInputError(
                    f"models: must be of the same texts in the same order on a data set; {name} has "
                    f"{_texts(analysis)}, {other} has {_texts(reference)}"
                )
        real, expected = (np.isfinite(each.attention).sum(axis=1) for each in (analysis, first[condition][1]))
        if not np.array_equal(real, expected):
            raise InvalidInputError(
                f"models: must have the same tokens under one condition; texts of {name} have other lengths than those "
                f"of {first[condition][0]}"
            )
        width = max(each.attention.shape[1] for key, each in analyses.items() if key[0] == condition)
        padding = ((0, 0), (0, width - analysis.attention.shape[1]))
        found[condition, seed] = replace(
            analysis, attention=np.pad(analysis.attention, padding, constant_values=np.nan)
        )
    return found


def _texts(analysis: TraceAnalysis) -> str:
    n = len(analysis.examples)
    return "means over texts, of a frame" if n == 1 else f"{n} texts"
