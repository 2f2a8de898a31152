"""Which analysis a design asks for, by rules that stand here alone."""

from __future__ import annotations

from attnstats._validation import check_fraction
from attnstats.exceptions import InvalidInputError
from attnstats.results import plural
from attnstats.scores.analyses.analysis import Analysis
from attnstats.scores.analyses.blocks import arrange, joint_factor
from attnstats.scores.analyses.clusters import ClusterRobust
from attnstats.scores.analyses.crossed import CrossedAnova, IndependentCrossedAnova
from attnstats.scores.analyses.folds import CorrectedT
from attnstats.scores.analyses.proportions import IndependentProportions, PairedProportions
from attnstats.scores.analyses.t_tests import PairedT, WelchT
from attnstats.scores.choice.setup import Setup
from attnstats.scores.design import Design, DesignFactor
from attnstats.scores.factor import Factor
from attnstats.scores.layout import Layout
from attnstats.scores.scores import Scores
from attnstats.scores.value_kinds import Binary

#: Repetitions and folds of Alpaydın's test.
_HALVES = (5, 2)
#: Folds of one cross-validation; more may be those of several repetitions.
_MOST_FOLDS = 20


def choose(scores: Scores, design: Design, test_share: float | None) -> Setup:
    """Return the analysis of a design, with the scores arranged for it."""
    if test_share is not None and design.unit != "fold":
        raise InvalidInputError(
            f"test_share: must be None unless {design.condition} is compared over folds; got {test_share!r}"
        )
    if design.unit in ("seed", "subject"):
        return _over_runs(scores, design)
    if design.unit == "fold":
        return _over_folds(scores, design, test_share)
    if design.unit == "group":
        return _over_clusters(scores, design)
    return _over_units(scores, design)


def _over_runs(scores: Scores, design: Design) -> Setup:
    """Units of replication that may be crossed with items: runs and examples, subjects and questions."""
    role, unit = str(design.unit), design.unit_name
    factor, described = scores.factor(role), design.factor(role)
    assert factor is not None
    assert described is not None
    n_datasets = _n_labels(design, "dataset")
    shared = n_datasets > 1 and "dataset" not in described.inside
    items = _items(design, role)
    if items is None or (design.paired and items.layout is not Layout.CROSSED):
        analysis: Analysis = PairedT(unit, shared) if design.paired else WelchT(unit, shared)
        return Setup(analysis, arrange(scores, factor, None, paired=design.paired, shared=shared))
    if design.paired:
        analysis = CrossedAnova(unit, shared, items.column)
    else:
        analysis = IndependentCrossedAnova(unit, shared, items.column, own_items=items.layout is not Layout.CROSSED)
    return Setup(analysis, arrange(scores, factor, scores.factor(items.role), paired=design.paired, shared=shared))


def _items(design: Design, unit: str) -> DesignFactor | None:
    """Return what the units are crossed with: examples, or the clusters in which they lie."""
    examples, clusters = design.factor("example"), design.factor("group")
    if examples is not None and (unit in examples.inside or min(examples.per_condition) < 2):
        return None
    items = examples if clusters is None else clusters
    return None if items is None or unit in items.inside or min(items.per_condition) < 2 else items


def _over_folds(scores: Scores, design: Design, test_share: float | None) -> Setup:
    fold, seed = scores.factor("fold"), scores.factor("seed")
    assert fold is not None
    if not design.paired:
        raise InvalidInputError(
            f"row {scores.rows[0]} of {fold.column!r}: {plural(design.condition)} must share the {plural(fold.column)},"
            " since those of different splits cannot be compared one by one; got others for each"
        )
    repeated = seed is not None and len(seed.labels) > 1
    n_repetitions = len(seed.labels) if seed is not None and repeated else 1
    n_folds = max(2, round(len(fold.labels) / max(1, _n_labels(design, "dataset"))))
    if test_share is None and not repeated and n_folds > _MOST_FOLDS:
        raise InvalidInputError(
            f"test_share: must say what share of the rows each {fold.column} tests on, since more than {_MOST_FOLDS}"
            f" may be those of repetitions; got {n_folds} {plural(fold.column)} and no seed (0.1 if they are"
            " repetitions of 10; or name the column of the repetitions as seed)"
        )
    unit = joint_factor("fold", fold.column, [seed, fold] if seed is not None and repeated else [fold], len(scores))
    share = 1 / n_folds if test_share is None else check_fraction(test_share, "test_share")
    analysis = CorrectedT(fold.column, test_share=share / (1 - share), halves=(n_repetitions, n_folds) == _HALVES)
    return Setup(analysis, arrange(scores, unit, None, paired=True, shared=False))


def _over_clusters(scores: Scores, design: Design) -> Setup:
    """Examples in clusters; clusters of rows that nothing tells apart have one mean each."""
    example, group, unit = scores.factor("example"), scores.factor("group"), design.unit_name
    described = design.factor("example")
    if example is None or described is None:
        assert group is not None
        of_means: Analysis = PairedT(unit) if design.paired else WelchT(unit)
        return Setup(of_means, arrange(scores, group, None, paired=design.paired, shared=False))
    paired = described.layout is Layout.CROSSED
    analysis = ClusterRobust(unit, example=example.column, own_examples=not paired)
    return Setup(analysis, arrange(scores, example, None, paired=paired, shared=False))


def _over_units(scores: Scores, design: Design) -> Setup:
    """Units with one score of each condition: examples of one run, data sets, blocks, or rows without labels."""
    unit = design.unit_name
    factor = None if design.unit is None else scores.factor(design.unit)
    shared = design.unit in ("dataset", "block")
    if isinstance(design.kind, Binary) and not shared:
        proportions = PairedProportions if design.paired else IndependentProportions
        analysis: Analysis = proportions(unit, kind=design.kind)
    else:
        analysis = PairedT(unit) if design.paired else WelchT(unit)
    return Setup(
        analysis, arrange(scores, factor or _rows(scores), None, paired=design.paired, shared=False, whole=shared)
    )


def _rows(scores: Scores) -> Factor:
    """Return the rows as units of their own."""
    return joint_factor("row", "row", [], len(scores))


def _n_labels(design: Design, role: str) -> int:
    factor = design.factor(role)
    return 1 if factor is None else factor.n_labels
