"""Columns chosen one by one, for what each tells of a target beyond the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, check_count
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete
from attnstats.information.columns._pairs import Columns
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.columns.ranking import read_features
from attnstats.information.interface import MIEstimator, check_estimator
from attnstats.missing import CompleteCases


def select_features(
    frame: ArrayLike,
    target: str | ArrayLike,
    n_features: int,
    estimator: MIEstimator = ByKind(),  # noqa: B008 (frozen)
    *,
    discrete: Discrete = None,
    discrete_target: bool | None = None,
    missing: CompleteCases | None = None,
) -> pd.DataFrame:
    """Choose columns by minimal redundancy and maximal relevance, one after another.

    The next column is the one with the largest I(X; target) less the mean of I(X; S) over the columns S chosen before.
    It is a heuristic that looks at pairs: two columns that tell of the target only together are not found.

    Parameters
    ----------
    frame, target, discrete, discrete_target, missing
        As in `rank_features`.
    n_features : int
        How many columns to choose, at most all of them.
    estimator : MIEstimator, default ByKind()
        The estimator for every pair.

    Returns
    -------
    DataFrame
        One row for each chosen column, in the order of choice: feature, relevance (its information with the target),
        redundancy (its mean information with those chosen before) and score, their difference, in nats.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type or shape, or there are fewer columns.
    AttnstatsError
        Whatever the estimator raises, with the names of the two columns.

    References
    ----------
    Peng, Long, Ding (2005), Feature selection based on mutual information: criteria of max-dependency, max-relevance,
    and min-redundancy, IEEE Trans. PAMI 27, 1226-1238, equation 7.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import select_features
    >>> generator = np.random.default_rng(0)
    >>> a, b, noise = generator.normal(size=(3, 500))
    >>> frame = {"a": a, "nearly a": a + 0.1 * noise, "b": b}
    >>> select_features(frame, a + 0.5 * b, 2)["feature"].tolist()
    ['a', 'b']
    """
    check_estimator(estimator)
    check_count(n_features, "n_features")
    data = read_features(frame, target, (), discrete, discrete_target, missing)
    if n_features > len(data.pairs):
        raise InvalidInputError(
            f"n_features: must be at most the number of columns, {len(data.pairs)}; got {n_features}"
        )
    columns = Columns(data.variables, data.names, estimator)
    relevance = columns.estimates(data.pairs)
    chosen, redundancy = choose(columns, relevance, n_features)
    return pd.DataFrame(
        {
            "feature": [data.names[each] for each in chosen],
            "relevance": relevance[chosen],
            "redundancy": redundancy,
            "score": relevance[chosen] - redundancy,
        }
    )


def choose(
    columns: Columns, relevance: FloatArray, n_features: int, among: list[int] | None = None
) -> tuple[list[int], FloatArray]:
    """Return the columns that are chosen, in order, and their mean information with those before.

    Parameters
    ----------
    columns : Columns
        Those to choose from, and maybe a target after them.
    relevance : ndarray of shape (n_columns,)
        Information of each with the target, nats.
    n_features : int
        How many to choose.
    among : list of int, optional
        Those that may be chosen; by default all.
    """
    left = list(range(len(relevance))) if among is None else list(among)
    shared, chosen, redundancy = np.zeros(len(relevance)), list[int](), list[float]()
    while len(chosen) < n_features:
        mean = shared / max(len(chosen), 1)
        best = left[int(np.argmax(relevance[left] - mean[left]))]
        chosen.append(best)
        redundancy.append(float(mean[best]))
        left.remove(best)
        if left and len(chosen) < n_features:
            shared[left] += columns.estimates([(min(each, best), max(each, best)) for each in left])
    return chosen, np.array(redundancy)
