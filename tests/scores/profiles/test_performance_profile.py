import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from attnstats.exceptions import AttnstatsError, FewReplicatesWarning, InvalidInputError
from attnstats.report import plot_performance_profile
from attnstats.scores import interquartile_mean, performance_profile, read_scores


def scores_of(values):
    """Scores of shape (n_models, n_tasks, n_runs)."""
    places = np.stack(np.indices(values.shape), axis=-1).reshape(-1, 3)
    table = pd.DataFrame(places, columns=["model", "task", "run"]).assign(score=values.ravel())
    return read_scores(table, value="score", condition="model", seed="run", dataset="task")


VALUES = np.random.default_rng(0).normal([[[0.0], [1.0]], [[0.5], [0.2]]], 0.5, size=(2, 2, 10))
GRID = np.linspace(-0.3, 1, 7)


def matrix(frame, column):
    return frame[column].to_numpy().reshape(2, -1)


def test_a_share_is_that_of_all_runs_above_the_score():
    found = performance_profile(scores_of(VALUES), thresholds=GRID[::-1], n_resamples=10, rng=0)
    runs = VALUES.reshape(2, -1)
    assert matrix(found, "share") == pytest.approx(np.array([(own[:, np.newaxis] > GRID).mean(axis=0) for own in runs]))
    assert matrix(found, "score").tolist() == [GRID.tolist()] * 2


def test_a_run_at_the_score_does_not_lie_above_it():
    values = np.tile(np.arange(10.0), (2, 1, 1))
    found = performance_profile(scores_of(values), thresholds=[4.0], n_resamples=10, rng=0)
    assert found["share"].tolist() == [0.5, 0.5]


def test_the_band_is_that_of_a_loop_that_draws_runs_within_each_data_set():
    found = performance_profile(scores_of(VALUES), thresholds=GRID, n_resamples=20_000, confidence_level=0.9, rng=0)
    rng = np.random.default_rng(1)
    for i, own in enumerate(VALUES):
        shares = [
            (np.concatenate([rng.choice(task, len(task)) for task in own])[:, np.newaxis] > GRID).mean(axis=0)
            for _ in range(4_000)
        ]
        ends = np.quantile(shares, [0.05, 0.95], axis=0)
        assert matrix(found, "ci_low")[i] == pytest.approx(ends[0], abs=0.051)  # a run is one of 20
        assert matrix(found, "ci_high")[i] == pytest.approx(ends[1], abs=0.051)


def test_where_no_run_or_every_run_lies_above_the_band_ends_at_the_exact_limit_of_a_proportion():
    found = performance_profile(scores_of(VALUES), thresholds=[-9, 9], confidence_level=0.9, n_resamples=99, rng=0)
    exact = binomtest(0, 20).proportion_ci(0.9, method="exact").high
    assert found["ci_low"].tolist() == pytest.approx([1 - exact, 0] * 2)
    assert found["ci_high"].tolist() == pytest.approx([1, exact] * 2)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_simultaneous_band_holds_whole_profiles_as_often_as_it_says(spread):
    rng = np.random.default_rng(3)
    grid = np.linspace(0.1, 1.9, 10)
    truth = np.mean([1 - np.clip(grid - low, 0, 1) for low in (0, spread)], axis=0)
    held = []
    for _ in range(300):
        values = rng.uniform(0, 1, size=(2, 2, 8)) + np.array([0, spread])[:, np.newaxis]
        found = performance_profile(scores_of(values), thresholds=grid, simultaneous=True)
        low, high = matrix(found, "ci_low"), matrix(found, "ci_high")
        held += ((low <= truth) & (truth <= high)).all(axis=1).tolist()
    assert np.mean(held) >= 0.95
    assert (high - low).max() == pytest.approx(2 * np.sqrt(np.log(40) / 32))


def test_by_default_a_profile_falls_from_one_to_zero():
    found = performance_profile(scores_of(VALUES), n_resamples=99, rng=0)
    shares = matrix(found, "share")
    assert (shares[:, 0] == 1).all()
    assert (shares.min(axis=1) == 0).any()
    assert (np.diff(shares, axis=1) <= 0).all()
    assert (found["ci_low"] <= found["share"]).all()
    assert (found["share"] <= found["ci_high"]).all()
    assert found["ci_low"].min() >= 0
    assert found["ci_high"].max() <= 1


