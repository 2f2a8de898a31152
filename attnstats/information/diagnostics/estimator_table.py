"""Several estimators of mutual information side by side on the same data."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from attnstats._column import shown
from attnstats._validation import RNGLike, as_generator, check_same_length
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError, InvalidInputError
from attnstats.information._class_rule import Discrete, as_variable, is_discrete
from attnstats.information._mutual_information import mutual_information
from attnstats.information.interface import MIEstimator, brief, check_estimator, exported_estimators
from attnstats.information.intervals.terms import TermsInterval
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling import Permutation
from attnstats.resampling.subsampling.interface import SubsampleInterval

if TYPE_CHECKING:
    import pandas as pd


def compare_estimators(
    x: ArrayLike,
    y: ArrayLike,
    estimators: Sequence[MIEstimator] | None = None,
    *,
    interval: SubsampleInterval | TermsInterval | None = None,
    null: Permutation | None = None,
    groups: ArrayLike | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    missing: CompleteCases | None = None,
    confidence_level: float = 0.95,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> pd.DataFrame:
    """Estimate the mutual information of two variables by several estimators.

    Parameters
    ----------
    x, y, interval, null, groups, discrete_x, discrete_y, missing, confidence_level, n_jobs
        As in `mutual_information`.
    estimators : sequence of MIEstimator, optional
        By default every estimator that `attnstats.information` exports, with its default parameters, that takes the
        kind of y (classes, or measurements) and needs no Keras.
    rng : int, numpy.random.Generator or None
        Source of randomness; every estimator starts from the same seed, so that its row does not depend on the others.

    Returns
    -------
    DataFrame
        A row for each estimator, in the order given, NA where a column does not apply, with the columns ``estimator``;
        ``value`` and ``unit``, in nats; ``ci_low``, ``ci_high``, ``ci_level``, ``ci_method`` of the interval;
        ``null_floor``, ``pvalue``, ``pvalue_floor`` of the test of independence; ``n`` and ``n_missing``, rows used and
        left out as incomplete; ``dim_x``, ``dim_y`` (0 where y was taken as labels); ``seconds`` of wall time (the
        first call of a process may load compiled code); ``notes`` of the result; ``warnings`` that were issued, here
        rather than on the screen; and ``refusal``, the name and message of the error, where an estimator refused the
        data or the interval.

    Raises
    ------
    InvalidInputError
        If something in the list is no estimator, the list is empty, or x and y differ in length.
    NonFiniteError
        If x or y holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KSG, Gaussian, compare_estimators
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=2000)
    >>> y = 0.6 * x + 0.8 * generator.normal(size=2000)  # truth: 0.22 nats
    >>> table = compare_estimators(x, y, [KSG(), Gaussian()], rng=1)
    >>> table["value"].round(2).tolist()
    [0.21, 0.22]
    """
    import pandas as pd

    (x, y, groups), n_missing = complete_cases(missing, x=x, y=y, groups=groups)
    x, y = as_variable(x, "x", discrete_x), as_variable(y, "y", discrete_y)
    check_same_length(x=x, y=y)
    if not isinstance(estimators, Iterable | None):
        raise InvalidInputError(f"estimators: must be a list such as [KSG(), Gaussian()]; got {shown(estimators)}")
    chosen = _default_estimators(discrete_y=is_discrete(y)) if estimators is None else list(estimators)
    if not chosen:
        raise InvalidInputError("estimators: must hold at least one estimator; got none")
    for estimator in chosen:
        check_estimator(estimator, "estimators")
    seed = int(as_generator(rng).integers(2**63))
    settings: dict[str, Any] = {
        "interval": interval,
        "null": null,
        "groups": groups,
        "discrete_x": discrete_x,
        "discrete_y": discrete_y,
        "confidence_level": confidence_level,
        "n_jobs": n_jobs,
        "rng": seed,
    }
    rows = pd.DataFrame([_row(x, y, estimator, n_missing, settings) for estimator in chosen])
    return rows.astype(_DTYPES)


#: Columns of the table in their order, with their types.
_DTYPES = {
    "estimator": "string",
    "value": "Float64",
    "unit": "string",
    "ci_low": "Float64",
    "ci_high": "Float64",
    "ci_level": "Float64",
    "ci_method": "string",
    "null_floor": "Float64",
    "pvalue": "Float64",
    "pvalue_floor": "Float64",
    "n": "Int64",
    "n_missing": "Int64",
    "dim_x": "Int64",
    "dim_y": "Int64",
    "seconds": "Float64",
    "notes": "string",
    "warnings": "string",
    "refusal": "string",
}


def _default_estimators(*, discrete_y: bool) -> list[MIEstimator]:
    """Return every exported estimator, with its defaults, that takes this kind of y and needs no Keras."""
    from attnstats import information  # the exports are complete only once this module is loaded

    return [
        kind()
        for kind in exported_estimators(information).values()
        if (kind.discrete_y if discrete_y else kind.continuous_y) and ".variational" not in kind.__module__
    ]


def _row(
    x: Variable, y: Variable, estimator: MIEstimator, n_missing: int, settings: dict[str, Any]
) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(_DTYPES)
    row["estimator"] = brief(estimator)
    start = perf_counter()
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        try:
            result = mutual_information(x, y, estimator, **settings)
        except AttnstatsError as error:
            row["refusal"] = f"{type(error).__name__}: {error}"
        else:
            same = ("value", "unit", "null_floor", "pvalue", "pvalue_floor", "dim_x", "dim_y")
            row |= {name: getattr(result, name) for name in same}
            row |= {"n": result.n_samples, "n_missing": n_missing, "notes": "; ".join(result.notes) or None}
            if (found := result.interval) is not None:
                row |= {"ci_low": found.low, "ci_high": found.high, "ci_level": found.level, "ci_method": found.method}
    row["seconds"] = perf_counter() - start
    row["warnings"] = "; ".join(f"{each.category.__name__}: {each.message}" for each in issued) or None
    return row
