"""A named part of a study with its parameters, as a configuration holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

from attnstats.exceptions import ConfigError

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, init=False, repr=False)
class Component:
    """A named part of a study with its parameters; the object is made where it is used.

    Examples
    --------
    >>> Component("gumbel_softmax", temperature=0.5)
    gumbel_softmax(temperature=0.5)
    >>> Component.parse({"name": "probe"}) == Component.parse("probe")
    True
    """

    name: str
    items: tuple[tuple[str, Value], ...] = ()

    def __init__(self, name: str, /, **parameters: Value | list[Scalar]) -> None:
        if not isinstance(name, str) or not name:
            raise ConfigError(f"name: must be a non-empty text; got {name!r}")
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()}
        for key, value in values.items():
            parts = value if isinstance(value, tuple) else (value,)
            if not all(isinstance(part, str | int | float | bool) for part in parts):
                raise ConfigError(f"{name}.{key}: must be a text, number, boolean or list of them; got {value!r}")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "items", tuple(sorted(values.items())))

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the component that a TOML value stands for: a name, or a table with ``name`` and parameters."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, Mapping) and "name" in value:
            return cls(value["name"], **{key: each for key, each in value.items() if key != "name"})
        raise ConfigError(f"component: must be a name or a table with a name; got {value!r}")

    @property
    def parameters(self) -> dict[str, Value]:
        """The parameters by name."""
        return dict(self.items)

    def __str__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.items)
        return f"{self.name}({arguments})" if arguments else self.name

    def __repr__(self) -> str:
        return str(self)
