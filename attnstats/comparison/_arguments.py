"""The checks of arguments that several tests share."""

from __future__ import annotations

import numpy as np

from attnstats._validation import check_fraction
from attnstats.exceptions import InvalidInputError

#: Of each alternative, the function of a statistic that grows with the evidence for it.
EVIDENCE = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}


def check_object(value: object, name: str, method: str, known: str) -> None:
    """Raise unless an argument has the method that it is taken for; a class is not one of its objects."""
    if isinstance(value, type) or not callable(getattr(value, method, None)):
        raise InvalidInputError(f"{name}: must be {known}; got {value!r}")


def check_exact(exact: object) -> None:
    """Raise unless `exact` says whether to take the exact distribution, or leaves it open."""
    if not (exact is None or isinstance(exact, bool | np.bool_)):
        raise InvalidInputError(f"exact: must be None, True or False; got {exact!r}")


def check_equivalence_level(alpha: float) -> None:
    """Raise unless an equivalence test at level alpha has an interval, which has level 1 - 2 alpha."""
    if check_fraction(alpha, "alpha") >= 0.5:
        raise InvalidInputError(f"alpha: must be below 0.5; got {alpha!r}")
    if 1 - 2 * alpha == 1:
        raise InvalidInputError(f"alpha: must be at least 1e-16, or no interval has level 1 - 2 alpha; got {alpha!r}")
