"""Conditional mutual information, with interval, null floor and p-value where asked."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._parallel import parallel_map
from attnstats._validation import IntArray, RNGLike, as_generator, as_labels, check_fraction, check_same_length
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete
from attnstats.information._parts import estimate_rows
from attnstats.information._variables import reading_notes, reads_classes, variables_for
from attnstats.information.interface import MIEstimator, brief
from attnstats.information.knn.ksg import KSG
from attnstats.information.nulls._whole_groups import WholeGroups
from attnstats.information.nulls.local_permutation import LocalPermutation, Neighborhoods
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling import SubsampleInterval, permutation_pvalue
from attnstats.results import MIEstimate


def conditional_mutual_information(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    interval: SubsampleInterval | None = None,
    null: LocalPermutation | None = None,
    groups: ArrayLike | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    discrete_z: Discrete = None,
    missing: CompleteCases | None = None,
    confidence_level: float = 0.95,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> MIEstimate:
    """Estimate the mutual information of x and y that remains once z is known, I(X; Y | Z).

    Parameters
    ----------
    x : array_like of shape (n,) or (n, dim_x)
        Samples of the first variable.
    y : array_like of shape (n,) or (n, dim_y), or labels of shape (n,)
        Samples of the second one, row by row.
    z : array_like of shape (n,) or (n, dim_z)
        Samples of the condition: measurements, or classes where the estimator takes them.
    estimator : MIEstimator, default KSG()
        The estimator with its parameters: `KSG`, `DiscreteContinuousMixture`, `Gaussian`, `CCA`, `GaussianCopula`,
        `Binned`, `Probe`, or another one that writes `conditional_pointwise`.
    interval : SubsampleInterval, optional
        How the interval is computed, by estimating again on parts of the sample: `HalfSampling`, `DeleteD`,
        `HolmesNemenman` or `PolitisRomano` of `attnstats.resampling`.
    null : LocalPermutation, optional
        Estimate again with x exchanged among samples of nearly the same z. The mean is the null floor, and the
        one-sided p-value of conditional independence is (1 + #{I* >= I}) / (B + 1).
    groups : array_like of shape (n,), optional
        Rows that belong together (the tokens of one example). Parts are made of whole groups, the null exchanges whole
        groups, and estimators that train keep a group on one side.
    discrete_x, discrete_y, discrete_z : bool, sequence of bool, or None
        Whether the variable is a class or a measurement, for all columns or for each; by default the values decide, as
        in `mutual_information`.
    missing : CompleteCases, optional
        What to do about missing values, as in `mutual_information`.
    confidence_level : float, default 0.95
        Level of the interval.
    n_jobs : int, optional
        Workers for resamples; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    MIEstimate
        Value in nats, never clipped. Its ``dim_z`` is 0 for classes z.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type or shape; or if the null of grouped rows is asked for, and z varies within a
        group, or the groups differ in size and x varies within them, so that they cannot be exchanged.
    AttnstatsError
        Whatever the estimator raises; see there.

    Notes
    -----
    Conditioning can lower the information (z is a common cause) and raise it (z is what both cause: a collider).

    The local permutation holds z nearly fixed, not wholly: the null is right where the distribution of X given Z
    changes little over the `n_neighbors` nearest samples, whose distance grows with the dimension of z. A group has one
    z, and receives the x of a group of nearly the same z, row by row where all have the same size, else as the one
    value that x has in each.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Gaussian, LocalPermutation, conditional_mutual_information
    >>> generator = np.random.default_rng(0)
    >>> z = generator.normal(size=500)
    >>> x, y = z + generator.normal(size=(2, 500))  # dependent, but not given z
    >>> result = conditional_mutual_information(x, y, z, Gaussian(), null=LocalPermutation(99), rng=0)
    >>> abs(result.value) < 0.01, result.pvalue > 0.05
    (True, True)
    """
    check_fraction(confidence_level, "confidence_level")
    # The protocol is also met by the class itself.
    if isinstance(interval, type) or not isinstance(interval, SubsampleInterval | None):
        raise InvalidInputError(
            "interval: must estimate again on parts of the sample, such as HalfSampling(); a bootstrap with replacement"
            f" repeats samples, which an estimate of information reads as dependence. Got {interval!r}"
        )
    if null is not None and not isinstance(null, LocalPermutation):
        raise InvalidInputError(
            f"null: must be a LocalPermutation; any other exchange breaks the link of x and z. Got {null!r}"
        )
    (x, y, z, groups), n_missing = complete_cases(missing, x=x, y=y, z=z, groups=groups)
    x, y, z = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y), z=(z, discrete_z))
    n = check_same_length(x=x, y=y, z=z)
    codes = None if groups is None else as_labels(groups, "groups")[0]
    generator = as_generator(rng)
    value = estimator.conditional_estimate(x, y, z, groups=codes, rng=generator)

    seed, null_seed = (int(each) for each in generator.integers(2**63, size=2))
    confidence_interval = null_floor = pvalue = pvalue_floor = None
    if interval is not None:
        part = partial(estimate_rows, estimator.conditional_estimate, (x, y, z), codes, seed)
        confidence_interval = interval.interval(
            part, value, n, groups=codes, confidence_level=confidence_level, n_jobs=n_jobs, rng=seed
        )
    if null is not None:
        whole = WholeGroups.of(x, codes, "x")
        near = null.neighborhoods(whole.common(z, "z"))
        exchanged = partial(_estimate_exchanged, estimator, x, y, z, codes, whole, near)
        values = parallel_map(exchanged, range(null.n_resamples), rng=null_seed, n_jobs=n_jobs)
        null_floor = float(np.mean(values))
        pvalue, pvalue_floor = permutation_pvalue(value, values, alternative="greater"), null.floor
    return MIEstimate(
        value,
        brief(estimator),
        n_samples=n,
        dim_x=len(x.discrete),
        dim_y=0 if reads_classes(estimator, y) else len(y.discrete),
        interval=confidence_interval,
        null_floor=null_floor,
        pvalue=pvalue,
        pvalue_floor=pvalue_floor,
        notes=reading_notes(estimator, x=x, y=y, z=z),
        dim_z=0 if all(z.discrete) else len(z.discrete),
        n_missing=n_missing,
    )


def _estimate_exchanged(
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    z: NDArray[Any],
    groups: IntArray | None,
    whole: WholeGroups,
    neighborhoods: Neighborhoods,
    _: int,
    generator: np.random.Generator,
) -> float:
    rows = whole.received(neighborhoods.draw(generator))
    return estimator.conditional_estimate(x[rows], y, z, groups=groups, rng=generator)
