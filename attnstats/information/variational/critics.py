"""Critics and densities of the variational estimators: sizes of networks, which Keras builds when they are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    from attnstats.information.variational._networks import Network


class Architecture(Protocol):
    """A network to be built; hashable, so that compiled functions can be reused."""

    def __hash__(self) -> int: ...

    def network(self, n_folds: int, dim_x: int, dim_y: int) -> Network:
        """Return a network that scores pairs of rows of (n_folds, n, dim_x) and (n_folds, n, dim_y)."""


@dataclass(frozen=True)
class Separable:
    """f(x, y) = g(x)·h(y) + a(x) + b(y), with g, h and a from perceptrons plus linear maps: the default, and fast.

    Parameters
    ----------
    hidden : tuple of int, default (64,)
        Widths of the hidden layers of each perceptron; empty for linear maps.
    embedding : int, default 16
        Dimension of g(x) and h(y).

    Examples
    --------
    >>> from attnstats.information import Separable
    >>> Separable(hidden=(32,))
    Separable(hidden=(32,), embedding=16)
    """

    hidden: tuple[int, ...] = (64,)
    embedding: int = 16

    def __post_init__(self) -> None:
        _check_hidden(self.hidden)
        check_count(self.embedding, "embedding")

    def network(self, n_folds: int, dim_x: int, dim_y: int) -> Network:
        """Return the Keras network."""
        from attnstats.information.variational._networks import SeparableNetwork

        return SeparableNetwork(n_folds, dim_x, dim_y, self.hidden, self.embedding)


@dataclass(frozen=True)
class Bilinear:
    """f(x, y) = xᵀ W y + a·x + b·y + c: for linear dependence in many dimensions with few samples.

    The log ratio of a Gaussian has squares of x and of y too, so a bound with this critic stays below its information.

    Examples
    --------
    >>> from attnstats.information import Bilinear
    >>> Bilinear()
    Bilinear()
    """

    def network(self, n_folds: int, dim_x: int, dim_y: int) -> Network:
        """Return the Keras network."""
        from attnstats.information.variational._networks import BilinearNetwork

        return BilinearNetwork(n_folds, dim_x, dim_y)


@dataclass(frozen=True)
class Joint:
    """f(x, y) from one perceptron of the pair: the most flexible critic, which evaluates all n² pairs.

    Parameters
    ----------
    hidden : tuple of int, default (64, 32)
        Widths of the hidden layers, at least one.

    Examples
    --------
    >>> from attnstats.information import Joint
    >>> Joint(hidden=(32, 16))
    Joint(hidden=(32, 16))
    """

    hidden: tuple[int, ...] = (64, 32)

    def __post_init__(self) -> None:
        _check_hidden(self.hidden)
        if not self.hidden:
            raise InvalidInputError("hidden: must hold one width at least; got ()")

    def network(self, n_folds: int, dim_x: int, dim_y: int) -> Network:
        """Return the Keras network."""
        from attnstats.information.variational._networks import JointNetwork

        return JointNetwork(n_folds, dim_x, dim_y, self.hidden)


@dataclass(frozen=True)
class ConditionalMixture:
    """q(y | x) from a perceptron of x: a mixture of Gaussians that share a linear map of y, or for a class y a softmax.

    Parameters
    ----------
    hidden : tuple of int, default (64,)
        Widths of the hidden layers; empty for linear maps.
    n_components : int, default 4
        Number of Gaussians.

    References
    ----------
    Bishop (1994), Mixture density networks, Aston University NCRG/94/004.

    Examples
    --------
    >>> from attnstats.information import ConditionalMixture
    >>> ConditionalMixture(n_components=2)
    ConditionalMixture(hidden=(64,), n_components=2)
    """

    hidden: tuple[int, ...] = (64,)
    n_components: int = 4

    def __post_init__(self) -> None:
        _check_hidden(self.hidden)
        check_count(self.n_components, "n_components")

    def network(self, n_folds: int, dim_x: int, dim_y: int) -> Network:
        """Return the Keras network."""
        from attnstats.information.variational._networks import MixtureNetwork

        return MixtureNetwork(n_folds, dim_x, dim_y, self.hidden, self.n_components)


@dataclass(frozen=True)
class ConditionalClasses:
    """q(y | x) of a class y: a softmax of a perceptron of x."""

    hidden: tuple[int, ...]

    def network(self, n_folds: int, dim_x: int, dim_y: int) -> Network:
        """Return the Keras network."""
        from attnstats.information.variational._networks import SoftmaxNetwork

        return SoftmaxNetwork(n_folds, dim_x, dim_y, self.hidden)


def _check_hidden(hidden: tuple[int, ...]) -> None:
    if not isinstance(hidden, tuple):
        raise InvalidInputError(f"hidden: must be a tuple of widths; got {hidden!r}")
    for width in hidden:
        check_count(width, "hidden")
