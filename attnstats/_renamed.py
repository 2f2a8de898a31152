"""Former names of public objects, parameters and fields, kept for one release with a warning."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def former_names(room: str, **new_names: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a room in which objects have new names, ``former="New"``.

    >>> look_up = former_names("attnstats.results", Interval="ConfidenceInterval")
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     look_up("Interval").__name__, str(caught[0].message)
    ('ConfidenceInterval', 'attnstats.results.Interval is now ConfidenceInterval')
    """

    def look_up(name: str) -> Any:
        if name not in new_names:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        warnings.warn(f"{room}.{name} is now {new_names[name]}", DeprecationWarning, stacklevel=2)
        return getattr(import_module(room), new_names[name])

    return look_up


def former_parameters(**new_names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator for a function whose keywords have new names, ``former="new"``.

    >>> @former_parameters(minimum_seeds="minimum")
    ... def check(*, minimum):
    ...     return minimum
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     check(minimum_seeds=3), str(caught[0].message)
    (3, 'minimum_seeds is now minimum')
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        renew = functools.partial(_renew, function.__name__, new_names)

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return function(*args, **renew(kwargs))

        # doctest takes a function for one of its module by its globals, inspect finds its file by its code.
        given, code = cast(FunctionType, function), call.__code__
        code = code.replace(co_filename=given.__code__.co_filename, co_firstlineno=given.__code__.co_firstlineno)
        renamed = FunctionType(code, given.__globals__, given.__name__, None, call.__closure__)
        functools.update_wrapper(renamed, function)
        renamed.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return renamed

    return decorate


def former_fields(**new_names: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator for a dataclass whose fields have new names, ``former="new"``.

    >>> import dataclasses
    >>> @former_fields(n_seeds="n")
    ... @dataclasses.dataclass
    ... class Plan:
    ...     n: int
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     Plan(n_seeds=8).n_seeds, [str(each.message) for each in caught]
    (8, ['n_seeds is now n', 'Plan.n_seeds is now n'])
    """

    def decorate(kind: type[T]) -> type[T]:
        kind.__init__ = former_parameters(**new_names)(kind.__init__)  # type: ignore[method-assign]
        for former, new in new_names.items():
            setattr(kind, former, _former_field(former, new))
        return kind

    return decorate


def _former_field(former: str, new: str) -> property:
    def value(instance: object) -> Any:
        warnings.warn(f"{type(instance).__name__}.{former} is now {new}", DeprecationWarning, stacklevel=2)
        return getattr(instance, new)

    return property(value, doc=f"The former name of `{new}`.")


def _renew(function: str, new_names: dict[str, str], kwargs: dict[str, Any]) -> dict[str, Any]:
    for former, new in new_names.items():
        if former in kwargs:
            if new in kwargs:
                raise TypeError(f"{function}() got {new!r} and its former name {former!r}")
            warnings.warn(f"{former} is now {new}", DeprecationWarning, stacklevel=3)
            kwargs[new] = kwargs.pop(former)
    return kwargs
