"""The matrix of the information of all pairs of columns, alike ones beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray, IntArray, check_flag, check_text
from attnstats.exceptions import FrameError
from attnstats.report.figures import _style as style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Most columns whose cells show their numbers.
_NUMBERED = 14


def plot_information_matrix(
    matrix: pd.DataFrame, *, clustered: bool = True, meaning: str = "mutual information (nats)"
) -> Figure:
    """Draw a symmetric matrix of columns as a heat map, in the order of a clustering.

    Columns that tell of each other stand side by side: by average linkage of one minus their share of the largest
    value. Estimates below zero look like zero.

    Parameters
    ----------
    matrix : DataFrame of shape (n_columns, n_columns)
        Symmetric, with the same names on both axes, as `estimates` or `normalized` of
        `attnstats.information.InformationMatrix`; NaN on the diagonal or where there is no value.
    clustered : bool, default True
        Whether the columns are ordered by a clustering, or stay as they are.
    meaning : str
        What the values are, for the scale.

    Raises
    ------
    FrameError
        If the matrix is not square and symmetric with the same names on both axes, or holds no value.
    MissingExtraError
        If matplotlib is not installed.

    References
    ----------
    Sokal, Michener (1958), A statistical method for evaluating systematic relationships, Univ. Kansas Sci. Bull. 38
    (average linkage).

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import plot_information_matrix
    >>> names = ["a", "b", "c"]
    >>> matrix = pd.DataFrame([[None, 0.1, 0.9], [0.1, None, 0.0], [0.9, 0.0, None]], names, names, dtype=float)
    >>> [label.get_text() for label in plot_information_matrix(matrix).axes[0].get_xticklabels()]
    ['b', 'a', 'c']
    """
    values = _checked(matrix)
    check_flag(clustered, "clustered")
    check_text(meaning, "meaning")
    order = _clustering(values) if clustered and len(values) > 2 else np.arange(len(values))
    names, shown = [str(matrix.columns[each]) for each in order.tolist()], values[np.ix_(order, order)]
    largest = float(np.nanmax(np.maximum(shown, 0))) or 1.0
    with style.house_style():
        from matplotlib.colors import LinearSegmentedColormap

        side = 1.6 + 0.42 * len(names)
        figure, ((axis,),) = style.new_axes(1, 1, side, width=min(side + 1.4, style.WIDTH))
        shades = LinearSegmentedColormap.from_list("information", ["#ffffff", style.SKY, style.BLUE])
        colours = shades.with_extremes(bad="#f2f2f2")
        drawn = axis.imshow(shown, cmap=colours, vmin=0, vmax=largest, interpolation="nearest")
        axis.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
        axis.set_yticks(range(len(names)), names)
        axis.tick_params(length=0)
        for each in axis.spines.values():
            each.set_visible(False)
        if len(names) <= _NUMBERED:
            for row, column in np.argwhere(~np.isnan(shown)).tolist():
                value = shown[row, column]
                colour = "#ffffff" if value > 0.7 * largest else style.BLACK
                axis.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=colour)
        bar = figure.colorbar(drawn, ax=axis, fraction=0.04, pad=0.02)
        bar.set_label(meaning)
        bar.outline.set_visible(False)
    return figure


def _checked(matrix: pd.DataFrame) -> FloatArray:
    """Return the values of a symmetric matrix."""
    if not isinstance(matrix, pd.DataFrame) or list(matrix.index) != list(matrix.columns):
        raise FrameError(
            "matrix: must be a DataFrame with the same names on both axes, as InformationMatrix.estimates; got"
            f" {matrix!r:.80}"
        )
    try:
        values = matrix.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FrameError(f"matrix: must hold numbers; got {error}") from error
    if not np.array_equal(values, values.T, equal_nan=True):
        raise FrameError(f"matrix: must be symmetric; got {matrix!r:.80}")
    if not np.isfinite(values).any() or np.isinf(values).any():
        raise FrameError(f"matrix: must hold finite values, NaN apart; got {matrix!r:.80}")
    return values


def _clustering(values: FloatArray) -> IntArray:
    """Return the columns in the order of the leaves of a tree of likeness."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    alike = np.where(np.isnan(values), 0, np.maximum(values, 0))
    np.fill_diagonal(alike, 0)
    distances = 1 - alike / (alike.max() or 1)
    np.fill_diagonal(distances, 0)
    condensed = squareform(distances, checks=False)
    return leaves_list(optimal_leaf_ordering(linkage(condensed, "average"), condensed)).astype(np.int64)
