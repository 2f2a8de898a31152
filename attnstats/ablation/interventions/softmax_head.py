"""The output head of a trained model from saved weights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from attnstats._validation import FloatArray, RealArray, as_float_array, check_finite
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.trace._arrays import real_array


@dataclass(frozen=True, eq=False)
class SoftmaxHead:
    """The `LinearHead` softmax(W' c + b) of the context c = Σ a_t h_t, from saved W and b of a model of any framework.

    Parameters
    ----------
    kernel : array_like, shape (dim, n_classes)
        W. For a single logistic unit with weights w, the columns 0 and w.
    bias : array_like, shape (n_classes,)
        b.

    Raises
    ------
    InvalidInputError
        If the shapes disagree, or there are fewer than two classes.

    Examples
    --------
    >>> import numpy as np
    >>> head = SoftmaxHead([[0.0, 1.0]], [0.0, 0.0])
    >>> head.predict_from_attention(np.array([[[2.0], [-2.0]]]), np.array([[0.5, 0.5]]))
    array([[0.5, 0.5]])
    """

    kernel: ArrayLike = field(repr=False)
    bias: ArrayLike = field(repr=False)

    def __post_init__(self) -> None:
        kernel, bias = as_float_array(self.kernel, "kernel", ndim=2), as_float_array(self.bias, "bias", ndim=1)
        if kernel.shape[1] < 2 or bias.shape != kernel.shape[1:]:
            raise InvalidInputError(
                "kernel: must have shape (dim, n_classes) with 2 or more classes, and bias (n_classes,); "
                f"got {kernel.shape} and {bias.shape}"
            )
        object.__setattr__(self, "kernel", kernel)
        object.__setattr__(self, "bias", bias)

    def token_logits(self, hidden: RealArray) -> FloatArray:
        """Return W' h_t + b, shape (n_examples, n_tokens, n_classes)."""
        return self._logits(self._states(hidden))

    def predict_from_attention(self, hidden: RealArray, attention: RealArray) -> FloatArray:
        """Return class probabilities, shape (n_examples, n_classes); padding must be finite and have weight zero."""
        states, weights = self._states(hidden), real_array(attention, "attention", ("n_examples", "n_tokens"))
        if weights.shape != states.shape[:2]:
            raise InvalidInputError(
                f"attention: must have shape {states.shape[:2]}, one weight for each state; got {weights.shape}"
            )
        check_finite(weights, "attention")
        # Cast block by block within the sum, so that half-precision states are never all copied.
        context = np.einsum("nt,ntd->nd", weights, states, dtype=np.float64)
        return np.asarray(softmax(self._logits(context), axis=1))

    def _states(self, hidden: RealArray) -> RealArray:
        dim = len(np.asarray(self.kernel))
        states = real_array(hidden, "hidden", ("n_examples", "n_tokens", "dim"))
        if states.shape[2] != dim:
            raise InvalidInputError(f"hidden: must have shape (n, n_tokens, {dim}); got {states.shape}")
        check_finite(states, "hidden")
        return states

    def _logits(self, states: RealArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            logits = states.astype(np.float64, copy=False) @ np.asarray(self.kernel) + self.bias
        if not np.isfinite(logits).all():
            raise NonFiniteError("hidden: logits of the head must stay finite; hidden states times kernel overflow")
        return np.asarray(logits)
