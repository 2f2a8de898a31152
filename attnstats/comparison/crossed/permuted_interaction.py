"""Test of the interaction of rows and columns, by permutation of whole profiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._renamed import former_parameters
from attnstats._validation import FloatArray, RNGLike, as_generator, check_at_least, check_count
from attnstats.comparison._batches import batches
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.replication import MINIMUM_REPLICATES, check_replicates, complete_blocks
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases
from attnstats.resampling import permutation_pvalue
from attnstats.results import SignificanceResult, plural


@former_parameters(minimum_seeds="minimum_replicates")
def interaction_test(
    values: ArrayLike,
    *,
    n_resamples: int = 9_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether the column effects differ between rows, for example those of a treatment between centres.

    Each row and replicate gives a profile over the columns, centred at its own mean. Under no interaction, and with
    equal noise, the profiles of a block may change rows; each is moved whole, so the columns of one replicate may be
    correlated (Anderson 2001, Canadian Journal of Fisheries and Aquatic Sciences 58, 626-639). The statistic is the sum
    of squares of the interaction ``I_rc = m_rc − m_r. − m_.c + m_..``, m the mean over blocks and replicates. The
    effect is the root mean square of I_rc; being a size, it is above zero even under the null. Where rows differ in
    noise the test is approximate; `anova_interaction_test` is for other items too.

    Parameters
    ----------
    values : array_like, shape (n_rows, n_columns, n_replicates) or (n_blocks, n_rows, n_columns, n_replicates)
        One value per replicate. Replicate r of a row is one profile across the columns.
    n_resamples : int
        Random permutations.
    minimum_replicates, replication_unit, missing, rng
        As in `paired_test`; a replicate is left out of all conditions and blocks.

    Returns
    -------
    SignificanceResult
        With alternative ``"greater"``; ``n`` counts replicates.

    Raises
    ------
    InvalidInputError
        If the shape is another, or there are fewer than two rows or columns.
    TooFewSamplesError, ConstantInputError
        With fewer replicates than `minimum_replicates`; if all profiles are the same.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import interaction_test
    >>> values = np.random.default_rng(0).normal(scale=0.01, size=(2, 3, 8))
    >>> values[0, 0] += 0.05  # the first column gains in the first row alone
    >>> interaction_test(values, replication_unit="seed", rng=0)
    root mean square interaction = 0.0153, p < .001, n = 8 seeds, interaction by permutation of profiles
    (9999 resamples)
    """
    check_count(n_resamples, "n_resamples")
    blocks, n_missing = complete_blocks(values, missing, replication_unit, 4, "(n_rows, n_columns, n_replicates)")
    n_blocks, n_rows, n_columns, n_replicates = blocks.shape
    check_at_least(n_rows, 2, "number of rows")
    check_at_least(n_columns, 2, "number of columns")
    check_replicates(n_replicates, minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    unit = Unit.of(blocks)
    blocks = unit.divide(blocks)
    profiles = np.moveaxis(blocks, -1, -2).reshape(n_blocks, n_rows * n_replicates, n_columns)
    profiles = profiles - profiles.mean(axis=2, keepdims=True)
    if np.allclose(profiles, profiles[:, :1], rtol=0, atol=ROUNDING * np.abs(blocks).max()):
        raise ConstantInputError(
            f"values: must vary over rows or {plural(replication_unit)} within a column; got the same profile, but for"
            " rounding, for each"
        )
    generator = as_generator(rng)
    null = np.empty(n_resamples)
    for batch in batches(n_resamples, profiles.size):
        places = np.tile(np.arange(n_rows * n_replicates), (len(batch), n_blocks, 1))
        orders = generator.permuted(places, axis=2)
        null[batch] = _interaction(profiles[np.arange(n_blocks)[:, np.newaxis], orders], n_rows)
    observed = float(_interaction(profiles[np.newaxis], n_rows)[0])
    return SignificanceResult(
        test=f"interaction by permutation of profiles ({n_resamples} resamples)",
        statistic=unit.restore(observed, 2),
        pvalue=permutation_pvalue(observed, null, alternative="greater"),
        alternative="greater",
        effect_name="root mean square interaction",
        effect=unit.restore(float(np.sqrt(observed / (n_rows * n_columns)))),
        n=n_replicates,
        replication_unit=replication_unit,
        pvalue_floor=1 / (n_resamples + 1),
        n_missing=n_missing,
    )


def _interaction(profiles: FloatArray, n_rows: int) -> FloatArray:
    """Return the interaction sum of squares of centred profiles, (..., n_blocks, n_rows * n_replicates, n_columns)."""
    *leading, n_blocks, n_profiles, n_columns = profiles.shape
    means = profiles.reshape(*leading, n_blocks, n_rows, n_profiles // n_rows, n_columns).mean(axis=(-4, -2))
    squares = (means - means.mean(axis=-2, keepdims=True)) ** 2
    return np.asarray(squares.sum(axis=(-2, -1)))
