"""Exports of a package whose modules are imported when first used, so that listing layers does not load Keras."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from attnstats.exceptions import MissingExtraError


def snake_case(name: str) -> str:
    """Return the snake-case form of a class name, which names its module and its layer in configurations."""
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower()


def attach(package: str, modules: dict[str, str]) -> tuple[Callable[[str], Any], Callable[[], Iterable[str]]]:
    """Return `__getattr__` and `__dir__` of a package, given the submodule that defines each public name."""

    def getattr_(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(import_module(f"{package}.{modules[name]}"), name)
        except ModuleNotFoundError as error:
            if error.name in {"keras", "tensorflow"}:
                raise MissingExtraError(error.name, "models") from error
            raise

    return getattr_, lambda: sorted(modules)
