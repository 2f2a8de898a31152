"""Mean ranks on a line, with bars over what is not told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import BoolArray, check_positive
from attnstats.exceptions import InvalidInputError
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import given, numbers, words
from attnstats.report.notation._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Between two bars, and between two labels.
_BAR, _LABEL = 0.34, 0.62
#: What both are measured in, in inches.
_UNIT = 0.34


def plot_critical_difference(
    ranks: Any, tied: ArrayLike, *, distance: float | None = None, axes: Axes | None = None
) -> Figure:
    """Draw mean ranks on a line, the best at the left, and a bar over each set in which no difference is shown.

    A bar joins the conditions that have a dot on it, and no others: where pairs are tested one by one, as with Holm's
    correction, it may pass one by that is told apart from another of its set.

    Parameters
    ----------
    ranks : DataFrame
        Of pandas or polars, with the columns ``label`` and ``value``, the mean rank, 1 being the best.
    tied : array_like of bool, shape (k, k)
        Which pairs of conditions are not told apart, in the order of the rows; the diagonal does not count.
    distance : float, optional
        The critical difference, drawn above the line.
    axes : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    InvalidInputError
        If a column is missing, or `tied` is not a symmetric matrix of True and False.
    MissingExtraError
        If matplotlib is not installed.

    References
    ----------
    Demšar (2006), Statistical comparisons of classifiers over multiple data sets, Journal of Machine Learning Research
    7, 1-30, figure 1.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.comparison import nemenyi_test
    >>> from attnstats.report import plot_critical_difference
    >>> result = nemenyi_test(np.random.default_rng(0).normal([[0.8], [0.75], [0.5]], 0.05, size=(3, 12)))
    >>> ranks = pd.DataFrame({"label": ["A", "B", "C"], "value": result.mean_ranks})
    >>> tied = np.array(result.pvalues) > 0.05
    >>> figure = plot_critical_difference(ranks, tied, distance=result.critical_difference)
    >>> [text.get_text() for text in figure.axes[0].texts][-1]
    'critical difference 0.96'
    """
    frame = given(ranks, "ranks", ["label", "value"])
    values, labels = numbers(frame, "ranks", "value", missing=False), panels.in_lines(words(frame, "label"))
    order = np.argsort(values, kind="stable")
    pairs = _pairs(tied, len(values))[np.ix_(order, order)]
    values, labels = values[order], [labels[i] for i in order]
    cliques = maximal_cliques(pairs)
    levels = _levels(cliques)
    gap = None if distance is None else check_positive(distance, "distance")
    top = max(len(values), int(np.ceil(values.max())))
    n_left = (len(values) + 1) // 2
    below = _BAR * (max(levels, default=-1) + 1) + 0.35
    spacing = panels.row_height(_LABEL * _UNIT, labels) / _UNIT
    depth = below + spacing * n_left
    with panels.panel(axes, 0.35 + _UNIT * (depth + (1.9 if gap else 1.0))) as axis:
        axis.set_axis_off()
        left, right = 1 - 0.03 * top, top + 0.03 * top
        axis.plot([1, top], [0, 0], color=style.BLACK, lw=1.0)
        for rank in range(1, top + 1):
            axis.plot([rank, rank], [0, 0.16], color=style.BLACK, lw=1.0)
        for rank in panels.rank_ticks(top):
            axis.text(rank, 0.26, str(rank), ha="center", va="bottom")
        for i, (value, label) in enumerate(zip(values, labels, strict=True)):
            at_left = i < n_left
            y = -(below + spacing * (i if at_left else len(values) - 1 - i))
            edge = left if at_left else right
            axis.plot([value, value, edge], [0, y, y], color=style.GREY, lw=0.8, zorder=1)
            said = [label, number(value, 2)] if at_left else [number(value, 2), label]
            axis.annotate(
                "  ".join(said), (edge, y), xytext=(-4 if at_left else 4, 0), textcoords="offset points",
                ha="right" if at_left else "left", va="center", annotation_clip=False,
            )  # fmt: skip
        for clique, level in zip(cliques, levels, strict=True):
            y, joined = -0.22 - _BAR * level, values[list(clique)]
            axis.plot(joined, [y] * len(joined), "-o", color=style.BLUE, lw=3, ms=5.5, mec="white", mew=0.6, zorder=3)
        if gap is not None:
            axis.plot([1, 1 + gap], [1.25, 1.25], "-|", color=style.BLACK, lw=1.4, ms=7)
            axis.text(1 + gap / 2, 1.4, f"critical difference {number(gap, 2)}", ha="center", va="bottom")
        axis.set_xlim(left, max(right, 1 + (gap or 0)))
        axis.set_ylim(-depth, 2.1 if gap else 1.0)
    return panels.figure_of(axis)


def maximal_cliques(pairs: BoolArray) -> list[tuple[int, ...]]:
    """Return every largest set of two or more of which all pairs are True, from left to right (Bron and Kerbosch 1973).

    >>> import numpy as np
    >>> maximal_cliques(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool))
    [(0, 1), (1, 2)]
    """
    near = [set(np.flatnonzero(row).tolist()) - {i} for i, row in enumerate(pairs)]

    def grow(clique: tuple[int, ...], open_: set[int], done: set[int]) -> Iterator[tuple[int, ...]]:
        if not open_ and not done:
            yield clique
            return
        pivot = max(open_ | done, key=lambda i: len(near[i] & open_))
        for i in sorted(open_ - near[pivot]):
            yield from grow((*clique, i), open_ & near[i], done & near[i])
            open_, done = open_ - {i}, done | {i}

    found = grow((), set(range(len(pairs))), set())
    return sorted(tuple(sorted(clique)) for clique in found if len(clique) > 1)


def _levels(cliques: list[tuple[int, ...]]) -> list[int]:
    """Return the level of each bar, the highest on which it meets no other."""
    last: list[int] = []
    levels = []
    for clique in cliques:
        level = next((i for i, end in enumerate(last) if end < clique[0]), len(last))
        last[level : level + 1] = [clique[-1]]
        levels.append(level)
    return levels


def _pairs(tied: ArrayLike, k: int) -> BoolArray:
    pairs = np.asarray(tied)
    if pairs.dtype != np.bool_ or pairs.shape != (k, k) or (pairs != pairs.T).any():
        got = f"{pairs.dtype} of shape {pairs.shape}"
        raise InvalidInputError(f"tied: must be a symmetric matrix of True and False of shape {(k, k)}; got {got}")
    return pairs
