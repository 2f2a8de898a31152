"""From a long table of scores to a comparison of its conditions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np

from attnstats._validation import FloatArray, RNGLike, as_generator, check_flag, check_fraction
from attnstats.comparison import Holm
from attnstats.comparison.families.multiplicity import Correction
from attnstats.exceptions import AttnstatsError, FewReplicatesWarning
from attnstats.missing import CompleteCases
from attnstats.scores._find_design import find_design
from attnstats.scores.analyses.contrast import Contrast
from attnstats.scores.choice._checks import (
    check_arrangement,
    check_correction,
    check_margin_of,
    check_runs,
    check_units,
    place_of,
)
from attnstats.scores.choice._choose import choose
from attnstats.scores.choice._reasons import choices_of
from attnstats.scores.choice.rules import Rules
from attnstats.scores.choice.setup import Setup
from attnstats.scores.comparison._effects import effect_sizes
from attnstats.scores.comparison._judge import contrast_of, judge
from attnstats.scores.comparison.across_datasets import InEachDataset, across_datasets, ranks_over_datasets
from attnstats.scores.comparison.comparison import Comparison
from attnstats.scores.comparison.components import components_of
from attnstats.scores.comparison.differences import Difference
from attnstats.scores.comparison.estimates import ConditionEstimate, mean_interval
from attnstats.scores.comparison.placings import placings
from attnstats.scores.design import Design
from attnstats.scores.scores import Column, Scores, Wanted, read_scores
from attnstats.scores.value_kinds import ValueKind

#: What analyses call the scores that they refuse.
_SUBJECTS = ("values", "a", "b", "a and b", "a - b")
#: Two conditions by their places.
Pair: TypeAlias = tuple[int, int]


def compare(
    scores: Any,
    *,
    value: str,
    condition: str,
    seed: Column = None,
    example: Column = None,
    dataset: Column = None,
    fold: Column = None,
    subject: Column = None,
    block: Column = None,
    group: Column = None,
    reference: str | None = None,
    margin: float | None = None,
    lower_is_better: bool = False,
    correction: Correction = Holm(),  # noqa: B008 (frozen)
    confidence_level: float = 0.95,
    kind: ValueKind | None = None,
    paired: bool | None = None,
    test_share: float | None = None,
    only: Wanted = None,
    missing: CompleteCases | None = None,
    na: Sequence[str] = (),
    sep: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
    rng: RNGLike = None,
) -> Comparison:
    """Compare the conditions of a long table of scores, by the analysis that its design asks for.

    The design is found from which labels stand together (`find_design`), and with it the unit of replication. Runs
    that all see the same examples are compared by the crossed analysis of variance, for other runs and other examples;
    runs alone by t tests; examples of one run by paired tests, of two values by McNemar's; examples in clusters by
    cluster-robust tests; folds by the corrected resampled t test. Several data sets weigh the same; a mean over other
    data sets, the number of data sets in which a difference holds, and ranks over them stand beside.

    Parameters
    ----------
    scores : pandas, polars or pyarrow table, str or Path
        One score a row, as in `read_scores`.
    value, condition, seed, example, dataset, fold, subject, block, group : str
        Columns, as in `read_scores`.
    reference : str, optional
        The condition against which each other one stands; by default all pairs are compared.
    margin : float, optional
        Smallest difference that would matter, in the unit of the scores, declared before looking.
    lower_is_better : bool
        Whether a low score is a good one, as of a loss.
    correction : Holm, Hochberg, Hommel, Bonferroni, BenjaminiHochberg or BenjaminiYekutieli
        How p-values are adjusted for the number of comparisons. Those of single data sets are a family of their own,
        and so are those of equivalence and of non-inferiority.
    confidence_level : float
        Level of all intervals, which are not adjusted; verdicts are at one less it.
    kind, paired : ValueKind, bool, optional
        What a score is, and whether units of equal labels belong together, as in `find_design`.
    test_share : float, optional
        Share of the rows that a fold tests on; by default one over the number of folds. More than 20 without `seed`,
        which may be those of repetitions, need it.
    only, missing, na, sep, decimal, encoding
        As in `read_scores`.
    rng : seed or Generator, optional
        Source of randomness of sign flips, where there are too many to enumerate.

    Returns
    -------
    Comparison
        Printed as a paragraph; `Comparison.explain` says what was chosen and why.

    Raises
    ------
    InvalidInputError, NonFiniteError, ConstantInputError, TooFewSamplesError, DatasetError
        As `read_scores` and `find_design`; if `reference` is no condition, the margin is as large as the range of the
        scores, some conditions have one run and others several, a data set lacks a condition, there are more than 20
        folds without `seed` and `test_share`, or one condition or data set has proportions and another per cent, by the
        column's name, unless `kind` says the unit.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.scores import compare
    >>> rng = np.random.default_rng(0)
    >>> cells = pd.DataFrame([(model, run, item) for model in "abc" for run in range(5) for item in range(60)],
    ...                      columns=["model", "run", "item"])
    >>> cells["score"] = 0.3 * (cells["model"] == "c") + rng.normal(0, 0.3, 60)[cells["item"]] + rng.normal(size=900)
    >>> comparison = compare(cells, value="score", condition="model", seed="run", example="item", reference="a")
    >>> [difference.verdict.value for difference in comparison.differences]
    ['inconclusive', 'better']
    """
    check_flag(lower_is_better, "lower_is_better")
    level = check_fraction(confidence_level, "confidence_level")
    table = read_scores(
        scores, value=value, condition=condition, seed=seed, example=example, dataset=dataset, fold=fold,
        subject=subject, block=block, group=group, only=only, missing=missing, na=na, sep=sep, decimal=decimal,
        encoding=encoding,
    )  # fmt: skip
    if kind is None and not lower_is_better:  # of errors even per cent are small
        check_units(table)
    check_runs(table)
    design = find_design(table, kind=kind, paired=paired)
    place = place_of(reference, design)
    rules = Rules(level, check_correction(correction), check_margin_of(margin, design), lower_is_better)
    setup = choose(table, design, test_share)
    check_arrangement(setup, table, design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)  # the reasons say how few there are
        try:
            return _compared(table, setup, design, rules, place, as_generator(rng))
        except AttnstatsError as error:
            raise _of_column(error, value) from error


def _of_column(error: AttnstatsError, column: str) -> AttnstatsError:
    """Return what an analysis refuses in the caller's word for the scores."""
    subject, _, rule = str(error).partition(": ")
    return type(error)(f"{column!r}: {rule}") if subject in _SUBJECTS else error


