"""Mutual information as a score function of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import FloatArray
from attnstats.information._class_rule import Discrete
from attnstats.information.columns._pairs import Columns
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.columns.ranking import read_features
from attnstats.information.interface import MIEstimator, check_estimator


@dataclass(frozen=True)
class InformationScore:
    """The mutual information of each column with a target, as `SelectKBest` and its like call it.

    Parameters
    ----------
    estimator : MIEstimator, default ByKind()
        The estimator for every column.
    discrete : bool, tuple of bool, or None
        Whether columns are classes, as in `mutual_information_matrix`.
    discrete_target : bool, optional
        Whether the target is a class; by default the values decide.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import InformationScore
    >>> from sklearn.feature_selection import SelectKBest
    >>> generator = np.random.default_rng(0)
    >>> X = generator.normal(size=(200, 5))
    >>> y = X[:, 3] + 0.5 * generator.normal(size=200)
    >>> SelectKBest(InformationScore(), k=1).fit(X, y).get_support(indices=True).tolist()
    [3]
    """

    estimator: MIEstimator = ByKind()  # noqa: RUF009 (frozen)
    discrete: Discrete = None
    discrete_target: bool | None = None

    def __post_init__(self) -> None:
        check_estimator(self.estimator)

    def __call__(self, X: ArrayLike, y: ArrayLike) -> FloatArray:
        """Return the information of each column with the target, shape (n_columns,), nats; 0 of a constant column.

        Parameters
        ----------
        X : array_like of shape (n, n_columns)
            Columns: a frame or an array; a sparse one is made dense, as its zeros are values like others.
        y : array_like of shape (n,)
            Target.
        """
        columns, informative = score_columns(X, y, self.estimator, self.discrete, self.discrete_target)
        return relevance(columns, informative)


def score_columns(
    X: ArrayLike, y: ArrayLike, estimator: MIEstimator, discrete: Discrete = None, discrete_target: bool | None = None
) -> tuple[Columns, list[int]]:
    """Return the columns, the target last, and which of them vary; parameters as in `InformationScore`."""
    dense: Any = X.toarray() if hasattr(X, "toarray") else X
    table = dense if hasattr(dense, "columns") else pd.DataFrame(read(dense, "X").array)
    data = read_features(table, y, (), discrete, discrete_target, None)
    varies = [place for place, _ in data.pairs if (data.variables[place] != data.variables[place][0]).any()]
    return Columns(data.variables, data.names, estimator), varies


def relevance(columns: Columns, informative: list[int]) -> FloatArray:
    """Return the information of each column with the target, 0 for those that are not informative.

    Parameters
    ----------
    columns : Columns
        The target last.
    informative : list of int
        Columns that vary.
    """
    target = len(columns.variables) - 1
    scores = np.zeros(target)
    scores[informative] = columns.estimates([(place, target) for place in informative])
    return scores
