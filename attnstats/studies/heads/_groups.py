"""Groups of readings that order the words of texts alike, up to a declared margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from attnstats._validation import BoolArray, FloatArray
from attnstats.studies.heads.head_analysis import Reading
from attnstats.trace import Query, TransformerTrace

#: Texts whose weights under all readings are held at once.
_TEXTS = 256


def likeness_bounds(
    models: Sequence[TransformerTrace], readings: Sequence[Reading], queries: Sequence[Query], level: float
) -> FloatArray:
    """Return lower bounds of the mean tau-b of every two readings, shape (n_readings, n_readings).

    In each training all of them hold together with probability `level`, for the texts that these were drawn from and
    whatever the distribution of tau-b: empirical Bernstein bounds (Maurer and Pontil 2009, theorem 4), Bonferroni over
    the pairs. Of several trainings it is the lowest bound, so that what lies above it is shown in each of them.
    """
    n = len(readings)
    log_term = np.log(2 * max(1, n * (n - 1) // 2) / (1 - level))
    lowest = np.full((n, n), np.inf)
    for model in models:
        count, total, squares = np.zeros((3, n, n))
        for weights, mask in _weights(model, readings, queries):
            for text, real in enumerate(mask):
                taus = pairwise_taus(weights[:, text, real])
                known = ~np.isnan(taus)
                taus[~known] = 0.0
                count += known
                total += taus
                squares += taus**2
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = total / count
            variance = np.maximum(squares - total * mean, 0) / (count - 1)
            bound = mean - np.sqrt(2 * variance * log_term / count) - 14 * log_term / (3 * (count - 1))
        lowest = np.minimum(lowest, np.where(count > 1, bound, -1.0))
    return np.asarray(np.maximum(lowest, -1.0))


def pairwise_taus(weights: FloatArray) -> FloatArray:
    """Return tau-b of every two rows of weights (n_readings, n_words), NaN where a row is tied or is not known."""
    first, second = np.triu_indices(weights.shape[1], 1)
    with np.errstate(invalid="ignore"):
        signs = np.sign(weights[:, first] - weights[:, second]).astype(np.float32)
    scores = (signs @ signs.T).astype(np.float64)  # sums of less than 2^24 whole numbers, and exact
    untied = np.sqrt(scores.diagonal())
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.clip(scores / (untied[:, np.newaxis] * untied), -1, 1))


def groups_of(bounds: FloatArray, margin: float) -> tuple[int | None, ...]:
    """Return the number of the group of each reading, None where it has none to itself.

    Complete linkage: the bound of every two readings of a group is at least the margin.
    """
    if len(bounds) < 2:
        return (None,) * len(bounds)
    distances = np.where(np.eye(len(bounds), dtype=bool), 0.0, 1 - bounds)
    clusters = fcluster(linkage(squareform(distances, checks=False), "complete"), 1 - margin, "distance").tolist()
    shared = [cluster for cluster in dict.fromkeys(clusters) if clusters.count(cluster) > 1]
    return tuple(shared.index(cluster) + 1 if cluster in shared else None for cluster in clusters)


def _weights(
    model: TransformerTrace, readings: Sequence[Reading], queries: Sequence[Query]
) -> Iterator[tuple[FloatArray, BoolArray]]:
    """Yield the weights of some texts under every reading, (n_readings, n_texts, n_words), and which words are real."""
    query_of = {repr(query): query for query in queries}
    for start in range(0, model.n_examples, _TEXTS):
        part = model.take(np.arange(start, min(start + _TEXTS, model.n_examples)))
        yield (
            np.stack(
                [
                    part.rollout(each.layer, query_of[each.query])
                    if each.head is None
                    else part.attention(each.layer, each.head, query_of[each.query])
                    for each in readings
                ]
            ),
            part.mask,
        )