def test_data_sets_count_the_same_where_one_has_lost_runs():
    rows = [(model, task, run, task + 0.01 * run) for model in "ab" for task in (0, 1) for run in range(8 + 8 * task)]
    table = pd.DataFrame(rows, columns=["model", "task", "run", "score"])
    scores = read_scores(table, value="score", condition="model", seed="run", dataset="task")
    found = performance_profile(scores, thresholds=[0.5], n_resamples=99, rng=0)
    assert found["share"].tolist() == [0.5, 0.5]


def with_lost_runs(values, n_runs):
    """Scores of which data set j has n_runs[j] runs in the second model, and all in the first."""
    rows = [
        (model, task, run, values[model, task, run])
        for model, task, run in np.ndindex(values.shape)
        if model == 0 or run < n_runs[task]
    ]
    table = pd.DataFrame(rows, columns=["model", "task", "run", "score"])
    return read_scores(table, value="score", condition="model", seed="run", dataset="task")


def test_where_runs_are_lost_shares_are_those_of_runs_repeated_until_all_data_sets_have_as_many():
    values = np.random.default_rng(4).normal(np.arange(3.0)[:, np.newaxis], size=(2, 3, 12))
    lost = (12, 9, 8)
    found = performance_profile(with_lost_runs(values, lost), thresholds=GRID, n_resamples=10, rng=0)
    repeated = np.concatenate([np.repeat(runs[:n], 72 // n) for runs, n in zip(values[1], lost, strict=True)])
    assert matrix(found, "share")[1] == pytest.approx((repeated[:, np.newaxis] > GRID).mean(axis=0))


@pytest.mark.parametrize("n_runs", [(10, 10, 10), (10, 9, 8), (10, 2, 10), (2, 10, 3)])
def test_where_runs_are_lost_no_likelier_shares_stay_unseen_than_the_band_says(n_runs):
    values = np.random.default_rng(5).normal(size=(2, 3, 10))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)
        found = performance_profile(with_lost_runs(values, n_runs), thresholds=[-9, 9], n_resamples=10, rng=0)
    second = 1 - np.geomspace(0.025, 1, 1_500)
    first = second[:, np.newaxis]
    a, b, c = n_runs  # the third probability is what leaves 1 in 40 that no run lies above
    third = 1 - (0.025 / ((1 - first) ** a * (1 - second) ** b)) ** (1 / c)
    most = np.max(np.where(third >= 0, (first + second + third) / 3, 0))
    assert found["ci_high"].iloc[3] == pytest.approx(most, abs=1e-4)
    assert found["ci_low"].iloc[2] == pytest.approx(1 - most, abs=1e-4)


def test_the_figure_takes_the_frames_as_they_are():
    scores = scores_of(VALUES)
    profile = performance_profile(scores, n_resamples=99, rng=0)
    means = interquartile_mean(scores, n_resamples=99, rng=0)
    axis = plot_performance_profile(profile, means, unit="runs").axes[0]
    assert len(axis.collections) == 2
    assert axis.get_ylabel() == "share of runs above"


def test_many_runs_are_drawn_in_batches():
    values = np.random.default_rng(0).normal(size=(2, 1, 50_000))
    found = performance_profile(scores_of(values), thresholds=[0.0], n_resamples=200, rng=0)
    widths = (found["ci_high"] - found["ci_low"]).tolist()
    assert widths == pytest.approx([2 * 1.96 * 0.5 / np.sqrt(50_000)] * 2, rel=0.3)


def test_what_is_wrong_is_named():
    with pytest.warns(FewReplicatesWarning, match="at least 8 runs in every task") as caught:
        performance_profile(scores_of(VALUES[:, :, :4]), n_resamples=10)
    assert caught[0].filename == __file__
    for thresholds in ([np.nan], [[0.0]], []):
        with pytest.raises(AttnstatsError, match="thresholds"):
            performance_profile(scores_of(VALUES), thresholds=thresholds)
    with pytest.raises(InvalidInputError, match="simultaneous: must be True or False"):
        performance_profile(scores_of(VALUES), simultaneous="yes")
