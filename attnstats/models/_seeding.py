"""Initial weights as a function of a seed, without a lasting change to any global random state."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from keras import Model, layers, ops


def fresh_copy(layer: layers.Layer, rng: np.random.Generator) -> layers.Layer:
    """Return a layer of the same configuration and input shape, with weights and noise seeds drawn from `rng`."""
    with _keras_seeded(int(rng.integers(2**31))):
        copy = type(layer).from_config(layer.get_config())
        if layer.built:
            copy.build_from_config(layer.get_build_config())
    return copy


def initialize(model: Model, seed: np.random.SeedSequence) -> None:
    """Give every layer of a model new initial weights and noise seeds, in place, each from a stream of its own."""
    for layer, stream in zip(model.layers, seed.spawn(len(model.layers)), strict=True):
        refresh(layer, np.random.default_rng(stream))


def refresh(layer: layers.Layer, rng: np.random.Generator) -> None:
    """Give a layer new initial weights and noise seeds, in place."""
    for variable, value in zip(layer.variables, fresh_copy(layer, rng).variables, strict=True):
        variable.assign(value)


@contextmanager
def restored(*parts: layers.Layer) -> Iterator[None]:
    """Restore all weights and noise seeds of models or layers when the block ends."""
    variables = [variable for part in parts for variable in part.variables]
    kept = [ops.convert_to_numpy(variable) for variable in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=True):
            variable.assign(value)


@contextmanager
def _keras_seeded(seed: int) -> Iterator[None]:
    # Keras draws the seeds of initializers, dropout and noise from Python's global generator, which is seeded here and
    # then restored. `keras.utils.set_random_seed` would also make TensorFlow discard its optimised graphs.
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
