"""Layers by their names in configurations."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any, Literal, TypeAlias

from attnstats.exceptions import ConfigError, UnknownNameError
from attnstats.models._lazy import snake_case

LayerKind: TypeAlias = Literal["encoder", "attention", "normalizer"]
_PACKAGES = {"encoder": "encoders", "attention": "attention", "normalizer": "normalizers"}


def layer_names(kind: LayerKind) -> tuple[str, ...]:
    """Return the names of all layers of one kind, sorted, without loading Keras.

    Parameters
    ----------
    kind : {"encoder", "attention", "normalizer"}
        Part of a classifier; UnknownNameError if it is another word.

    Examples
    --------
    >>> layer_names("encoder")
    ('bigru', 'bilstm', 'cnn', 'mlp', 'transformer')
    """
    return tuple(sorted(_classes(kind)))


def make_layer(kind: LayerKind, name: str, **parameters: Any) -> Any:
    """Return a new layer by its name, the snake-case form of its class.

    Parameters
    ----------
    kind : {"encoder", "attention", "normalizer"}
        Part of a classifier.
    name : str
        One of `layer_names`.
    **parameters
        Arguments of the layer.

    Raises
    ------
    UnknownNameError
        If there is no layer of this name.
    ConfigError
        If the layer has no such parameter.

    Examples
    --------
    >>> make_layer("normalizer", "gumbel_softmax", temperature=0.5).temperature
    0.5
    """
    classes = _classes(kind)
    if name not in classes:
        raise UnknownNameError(kind, name, sorted(classes))
    layer = getattr(_package(kind), classes[name])
    # Keras' own arguments (dtype, name, ...) pass through **kwargs and are not offered to configurations.
    own = layer.__init__.__module__.startswith(f"{__package__}.")
    arguments = inspect.signature(layer.__init__).parameters if own else {}
    known = [each for each in arguments if each not in {"self", "kwargs"}]
    for parameter in parameters:
        if parameter not in known:
            takes = f"be one of {', '.join(known)}" if known else "be left out, it takes none"
            raise ConfigError(f"{kind} {name}: a parameter must {takes}; got {parameter!r}")
    return layer(**parameters)


def _package(kind: str) -> Any:
    if kind not in _PACKAGES:
        raise UnknownNameError("kind", kind, _PACKAGES)
    return import_module(f"attnstats.models.{_PACKAGES[kind]}")


def _classes(kind: str) -> dict[str, str]:
    return {snake_case(name): name for name in _package(kind).__all__}
