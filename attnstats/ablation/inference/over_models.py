"""Does an intervention change an outcome? Intact against ablated models, paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, check_count, check_fraction, check_member, check_positive, check_text
from attnstats.ablation.inference._model_rows import ModelRows, complete_examples, model_cells, model_rows
from attnstats.ablation.inference._shifted import shifted
from attnstats.ablation.inference.result import AblationResult
from attnstats.comparison import MINIMUM_REPLICATES, anova_equivalence_test, anova_test, equivalence_test, paired_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError


def ablation_test(
    intact: ArrayLike | Sequence[ArrayLike] | None,
    ablated: ArrayLike | Sequence[ArrayLike],
    *,
    margin: float | None = None,
    strata: ArrayLike | None = None,
    datasets: ArrayLike | None = None,
    missing: str = "raise",
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    n_resamples: int = 99_999,
    minimum_seeds: int = MINIMUM_REPLICATES,
    ablation: str = "ablation",
    outcome: str = "outcome",
    holds_fixed: str = "",
    rng: RNGLike = None,
) -> AblationResult:
    """Compare an outcome of intact models with that of the same models under an intervention.

    With a value for each example the results hold for other seeds and other texts, by the crossed analysis of variance
    (`anova_test`, `anova_equivalence_test`). With one number for each seed they hold for other seeds on the same
    examples: by flips of the differences' signs (`paired_test`), and t for equivalence (`equivalence_test`).

    Parameters
    ----------
    intact : array_like, shape (n_seeds,) or (n_seeds, n_examples), or None
        One row per trained model: one number, or one for each test example; of several data sets, a sequence of rows.
        None says that `ablated` holds changes against the intact model, such as total variation, which are never below
        zero: they are tested against the margin.
    ablated : array_like
        The same models under the intervention, in the same order and shape.
    margin : float, optional
        Smallest difference that would matter, in the unit of the outcome, declared before looking. Without it there is
        no test of equivalence.
    strata : array_like, shape (n_seeds,), optional
        Stratum of each row, such as its encoder; all weigh the same. Those of one data set share their examples, and
        must have the same number of seeds.
    datasets : array_like, shape (n_seeds,), optional
        Data set of each row; they share no examples, and each is a stratum, or several.
    missing : {'raise', 'omit'}
        What NaN means. With ``'omit'`` an example without a value for some model of its data set is left out for all.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of intact - ablated under the alternative; for changes, of change - margin.
    confidence_level : float
        Level of the intervals; equivalence is tested at one minus this level.
    n_resamples : int
        Random sign patterns, with one number a seed; all where they are no more than ``n_resamples + 1``.
    minimum_seeds : int
        Fewest seeds accepted in a stratum; lower it knowingly.
    ablation, outcome, holds_fixed : str
        What to call them in the result.
    rng : seed or Generator, optional
        Source of the sign patterns.

    Returns
    -------
    AblationResult
        The mean difference of the outcome with its interval and test, and with a margin the test of equivalence.

    Raises
    ------
    InvalidInputError
        If shapes or strata do not fit, or changes are given without a margin.
    NonFiniteError, ConstantInputError
        If a value is infinite, or NaN without ``missing='omit'``; if no difference varies over seeds.
    TooFewSamplesError
        With fewer seeds than `minimum_seeds` in a stratum, or fewer than two examples.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 seeds in a stratum, where the minimum was lowered.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> trained = rng.normal(0.3, 0.02, size=(8, 1)) + rng.normal(0, 0.2, size=(8, 100))
    >>> shuffled = rng.normal(0.0, 0.2, size=(8, 100))
    >>> ablation_test(trained, shuffled, ablation="permuted", outcome="tau_b", margin=0.05)
    tau_b under permuted: mean difference = 0.299, 95 % CI [0.28, 0.319], p < .001, n = 8 seeds x 100 examples
    """
    check_member(missing, "missing", ("raise", "omit"))
    for name, text in (("ablation", ablation), ("outcome", outcome), ("holds_fixed", holds_fixed)):
        check_text(text, name)
    check_count(minimum_seeds, "minimum_seeds", minimum=2)
    level = check_fraction(confidence_level, "confidence_level")
    if margin is not None:
        check_positive(margin, "margin")
        if level <= 0.5:
            raise InvalidInputError(
                f"confidence_level: must be above 0.5 with a margin, whose test has level 1 minus it; got {level!r}"
            )
    elif intact is None:
        raise InvalidInputError("margin: must be given for changes, whose mean cannot but be above zero; got None")
    after = model_rows(ablated, "ablated", missing)
    before = [np.zeros(row.shape) for row in after] if intact is None else model_rows(intact, "intact", missing)
    if [row.shape for row in before] != [row.shape for row in after]:
        raise InvalidInputError("intact: must have one value for each value of ablated; got other shapes")
    cells = model_cells(len(after), strata, datasets)
    before, after, n_undefined = complete_examples(before, after, cells)
    effects = [first - second if intact is not None else second for first, second in zip(before, after, strict=True)]
    models = ModelRows(effects, cells)
    null_value = margin if intact is None and margin is not None else 0.0
    equivalence = None
    try:
        if models.n_examples is None:
            difference = paired_test(
                models.seed_means,
                null_value,
                strata=models.strata,
                alternative=alternative,
                confidence_level=level,
                n_resamples=n_resamples,
                minimum_replicates=minimum_seeds,
                replication_unit="seed",
                rng=rng,
            )
            if null_value:
                difference = shifted(difference, null_value, level)
            if margin is not None:
                equivalence = equivalence_test(
                    models.seed_means,
                    margin=margin,
                    strata=models.strata,
                    alpha=1 - level,
                    minimum_replicates=minimum_seeds,
                    replication_unit="seed",
                )
        else:
            tables = models.tables
            difference = anova_test(
                tables,
                null_value,
                alternative=alternative,
                confidence_level=level,
                minimum_replicates=minimum_seeds,
                replication_unit="seed",
                crossed_unit="example",
            )
            if margin is not None:
                equivalence = anova_equivalence_test(
                    tables,
                    margin=margin,
                    alpha=1 - level,
                    minimum_replicates=minimum_seeds,
                    replication_unit="seed",
                    crossed_unit="example",
                )
    except TooFewSamplesError as error:  # in the terms of this function
        raise TooFewSamplesError(str(error).replace("minimum_replicates", "minimum_seeds")) from error
    except ConstantInputError as error:
        which = "ablated" if intact is None else "intact and ablated"
        raise ConstantInputError(f"{which}: must differ by amounts that vary; got others ({error})") from error
    return AblationResult(
        ablation=ablation,
        outcome=outcome,
        holds_fixed=holds_fixed,
        intact=ModelRows(before, cells).mean,
        ablated=ModelRows(after, cells).mean,
        interval=difference.interval(level),
        null_value=null_value,
        difference=replace(difference, effect_name="mean change" if intact is None else "mean difference"),
        equivalence=equivalence,
        margin=margin,
        n_seeds=len(effects),
        n_examples=models.n_examples,
        n_undefined=n_undefined,
    )
