"""What a trace takes of a running model: which submodule or layer, its input or output, logits or probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from attnstats._validation import check_object, check_text
from attnstats.exceptions import InvalidInputError

Part: TypeAlias = int | str | None


@dataclass(frozen=True)
class Output:
    """What a submodule or layer returns, or one part of it.

    Parameters
    ----------
    name : str
        Name of the submodule or layer, with dots for nested submodules of PyTorch; ``""`` is the model itself.
    part : int or str, optional
        Which of several values: the number in a tuple, or the key or attribute of a record.

    Raises
    ------
    InvalidInputError
        If `name` is no text or `part` neither a number nor a text.

    Examples
    --------
    >>> Output("encoder.attention", part=1)
    Output(name='encoder.attention', part=1)
    """

    name: str
    part: Part = None

    def __post_init__(self) -> None:
        _check(self.name, self.part)


@dataclass(frozen=True)
class Input:
    """What a submodule or layer receives: one of its arguments.

    Parameters
    ----------
    name : str
        Name of the submodule or layer, as of `Output`.
    part : int or str
        Which argument, by its number or its name; by default the first.

    Raises
    ------
    InvalidInputError
        If `name` is no text or `part` neither a number nor a text.

    Examples
    --------
    The states that an attention weighs:

    >>> Input("encoder.attention", part="value")
    Input(name='encoder.attention', part='value')
    """

    name: str
    part: Part = 0

    def __post_init__(self) -> None:
        _check(self.name, self.part)


Captured: TypeAlias = Output | Input


@dataclass(frozen=True)
class Logits:
    """Scores of the classes before the softmax, which is applied; one column is the log-odds of class 1.

    Parameters
    ----------
    of : str, Output or Input
        Where they are; by default what the model returns.

    Raises
    ------
    InvalidInputError
        If `of` is something else.

    Examples
    --------
    >>> Logits("classifier")
    Logits(of='classifier')
    """

    of: str | Captured = ""

    def __post_init__(self) -> None:
        as_captured(self.of, "of")


@dataclass(frozen=True)
class PositiveProbability:
    """The probability of class 1 of two, in one column, as after a sigmoid.

    Parameters
    ----------
    of : str, Output or Input
        Where it is; by default what the model returns.

    Raises
    ------
    InvalidInputError
        If `of` is something else.

    Examples
    --------
    >>> PositiveProbability()
    PositiveProbability(of='')
    """

    of: str | Captured = ""

    def __post_init__(self) -> None:
        as_captured(self.of, "of")


def as_captured(value: object, name: str) -> Captured:
    """Return what is to be captured; a plain name stands for the output."""
    if isinstance(value, str):
        return Output(value)
    check_object(value, name, (Output, Input), "a name, Output(name, part=1) or Input(name)")
    return value  # type: ignore[return-value]


def _check(name: object, part: object) -> None:
    check_text(name, "name")
    if isinstance(part, bool) or not isinstance(part, int | str | None):
        raise InvalidInputError(f"part: must be a number or a name; got {part!r:.40}")
