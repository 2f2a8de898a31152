"""A selector of columns by mutual information, for pipelines of scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from attnstats._validation import BoolArray
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.columns.score import relevance, score_columns
from attnstats.information.columns.selection import choose
from attnstats.information.interface import MIEstimator


class InformationSelector(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Keep the columns that tell most of the target, for a `Pipeline` or a grid search of scikit-learn.

    Parameters
    ----------
    n_features : int, optional
        How many columns to keep, at most all of them; by default half of them, rounded up.
    estimator : MIEstimator, optional
        The estimator for every pair; by default `ByKind`.
    minimal_redundancy : bool, default False
        Whether columns are chosen one by one for what they tell beyond those before, as by `select_features`.
    discrete : bool, sequence of bool, or None
        Whether columns are classes, as in `mutual_information_matrix`.
    discrete_target : bool, optional
        Whether the target is a class; by default the values decide.

    Attributes
    ----------
    scores_ : ndarray of shape (n_columns,)
        Information of each column with the target, nats; 0 of a constant column.
    chosen_ : list of int
        The columns kept, in the order of choice.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names, of a frame whose names are all text.

    References
    ----------
    Those of `select_features`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.information import InformationSelector
    >>> generator = np.random.default_rng(0)
    >>> X = pd.DataFrame(generator.normal(size=(200, 3)), columns=["a", "b", "c"])
    >>> selector = InformationSelector(n_features=1).fit(X, X["b"] > 0)
    >>> selector.get_feature_names_out().tolist(), selector.set_output(transform="pandas").transform(X).shape
    (['b'], (200, 1))
    """

    def __init__(
        self,
        n_features: int | None = None,
        *,
        estimator: MIEstimator | None = None,
        minimal_redundancy: bool = False,
        discrete: Discrete = None,
        discrete_target: bool | None = None,
    ) -> None:
        self.n_features = n_features
        self.estimator = estimator
        self.minimal_redundancy = minimal_redundancy
        self.discrete = discrete
        self.discrete_target = discrete_target

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Choose the columns.

        Parameters
        ----------
        X : array_like of shape (n, n_columns)
            Columns: a frame, whose names are kept, or an array.
        y : array_like of shape (n,)
            Target: measurements or classes.
        """
        checked, target = validate_data(self, X, y, dtype=None, ensure_min_samples=2)
        n_columns = checked.shape[1]
        n_features = -(-n_columns // 2) if self.n_features is None else self.n_features
        whole = isinstance(n_features, int | np.integer) and not isinstance(n_features, bool)
        if not whole or not 1 <= n_features <= n_columns:
            raise InvalidInputError(
                f"n_features: must be an integer from 1 to the number of columns, {n_columns}; got {self.n_features!r}"
            )
        estimator = ByKind() if self.estimator is None else self.estimator
        table = X if hasattr(X, "columns") else checked
        columns, varies = score_columns(table, target, estimator, self.discrete, self.discrete_target)
        self.scores_ = relevance(columns, varies)
        ranked = np.argsort(-self.scores_, kind="stable")
        if self.minimal_redundancy:
            first, _ = choose(columns, self.scores_, min(n_features, len(varies)), varies)
            ranked = np.array([*first, *(each for each in ranked if each not in first)])
        self.chosen_ = [int(each) for each in ranked[:n_features]]
        return self

    def _get_support_mask(self) -> BoolArray:
        check_is_fitted(self, "chosen_")
        mask = np.zeros(self.n_features_in_, dtype=np.bool_)
        mask[self.chosen_] = True
        return mask

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.string = tags.input_tags.categorical = True
        return tags
