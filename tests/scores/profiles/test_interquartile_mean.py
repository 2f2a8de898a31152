import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, trim_mean

from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError
from attnstats.scores import interquartile_mean, performance_profile, read_scores

COLUMNS = ["model", "task", "run", "item", "score"]


def table_of(scores):
    """A long table of scores of shape (n_models, n_tasks, n_runs, n_items)."""
    places = np.stack(np.indices(scores.shape), axis=-1).reshape(-1, 4)
    return pd.DataFrame(places, columns=COLUMNS[:4]).assign(score=scores.ravel())


def read(table, **roles):
    return read_scores(table, value="score", condition="model", **{"seed": "run", "dataset": "task", **roles})


@pytest.mark.parametrize("n_runs", [8, 9, 10, 11])
def test_it_is_the_mean_without_a_quarter_of_the_runs_of_all_data_sets_at_either_end(n_runs):
    scores = np.random.default_rng(n_runs).normal(size=(2, 3, n_runs, 5))
    found = interquartile_mean(read(table_of(scores), example="item"), n_resamples=10, rng=0)
    runs = scores.mean(axis=3).reshape(2, -1)
    assert found["value"].tolist() == pytest.approx(trim_mean(runs, 0.25, axis=1))
    assert found["n"].tolist() == [3 * n_runs] * 2
    assert found["replication_unit"].tolist() == ["run", "run"]


def test_the_interval_is_that_of_a_loop_that_draws_runs_within_each_data_set():
    scores = np.random.default_rng(1).normal([[[0.0], [1.0], [5.0]]], [[[1.0], [2.0], [0.1]]], size=(2, 3, 9))
    found = interquartile_mean(read(table_of(scores[..., np.newaxis])), n_resamples=20_000, confidence_level=0.9, rng=0)
    rng = np.random.default_rng(2)
    for own, row in zip(scores, found.itertuples(), strict=True):
        means = [trim_mean(np.concatenate([rng.choice(task, len(task)) for task in own]), 0.25) for _ in range(4_000)]
        ends = np.quantile(means, [0.05, 0.95])
        assert [row.ci_low, row.ci_high] == pytest.approx(ends, abs=0.04 * np.ptp(ends))
        assert row.ci_level == 0.9


def test_data_sets_count_the_same_where_one_has_lost_runs():
    scores = np.zeros((2, 2, 16, 1))
    scores[:, 0] = 1.0
    scores[:, 0, 0] = 1.1
    table = table_of(scores)
    lost = table[(table["task"] == 0) | (table["run"] < 8)]
    found = interquartile_mean(read(lost), n_resamples=10, rng=0)
    assert found["value"].tolist() == pytest.approx([0.5, 0.5])


