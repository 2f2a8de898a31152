"""Families of comparisons on the same replicates, tested by arrangements that all of them share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, islice

import numpy as np
from numpy.typing import ArrayLike

from attnstats._renamed import former_parameters
from attnstats._validation import ALTERNATIVES, FloatArray, RNGLike, as_float_array, check_count, check_member
from attnstats.comparison._batches import batches
from attnstats.comparison._complete import complete_pairs, complete_samples
from attnstats.comparison._unit import Scaled
from attnstats.comparison.families._joint_null import JointNull, check_varies, hypothesis_names, joint_result
from attnstats.comparison.families.family_result import FamilyResult
from attnstats.comparison.families.max_t import JointCorrection, MaxT
from attnstats.comparison.replication import MINIMUM_REPLICATES, check_groups, check_replicates
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases


@former_parameters(minimum_seeds="minimum_replicates")
def paired_family_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    names: Sequence[str] | None = None,
    method: JointCorrection = MaxT(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    n_resamples: int = 9_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> FamilyResult:
    """Test many paired differences at once, by sign flips that all hypotheses share.

    Row i of the differences d is one replicate, whose sign is flipped as a whole, so the null distribution holds the
    correlations between hypotheses, which Holm's correction does not use. The statistic z_j = Σ_i d_ij / sqrt(Σ_i
    d_ij²) grows with t; two-sided tests use ``|z|``. The p-value is the share of arrangements that reach the observed
    value: all 2^n if they are at most ``n_resamples + 1``, else ``n_resamples`` random ones and the observed one.

    The intervals hold simultaneously: mean ± c s/sqrt(n), c the quantile of ``max_j |t_j|`` under flips of the
    residuals. They belong to the single-step test, and may hold zero where the step-down p-value rejects. The null is
    symmetry of the differences: the test rejects too often for skewed ones.

    Parameters
    ----------
    a : array_like, shape (n_replicates, n_hypotheses)
        One row per replicate, one column per hypothesis. Average over strata beforehand.
    b : array_like, shape (n_replicates, n_hypotheses), or float
        The other condition of the same replicates; or a number.
    names : sequence of str, optional
        Names of the hypotheses; "1", "2", ... by default.
    method : MaxT or MinP
        Step-down correction.
    alternative, confidence_level, minimum_replicates, replication_unit, missing, rng
        As in `paired_test`; the level is simultaneous, and a row is left out with all of its hypotheses.
    n_resamples : int
        Random sign patterns, or the largest number (less one) to enumerate.

    Returns
    -------
    FamilyResult
        Effects are mean differences.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        With fewer replicates than `minimum_replicates`, or no hypothesis; if the differences of one do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import paired_family_test
    >>> heads = np.random.default_rng(0).normal([0.05, 0.02, 0.0], 0.02, size=(10, 3))
    >>> family = paired_family_test(heads, names=["head 1", "head 2", "head 3"], replication_unit="seed")
    >>> family
    family of 3, smallest adjusted p = .002, n = 10 seeds, sign-flip max-T (exact)
    >>> print(family.summary())
    head 1: mean difference = 0.0479, 95 % CI [0.0255, 0.0704] simultaneous, adjusted p = .002
    head 2: mean difference = 0.0178, 95 % CI [0.006, 0.0296] simultaneous, adjusted p = .002
    head 3: mean difference = -0.00305, 95 % CI [-0.0142, 0.00815] simultaneous, adjusted p = .445
    """
    (a, b, _), n_missing = complete_pairs(missing, a, b)
    first, second = as_float_array(a, "a", ndim=2), as_float_array(b, "b")
    if second.ndim and second.shape != first.shape:
        raise InvalidInputError(f"b: must be a number or have the shape of a, {first.shape}; got {second.shape}")
    n = len(first)
    check_replicates(n, minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    labels = hypothesis_names(names, first.shape[1])
    check_member(alternative, "alternative", ALTERNATIVES)
    columns = [Scaled.difference(*each) for each in zip(first.T, np.broadcast_to(second, first.shape).T, strict=True)]
    differences = np.column_stack([column.values for column in columns])
    residuals = differences - differences.mean(axis=0)
    check_varies(residuals, columns, labels)
    exact = 2**n <= check_count(n_resamples, "n_resamples") + 1

    def arrangements(generator: np.random.Generator) -> Iterator[FloatArray]:
        if exact:
            for block in batches(2**n, max(n, len(labels))):
                yield np.where(np.arange(block.start, block.stop)[:, np.newaxis] >> np.arange(n) & 1, -1.0, 1.0)
            return
        yield np.ones((1, n))
        for block in batches(n_resamples, max(n, len(labels))):
            yield generator.choice([-1.0, 1.0], size=(len(block), n))

    joint = JointNull(
        test=f"sign-flip {{}} ({'exact' if exact else f'{n_resamples} resamples'})",
        identity=np.ones(n),
        arrangements=arrangements,
        columns=differences / np.linalg.norm(differences, axis=0),
        residuals=residuals / np.linalg.norm(residuals, axis=0),
        units=tuple(column.unit for column in columns),
        effects=differences.mean(axis=0),
        errors=residuals.std(axis=0, ddof=1) / math.sqrt(n),
        scale=n,
        df=n - 1,
        n_missing=n_missing,
        floor=max((2 if alternative == "two-sided" else 1) * 0.5**n, 0.0 if exact else 1 / (n_resamples + 1)),
    )
    return joint_result(joint, labels, method, alternative, confidence_level, replication_unit, rng)


@former_parameters(minimum_seeds="minimum_replicates")
def independent_family_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    method: JointCorrection = MaxT(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    n_resamples: int = 9_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> FamilyResult:
    """Test many differences of two independent samples at once, by permutations of labels that all hypotheses share.

    The statistic is the difference of means over its standard deviation under the permutations, which grows with the
    two-sample t of equal variances. P-values, steps and simultaneous intervals (from permuted residuals) are as in
    `paired_family_test`. The null is equal distributions: with unequal sizes and variances the test rejects too often
    or too seldom.

    Parameters
    ----------
    a, b : array_like, shape (n_a, n_hypotheses) and (n_b, n_hypotheses)
        One row per replicate, not paired.
    names, method, alternative, confidence_level, n_resamples, minimum_replicates, replication_unit, missing, rng
        As in `paired_family_test`; the smaller sample must have `minimum_replicates`.

    Returns
    -------
    FamilyResult
        Effects are differences of means, a − b; ``n`` counts the rows of both.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        As `paired_family_test`, for a sample and for a column within the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import independent_family_test
    >>> rng = np.random.default_rng(0)
    >>> independent_family_test(rng.normal([1.5, 0.0], 1, size=(10, 2)), rng.normal(size=(12, 2)), rng=0)
    family of 2, smallest adjusted p = .009, n = 22 replicates, two-sample permutation max-T (9999 resamples)
    """
    (a, b), n_missing = complete_samples(missing, a=a, b=b)
    first, second = as_float_array(a, "a", ndim=2), as_float_array(b, "b", ndim=2)
    if first.shape[1] != second.shape[1]:
        raise InvalidInputError(f"b: must have the columns of a, {first.shape[1]}; got {second.shape[1]}")
    n_a, n_b = len(first), len(second)
    check_groups([n_a, n_b], minimum_replicates, replication_unit, "the smaller group")
    labels = hypothesis_names(names, first.shape[1])
    check_member(alternative, "alternative", ALTERNATIVES)
    n = n_a + n_b
    largest = "a" if np.abs(first).max() >= np.abs(second).max() else "b"
    columns = [Scaled.of(column, largest) for column in np.concatenate([first, second]).T]
    pooled = np.column_stack([column.values for column in columns])
    first, second = pooled[:n_a], pooled[n_a:]
    centred = pooled - pooled.mean(axis=0)
    residuals = np.concatenate([first - first.mean(axis=0), second - second.mean(axis=0)])
    check_varies(residuals, columns, labels)
    code = np.repeat([1 / n_a, -1 / n_b], [n_a, n_b]) * math.sqrt(n_a * n_b / n)  # of length one
    n_arrangements = math.comb(n, n_a)
    exact = n_arrangements <= check_count(n_resamples, "n_resamples") + 1

    def arrangements(generator: np.random.Generator) -> Iterator[FloatArray]:
        if exact:
            choices = combinations(range(n), n_a)
            for block in batches(n_arrangements, max(n, len(labels))):
                part = np.full((len(block), n), code[-1])
                np.put_along_axis(part, np.array(list(islice(choices, len(block)))), code[0], axis=1)
                yield part
            return
        yield code[np.newaxis]
        for block in batches(n_resamples, max(n, len(labels))):
            yield generator.permuted(np.tile(code, (len(block), 1)), axis=1)

    symmetric = alternative == "two-sided" and n_a == n_b
    joint = JointNull(
        test=f"two-sample permutation {{}} ({'exact' if exact else f'{n_resamples} resamples'})",
        identity=code,
        arrangements=arrangements,
        columns=centred / np.linalg.norm(centred, axis=0) * math.sqrt(n - 1),
        residuals=residuals / np.linalg.norm(residuals, axis=0) * math.sqrt(n - 1),
        units=tuple(column.unit for column in columns),
        effects=first.mean(axis=0) - second.mean(axis=0),
        errors=np.linalg.norm(residuals, axis=0) * math.sqrt((1 / n_a + 1 / n_b) / (n - 2)),
        scale=n - 1,
        df=n - 2,
        n_missing=n_missing,
        floor=max((2 if symmetric else 1) / n_arrangements, 0.0 if exact else 1 / (n_resamples + 1)),
    )
    return joint_result(joint, labels, method, alternative, confidence_level, replication_unit, rng)
