"""Figures with many rows and long names: no text is cut off, or written over another."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from attnstats.report import plot_critical_difference, plot_forest, plot_performance_profile, plot_ranks

NAMES = [f"{word}_{i:02d} & chat/50% of it_{i}" for i, word in enumerate(["meta_llama-3", "Qwen two and a half"] * 20)]


def boxes(figure):
    """The text of each axes that is drawn, with its place in pixels of the printed picture."""
    figure.set_dpi(150)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [text for axis in figure.axes for text in axis.texts]
    texts += [text for axis in figure.axes if axis.axison for text in (*axis.get_yticklabels(), axis.xaxis.label)]
    legends = [axis.get_legend() for axis in figure.axes if axis.get_legend() is not None]
    texts += [text for legend in legends for text in legend.findobj(Text)]
    return [(each.get_text(), each.get_window_extent(canvas.get_renderer())) for each in texts if each.get_text()]


def check(figure, n):
    found = boxes(figure)
    width, height = figure.bbox.size
    assert len(found) >= n
    for text, box in found:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for (text, box), (other, place) in combinations(found, 2):
        apart_x = box.x1 <= place.x0 + 0.5 or place.x1 <= box.x0 + 0.5
        apart_y = box.y1 <= place.y0 + 0.5 or place.y1 <= box.y0 + 0.5
        assert apart_x or apart_y, (text, other)


@pytest.mark.parametrize("n", [12, 40])
@pytest.mark.parametrize("groups", [1, 4])
def test_a_forest_plot(n, groups):
    values = np.linspace(-0.3, 0.1, n)
    frame = pd.DataFrame({"label": NAMES[:n], "value": values, "ci_low": values - 0.1, "ci_high": values + 0.05})
    frame["verdict"] = "inconclusive"
    frame["group"] = [f"{NAMES[i * groups // n]} − {NAMES[20 + i * groups // n]}" for i in range(n)]
    check(plot_forest(frame, margin=0.01), 3 * n + groups)


def test_headings_of_several_lines_have_room_for_them_alone():
    values = np.zeros(3)
    frame = pd.DataFrame({"label": ["a", "b", "c"], "value": values, "ci_low": values - 1, "ci_high": values + 1})
    heights = [
        plot_forest(frame.assign(group=group)).get_size_inches()[1]
        for group in ("short", "a heading of two lines at least", "a heading of " + "three lines at least " * 2)
    ]
    first, second = np.diff(heights)
    assert 0.1 < first < 0.2  # inches: a line more of the heading, not of each row
    assert first == pytest.approx(second)


@pytest.mark.parametrize("n", [12, 40])
def test_ranks(n):
    ranks = pd.DataFrame({"label": NAMES[:n], "value": np.arange(1, n + 1), "ci_low": 1, "ci_high": n})
    check(plot_ranks(ranks), 2 * n)


@pytest.mark.parametrize("n", [12, 40])
def test_mean_ranks(n):
    values = np.linspace(n / 3, n / 2, n)
    tied = np.abs(values[:, np.newaxis] - values) < 2
    check(plot_critical_difference(pd.DataFrame({"label": NAMES[:n], "value": values}), tied, distance=2.0), n)


@pytest.mark.parametrize("means", [True, False])
@pytest.mark.parametrize("n", [12, 40])
def test_a_performance_profile(n, means):
    labels = np.repeat(NAMES[:n], 5)
    profiles = pd.DataFrame({"label": labels, "score": [*range(5)] * n, "share": [1, 0.7, 0.5, 0.2, 0] * n})
    middle = pd.DataFrame({"label": NAMES[:n], "value": 2.0, "ci_low": 1.5, "ci_high": 2.5})
    check(plot_performance_profile(profiles, middle if means else None), n)


def test_many_rows_stand_closer():
    def height(n):
        frame = pd.DataFrame({"label": ["a"] * n, "value": 0.0, "ci_low": -1.0, "ci_high": 1.0})
        return plot_forest(frame).get_size_inches()[1]

    assert height(45) < 45 / 30 * height(30) * 0.85
