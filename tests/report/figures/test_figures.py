import subprocess
import sys

import matplotlib
import numpy as np
import pytest

from attnstats.exceptions import FrameError, InvalidInputError, MissingExtraError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import (
    FIGURES,
    plot_agreement,
    plot_along,
    plot_concordance,
    plot_contrasts,
    plot_information_by_rank,
    plot_primary_claims,
    plot_skew,
    plot_specifications,
    write_figures,
)
from attnstats.report.figures._style import BLACK, VERDICTS, VERMILLION, image_bytes
from attnstats.report.figures._summaries import summary_figures
from attnstats.report.figures.illustrations import finding_figures

PLOTS = [plot_information_by_rank, plot_agreement, plot_concordance, plot_skew, plot_contrasts, plot_specifications]
PLOTS += [plot_along]


def _profile(n_seeds, **keys):
    return [
        Row(
            quantity="mi_normalised", view="rank", seed=seed, value=0.5 / rank + 0.01 * seed, null_floor=0.02,
            parameters=encode_parameters(rank=rank), **keys,
        )
        for seed in range(n_seeds)
        for rank in (1, 2, 3)
    ]  # fmt: skip


def test_the_line_is_the_mean_over_seeds_and_the_band_its_t_interval():
    axis = plot_information_by_rank(to_frame(_profile(5, encoder="mlp", attention="deep"))).axes[0]
    lines = {line.get_label(): line for line in axis.get_lines()}
    assert lines["deep"].get_ydata() == pytest.approx([0.52, 0.27, 0.5 / 3 + 0.02])
    assert lines["null floor"].get_ydata() == pytest.approx([0.02] * 3)
    half = 2.7764451051977987 * np.std(0.01 * np.arange(5), ddof=1) / np.sqrt(5)  # R: qt(.975, 4)
    band = axis.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(0.52 + half)


def test_ranks_of_another_view_are_not_drawn():
    rows = [Row(quantity="mi_normalised", view="position", seed=0, value=0.5, parameters=encode_parameters(position=1))]
    with pytest.raises(FrameError, match="view 'rank'"):
        plot_information_by_rank(to_frame(rows))


def test_a_panel_for_each_encoder_and_a_line_for_each_cell():
    rows = [
        row
        for encoder in ("mlp", "cnn")
        for normalizer in ("softmax", "sparsemax")
        for row in _profile(3, encoder=encoder, attention="additive", normalizer=normalizer)
    ]
    figure = plot_information_by_rank(to_frame(rows))
    assert [axis.get_title() for axis in figure.axes] == ["MLP", "CNN"]
    solid, other = figure.axes[0].get_lines()[:2]
    assert solid.get_color() == other.get_color()
    assert solid.get_linestyle() != other.get_linestyle()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "additive, softmax",
        "additive, sparsemax",
        "null floor",
    ]


def test_agreement_shows_every_seed_and_the_controls():
    rows = [Row(quantity="tau_b", seed=seed, value=0.1 * seed, encoder="mlp", attention="deep") for seed in range(4)]
    control = Row(quantity="tau_b", seed=0, value=-0.3, encoder="mlp", attention="deep", ablation="permuted")
    axis = plot_agreement(to_frame([*rows, control])).axes[0]
    drawn = [list(line.get_xdata()) for line in axis.get_lines()]
    assert [0.0, 0.1, 0.2, pytest.approx(0.3)] in drawn
    assert [pytest.approx(0.15)] in drawn
    assert [-0.3] in drawn


def test_concordance_stands_at_the_middle_of_its_bin_on_a_log_axis():
    rows = [
        Row(quantity=quantity, seed=seed, value=value, parameters=encode_parameters(gap_low=low, gap_high=high))
        for seed in range(2)
        for low, high in ((0.0, 0.1), (0.1, 0.4), (0.4, 100.0))
        for quantity, value in (("concordance", 0.55), ("concordance_reference", 0.65))
    ]
    axis = plot_concordance(to_frame(rows)).axes[0]
    lines = {line.get_label(): line for line in axis.get_lines()}
    assert lines["observed"].get_xdata() == pytest.approx([0.05, 0.2, 0.8])
    assert lines["if attention were the MI order"].get_ydata() == pytest.approx([0.65] * 3)
    assert axis.get_xscale() == "log"


def test_contrasts_take_the_colour_of_their_verdict_and_show_the_adjusted_pvalue(frame):
    figure = plot_contrasts(frame)
    assert [axis.get_title(loc="left") for axis in figure.axes] == [
        "(i)  share of H",
        "(ii)  correlation",
        "(iii)  proportion",
        "(iv)  Gini",
        "(v)  correlation",
    ]
    texts = [text for axis in figure.axes for text in axis.texts]
    words = [text.get_text() for text in texts]
    assert words[0] == "supported, p = .008"
    assert words[4] == "inconclusive, p = .260"
    for text in texts:
        assert text.get_color() == VERDICTS[text.get_text().split(",")[0]][0]