def _compared(
    scores: Scores, setup: Setup, design: Design, rules: Rules, reference: int | None, rng: np.random.Generator
) -> Comparison:
    names, blocks, analysis = design.conditions, setup.data.conditions, setup.analysis
    means = [analysis.mean(each) for each in blocks]
    every = {(i, j): contrast_of(analysis, blocks[i], blocks[j]) for i, j in combinations(range(len(names)), 2)}
    pairs = list(every) if reference is None else [(i, reference) for i in range(len(names)) if i != reference]
    within = [
        InEachDataset((names[i], names[j]), analysis, blocks[i], blocks[j])
        for i, j in pairs
        if len(setup.data.datasets) > 1
    ]
    return Comparison(
        design=design,
        choices=choices_of(setup, design, rules, len(pairs)),
        estimates=tuple(
            ConditionEstimate(
                name, mean.effect, mean_interval(mean, design.kind, setup.sizes, rules.level), mean.n, analysis.unit
            )
            for name, mean in zip(names, means, strict=True)
        ),
        differences=_differences(setup, every, pairs, names, rules, rng),
        placings=placings(
            names, [mean.effect for mean in means], every, rules.level, lower_is_better=rules.lower_is_better
        ),
        by_dataset=_by_dataset(within, setup, rules),
        across_datasets=tuple(across_datasets(each, rules, design.dataset_name) for each in within),
        ranks_over_datasets=None  # errors that all data sets share are no independent blocks
        if analysis.shared
        else ranks_over_datasets(names, _dataset_means(setup, design), rules, design.dataset_name),
        components=components_of(list(every.values()), setup.sizes),
        reference=None if reference is None else names[reference],
        rules=rules,
        setup=setup,
        scores=scores,
    )


def _differences(
    setup: Setup,
    every: dict[Pair, Contrast],
    pairs: Sequence[Pair],
    names: Sequence[str],
    rules: Rules,
    rng: np.random.Generator,
) -> tuple[Difference, ...]:
    """Return the differences over all data sets, with effect sizes and what stands beside the test."""
    analysis, of = setup.analysis, setup.data.conditions
    contrasts = [
        every[pair] if pair in every else contrast_of(analysis, *(of[place] for place in pair)) for pair in pairs
    ]
    found = judge(contrasts, [(names[i], names[j], "") for i, j in pairs], rules, setup.sizes)
    return tuple(
        replace(
            each,
            effects=effect_sizes(of[i], of[j], paired=analysis.paired),
            beside=analysis.beside(of[i], of[j], generator),
        )
        for each, (i, j), generator in zip(found, pairs, rng.spawn(len(pairs)), strict=True)
    )


def _by_dataset(within: Sequence[InEachDataset], setup: Setup, rules: Rules) -> tuple[Difference, ...]:
    """Return the differences in each of several data sets, one family."""
    told = [(*each.names, dataset) for each in within for dataset in setup.data.datasets]
    return judge([contrast for each in within for contrast in each.contrasts], told, rules, setup.sizes) if told else ()


def _dataset_means(setup: Setup, design: Design) -> FloatArray:
    """Return the mean of each condition in each data set, shape (n_conditions, n_datasets)."""
    conditions = setup.data.conditions
    if design.unit == "dataset":
        return np.stack([blocks[0].values for blocks in conditions])
    return np.array([[setup.analysis.mean((block,)).effect for block in blocks] for blocks in conditions])
