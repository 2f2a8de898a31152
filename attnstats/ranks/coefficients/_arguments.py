"""The arguments of the rank tests: a pair of samples, and how the null distribution is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import Given
from attnstats._validation import ALTERNATIVES, FloatArray, as_order, check_at_least, check_member, check_same_length
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.resampling import Permutation


def as_pair(
    x: ArrayLike | Given,
    y: ArrayLike | Given,
    alternative: str,
    exact: bool | None = None,
    null: Permutation | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return x and y, or codes of their order, as vectors of one length from 3 up that vary; check the options too."""
    first, second = as_order(x, "x", ndim=1), as_order(y, "y", ndim=1)
    check_at_least(check_same_length(x=first, y=second), 3, "number of samples")
    for name, values in (("x", first), ("y", second)):
        if values[0] == values[-1] and (values == values[0]).all():
            raise ConstantInputError(f"{name}: must hold at least two different values; got {values[0]:g} throughout")
    check_member(alternative, "alternative", ALTERNATIVES)
    check_null(exact, null)
    return first, second


def check_null(exact: bool | None, null: Permutation | None) -> None:
    """Raise unless `exact` and `null` are what they may be and agree."""
    if not (exact is None or isinstance(exact, bool | np.bool_)):
        raise InvalidInputError(f"exact: must be None, True or False; got {exact!r}")
    if not (null is None or isinstance(null, Permutation)):
        raise InvalidInputError(f"null: must be None or Permutation(); got {null!r}")
    if null is not None and exact:
        raise InvalidInputError(f"exact: must be False or None with a null of random permutations; got True, {null!r}")