def without_some_runs(scores, rng):
    """The scores of each model and data set, of which up to half of the runs are lost in all but the first."""
    n_models, n_tasks, n_runs = scores.shape
    lost = rng.integers(0, n_runs // 2 + 1, size=(n_models, n_tasks))
    lost[0] = 0
    return [[runs[n:] for runs, n in zip(own, each, strict=True)] for own, each in zip(scores, lost, strict=True)]


def ragged_table(kept):
    rows = [
        (model, task, run, score)
        for model, own in enumerate(kept)
        for task, runs in enumerate(own)
        for run, score in enumerate(runs)
    ]
    return pd.DataFrame(rows, columns=["model", "task", "run", "score"])


def repeated_trimmed_mean(own, n_runs):
    """Repeat the runs of each data set until all have as many, and leave out whole quarters of complete runs."""
    least = int(np.lcm.reduce([n_runs, *map(len, own)]))
    together = np.sort(np.concatenate([np.repeat(runs, least // len(runs)) for runs in own]))
    cut = len(own) * n_runs // 4 * least // n_runs
    return together[cut : len(together) - cut].mean()


@pytest.mark.parametrize("n_runs", [8, 9, 10, 11, 13])
def test_where_runs_are_lost_it_is_that_of_runs_repeated_until_all_data_sets_have_as_many(n_runs):
    rng = np.random.default_rng(n_runs)
    kept = without_some_runs(rng.normal(np.arange(5.0)[:, np.newaxis], size=(4, 5, n_runs)), rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)
        found = interquartile_mean(read(ragged_table(kept)), n_resamples=10, rng=0)
    assert len(set(found["n"])) > 1
    assert found["value"].tolist() == pytest.approx([repeated_trimmed_mean(own, n_runs) for own in kept])
    assert found.loc[0, "value"] == pytest.approx(trim_mean(np.concatenate(kept[0]), 0.25))


def test_models_alike_stay_so_where_one_has_lost_runs_of_its_best_data_set():
    scores = np.add.outer([0.5, 0.8, 0.85, 0.95], 0.001 * np.arange(10))
    found = interquartile_mean(read(ragged_table([scores, [*scores[:3], scores[3][:8]]])), n_resamples=10, rng=0)
    assert found["n"].tolist() == [40, 38]
    assert found.loc[0, "value"] == pytest.approx(found.loc[1, "value"], abs=1e-12)


def test_the_interval_repeats_lost_runs_in_the_same_way():
    rng = np.random.default_rng(1)
    scores = rng.normal([[0.0], [0.5], [1.0], [9.0]], [[0.5], [1.0], [0.5], [0.1]], size=(4, 12))
    kept = [scores, [*scores[:3], scores[3][:9]]]
    found = interquartile_mean(read(ragged_table(kept)), n_resamples=20_000, confidence_level=0.9, rng=0)
    for own, row in zip(kept, found.itertuples(), strict=True):
        drawn = [[rng.choice(runs, len(runs)) for runs in own] for _ in range(4_000)]
        ends = np.quantile([repeated_trimmed_mean(each, 12) for each in drawn], [0.05, 0.95])
        assert [row.ci_low, row.ci_high] == pytest.approx(ends, abs=0.04 * np.ptp(ends))


def test_intervals_cover_where_runs_of_the_best_data_set_are_lost():
    rng = np.random.default_rng(2)
    steps = np.array([[0.0], [0.5], [1.0], [9.0]])
    population = norm(steps, 0.3).ppf((np.arange(10_000) + 0.5) / 10_000)
    truth = trim_mean(population.ravel(), 0.25)
    covered = []
    for _ in range(300):
        scores = rng.normal(steps, 0.3, size=(2, 4, 30))
        kept = [[*own[:3], own[3][:17]] for own in scores]
        found = interquartile_mean(read(ragged_table(kept)), n_resamples=199, rng=rng)
        covered += ((found["ci_low"] <= truth) & (truth <= found["ci_high"])).tolist()
    assert 0.91 <= np.mean(covered) <= 0.97


def test_without_data_sets_and_runs_the_rows_are_the_replicates():
    table = pd.DataFrame({"model": ["a"] * 8 + ["b"] * 8, "score": [*range(8), *range(10, 18)]})
    scores = read_scores(table, value="score", condition="model")
    found = interquartile_mean(scores, n_resamples=99, rng=0)
    assert found["value"].tolist() == [3.5, 13.5]
    assert found["replication_unit"].tolist() == ["row", "row"]


def test_data_sets_with_one_score_each_are_drawn_themselves():
    rows = [(model, task, float(task + (model == "b"))) for model in "ab" for task in range(8)]
    table = pd.DataFrame(rows, columns=["model", "task", "score"])
    scores = read_scores(table, value="score", condition="model", dataset="task")
    found = interquartile_mean(scores, n_resamples=99, rng=0)
    assert found["value"].tolist() == [3.5, 4.5]
    assert (found["ci_low"] < found["ci_high"]).all()


def test_runs_that_are_all_equal_have_no_interval():
    scores = np.random.default_rng(0).normal(size=(2, 1, 8, 1))
    scores[0] = 0.7
    found = interquartile_mean(read(table_of(scores), dataset=None), n_resamples=99, rng=0)
    assert found.loc[0, "value"] == pytest.approx(0.7)
    assert found[["ci_low", "ci_high"]].isna().all(axis=1).tolist() == [True, False]


def test_the_same_seed_gives_the_same_numbers_and_a_condition_does_not_depend_on_later_ones():
    table = table_of(np.random.default_rng(0).normal(size=(3, 2, 8, 1)))
    found = [interquartile_mean(read(table), n_resamples=99, rng=3) for _ in range(2)]
    pd.testing.assert_frame_equal(*found)
    fewer = interquartile_mean(read(table[table["model"] < 2]), n_resamples=99, rng=3)
    pd.testing.assert_frame_equal(fewer, found[0][:2])


def test_few_runs_are_said_and_one_is_refused():
    table = table_of(np.random.default_rng(0).normal(size=(2, 2, 3, 1)))
    with pytest.warns(
        FewReplicatesWarning, match="each model should have at least 8 runs in every task .*; got 3 of '0' in '0'"
    ) as caught:
        interquartile_mean(read(table), n_resamples=10)
    assert caught[0].filename == __file__
    lost = table[(table["model"] == 0) | (table["task"] == 0) | (table["run"] == 0)]
    with pytest.raises(
        TooFewSamplesError, match="each model must have at least two runs in every task; got 1 of '1' in '1'"
    ):
        interquartile_mean(read(lost))
    absent = table[(table["model"] == 0) | (table["task"] == 0)]
    with pytest.raises(TooFewSamplesError, match="got 0 of '1' in '1'"):
        interquartile_mean(read(absent))


def test_what_is_no_argument_is_named():
    scores = read(table_of(np.random.default_rng(0).normal(size=(2, 2, 8, 1))))
    with pytest.raises(InvalidInputError, match=r"scores: must be an object such as read_scores\(\.\.\.\)"):
        interquartile_mean([1.0, 2.0])
    with pytest.raises(InvalidInputError, match="confidence_level: must"):
        interquartile_mean(scores, confidence_level=95)
    with pytest.raises(InvalidInputError, match="n_resamples: must"):
        interquartile_mean(scores, n_resamples=1)


@pytest.mark.parametrize("door", [interquartile_mean, performance_profile])
def test_folds_share_rows(door):
    scores = read(table_of(np.random.default_rng(0).normal(size=(2, 1, 5, 10))), dataset=None, fold="item")
    message = "scores: items share rows, and must not be drawn .* got 50 items of each model; see compare"
    with pytest.raises(InvalidInputError, match=message):
        door(scores)


@pytest.mark.parametrize("door", [interquartile_mean, performance_profile])
def test_runs_of_0_or_1_have_no_middle_half_and_means_of_such_items_have(door):
    table = table_of(np.random.default_rng(0).integers(0, 2, size=(2, 1, 8, 30)))
    of_one_run = read(table[table["run"] == 0], dataset=None, seed=None, example="item")
    message = r"scores: must not be 0 or 1 in every item, .* got 60 items of 0 or 1 \(take the mean over items in each"
    with pytest.raises(InvalidInputError, match=message):
        door(of_one_run)
    assert set(door(read(table, dataset=None, example="item"), n_resamples=10)["n"]) == {8}
