"""The Keras networks behind critics and densities; importing this file loads Keras.

One network holds the weights of all folds, in a leading axis, and evaluates them side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from keras import layers, ops

Tensor: TypeAlias = Any

#: Smallest variance of a component, on the scale of the margins; without it repeated values have infinite density.
_SMALLEST_VARIANCE = 1e-6


class Dense(layers.Layer):
    """One affine map per fold, x @ kernel / sqrt(dim_in) + bias: (n_folds, n, dim_in) to (n_folds, n, dim_out).

    With the scale outside the kernel (Jacot et al. 2018), a step of Adam changes outputs by the same at any width.
    """

    def __init__(self, n_folds: int, dim_in: int, dim_out: int, *, gain: float = 1.0, use_bias: bool = True) -> None:
        super().__init__()
        self.gain, self.scale = gain, dim_in**-0.5
        self.kernel = self.add_weight(shape=(n_folds, dim_in, dim_out), initializer="zeros")
        self.bias = self.add_weight(shape=(n_folds, 1, dim_out), initializer="zeros") if use_bias else None
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Return the images of each fold's rows."""
        outputs = ops.matmul(inputs, self.kernel) * self.scale
        return outputs if self.bias is None else outputs + self.bias

    def reset(self, rng: np.random.Generator) -> None:
        """Draw the kernel with standard deviation `gain`, and set the bias to zero."""
        self.kernel.assign(rng.normal(scale=self.gain, size=self.kernel.shape))
        if self.bias is not None:
            self.bias.assign(np.zeros(self.bias.shape))


