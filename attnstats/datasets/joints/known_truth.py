"""The protocol of joint distributions with known mutual information."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from attnstats._validation import RNGLike


@runtime_checkable
class KnownTruth(Protocol):
    """A joint distribution of X and Y that can be sampled and whose mutual information is known."""

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats: exact, or by a deterministic quadrature whose accuracy the class states."""
        ...

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return n independent pairs.

        Parameters
        ----------
        n : int
            Number of pairs, at least 1.
        rng : seed or numpy Generator
            Source of randomness; the same seed gives the same sample.

        Returns
        -------
        x : ndarray of shape (n, dim_x), or labels of shape (n,)
            First variable.
        y : ndarray of shape (n, dim_y), or labels of shape (n,)
            Second variable, row by row. Labels are integers.
        """
        ...
