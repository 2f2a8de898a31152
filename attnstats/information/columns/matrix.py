"""Mutual information of all pairs of columns of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, as_generator, check_at_least, check_fraction, check_object
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete, as_variable
from attnstats.information.columns._inference import against_null, check_interval, intervals_of
from attnstats.information.columns._pairs import Columns, Pair
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.columns.normalized import entropy_share, informational_correlation
from attnstats.information.discrete.entropy import PlugIn
from attnstats.information.interface import MIEstimator, brief, check_estimator
from attnstats.information.intervals.terms import TermsInterval
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling import Permutation, SubsampleInterval


@dataclass(frozen=True, eq=False)
class InformationMatrix:
    """The mutual information of all pairs of some columns.

    Parameters
    ----------
    estimates : DataFrame of shape (n_columns, n_columns)
        Nats, symmetric, with the names of the columns on both axes. The diagonal is NaN: what a column tells of itself
        is its entropy, which is infinite for measurements.
    normalized : DataFrame of shape (n_columns, n_columns)
        The same between 0 and 1, but for chance: `informational_correlation` of two measurements, `entropy_share` of
        the class, or of that with the smaller entropy.
    pairs : DataFrame
        One row for each pair: `x`, `y`, `kind`, `estimator`, `value`, `normalized`; `ci_low` and `ci_high`;
        `null_floor`, `pvalue` and `pvalue_adjusted`, for all pairs together.
    n_samples, n_missing : int
        Rows used, and rows left out since a value was missing.

    Examples
    --------
    >>> from attnstats.information import mutual_information_matrix
    >>> matrix = mutual_information_matrix({"a": [0, 1, 0, 1] * 25, "b": [1, 0, 1, 0] * 25, "c": [0, 0, 1, 1] * 25})
    >>> matrix
    InformationMatrix of 3 columns, 100 samples; largest: a, b 0.698 nats
    """

    estimates: pd.DataFrame
    normalized: pd.DataFrame
    pairs: pd.DataFrame
    n_samples: int
    n_missing: int = 0

    def __repr__(self) -> str:
        x, y, value = self.pairs.nlargest(1, "value")[["x", "y", "value"]].iloc[0].tolist()
        return (
            f"InformationMatrix of {len(self.estimates)} columns, {self.n_samples} samples; largest: {x}, {y}"
            f" {value:.3g} nats"
        )


def mutual_information_matrix(
    frame: ArrayLike,
    estimator: MIEstimator = ByKind(),  # noqa: B008 (frozen)
    *,
    interval: SubsampleInterval | TermsInterval | None = None,
    null: Permutation | None = None,
    discrete: Discrete = None,
    missing: CompleteCases | None = None,
    confidence_level: float = 0.95,
    rng: RNGLike = None,
) -> InformationMatrix:
    """Estimate the mutual information of all pairs of columns.

    Each value is that of `mutual_information` for the pair. Measured columns are sorted once, and pairs of them go
    through one compiled pass each, with `KSG` of at most 3 neighbours otherwise at its defaults; in as many threads as
    OMP_NUM_THREADS allows.

    Parameters
    ----------
    frame : array_like of shape (n, n_columns)
        A frame of pandas, polars or pyarrow, whose names are kept; a dict of columns; or an array, whose columns have
        the names 0, 1, and so on.
    estimator : MIEstimator, default ByKind()
        The estimator of every pair; `ByKind` takes one for the kinds of each.
    interval : SubsampleInterval or TermsInterval, optional
        As in `mutual_information`. All pairs are estimated on the same parts of the sample.
    null : attnstats.resampling.Permutation, optional
        Estimate again with the rows of each column permuted, apart from each other. This gives each pair its null
        floor and p-value, and one adjusted for all pairs by step-down max-T.
    discrete : bool, sequence of bool, or None
        Whether columns are classes or measurements, for all or for each; by default the values decide, as in
        `mutual_information`.
    missing : CompleteCases, optional
        What to do about missing values; by default they raise an error, `CompleteCases()` leaves out their rows.
    confidence_level : float, default 0.95
        Level of the intervals.
    rng : int, numpy.random.Generator or None
        Source of randomness; that of the estimates themselves is seed 0.

    Returns
    -------
    InformationMatrix
        Symmetric, in nats, never clipped.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type or shape, or names of columns repeat.
    AttnstatsError
        Whatever the estimator raises, with the names of the two columns.

    Notes
    -----
    For adjusted p-values an estimate is measured in deviations from its mean over the permutations, as estimates of
    pairs of different kinds vary by different amounts. They hold the rate of any false claim where all columns are
    independent; where some depend on each other, the others' joint null is not that of columns permuted apart, and the
    guarantee is approximate.

    References
    ----------
    Westfall, Young (1993), Resampling-Based Multiple Testing, algorithm 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import mutual_information_matrix
    >>> from attnstats.resampling import Permutation
    >>> generator = np.random.default_rng(0)
    >>> a, b = generator.normal(size=(2, 300))
    >>> columns = {"a": a, "b": b, "sum": a + b, "sign": np.where(a > 0, "+", "-")}
    >>> matrix = mutual_information_matrix(columns, null=Permutation(99), rng=0)
    >>> matrix.pairs.loc[matrix.pairs["pvalue_adjusted"] <= 0.05, ["x", "y", "kind"]].values.tolist()
    [['a', 'sum', 'measurements'], ['a', 'sign', 'mixed'], ['b', 'sum', 'measurements'], ['sum', 'sign', 'mixed']]
    """
    check_estimator(estimator)
    check_interval(interval)
    check_fraction(confidence_level, "confidence_level")
    if null is not None:
        check_object(null, "null", Permutation, "Permutation(199)")
    variables, names, n_missing = read_columns(frame, "frame", discrete, missing)
    check_at_least(len(names), 2, "number of columns of frame")
    columns = Columns(variables, names, estimator)
    pairs = list(combinations(range(len(names)), 2))
    values = columns.estimates(pairs)
    seed, null_seed = (int(each) for each in as_generator(rng).integers(2**63, size=2))
    table = describe(columns, pairs, values)
    if interval is not None:
        found = intervals_of(columns, pairs, values, interval, confidence_level, seed)
        table["ci_low"], table["ci_high"] = [each.low for each in found], [each.high for each in found]
    if null is not None:
        generator, n = np.random.default_rng(null_seed), len(variables[0])
        shuffled = (
            columns.permuted({each: null.arrangement(n, generator) for each in range(1, len(names))}).estimates(pairs)
            for _ in range(null.n_resamples)
        )
        table["null_floor"], table["pvalue"], table["pvalue_adjusted"] = against_null(values, shuffled)
    normalized = _square(pairs, table["normalized"].to_numpy(), names)
    return InformationMatrix(_square(pairs, values, names), normalized, table, len(variables[0]), n_missing)


def read_columns(
    frame: ArrayLike, name: str, discrete: Discrete, missing: CompleteCases | None
) -> tuple[list[Variable], list[str], int]:
    """Return each column of a frame by itself, their names, and how many rows were left out."""
    table = pd.DataFrame(frame) if isinstance(frame, dict) else frame
    (given,), n_missing = complete_cases(missing, **{name: table})
    try:
        variable = as_variable(given, name, discrete)
    except InvalidInputError as error:
        named = f"discrete_{name}: "  # as the choice is called where there are several variables
        if not str(error).startswith(named):
            raise
        raise InvalidInputError(f"discrete: {str(error).removeprefix(named)}") from error
    if variable.ndim != 2:
        raise InvalidInputError(f"{name}: must have shape (n, n_columns); got {variable.shape}")
    names = list(variable.labels) or [str(place) for place in range(variable.shape[1])]
    for each in names:
        if names.count(each) > 1:
            raise InvalidInputError(f"{name}: names of columns must differ; got {each!r} {names.count(each)} times")
    columns = zip(variable.plain().T, variable.discrete, variable.classes, strict=True)
    return [Variable.of(of.copy(), (flag,), (classes,)) for of, flag, classes in columns], names, n_missing


def describe(columns: Columns, pairs: list[Pair], values: FloatArray) -> pd.DataFrame:
    """Return a frame with the names, the kind, the estimator, the value and its share of the largest, of each pair."""
    flags = [each.discrete[0] for each in columns.variables]
    entropies = [
        PlugIn().entropy(np.unique(np.asarray(each), return_counts=True)[1]) if flag else np.inf
        for each, flag in zip(columns.variables, flags, strict=True)
    ]
    kinds = [("measurements", "mixed", "classes")[flags[i] + flags[j]] for i, j in pairs]
    lesser = np.array([min(entropies[i], entropies[j]) for i, j in pairs])
    normalized = informational_correlation(values)
    of_class = np.isfinite(lesser) & (lesser > 0)
    normalized[of_class] = entropy_share(values[of_class], lesser[of_class])
    normalized[lesser == 0] = np.nan
    return pd.DataFrame(
        {
            "x": [columns.names[i] for i, _ in pairs],
            "y": [columns.names[j] for _, j in pairs],
            "kind": kinds,
            "estimator": [brief(columns.ordered(pair)[0]) for pair in pairs],
            "value": values,
            "normalized": normalized,
        }
    )


def _square(pairs: list[Pair], values: FloatArray, names: list[str]) -> pd.DataFrame:
    square = np.full((len(names), len(names)), np.nan)
    for (i, j), value in zip(pairs, values, strict=True):
        square[i, j] = square[j, i] = value
    return pd.DataFrame(square, names, names)
