"""The parts of a study's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from attnstats._validation import check_count, check_fraction, check_positive
from attnstats.exceptions import ConfigError
from attnstats.studies.config.component import Component


@dataclass(frozen=True)
class DatasetSpec:
    """A data set, and how its texts become token ids.

    Parameters
    ----------
    source : Component
        Loader with its parameters; in TOML its name and the table ``parameters``.
    max_length, min_count, max_vocabulary : int
        Longest text in tokens; rarest word kept; largest vocabulary (see `attnstats.datasets.encode_dataset`).
    max_train, max_test : int or None
        Keep a fixed random part of the split.
    trainings : tuple of str or None
        Names of the trainings that its models have; None for all of the study.
    """

    source: Component
    max_length: int = 40
    min_count: int = 2
    max_vocabulary: int = 20_000
    max_train: int | None = None
    max_test: int | None = None
    trainings: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        trainings: object = self.trainings
        if trainings is not None:
            if isinstance(trainings, str) or not isinstance(trainings, Sequence) or not trainings:
                raise ConfigError(f"datasets.trainings: must be a list of names; got {trainings!r}")
            object.__setattr__(self, "trainings", tuple(trainings))
        for name in ("max_length", "min_count", "max_vocabulary", "max_train", "max_test"):
            value = getattr(self, name)
            if value is not None:
                check_count(value, f"datasets.{name}")


class Measured(NamedTuple):
    """What is measured on one architecture."""

    views: tuple[Component, ...]
    estimators: tuple[Component, ...]
    outputs: tuple[Component, ...]
    ablations: tuple[Component, ...]
    attributions: tuple[Component, ...]


@dataclass(frozen=True)
class Grid:
    """Architectures, and what is measured on them alone.

    Parameters
    ----------
    encoders, attentions, normalizers : tuple of Component
        Every combination of these is an architecture.
    views, estimators, outputs, ablations, attributions : tuple of Component
        Further ones for these architectures, after those of the study.
    """

    encoders: tuple[Component, ...]
    attentions: tuple[Component, ...]
    normalizers: tuple[Component, ...] = (Component("softmax"),)
    views: tuple[Component, ...] = ()
    estimators: tuple[Component, ...] = ()
    outputs: tuple[Component, ...] = ()
    ablations: tuple[Component, ...] = ()
    attributions: tuple[Component, ...] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            parsed = components(getattr(self, each.name), f"architectures.{each.name}")
            object.__setattr__(self, each.name, parsed)
        for name in ("encoders", "attentions", "normalizers"):
            if not getattr(self, name):
                raise ConfigError(f"architectures.{name}: must hold at least one; got none")

    def __contains__(self, combination: tuple[Component, Component, Component]) -> bool:
        encoder, attention, normalizer = combination
        return encoder in self.encoders and attention in self.attentions and normalizer in self.normalizers


@dataclass(frozen=True)
class Inference:
    """How the findings are tested, fixed before the data are seen.

    Parameters
    ----------
    findings : tuple of str
        Which findings to evaluate.
    correction : str
        ``"holm"``, ``"benjamini_hochberg"``, ``"benjamini_yekutieli"`` or, where all claims of a family are
        superiorities on the same seeds, ``"max_t"``, within each family.
    alpha, confidence_level : float
        Level of the tests, and of the intervals.
    n_resamples : int
        Resamples of each bootstrap interval.
    minimum_seeds : int
        Fewest seeds with which a finding is decided; where it is below 8, the report warns.
    near_tie : float
        Attention gap ``|log a - log a'|`` below which two weights count as nearly equal.
    """

    findings: tuple[str, ...] = ("i", "ii", "iii", "iv", "v")
    correction: str = "holm"
    alpha: float = 0.05
    confidence_level: float = 0.95
    n_resamples: int = 4999
    minimum_seeds: int = 8
    near_tie: float = 0.1

    def __post_init__(self) -> None:
        findings: object = self.findings
        if isinstance(findings, str) or not isinstance(findings, Sequence):
            raise ConfigError(f"inference.findings: must be a list of names; got {findings!r}")
        object.__setattr__(self, "findings", tuple(findings))
        if not isinstance(self.correction, str):
            raise ConfigError(f"inference.correction: must be a name; got {self.correction!r}")
        check_fraction(self.alpha, "inference.alpha")
        check_fraction(self.confidence_level, "inference.confidence_level")
        check_count(self.n_resamples, "inference.n_resamples", minimum=99)
        check_count(self.minimum_seeds, "inference.minimum_seeds", minimum=2)
        check_positive(self.near_tie, "inference.near_tie")


@dataclass(frozen=True)
class EquivalenceMargins:
    """Equivalence margins: the largest differences that would not matter, fixed before the data are seen.

    Parameters
    ----------
    information : float
        Share of the entropy of the output.
    agreement, stability : float
        Kendall's tau-b.
    concordance, accuracy : float
        Proportion.
    slope : float
        Share of attention per nat.
    gini : float
        Gini coefficient.
    """

    information: float = 0.05
    agreement: float = 0.05
    concordance: float = 0.05
    stability: float = 0.05
    slope: float = 0.1
    gini: float = 0.02
    accuracy: float = 0.02

    def __post_init__(self) -> None:
        for each in fields(self):
            check_positive(getattr(self, each.name), f"margins.{each.name}")


def components(value: object, name: str) -> tuple[Component, ...]:
    """Return the components of a list of names and tables."""
    if isinstance(value, str | Component) or not isinstance(value, Sequence):
        raise ConfigError(f"{name}: must be a list of names or of tables with a name; got {value!r}")
    return tuple(Component.parse(item) for item in value)