class Network(layers.Layer):
    """A layer over (x, y) made of `Dense` maps: shapes (n_folds, n, dim) to scores (n_folds, n, n)."""

    #: Weights that may be initialised by the caller.
    base: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.built = True

    def reset(self, rng: np.random.Generator) -> None:
        """Draw new initial weights."""
        for dense in self._maps():
            dense.reset(rng)

    def paired(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the scores of row i of x with row i of y, shape (n_folds, n)."""
        return ops.diagonal(self(x, y), axis1=-2, axis2=-1)

    def _maps(self) -> Iterator[Dense]:
        for value in vars(self).values():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, Dense):
                    yield part
                elif isinstance(part, Network):
                    yield from part._maps()


class Tower(Network):
    """A perceptron with ReLU layers, plus a linear map of its input; the output starts at zero if gain is 0."""

    def __init__(self, n_folds: int, dim_in: int, hidden: tuple[int, ...], dim_out: int, *, gain: float) -> None:
        super().__init__()
        widths = (dim_in, *hidden)
        self.hidden = [Dense(n_folds, *pair, gain=np.sqrt(2)) for pair in pairwise(widths)]
        self.head = Dense(n_folds, widths[-1], dim_out, gain=gain)
        self.past = Dense(n_folds, dim_in, dim_out, gain=gain, use_bias=False) if hidden else None

    def call(self, inputs: Tensor) -> Tensor:
        """Return (n_folds, n, dim_out)."""
        values = inputs
        for dense in self.hidden:
            values = ops.relu(dense(values))
        values = self.head(values)
        return values if self.past is None else values + self.past(inputs)


class SeparableNetwork(Network):
    """g(x)·h(y) / sqrt(embedding) + a(x) + b(y), where the bias of g gives b; it starts at zero."""

    def __init__(self, n_folds: int, dim_x: int, dim_y: int, hidden: tuple[int, ...], embedding: int) -> None:
        super().__init__()
        self.of_x = Tower(n_folds, dim_x, hidden, embedding + 1, gain=0.0)
        self.of_y = Tower(n_folds, dim_y, hidden, embedding, gain=1.0)
        self.scale = embedding**-0.5

    def call(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the scores of all pairs."""
        of_x = self.of_x(x)
        return ops.matmul(of_x[..., :-1], ops.swapaxes(self.of_y(y) * self.scale, -1, -2)) + of_x[..., -1:]


class BilinearNetwork(Network):
    """xᵀ W y + a·x + b·y + c; it starts at zero."""

    def __init__(self, n_folds: int, dim_x: int, dim_y: int) -> None:
        super().__init__()
        self.of_x = Dense(n_folds, dim_x, dim_y + 1, gain=0.0)

    def call(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the scores of all pairs."""
        of_x = self.of_x(x)
        return ops.matmul(of_x[..., :-1], ops.swapaxes(y, -1, -2)) + of_x[..., -1:]


class JointNetwork(Network):
    """A perceptron of (x, y), evaluated on all pairs; it starts at zero."""

    def __init__(self, n_folds: int, dim_x: int, dim_y: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        # The first map of a pair is the sum of a map of x and one of y, each evaluated once per row.
        self.of_x = Dense(n_folds, dim_x, hidden[0])
        self.of_y = Dense(n_folds, dim_y, hidden[0], use_bias=False)
        self.rest = Tower(n_folds, hidden[0], hidden[1:], 1, gain=0.0)

    def call(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the scores of all pairs."""
        first = ops.relu(self.of_x(x)[:, :, None] + self.of_y(y)[:, None])
        n_folds, n_x, n_y, width = ops.shape(first)
        return ops.reshape(self.rest(ops.reshape(first, (n_folds, n_x * n_y, width))), (n_folds, n_x, n_y))


class MixtureNetwork(Network):
    """log q(y | x): a mixture of Gaussians whose weights, means and scales depend on x.

    The components are independent over the coordinates of A y, with A a learned unit upper triangular matrix. What does
    not depend on x is the `base`, and initially the density is that of the base alone.
    """

    def __init__(self, n_folds: int, dim_x: int, dim_y: int, hidden: tuple[int, ...], n_components: int) -> None:
        super().__init__()
        self.shape = (n_components, dim_y)
        self.of_x = Tower(n_folds, dim_x, hidden, n_components * (2 * dim_y + 1), gain=0.0)
        self.centers = Dense(n_folds, 1, n_components * dim_y, use_bias=False)
        self.mixing = Dense(n_folds, dim_y, dim_y, gain=0.0, use_bias=False)
        self.base = [self.of_x.head.bias, self.centers.kernel, self.mixing.kernel]
        self.triangle = np.triu(np.ones((dim_y, dim_y), dtype=np.float32), 1)

    def call(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log q(y_j | x_i) of all pairs."""
        log_weight, mean, log_scale = (part[:, :, None] for part in self._parameters(x))
        return self._log_density(log_weight, mean, log_scale, self._mix(y)[:, None])

    def paired(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log q(y_i | x_i), shape (n_folds, n)."""
        return self._log_density(*self._parameters(x), self._mix(y))

    def _mix(self, y: Tensor) -> Tensor:
        return (y + ops.matmul(y, self.mixing.kernel * self.triangle))[..., None, :]

    def _parameters(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        n_components, dim_y = self.shape
        values = self.of_x(x)
        n_folds, n, _ = ops.shape(values)
        rest = ops.reshape(values[..., n_components:], (n_folds, n, n_components, 2 * dim_y))
        centers = ops.reshape(self.centers.kernel, (n_folds, 1, n_components, dim_y))
        return ops.log_softmax(values[..., :n_components]), centers + rest[..., :dim_y], rest[..., dim_y:]

    def _log_density(self, log_weight: Tensor, mean: Tensor, log_scale: Tensor, y: Tensor) -> Tensor:
        variance = ops.exp(2 * log_scale) + _SMALLEST_VARIANCE
        terms = ops.log(2 * np.pi * variance) + (y - mean) ** 2 / variance
        return ops.logsumexp(log_weight - ops.sum(terms, axis=-1) / 2, axis=-1)


class SoftmaxNetwork(Network):
    """log q(y | x) of a class y in one-hot rows; initially the logits are its `base`, which does not depend on x."""

    def __init__(self, n_folds: int, dim_x: int, dim_y: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.of_x = Tower(n_folds, dim_x, hidden, dim_y, gain=0.0)
        self.base = [self.of_x.head.bias]

    def call(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log q(y_j | x_i) of all pairs."""
        return ops.matmul(ops.log_softmax(self.of_x(x)), ops.swapaxes(y, -1, -2))

    def paired(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log q(y_i | x_i), shape (n_folds, n)."""
        return ops.sum(ops.log_softmax(self.of_x(x)) * y, axis=-1)
