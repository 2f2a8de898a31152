"""Complete cases of pairs, of independent groups, and of tables of conditions by replicates or blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases, complete_cases


def complete_pairs(
    missing: CompleteCases | None, a: ArrayLike, b: ArrayLike, strata: ArrayLike | None = None
) -> tuple[tuple[Any, Any, Any], int]:
    """Return a, b and strata without the pairs of which a part is missing, and their number; b may be one number."""
    if missing is not None and not read(b, "b").shape:
        (first, groups), n_missing = complete_cases(missing, a=a, strata=strata)
        return (first, b, groups), n_missing
    (first, second, groups), n_missing = complete_cases(missing, a=a, b=b, strata=strata)
    return (first, second, groups), n_missing


def complete_samples(missing: CompleteCases | None, **samples: ArrayLike) -> tuple[list[Any], int]:
    """Return independent samples, each without its own missing values, and how many were left out of all."""
    found = [complete_cases(missing, **{name: values}) for name, values in samples.items()]
    return [values for (values,), _ in found], sum(n for _, n in found)


def complete_columns(missing: CompleteCases | None, values: ArrayLike, unit: str) -> tuple[Any, int]:
    """Return values without those units, along the last axis, of which any condition is missing."""
    if missing is None:
        return values, 0
    if not isinstance(missing, CompleteCases):
        raise InvalidInputError(f"missing: must be None or CompleteCases(); got {missing!r}")
    given = read(values, "values")
    absent = np.atleast_1d(given.absent())
    incomplete = np.asarray(absent.any(axis=tuple(range(absent.ndim - 1))))
    if not incomplete.any():
        return given, 0
    if incomplete.all():
        raise TooFewSamplesError(f"values: must have a complete {unit}; got none among {len(incomplete)}")
    kept = np.flatnonzero(~incomplete)
    complete = replace(
        given,
        array=given.array.take(kept, axis=-1),
        missing=None if given.missing is None else given.missing.take(kept, axis=-1),
        labels=tuple(given.labels[each] for each in kept) if given.array.ndim == 2 and given.labels else (),
        declared=(),
    )
    return complete, int(incomplete.sum())
