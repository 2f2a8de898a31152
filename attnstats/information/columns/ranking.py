"""Columns ranked by what they tell of a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import RNGLike, as_generator, check_at_least, check_fraction, check_object, check_same_length
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete, as_variable
from attnstats.information.columns._inference import against_null, check_interval, intervals_of
from attnstats.information.columns._pairs import Columns, Pair
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.columns.matrix import describe, read_columns
from attnstats.information.interface import MIEstimator, check_estimator
from attnstats.information.intervals.terms import TermsInterval
from attnstats.information.nulls.local_permutation import LocalPermutation
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling import Permutation, SubsampleInterval


def rank_features(
    frame: ArrayLike,
    target: str | ArrayLike,
    estimator: MIEstimator = ByKind(),  # noqa: B008 (frozen)
    *,
    given: Sequence[str] = (),
    interval: SubsampleInterval | TermsInterval | None = None,
    null: Permutation | LocalPermutation | None = None,
    discrete: Discrete = None,
    discrete_target: bool | None = None,
    missing: CompleteCases | None = None,
    confidence_level: float = 0.95,
    rng: RNGLike = None,
) -> pd.DataFrame:
    """Rank the columns of a frame by their mutual information with a target.

    Parameters
    ----------
    frame : array_like of shape (n, n_columns)
        As in `mutual_information_matrix`.
    target : str, or array_like of shape (n,)
        The name of a column of the frame, or the target itself: measurements or classes.
    estimator : MIEstimator, default ByKind()
        The estimator for every column; `ByKind` takes one for the kinds of each.
    given : sequence of str, default ()
        Names of columns that are known already: the others are ranked by I(X; target | these).
    interval : SubsampleInterval or TermsInterval, optional
        As in `mutual_information`; given columns, one that estimates again on parts.
    null : Permutation, or given columns LocalPermutation, optional
        Estimate again with the target permuted, or exchanged among rows where the given columns are nearly the same. It
        moves against all columns at once, and gives each its null floor and p-value, and one adjusted for all columns
        by step-down max-T.
    discrete : bool, sequence of bool, or None
        Whether the columns of the frame are classes, as in `mutual_information_matrix`.
    discrete_target : bool, optional
        Whether the target is a class; by default the values decide, or `discrete` for a column of the frame.
    missing : CompleteCases, optional
        What to do about missing values; by default they raise an error, `CompleteCases()` leaves out their rows.
    confidence_level : float, default 0.95
        Level of the intervals.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    DataFrame
        One row for each column, the most informative first: `feature`, `kind`, `estimator`, `value` in nats and
        `normalized` (see `InformationMatrix`; not given columns); `ci_low`, `ci_high`, `null_floor`, `pvalue` and
        `pvalue_adjusted` where asked for; `n_samples` and `n_missing`.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type or shape, or a name is not that of a column.
    AttnstatsError
        Whatever the estimator raises, with the names of column and target.

    Notes
    -----
    For adjusted p-values each column is measured in deviations from its mean over the permutations. The dependence of
    the columns on each other is that of the sample in each of them, so the rate of any false claim is held whichever
    columns tell of the target (Westfall and Young 1993).

    References
    ----------
    Westfall, Young (1993), Resampling-Based Multiple Testing, algorithm 4.1. Runge (2018), Conditional independence
    testing based on a nearest-neighbor estimator of conditional mutual information, AISTATS (the null given columns).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import rank_features
    >>> from attnstats.resampling import Permutation
    >>> generator = np.random.default_rng(0)
    >>> age, dose, noise = generator.normal(size=(3, 400))
    >>> cured = np.where(age + 2 * dose + generator.normal(size=400) > 0, "yes", "no")
    >>> table = rank_features({"age": age, "dose": dose, "noise": noise}, cured, null=Permutation(99), rng=0)
    >>> table["feature"].tolist(), (table["pvalue_adjusted"] <= 0.05).tolist()
    (['dose', 'age', 'noise'], [True, True, False])
    """
    check_estimator(estimator)
    check_interval(interval)
    check_fraction(confidence_level, "confidence_level")
    if null is not None:
        kinds: tuple[type, str] = (
            (LocalPermutation, "LocalPermutation(199)") if given else (Permutation, "Permutation(199)")
        )
        check_object(null, "null", *kinds)
    data = read_features(frame, target, given, discrete, discrete_target, missing)
    columns = Columns(data.variables, data.names, estimator, data.given)
    values = columns.estimates(data.pairs)
    seed, null_seed = (int(each) for each in as_generator(rng).integers(2**63, size=2))
    table = describe(columns, data.pairs, values).rename(columns={"x": "feature"}).drop(columns="y")
    if given:
        table = table.drop(columns="normalized")
        if isinstance(interval, TermsInterval):
            raise InvalidInputError(f"interval: must be a SubsampleInterval given other columns; got {interval!r}")
    if interval is not None:
        found = intervals_of(columns, data.pairs, values, interval, confidence_level, seed)
        table["ci_low"], table["ci_high"] = [each.low for each in found], [each.high for each in found]
    n, last = len(data.variables[-1]), len(data.variables) - 1
    if null is not None:
        generator = np.random.default_rng(null_seed)
        if isinstance(null, Permutation):
            moved = (null.arrangement(n, generator) for _ in range(null.n_resamples))
        elif data.given is not None:
            near = null.neighborhoods(data.given)
            moved = (near.draw(generator) for _ in range(null.n_resamples))
        exchanged = (columns.permuted({last: rows}).estimates(data.pairs) for rows in moved)
        table["null_floor"], table["pvalue"], table["pvalue_adjusted"] = against_null(values, exchanged)
    table["n_samples"], table["n_missing"] = n, data.n_missing
    return table.sort_values("value", ascending=False, kind="stable", ignore_index=True)


class Features(NamedTuple):
    """Columns to rank, the target last, its pairs with them, what is given, and how many rows were left out."""

    variables: list[Variable]
    names: list[str]
    pairs: list[Pair]
    given: Variable | None
    n_missing: int


def read_features(
    frame: ArrayLike,
    target: str | ArrayLike,
    given: Sequence[str],
    discrete: Discrete,
    discrete_target: bool | None,
    missing: CompleteCases | None,
) -> Features:
    """Return the columns of a frame and a target, in complete rows."""
    if isinstance(given, str) or not all(isinstance(name, str) for name in given):
        raise InvalidInputError(f"given: must be names of columns; got {given!r}")
    table: Any = pd.DataFrame(frame) if isinstance(frame, dict) else frame
    if isinstance(target, str):
        variables, names, n_missing = read_columns(table, "frame", discrete, missing)
        at = _place(target, names, "target")
        variables.append(variables.pop(at))
        names.append(names.pop(at))
        variables[-1] = as_variable(variables[-1], "target", discrete_target)
    else:
        (of_frame, of_target), n_missing = complete_cases(
            missing, frame=read(table, "frame"), target=read(target, "target")
        )
        variables, names, _ = read_columns(of_frame, "frame", discrete, None)
        variable = as_variable(of_target, "target", discrete_target)
        check_same_length(frame=variables[0], target=variable)
        if variable.ndim == 2 and variable.shape[1] == 1:
            variable = Variable.of(variable.plain()[:, 0], variable.discrete, variable.classes)
        if variable.ndim != 1:
            raise InvalidInputError(f"target: must have shape (n,); got {variable.shape}")
        variables, names = [*variables, variable], [*names, "target"]
    known = [_place(name, names[:-1], "given") for name in given]
    z = None
    if known:
        z = Variable.of(
            np.column_stack([np.asarray(variables[place]) for place in known]),
            tuple(variables[place].discrete[0] for place in known),
            tuple(variables[place].classes[0] for place in known),
        )
    pairs = [(place, len(names) - 1) for place in range(len(names) - 1) if place not in known]
    check_at_least(len(pairs), 1, "number of columns of frame to rank")
    return Features(variables, names, pairs, z, n_missing)


def _place(name: str, names: list[str], argument: str) -> int:
    if name not in names:
        shown = ", ".join(map(repr, names[:10])) + (", ..." if len(names) > 10 else "")
        raise InvalidInputError(f"{argument}: must be the name of a column, one of {shown}; got {name!r}")
    return names.index(name)
