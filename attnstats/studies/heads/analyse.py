"""Every layer and head of a transformer against the information in the words, in one analysis."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from attnstats._validation import (
    BoolArray,
    FloatArray,
    RNGLike,
    as_generator,
    check_count,
    check_flag,
    check_fraction,
    check_object,
    warn_of_copies,
)
from attnstats.comparison import MINIMUM_REPLICATES, FamilyResult, Holm, adjust_pvalues, anova_test, paired_family_test
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)
from attnstats.information import Probe, pointwise_mutual_information
from attnstats.missing import CompleteCases
from attnstats.ranks import kendall_batch
from attnstats.studies.heads._blocks import part_of, text_parts
from attnstats.studies.heads._groups import groups_of, likeness_bounds
from attnstats.studies.heads.head_analysis import HeadAnalysis, Reading, at_joint_level, check_trainings
from attnstats.studies.trace_rows._measures import gini, output_entropy
from attnstats.trace import AttentionTrace, Query, TransformerTrace

#: Texts whose words are compared at once.
_TEXTS = 10_000


def analyse_heads(
    traces: TransformerTrace | Sequence[TransformerTrace],
    *,
    queries: Sequence[Query] | None = None,
    rollout: bool = False,
    probe: Probe = Probe(),  # noqa: B008 (frozen)
    alike: float = 0.8,
    confidence_level: float = 0.95,
    n_resamples: int = 9_999,
    minimum_seeds: int = MINIMUM_REPLICATES,
    rng: RNGLike = None,
) -> HeadAnalysis:
    """Return how far the weights of every layer and head agree with the information that the words carry.

    The information of a layer's words about the predicted class is estimated once and serves all of its heads. Heads of
    one model correlate, and the test over texts holds for all of them at once (max-T). With traces of several trainings
    on the same texts, the analysis of variance crossed over trainings and texts answers for other ones (Holm).

    Parameters
    ----------
    traces : TransformerTrace, or a sequence of them
        One model, or one of each training, all on the same texts, with the units in which they are shown.
    queries : sequence of Query, optional
        Whose attention is read; by default all that were kept.
    rollout : bool
        Whether attention rolled out to each layer is read too.
    probe : Probe
        Estimator of the information of single words.
    alike : float
        Readings form a group where every two of them have a mean tau-b of at least this much, shown by a lower bound
        that holds for all pairs of readings together: at 0.8 nine of ten pairs of words stand in the same order.
    confidence_level : float
        Level of all intervals together, and of all those bounds.
    n_resamples : int
        Sign patterns of one model's test.
    minimum_seeds : int
        Fewest trainings accepted where there are several.
    rng : None, int or numpy.random.Generator
        Source of randomness of folds and signs.

    Returns
    -------
    HeadAnalysis
        Agreement, skew, tests and group of each reading. One model's answer is for other texts, not for other
        trainings; a group of several trainings is one in each of them. Readings that give the words of too few texts an
        order, as of a head whose weights are all equal, or all on special tokens, are left out and named as
        `unordered`.

    Raises
    ------
    InvalidInputError
        If traces differ in texts, layers or heads, or a query was not kept.
    ConstantInputError
        If a model predicts one class only, or no reading gives the words of texts an order.
    TooFewSamplesError
        If there are too few texts for the test, or for the folds of the probe, or too few trainings.

    Warns
    -----
    UnreliableEstimateWarning
        If the probe has a predicted class with fewer texts than folds.
    FewReplicatesWarning
        If there are fewer than 8 trainings, but not fewer than `minimum_seeds`.

    Notes
    -----
    Many texts are read in parts at random, and the probe is fitted in each, so that memory does not grow with their
    states.

    Examples
    --------
    >>> from attnstats.studies import analyse_heads
    >>> from attnstats.trace import TransformerTrace
    >>> analyse_heads(TransformerTrace.load("trace"), rng=0)  # doctest: +SKIP
    72 readings, sign-flip max-T (9999 resamples): 31 agree with the order of information, 4 oppose it, ...
    """
    models = _models(traces)
    check_object(probe, "probe", Probe, "Probe()")
    level = check_fraction(confidence_level, "confidence_level")
    margin = check_fraction(alike, "alike")
    check_count(n_resamples, "n_resamples", minimum=99)
    check_trainings(len(models), minimum_seeds, "traces")
    first = models[0]
    asked = first.queries if queries is None else _checked_queries(queries)
    readings = tuple(_readings(first, asked, check_flag(rollout, "rollout")))
    warn_of_copies([row.tobytes() for row in first.arrays["token_codes"]], "traces")
    _check_texts(models, probe)
    *streams, last = as_generator(rng).spawn(len(models) + 1)
    found = [_measured(model, asked, rollout, probe, stream) for model, stream in zip(models, streams, strict=True)]
    agreement, ties, skew, left_out, information = (np.stack(each) for each in zip(*found, strict=True))
    ordered = _ordered(agreement)
    unordered = tuple(reading for reading, kept in zip(readings, ordered, strict=True) if not kept)
    readings = tuple(reading for reading, kept in zip(readings, ordered, strict=True) if kept)
    agreement, ties, skew, left_out = (each[:, ordered] for each in (agreement, ties, skew, left_out))
    names = [str(reading) for reading in readings]
    if len(models) == 1:
        tests = paired_family_test(
            agreement[0].T, names=names, confidence_level=level, n_resamples=n_resamples, replication_unit="text",
            missing=CompleteCases(), rng=last,
        )  # fmt: skip
    else:
        tests = _over_trainings(agreement, names, level)
    shared = {key: value for key, value in first.metadata.items() if key != "seed"}
    bounds = likeness_bounds(models, readings, asked, level)
    groups = groups_of(bounds, margin)
    n_words = first.mask.sum(axis=1)
    return HeadAnalysis(
        readings, agreement, ties, skew, left_out, n_words, information, first.layers, tests, bounds, groups, margin,
        shared, unordered,
    )  # fmt: skip


def _checked_queries(queries: Any) -> tuple[Query, ...]:
    if isinstance(queries, str) or not isinstance(queries, Sequence) or not queries:
        raise InvalidInputError(f"queries: must be a list of queries, such as [ClassToken()]; got {queries!r:.60}")
    return tuple(queries)


def _models(traces: Any) -> list[TransformerTrace]:
    """Return the traces, after checking that they are of the same texts, layers and heads."""
    models = list(traces) if isinstance(traces, Iterable) else [traces]
    if not models or not all(isinstance(model, TransformerTrace) for model in models):
        remedy = "; of a single head use analyse_trace" if isinstance(traces, AttentionTrace) else ""
        raise InvalidInputError(f"traces: must be a TransformerTrace, or several; got {traces!r:.80}{remedy}")
    for number, model in enumerate(models):
        for name in ("layers", "heads", "queries", "units", "n_examples"):
            if getattr(model, name) != getattr(models[0], name):
                raise InvalidInputError(f"traces: must have the same {name}; trace {number} has others than trace 0")
        for start in range(0, model.n_examples, _TEXTS) if number else ():
            texts = np.arange(start, min(start + _TEXTS, model.n_examples))
            if model.take(texts).tokens != models[0].take(texts).tokens:
                raise InvalidInputError(f"traces: must have the same tokens; trace {number} has others than trace 0")
        if any(_same(model, other) for other in models[:number]):
            raise InvalidInputError(f"traces: must be other trainings; trace {number} gives what another one gives")
    return models


def _check_texts(models: Sequence[TransformerTrace], probe: Probe) -> None:
    """Raise if there are too few texts for test or probe, or classes; warn where one is too rare for the probe."""
    n, more = models[0].n_examples, "trace more texts"
    if len(models) == 1 and n < MINIMUM_REPLICATES:
        raise TooFewSamplesError(f"traces: must hold at least {MINIMUM_REPLICATES} texts for the test; got {n}; {more}")
    if n < (fewest := max(4, probe.n_folds)):
        raise TooFewSamplesError(
            f"traces: must hold at least {fewest} texts for the {probe.n_folds} folds of the probe; got {n}; {more}"
        )
    for number, model in enumerate(models):
        classes, counts = np.unique(model.predicted, return_counts=True)
        if len(classes) < 2:
            raise ConstantInputError(
                f"traces: each must hold two predicted classes or more; trace {number} has {classes[0]} alone; take "
                "texts of all classes, and see whether the model learned"
            )
        if counts.min() < probe.n_folds:
            rare = int(counts.argmin())
            warnings.warn(
                f"traces: should hold at least {probe.n_folds} texts of each predicted class, one for each fold of the "
                f"probe; trace {number} has {counts[rare]} of class {classes[rare]} among {n}; {more} of this class",
                UnreliableEstimateWarning,
                stacklevel=3,
            )


def _ordered(agreement: FloatArray) -> BoolArray:
    """Return which readings give the words of enough texts an order, after checking that together they do, too.

    Agreement has shape (n_trainings, n_readings, n_texts), NaN where there is no order. A test over texts takes those
    that all readings order.
    """
    fewest = MINIMUM_REPLICATES if len(agreement) == 1 else 2
    known = np.asarray(~np.isnan(agreement).any(axis=0))
    ordered = np.asarray(known.sum(axis=1) >= fewest)
    remedy = "trace texts of more words, or show special tokens by trace.with_units(Words(special=True))"
    if not ordered.any():
        raise ConstantInputError(
            f"traces: some head must give the words of {fewest} texts or more an order, and their states different "
            f"information; none does, of {agreement.shape[2]} texts; {remedy}"
        )
    if len(agreement) == 1 and (n := int(known[ordered].all(axis=0).sum())) < fewest:
        raise TooFewSamplesError(
            f"traces: must hold at least {fewest} texts to whose words every head gives an order; got {n} of "
            f"{agreement.shape[2]}; {remedy}"
        )
    return ordered


def _same(one: TransformerTrace, other: TransformerTrace) -> bool:
    """Return whether two traces are of one model: its output, and its attention on the first text."""
    first, second = (trace.arrays["attention"][..., 0, :] for trace in (one, other))
    return bool(np.array_equal(one.output, other.output) and np.array_equal(first, second))


def _readings(trace: TransformerTrace, queries: Sequence[Query], rollout: bool) -> Iterator[Reading]:
    for layer in trace.layers:
        for query in queries:
            yield from (Reading(layer, head, repr(query)) for head in trace.heads)
            if rollout:
                yield Reading(layer, None, repr(query))


def _measured(
    trace: TransformerTrace, queries: Sequence[Query], rollout: bool, probe: Probe, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return agreement, ties, skew and weight left out of each reading, and the information of each layer."""
    entropy = output_entropy(trace.predicted)
    heads = (*trace.heads, *([None] if rollout else []))
    taus, ties, ginis, lost = np.full((4, len(trace.layers), len(queries), len(heads), trace.n_examples), np.nan)
    information = []
    parts = text_parts(trace, rng)
    for place, stream in enumerate(rng.spawn(len(trace.layers))):
        layer, terms, n_words = trace.layers[place], 0.0, 0
        for texts in parts:
            part = part_of(trace, texts, layer)
            mask = part.mask
            local = _local_terms(part, layer, probe, stream)
            terms, n_words = terms + float(local.sum()), n_words + len(local)
            values = np.zeros(mask.shape)
            values[mask] = local
            for (number, query), (column, head) in product(enumerate(queries), enumerate(heads)):
                weights = part.rollout(layer, query) if head is None else part.attention(layer, head, query)
                known = ~np.isnan(weights).any(axis=1)
                at = (place, number, column, np.arange(trace.n_examples)[texts][known])
                agreement = kendall_batch(weights[known], values[known], mask=mask[known])
                taus[at], ties[at] = agreement.statistic, agreement.tie_fraction
                ginis[at] = gini(weights[known], mask[known])
                if head is not None:
                    lost[place, number, column, texts] = part.left_out(layer, head, query)
        information.append(terms / n_words / entropy)
    return *(each.reshape(-1, trace.n_examples) for each in (taus, ties, ginis, lost)), np.array(information)


def _local_terms(part: TransformerTrace, layer: int, probe: Probe, rng: np.random.Generator) -> FloatArray:
    """Return the pointwise information of every word of a layer, in the order of texts."""
    mask = part.mask
    groups = np.repeat(np.arange(part.n_examples), mask.sum(axis=1))
    states = part.hidden(layer)[mask].astype(np.float64)
    return pointwise_mutual_information(states, part.predicted[groups], probe, groups=groups, rng=rng)


def _over_trainings(agreement: FloatArray, names: Sequence[str], level: float) -> FamilyResult:
    """Return the tests of the mean of each reading, agreement having shape (n_trainings, n_readings, n_texts)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)  # said once, and not of each reading again
        results = tuple(
            at_joint_level(
                anova_test(
                    agreement[:, place], confidence_level=1 - (1 - level) / len(names), minimum_replicates=2,
                    replication_unit="training", crossed_unit="text", missing=CompleteCases(),
                ),
                level,
            )
            for place in range(len(names))
        )  # fmt: skip
    adjusted = adjust_pvalues([result.pvalue for result in results], Holm())
    return FamilyResult(tuple(names), results, tuple(map(float, adjusted)), Holm().name)
