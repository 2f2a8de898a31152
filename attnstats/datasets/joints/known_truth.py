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
        """Return n independent pairs, n at least 1; the same seed gives the same sample.

        Returns
        -------
        x, y : ndarray of shape (n, dim_x) and (n, dim_y)
            Row by row; either may be labels instead, integers of shape (n,).
        """
        ...