def test_a_specification_curve_is_sorted_over_the_choices_behind_it(frame):
    figure = plot_specifications(frame)
    effects, _, choices, partly, gini = figure.axes  # there is but one way to ask in terms of the Gini coefficient
    dots = [line for line in effects.get_lines() if len(line.get_xdata()) == 1]
    assert [float(dot.get_ydata()[0]) for dot in dots] == [-0.01, 0.02, 0.1, 0.13]
    assert [dot.get_color() for dot in dots] == [VERMILLION, BLACK, BLACK, BLACK]
    labels = [label.get_text() for label in choices.get_yticklabels()]
    assert labels == [
        *("measure: U of places", "U of tokens"),
        *("view: rank", "position", "pointwise"),
        *("estimator: Probe", "Ross"),  # the output is the same in all
    ]
    marks = {
        label: list(line.get_xdata())
        for label, line in zip(labels, (each for each in choices.get_lines() if each.get_marker() == "s"), strict=True)
    }
    assert marks["U of tokens"] == marks["pointwise"] == [0]
    assert marks["position"] == [1]
    assert marks["Ross"] == [2]
    # What is not said of a choice is not marked.
    assert [label.get_text() for label in partly.get_yticklabels()][:2] == ["view: pointwise", "rank"]
    assert [list(line.get_xdata()) for line in partly.get_lines() if line.get_marker() == "s"][:2] == [[2], [1]]
    # Effective positions are no coefficients: the table alone has them.
    assert [float(line.get_ydata()[0]) for line in gini.get_lines() if len(line.get_xdata()) == 1] == [0.27]


@pytest.mark.parametrize("plot", PLOTS)
def test_a_frame_without_the_rows_is_refused_by_name(plot):
    with pytest.raises(FrameError, match="frame: must hold rows of quantity"):
        plot(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))


def test_a_finding_without_a_primary_claim_is_refused(frame):
    with pytest.raises(FrameError, match="frame: must hold a primary claim of finding 'vi'"):
        plot_primary_claims(frame, "vi")
    with pytest.raises(InvalidInputError, match="finding: must be a name"):
        plot_primary_claims(frame, 6)


def test_claims_without_a_name_have_a_panel_each():
    figure = plot_primary_claims(to_frame([Row(quantity="contrast", finding="i", value=0.1)] * 2), "i")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["claim 1", "claim 2"]


def test_each_primary_claim_has_a_panel_and_each_training_a_line_of_its_verdict():
    about = [encode_parameters(hypothesis=name, claim=name, estimand="gain", margin=0.05) for name in ("a", "b")]
    rows = [
        Row(
            quantity="contrast_by_training" if training else "contrast", finding="i", training=training, value=value,
            ci_low=value - 0.1, ci_high=value + 0.1, verdict=verdict, parameters=parameters, unit="correlation",
        )
        for parameters in about
        for training, value, verdict in ((None, 0.3, "supported"), ("early", -0.3, "contradicted"))
    ]  # fmt: skip
    figure = plot_primary_claims(to_frame(rows), "i")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["a", "b"]
    for axis in figure.axes:
        assert [label.get_text() for label in axis.get_yticklabels()] == ["trained first", "trained early"]
        assert axis.get_xlabel() == "gain (correlation)"
        drawn = [line for line in axis.get_lines() if len(line.get_xdata()) == 1]
        assert [float(line.get_xdata()[0]) for line in drawn] == [0.3, -0.3]
        assert [line.get_color() for line in drawn] == [VERDICTS[name][0] for name in ("supported", "contradicted")]
        assert [text.get_text() for text in axis.texts] == ["supported", "contradicted"]


def test_what_is_infinite_is_not_drawn(frame):
    with pytest.raises(FrameError, match="frame: every value of quantity 'concordance' must be finite to be drawn"):
        plot_concordance(frame.assign(value=float("inf")))


@pytest.mark.slow
def test_no_text_is_smaller_than_eight_points_and_no_axis_lacks_a_label(frame):
    for plot in PLOTS:
        figure = plot(frame)
        for text in figure.findobj(matplotlib.text.Text):
            assert not text.get_text() or text.get_fontsize() >= 8
        assert any(axis.get_xlabel() for axis in figure.axes) or figure.get_supxlabel()


@pytest.mark.slow
def test_figures_are_the_same_bytes_whatever_the_settings_of_the_user(frame, report, tmp_path):
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "black", "svg.hashsalt": "other"}):
        settings = dict(matplotlib.rcParams)
        write_figures(frame, tmp_path)
        assert dict(matplotlib.rcParams) == settings
    names = sorted(path.name for path in tmp_path.iterdir())
    every = [each.name for each in (*FIGURES, *finding_figures(frame), *summary_figures(frame))]
    assert names == sorted(f"{name}{suffix}" for name in every for suffix in (".png", ".svg"))
    for name in names:
        assert (tmp_path / name).read_bytes() == (report / "figures" / name).read_bytes(), name


@pytest.mark.slow
def test_one_seed_draws_without_bands(make_frame):
    frame = make_frame(n_seeds=1, encoders=("mlp",))
    for plot in PLOTS:
        assert image_bytes(plot(frame), ".svg").startswith(b"<?xml")


def test_only_the_figures_that_the_frame_supports_are_written(tmp_path):
    rows = [Row(quantity="gini", value=0.5, seed=seed) for seed in range(3)]
    assert [path.name for path in write_figures(to_frame(rows), tmp_path)] == ["skew.png", "skew.svg"]


@pytest.mark.slow
def test_the_room_imports_without_matplotlib_and_names_the_extra(monkeypatch):
    code = "import sys, attnstats.report; assert not {'matplotlib', 'jinja2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"attnstats\[report\]"):
        plot_skew(to_frame([Row(quantity="gini", value=0.5, seed=0)]))
