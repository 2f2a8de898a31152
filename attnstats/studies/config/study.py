"""The whole study as one frozen value, from Python or from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import tomli_w

from attnstats._files import absent
from attnstats._validation import check_count
from attnstats.exceptions import ConfigError, InvalidInputError, UnknownNameError
from attnstats.studies.config.component import Component
from attnstats.studies.config.parts import DatasetSpec, EquivalenceMargins, Grid, Inference, Measured, components

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


Built = TypeVar("Built", bound="DataclassInstance")

#: More seeds or units than this are a slip of the pen.
_LARGEST = 1_000_000


@dataclass(frozen=True)
class StudyConfig:
    """The configuration of a study.

    Parameters
    ----------
    name : str
        Name of the study, in every row of its frame.
    datasets : tuple of DatasetSpec
        Where the texts come from.
    architectures : tuple of Grid
        Blocks of encoder × attention × normalizer; a combination that stands in two blocks counts once.
    seeds : int
        Models per architecture: seeds 0 to ``seeds - 1``.
    units, embedding_size : int
        Width of the hidden states, the same for every encoder, and of the embeddings.
    trainings : tuple of Component
        Ways to train the models: a name, and arguments of `attnstats.models.Training`, with ``schedule`` (``constant``,
        ``cosine``), ``selection`` (``last_epoch``, ``lowest_loss``, ``highest_auc``) and ``embeddings`` (``random``,
        ``glove``) as names, and beside them the arguments of what they name. A training may also set the rates
        ``embedding_dropout``, ``word_dropout`` and ``dropout`` of `attnstats.models.AttentionClassifier`. The first one
        decides the findings; the others show what hangs on it.
    views : tuple of Component
        ``rank(ranks=6)``, ``position(positions=6)``, ``pointwise``.
    estimators : tuple of Component
        MI estimators for a vector and a class. The tests use the first one; the others are sensitivity analyses.
    outputs : tuple of Component
        What the information is about. ``class``, the predicted class, must come first, and the tests use it; ``label``
        and ``probability(bins=4)`` are sensitivity analyses.
    ablations : tuple of Component
        Interventions of `attnstats.ablation`.
    attributions : tuple of Component
        Attributions of `attnstats.models.attribution`.
    null_resamples : int
        Permuted pairs behind each null floor.
    sample_examples : int
        Number of texts that the report shows token by token, for the first model of each architecture.
    checkpoints : int
        Number of times that a model is measured along its training besides the end of its last epoch: before the first
        update, and after numbers of updates that grow by equal factors from one. They decide nothing.
    inference : Inference
        How the findings are tested.
    margins : EquivalenceMargins
        The largest differences that would not matter.

    Raises
    ------
    ConfigError
        If a key is unknown or a value is out of range; names are checked when the study is run.

    Examples
    --------
    >>> from attnstats.studies import Component, DatasetSpec, Grid
    >>> config = StudyConfig(
    ...     name="mine", datasets=[DatasetSpec(Component("rotten_tomatoes"))],
    ...     architectures=[Grid(["mlp", "bilstm"], ["additive", "deep"])])
    >>> [str(part) for part in config.combinations()[1]]
    ['mlp', 'deep', 'softmax']
    >>> StudyConfig.from_toml(config.to_toml()) == config
    True
    """

    name: str
    datasets: tuple[DatasetSpec, ...]
    architectures: tuple[Grid, ...]
    seeds: int = 8
    units: int = 128
    embedding_size: int = 48
    trainings: tuple[Component, ...] = (Component("standard"),)
    views: tuple[Component, ...] = (Component("rank", ranks=6), Component("pointwise"))
    estimators: tuple[Component, ...] = (Component("probe"),)
    outputs: tuple[Component, ...] = (Component("class"),)
    ablations: tuple[Component, ...] = (Component("uniform"), Component("permuted"), Component("random_scorer"))
    attributions: tuple[Component, ...] = ()
    null_resamples: int = 5
    sample_examples: int = 6
    checkpoints: int = 0
    inference: Inference = field(default_factory=Inference)
    margins: EquivalenceMargins = field(default_factory=EquivalenceMargins)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ConfigError(f"name: must be a non-empty text; got {self.name!r}")
        for name in ("datasets", "architectures", "trainings", "views", "estimators", "outputs"):
            if not getattr(self, name):
                raise ConfigError(f"{name}: must hold at least one; got none")
        object.__setattr__(self, "datasets", tuple(self.datasets))
        object.__setattr__(self, "architectures", tuple(self.architectures))
        for name in ("trainings", "views", "estimators", "outputs", "ablations", "attributions"):
            object.__setattr__(self, name, components(getattr(self, name), name))
        may_be_zero = ("sample_examples", "checkpoints")
        for name in ("seeds", "units", "embedding_size", "null_resamples", *may_be_zero):
            value = check_count(getattr(self, name), name, minimum=0 if name in may_be_zero else 1)
            if value > _LARGEST:
                raise ConfigError(f"{name}: must be at most {_LARGEST}; got {value}")
        names = [each.name for each in self.trainings]
        if len(set(names)) < len(names):
            raise ConfigError(f"trainings: must have different names; got {', '.join(names)}")
        for spec in self.datasets:
            unknown = [name for name in spec.trainings or () if name not in names]
            if unknown:
                raise UnknownNameError("datasets.trainings", unknown[0], names)
            if spec.trainings is not None and names[0] not in spec.trainings:
                raise ConfigError(
                    f"datasets.trainings: must hold {names[0]}, which decides; got {', '.join(spec.trainings)}"
                )
        if self.seeds < self.inference.minimum_seeds:
            raise ConfigError(
                f"seeds: must be at least {self.inference.minimum_seeds} for the tests "
                f"(inference.minimum_seeds); got {self.seeds}"
            )
        for views in dict.fromkeys([self.views, *(self.measured(each).views for each in self.combinations())]):
            if len({view.name for view in views}) < len(views):
                raise ConfigError(f"views: must hold each kind once; got {', '.join(map(str, views))}")
        if self.outputs[0].name != "class":
            raise ConfigError(f"outputs: must begin with class, which decides; got {', '.join(map(str, self.outputs))}")
        sources = [spec.source for spec in self.datasets]
        if len(set(sources)) < len(sources):
            raise ConfigError(f"datasets: must differ from each other; got {', '.join(map(str, sources))}")

    def __hash__(self) -> int:
        return hash(self.to_toml())

    def combinations(self) -> list[tuple[Component, Component, Component]]:
        """Return each (encoder, attention, normalizer) once, in the order of the blocks."""
        every = (
            (encoder, attention, normalizer)
            for grid in self.architectures
            for encoder in grid.encoders
            for attention in grid.attentions
            for normalizer in grid.normalizers
        )
        return list(dict.fromkeys(every))

    def trainings_of(self, spec: DatasetSpec) -> list[Component]:
        """Return the ways in which the models of a data set are trained."""
        return [each for each in self.trainings if spec.trainings is None or each.name in spec.trainings]

    def measured(self, combination: tuple[Component, Component, Component]) -> Measured:
        """Return what is measured on an architecture: what holds for the study, and what its blocks add."""
        sources = [self, *(grid for grid in self.architectures if combination in grid)]
        return Measured(
            *(tuple(dict.fromkeys(each for one in sources for each in getattr(one, name))) for name in Measured._fields)
        )

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Return the study that a TOML document describes."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"toml: cannot be read ({error})") from error
        readers: dict[str, Callable[[Any], object]] = {
            "datasets": lambda tables: tuple(_dataset(table) for table in _tables(tables, "datasets")),
            "architectures": lambda tables: tuple(
                _build(Grid, table, "architectures") for table in _tables(tables, "architectures")
            ),
            "inference": lambda table: _build(Inference, table, "inference"),
            "margins": lambda table: _build(EquivalenceMargins, table, "margins"),
        }
        for key, reader in readers.items():
            if key in document:
                document[key] = reader(document[key])
        return _build(cls, document, "study")

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the study that a TOML file describes; ConfigError names the file and what is wrong with it."""
        if said := absent(Path(path)):
            raise ConfigError(f"{path}: {said}")
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"config: cannot read {path} ({error})") from error
        try:
            return cls.from_toml(text)
        except InvalidInputError as error:
            raise ConfigError(f"{path}: {error}") from error

    def to_toml(self) -> str:
        """Return the study as a TOML document, every default spelt out."""
        document: str = tomli_w.dumps(_plain(self))
        return document


