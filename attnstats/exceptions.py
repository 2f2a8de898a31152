"""Errors, all of them `AttnstatsError`, and warnings. A message names the parameter, the rule and the value."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = [
    "AttnstatsError",
    "AttnstatsWarning",
    "ConfigError",
    "ConstantInputError",
    "ConvergenceError",
    "DatasetError",
    "DuplicateSamplesError",
    "FewReplicatesWarning",
    "FrameError",
    "InvalidInputError",
    "MissingExtraError",
    "NonFiniteError",
    "OutputError",
    "TooFewSamplesError",
    "TraceError",
    "UndercoverageWarning",
    "UnknownNameError",
    "UnreliableEstimateWarning",
]


class AttnstatsError(Exception):
    """Base of every error that this package raises."""


class InvalidInputError(AttnstatsError, ValueError):
    """An argument has the wrong shape, type or range."""


class NonFiniteError(InvalidInputError):
    """An array has a missing or infinite value."""


class TooFewSamplesError(InvalidInputError):
    """There are fewer samples, clusters or classes than the method needs."""


class ConstantInputError(InvalidInputError):
    """A variable is constant, so the quantity is undefined."""


class DuplicateSamplesError(InvalidInputError):
    """A nearest-neighbour estimator that needs distinct samples got equal ones."""


class ConvergenceError(AttnstatsError):
    """A fit did not converge."""


class FrameError(InvalidInputError):
    """A table is not a results frame."""


class TraceError(AttnstatsError):
    """A saved attention trace is damaged, truncated or inconsistent."""


class DatasetError(AttnstatsError):
    """A data set cannot be found or read."""


class ConfigError(InvalidInputError):
    """A study configuration is not valid."""


class OutputError(AttnstatsError, OSError):
    """A folder takes no files; the message gives the parameter, the folder and the reason of the system."""

    def __init__(self, name: str, folder: object, reason: str) -> None:
        super().__init__(f"{name}: must be a folder that can be written; got {folder} ({reason})")
        self.reason = reason


class UnknownNameError(ConfigError):
    """A name is not one of the known ones, which the message lists."""

    def __init__(self, kind: str, name: object, known: object) -> None:
        names = ", ".join(str(each) for each in known)  # type: ignore[attr-defined]
        super().__init__(f"{kind}: must be one of {names}; got {name!r}")


class MissingExtraError(AttnstatsError, ImportError):
    """An optional dependency is not installed; the message gives the command to install it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: run  pip install 'attnstats[{extra}]'")


def require(package: str, extra: str) -> None:
    """Raise MissingExtraError unless a package of an extra is installed."""
    if find_spec(package) is None:
        raise MissingExtraError(package, extra)


class AttnstatsWarning(UserWarning):
    """Base of every warning that this package issues."""


class FewReplicatesWarning(AttnstatsWarning):
    """There are too few replicates for the method to keep its nominal level."""


class UndercoverageWarning(FewReplicatesWarning):
    """With so few clusters the interval covers less than its level; another method would not."""


class UnreliableEstimateWarning(AttnstatsWarning):
    """The sample does not support the estimate: the dimension or the information is too large for it."""
