"""The share of runs above every score, and the interquartile mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attnstats._validation import check_text
from attnstats.exceptions import InvalidInputError
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import common_decimals, given, limits, numbers, power_of_ten, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Height of the curves with what is below them, of that, and between two means, in inches.
_CURVES, _BELOW, _ROW = 3.0, 0.4, 0.26


def plot_performance_profile(
    profiles: Any,
    means: Any = None,
    *,
    unit: str = "runs",
    label: str = "score",
    mean_label: str = "interquartile mean",
    axes: Axes | None = None,
) -> Figure:
    """Draw the share of runs above each score, a line for each condition, and above it a mean with its interval.

    A curve that lies higher everywhere is better everywhere, where more is better; curves that cross say that it
    depends on the score asked for. `attnstats.scores.performance_profile` and `interquartile_mean` give both frames.

    Parameters
    ----------
    profiles : DataFrame
        Of pandas or polars, with the columns ``label``, the condition; ``score``; and ``share``, that of runs with
        more than this score. Where it has them, ``ci_low`` and ``ci_high`` are drawn as a band for
        each of up to seven conditions; more would hide each other.
    means : DataFrame, optional
        With ``label``, ``value``, ``ci_low`` and ``ci_high``, which may be missing: the mean of each condition on the
        same scale.
    unit : str
        Of what the shares are, in the plural.
    label, mean_label : str
        What the scores, with their unit of measurement, and the means are.
    axes : Axes, optional
        Where to draw; by default on a new figure. The means stand above the shares.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    InvalidInputError
        If a column is missing, a share leaves 0 to 1 or rises with the score, or `means` has other conditions.
    MissingExtraError
        If matplotlib is not installed.

    References
    ----------
    Agarwal, Schwarzer, Castro, Courville and Bellemare (2021), Deep reinforcement learning at the edge of the
    statistical precipice, NeurIPS 34.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.report import plot_performance_profile
    >>> from attnstats.scores import interquartile_mean, performance_profile, read_scores
    >>> table = pd.DataFrame({"model": np.repeat(["A", "B"], 20), "score": np.random.default_rng(0).beta(4, 2, 40)})
    >>> scores = read_scores(table, value="score", condition="model")
    >>> profiles = performance_profile(scores, n_resamples=999, rng=1)
    >>> means = interquartile_mean(scores, n_resamples=999, rng=1)
    >>> len(plot_performance_profile(profiles, means).axes)
    1
    """
    frame = given(profiles, "profiles", ["label", "score", "share"], ["ci_low", "ci_high"])
    scores, shares = (numbers(frame, "profiles", each, missing=False) for each in ("score", "share"))
    labels = np.array(words(frame, "label"))
    conditions = list(dict.fromkeys(labels.tolist()))
    given_band = {"ci_low", "ci_high"} <= set(frame)
    low, high = limits(frame, "profiles", "ci_low", "ci_high") if given_band else (shares, shares)
    banded = given_band and len(conditions) <= len(style.COLOURS)
    _check_shares(scores, shares, labels)
    check_text(unit, "unit")
    check_text(label, "label")
    check_text(mean_label, "mean_label")
    signs = {name: i for i, name in enumerate(conditions)}
    names = panels.in_lines(conditions)
    above = panels.legend_height(names) if means is None else panels.row_height(_ROW, names) * (len(names) + 1)
    with panels.panel(axes, _CURVES + above) as axis:
        for name, i in signs.items():
            own = np.flatnonzero(labels == name)
            own = own[np.argsort(scores[own], kind="stable")]
            colour, line = style.cycle(style.COLOURS, i), style.cycle(style.LINES, i)
            options: dict[str, Any] = {"ms": 4.5, "markevery": (i * 2 % 7, max(len(own) // 6, 1)), "label": names[i]}
            axis.plot(scores[own], shares[own], ls=line, marker=style.cycle(style.MARKERS, i), color=colour, **options)
            if banded:
                axis.fill_between(scores[own], low[own], high[own], color=colour, alpha=0.15, lw=0)
        axis.set_ylim(-0.02, 1.02)
        axis.set_yticks(np.linspace(0, 1, 6))
        power = power_of_ten(scores)
        panels.label_scale(axis.xaxis, label, power)
        axis.set_ylabel(f"share of {unit} above")
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        if means is None:
            panels.legend_above(axis, names)
        else:
            _draw_means(axis, given(means, "means", ["label", "value", "ci_low", "ci_high"]), signs, mean_label, power)
    return panels.figure_of(axis)


def _draw_means(axis: Axes, means: pd.DataFrame, signs: dict[str, int], label: str, power: int) -> None:
    """Draw a mean with its interval for each condition above the curves, on the scale of the scores."""
    names, values = words(means, "label"), numbers(means, "means", "value", missing=False)
    low, high = limits(means, "means", "ci_low", "ci_high")
    if sorted(names) != sorted(signs):
        raise InvalidInputError(f"means: must have a row for each of {', '.join(signs)}; got {', '.join(names)}")
    said = [each / 10.0**power for each in (values, low, high)]
    decimals = common_decimals(said[1], said[2])
    left: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "va": "center_baseline",
    }
    lines = panels.in_lines(names)
    row = panels.row_height(_ROW, lines) / (_CURVES - _BELOW)
    highest = 1.02 + row * (len(names) + 1)
    axis.annotate(label, (0.0, highest), xytext=(0, 0), fontweight="bold", annotation_clip=False, **left)
    for i, name in enumerate(names):
        y = highest - row * (i + 1)
        colour, marker = style.cycle(style.COLOURS, signs[name]), style.cycle(style.MARKERS, signs[name])
        if not np.isnan(low[i]):
            panels.draw_interval(axis, y, (low[i], high[i]), axis.get_xlim(), colour)
        axis.plot([values[i]], [y], marker, color=colour, ms=6, mec="white", mew=0.7)
        axis.annotate(lines[i], (0.0, y), xytext=(-6, 0), ha="right", annotation_clip=False, **left)
        panels.write_beside(axis, y, panels.spoken(said[0][i], said[1][i], said[2][i], decimals))
    axis.set_ylim(-0.02, highest + 0.04)
    axis.spines["left"].set_bounds(-0.02, 1.0)
    axis.set_ylabel(axis.get_ylabel(), y=0.5 / (highest + 0.06))


def _check_shares(scores: Any, shares: Any, labels: Any) -> None:
    if (shares < 0).any() or (shares > 1).any():
        raise InvalidInputError(f"profiles: column 'share' must lie in 0..1; got {shares.min()} to {shares.max()}")
    for name in dict.fromkeys(labels.tolist()):
        own = labels == name
        if (np.diff(shares[own][np.argsort(scores[own], kind="stable")]) > 0).any():
            raise InvalidInputError(f"profiles: column 'share' must not rise with the score; it does for {name!r}")
