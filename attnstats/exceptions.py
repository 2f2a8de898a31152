"""Errors and warnings by name, so that a caller can catch exactly what went wrong.

Every error derives from `AttnstatsError`; those caused by a bad argument are also `ValueError`. A message names the
parameter, the rule it broke and the value received.
"""

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
    "TooFewSamplesError",
    "TraceError",
    "UndercoverageWarning",
    "UnknownNameError",
    "UnreliableEstimateWarning",
]


class AttnstatsError(Exception):
    """Base of every error that this package raises on purpose."""


class InvalidInputError(AttnstatsError, ValueError):
    """An argument has the wrong shape, type or range."""


class NonFiniteError(InvalidInputError):
    """An array holds NaN or infinity and no policy for them was declared."""


class TooFewSamplesError(InvalidInputError):
    """There are fewer samples, seeds or classes than the method needs."""


class ConstantInputError(InvalidInputError):
    """A variable does not vary, so the quantity asked for is undefined."""


class DuplicateSamplesError(InvalidInputError):
    """A nearest-neighbour estimate met samples at distance zero, where it is not defined."""


class ConvergenceError(AttnstatsError):
    """A fit did not converge, so its value cannot be reported."""


class FrameError(InvalidInputError):
    """A table is not a results frame."""


class TraceError(AttnstatsError):
    """A saved attention trace is damaged, truncated or inconsistent."""


class DatasetError(AttnstatsError):
    """A data set cannot be had or read."""


class ConfigError(InvalidInputError):
    """A study configuration is not valid."""


class UnknownNameError(ConfigError):
    """A name is not among the known ones; the message lists them."""

    def __init__(self, kind: str, name: object, known: object) -> None:
        names = ", ".join(str(each) for each in known)  # type: ignore[attr-defined]
        super().__init__(f"{kind}: must be one of {names}; got {name!r}")


class MissingExtraError(AttnstatsError, ImportError):
    """An optional dependency is not installed; the message gives the command that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: run  pip install 'attnstats[{extra}]'")


class AttnstatsWarning(UserWarning):
    """Base of every warning that this package issues."""


class FewReplicatesWarning(AttnstatsWarning):
    """There are too few replicates for the method to keep its nominal level."""


class UndercoverageWarning(FewReplicatesWarning):
    """The interval is known to cover less than its level with so few clusters or seeds; another method would not."""


class UnreliableEstimateWarning(AttnstatsWarning):
    """An estimate lies beyond what its sample can show: too high a dimension, or too much information."""
