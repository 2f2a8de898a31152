"""Rows of the results frame for results that hold several quantities."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from attnstats.ablation import AblationResult
from attnstats.comparison import (
    BestComparison,
    CriticalDifference,
    EffectSize,
    FamilyResult,
    IntraclassCorrelation,
    MetaAnalysis,
    PartialConjunction,
    RankIntervals,
    VarianceComponents,
)
from attnstats.frame import Row, encode_parameters, interval_columns
from attnstats.results import plural


@singledispatch
def result_rows(result: object) -> list[Row]:
    """Return the rows of the results frame that hold a result, one for each of its quantities.

    Examples
    --------
    >>> from attnstats.comparison import partial_conjunction_test
    >>> [(row.value, row.pvalue) for row in result_rows(partial_conjunction_test([0.01, 0.04]))]
    [(1.0, 0.02), (2.0, 0.04)]
    """
    raise TypeError(f"result: must be a result of a comparison or an ablation; got {result!r}")


@result_rows.register
def _(result: EffectSize) -> list[Row]:
    size = _size(result.n, result.replication_unit) | interval_columns(result.interval)
    return [Row(quantity="effect_size", parameters=encode_parameters(measure=result.name), value=result.value, **size)]


@result_rows.register
def _(result: BestComparison) -> list[Row]:
    size = _size(result.n, result.replication_unit)
    intervals = map(interval_columns, result.intervals)
    return [
        Row(quantity="lead", parameters=encode_parameters(condition=condition), value=lead, **size, **interval)
        for condition, (lead, interval) in enumerate(zip(result.leads, intervals, strict=True))
    ]


@result_rows.register
def _(result: RankIntervals) -> list[Row]:
    size = _size(result.n, result.replication_unit) | {"ci_level": result.level, "ci_method": "simultaneous ranks"}
    found = [map(float, each) for each in (result.ranks, result.low, result.high)]
    return [
        Row(quantity="rank", parameters=encode_parameters(condition=k), value=rank, ci_low=low, ci_high=high, **size)
        for k, (rank, low, high) in enumerate(zip(*found, strict=True))
    ]


@result_rows.register
def _(result: CriticalDifference) -> list[Row]:
    size = _size(result.n_blocks, result.replication_unit)
    rows = []
    for condition, rank in enumerate(result.mean_ranks):
        about = encode_parameters(condition=condition, critical_difference=result.critical_difference)
        rows.append(Row(quantity="mean_rank", parameters=about, value=rank, **size))
    return rows


@result_rows.register
def _(result: PartialConjunction) -> list[Row]:
    size = _size(result.n, result.replication_unit)
    size |= {"unit": plural(result.replication_unit), "test": f"partial conjunction ({result.method})"}
    return [
        Row(quantity="partial_conjunction", parameters=encode_parameters(at_least=k), value=float(k), pvalue=p, **size)
        for k, p in enumerate(result.pvalues, start=1)
    ]


@result_rows.register
def _(result: FamilyResult) -> list[Row]:
    return [
        Row.of(
            test, correction=result.correction, pvalue_adjusted=adjusted, parameters=encode_parameters(hypothesis=name)
        )
        for name, test, adjusted in zip(result.names, result.results, result.pvalues_adjusted, strict=True)
    ]


@result_rows.register
def _(result: MetaAnalysis) -> list[Row]:
    about = encode_parameters(i2=result.i2, q=result.q, q_pvalue=result.q_pvalue)
    heterogeneity = interval_columns(result.tau2_interval)
    return [
        Row.of(result.mean, quantity="mean_effect", parameters=about),
        Row(quantity="heterogeneity", value=result.tau2, n=result.mean.n, **heterogeneity),
    ]


@result_rows.register
def _(result: IntraclassCorrelation) -> list[Row]:
    size = _size(result.n, result.replication_unit) | interval_columns(result.interval)
    about = encode_parameters(design_effect=result.design_effect)
    return [Row(quantity="intraclass_correlation", parameters=about, value=result.value, **size)]


@result_rows.register
def _(result: VarianceComponents) -> list[Row]:
    size = _size(result.n_replicates, result.replication_unit)
    names = result.replication_unit, result.crossed_unit, "residual"
    about = [encode_parameters(component=name, share=share) for name, share in zip(names, result.shares, strict=True)]
    values = result.replicate, result.item, result.residual
    return [
        Row(quantity="variance_component", parameters=each, value=value, **size)
        for each, value in zip(about, values, strict=True)
    ]


@result_rows.register
def _(result: AblationResult) -> list[Row]:
    about = encode_parameters(outcome=result.outcome, null_value=result.null_value)
    keys = {"ablation": result.ablation, "n_seeds": result.n_seeds}
    rows = [Row.of(result.difference, parameters=about, undefined=result.n_undefined, **keys)]
    if result.equivalence is not None:
        margin = encode_parameters(outcome=result.outcome, margin=result.margin)
        rows.append(Row.of(result.equivalence, parameters=margin, **keys))
    return rows


def _size(n: int, replication_unit: str | None) -> dict[str, Any]:
    return {"n": n, "replication_unit": replication_unit}