def _tables(value: object, name: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise ConfigError(f"{name}: must be written as [[{name}]] tables; got {value!r}")
    return value


def _dataset(table: Mapping[str, Any]) -> DatasetSpec:
    values = dict(table)
    if "name" not in values:
        raise ConfigError("datasets.name: must be given; got none")
    parameters = values.pop("parameters", {})
    if not isinstance(parameters, Mapping):
        raise ConfigError(f"datasets.parameters: must be a table; got {parameters!r}")
    values["source"] = Component(values.pop("name"), **parameters)
    return _build(DatasetSpec, values, "datasets", shown=["name", "parameters"])


def _build(cls: type[Built], table: Mapping[str, Any], where: str, shown: Sequence[str] = ()) -> Built:
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where}: must be a table; got {table!r}")
    known = [each.name for each in fields(cls)]
    unknown = [key for key in table if key not in known]
    if unknown:
        names = [*shown, *(name for name in known if name != "source")]
        raise ConfigError(f"{where}.{unknown[0]}: unknown key; the known ones are {', '.join(names)}")
    required = [each.name for each in fields(cls) if each.default is MISSING and each.default_factory is MISSING]
    missing = [name for name in required if name not in table]
    if missing:
        raise ConfigError(f"{where}.{missing[0]}: must be given; got none")
    try:
        return cls(**table)
    except TypeError as error:
        raise ConfigError(f"{where}: a value has the wrong type ({error})") from error


def _plain(value: Any) -> Any:
    """Return a value as tables, lists and scalars, without None, which TOML lacks."""
    if isinstance(value, Component):
        return {"name": value.name, **_plain(value.parameters)} if value.items else value.name
    if isinstance(value, DatasetSpec):
        table = {each.name: getattr(value, each.name) for each in fields(value) if each.name != "source"}
        return _plain({"name": value.source.name, **table, "parameters": value.source.parameters or None})
    if is_dataclass(value):
        return _plain({each.name: getattr(value, each.name) for each in fields(value)})
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
