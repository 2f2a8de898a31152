"""The sign-flip test of paired differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    RNGLike,
    as_float_array,
    as_generator,
    as_labels,
    check_at_least,
    check_count,
    check_member,
    check_same_length,
)
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling._blocks import blocks
from attnstats.resampling.permutation.permutation import permutation_pvalue
from attnstats.results import SignificanceResult


def sign_flip_test(
    differences: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    alternative: str = "two-sided",
    n_resamples: int = 99_999,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test that paired differences are symmetric about zero, by flipping their signs.

    The statistic is the mean over strata of the mean difference within each stratum (with one stratum, the mean). Under
    the null each difference is as likely to have had the other sign, whatever the variances. All 2^n sign patterns are
    enumerated when there are at most ``n_resamples + 1`` (n ≤ 16 by default); else ``n_resamples`` are drawn. The
    p-value is that of `permutation_pvalue`.

    The null is symmetry, not only mean zero: the test rejects too often for strongly skewed differences. A difference
    of exactly zero is the same with either sign and raises the floor.

    Parameters
    ----------
    differences : array_like, shape (n,)
        One difference per replicate.
    strata : array_like, shape (n,), optional
        Stratum of each difference, for example its dataset and encoder; every stratum weighs the same.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the mean difference under the alternative hypothesis.
    n_resamples : int
        Random sign patterns, or the largest number (less one) to enumerate.
    replication_unit : str
        What a replicate is, in the singular: ``"patient"``, ``"seed"``.
    missing : CompleteCases, optional
        How to treat missing differences and strata; by default they raise an error.
    rng : seed or Generator, optional
        Source of randomness; unused when exact.

    Returns
    -------
    SignificanceResult
        Statistic and effect are the mean difference; `pvalue_floor` is the smallest p-value that differences of these
        sizes could have given.

    Raises
    ------
    TooFewSamplesError
        With fewer than two differences.
    NonFiniteError
        If a difference is NaN or infinite.

    References
    ----------
    Fisher (1935), The Design of Experiments, section 21. Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39.

    Examples
    --------
    >>> from attnstats.resampling import sign_flip_test
    >>> sign_flip_test([0.3, 0.1, 0.4, 0.2, 0.5, 0.2, 0.1, 0.6], replication_unit="patient")
    mean difference = 0.3, p = .008, n = 8 patients, sign-flip permutation (exact)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_count(n_resamples, "n_resamples")
    (differences, strata), n_missing = complete_cases(missing, differences=differences, strata=strata)
    values = as_float_array(differences, "differences", ndim=1)
    check_at_least(len(values), 2, "number of differences")
    exponent = int(np.frexp(np.abs(values).max())[1])  # near 1, denormal and huge values lose nothing
    shares = np.ldexp(values, -exponent) * _weights(values, strata)
    n = len(values)
    exact = 2**n <= n_resamples + 1
    generator = as_generator(rng)
    patterns = iter([_every_pattern(n)]) if exact else _random_patterns(n, n_resamples, generator)
    null = np.concatenate([flipped_sums(shares, block) for block in patterns])
    near = float(shares.sum())
    pvalue = permutation_pvalue(near, null, alternative=alternative, exact=exact)
    observed = float(np.ldexp(near, exponent))
    # Of a sample of the flips the p-value may fall below the smallest one of all of them, which it then is.
    one_sided_floor = max(0.5 ** np.count_nonzero(shares), 0.0 if exact else 1 / (n_resamples + 1))
    floor = min(1.0, (2 if alternative == "two-sided" else 1) * one_sided_floor)
    return SignificanceResult(
        test=f"sign-flip permutation ({'exact' if exact else f'{n_resamples} resamples'})",
        statistic=observed,
        pvalue=max(pvalue, floor),
        alternative=alternative,
        effect_name="mean difference",
        effect=observed,
        n=n,
        replication_unit=replication_unit,
        n_missing=n_missing,
        pvalue_floor=floor,
    )


def _weights(values: FloatArray, strata: ArrayLike | None) -> FloatArray:
    """Return the weight of each difference in the mean of the stratum means."""
    if strata is None:
        return np.full(len(values), 1 / len(values))
    codes, names = as_labels(strata, "strata")
    check_same_length(differences=values, strata=codes)
    return 1 / (len(names) * np.bincount(codes)[codes])


def _every_pattern(n: int) -> NDArray[np.uint8]:
    """Return all 2^n sign patterns as rows of bytes, one bit a sign; shape (2^n, ceil(n/8))."""
    shifts = 8 * np.arange(-(-n // 8))
    return (np.arange(2**n)[:, np.newaxis] >> shifts & 255).astype(np.uint8)


def _random_patterns(n: int, n_resamples: int, generator: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Yield random sign patterns in blocks; four bytes are drawn at once, so that a block ends with such a draw."""
    n_bytes = -(-n // 8)
    for size in blocks(n_resamples, n_bytes, multiple=4):
        yield generator.integers(0, 256, size=(size, n_bytes), dtype=np.uint8)


def flipped_sums(shares: FloatArray, patterns: NDArray[np.uint8]) -> FloatArray:
    """Return the sum of `shares`, shape (n,), under each sign pattern, shape (n_patterns, ceil(n/8))."""
    # A byte decides eight signs at once: the 256 sums that it can give are tabulated beforehand.
    padded = np.zeros(8 * patterns.shape[1])
    padded[: len(shares)] = shares
    signs = np.where(np.arange(256)[:, np.newaxis] >> np.arange(8) & 1, -1.0, 1.0)
    sums = np.zeros(len(patterns))
    start = 0
    for size in blocks(patterns.shape[1], signs.nbytes // 8):
        eights = padded.reshape(-1, 8)[start : start + size]
        sums += _look_up(eights @ signs.T, patterns[:, start : start + size])
        start += size
    return sums


@njit(cache=True)
def _look_up(tables: FloatArray, patterns: NDArray[np.uint8]) -> FloatArray:
    """Return the sum over bytes of the tabulated sums that each pattern selects, shape (n_patterns,)."""
    sums = np.zeros(patterns.shape[0])
    for resample in range(patterns.shape[0]):
        total = 0.0
        for block in range(patterns.shape[1]):
            total += tables[block, patterns[resample, block]]  # the signed sum of eight differences
        sums[resample] = total
    return sums
