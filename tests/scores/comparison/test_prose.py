"""The paragraph of a comparison, read as somebody does who knows the table alone."""

import re

import numpy as np
import pandas as pd
import pytest

from attnstats.scores import compare


def runs(levels, n=4, spread=0.01, seed=0):
    """Exactly these means, with pairs that differ by about the spread."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, spread, size=(len(levels), n))
    noise -= noise.mean(axis=1, keepdims=True)
    rows = [(name, run, level + noise[i, run]) for i, (name, level) in enumerate(levels.items()) for run in range(n)]
    return pd.DataFrame(rows, columns=["model", "run", "loss"])


def sentences(table, **options):
    return compare(table, value="loss", condition="model", seed="run", **options).sentences()


@pytest.mark.parametrize("lower_is_better", [False, True])
@pytest.mark.parametrize("reference", [None, "a", "b"])
def test_an_amount_lies_in_the_interval_beside_it(lower_is_better, reference):
    said = " ".join(sentences(runs({"a": 3.0, "b": 2.0}), lower_is_better=lower_is_better, reference=reference))
    found = pd.Series(said).str.extract(r"than . by (\S+) \(95 % CI \[(\S+), (\S+)\]").astype(float)
    amount, low, high = found.iloc[0]
    assert amount == pytest.approx(1, abs=0.01)
    assert 0 < low < amount < high


@pytest.mark.parametrize(("unit", "mean"), [(1.0, "2.8660"), (1e9, "2.8660e+09"), (1e-9, "2.8660e-09")])
def test_a_mean_has_the_digits_that_its_interval_supports(unit, mean):
    table = runs({"a": 2.871, "b": 2.866}, spread=0.004).assign(loss=lambda table: table["loss"] * unit)
    assert sentences(table, lower_is_better=True)[1].startswith(f"b scored lowest, {mean} (95 % CI [2.8")


def test_an_interval_without_zero_beside_inconclusive_is_explained():
    table = runs({"a": 2.0, "b": 2.012, "c": 2.001, "d": 2.002})
    comparison = compare(table, value="loss", condition="model", seed="run")
    open_ = [each for each in comparison.differences if each.verdict.value == "inconclusive"]
    surprising = [each for each in open_ if 0 not in each.interval]
    assert 0 < len(surprising) < len(open_)
    assert str(comparison).count("adjusted p = ") == len(surprising)


def test_of_two_conditions_the_best_is_told_only_with_their_difference():
    difference = np.array([0.0, 0.01, 0.02, 0.03, 0.02, -0.003])  # one-sided p below .05, two-sided above
    table = runs({"a": 2.0, "b": 2.0}, n=6)
    table.loc[table["model"] == "b", "loss"] = table.loc[table["model"] == "a", "loss"].to_numpy() + difference
    said = sentences(table)
    assert said[2].startswith("Inconclusive: b and a (0.0")
    assert said[3] == "None can be ruled out as the best, with 95 % confidence."


@pytest.mark.parametrize("lower_is_better", [False, True])
@pytest.mark.parametrize("margin", [None, 0.5])
def test_the_one_that_scored_better_is_named_first(lower_is_better, margin):
    said = sentences(runs({"a": 2.0, "b": 2.001, "c": 2.002}), lower_is_better=lower_is_better, margin=margin)
    pairs = re.findall(r"(\w) and (\w) \(([-−]?)0\.0", said[2])
    assert len(pairs) == 3
    for first, second, minus in pairs:
        assert (first < second) == lower_is_better
        assert bool(minus) == lower_is_better


def test_conditions_that_are_numbers_are_called_by_their_column():
    table = runs({"2": 2.0, "10": 3.0}).rename(columns={"model": "layers"})
    said = compare(table, value="loss", condition="layers", seed="run").sentences()
    assert said[1].startswith("layers 10 scored highest")
    assert said[2].startswith("Better: layers 10 than layers 2 by ")
    assert said[3] == "The best is layers 10, with 95 % confidence."


@pytest.mark.parametrize("k", [5, 7])
def test_the_best_of_many_are_told_first(k):
    table = runs({f"m{i}": float(i) for i in range(k)})
    [better] = [each for each in sentences(table) if each.startswith("Better")]
    told = better.split(": ")[1].split("; ")
    assert [each.split(" by ")[0] for each in told] == [f"m{k - 1} than m{i}" for i in range(k - 2, k - 6, -1)]
    assert better.endswith(f", and {k * (k - 1) // 2 - 4} more.")


def test_one_more_is_told():
    table = runs({f"m{i}": float(i) for i in range(6)})
    [better] = [each for each in sentences(table, reference="m0") if each.startswith("Better")]
    assert better.count(" than m0 by ") == 5


def copied(levels, **options):
    """The runs of these levels, and a copy of those of the first."""
    table = runs(levels, **options)
    copy = table[table["model"] == next(iter(levels))].assign(model="copy")
    return pd.concat([table, copy], ignore_index=True)


@pytest.mark.parametrize("margin", [None, 0.01])
def test_equal_scores_are_told_as_such(margin):
    comparison = compare(copied({"a": 2.0}), value="loss", condition="model", seed="run", margin=margin)
    [found] = comparison.differences
    assert found.note == "the scores are the same in all cells, so that nothing can be tested"
    assert found.summary().endswith(f"inconclusive ({found.note})")
    said = comparison.sentences()
    assert said[2] == f"Inconclusive: a and copy (0.000; {found.note})."
    assert not any("nan" in each.lower() for each in said)


def test_equal_scores_of_two_values_are_told_beside_their_test():
    table = runs({"a": 0.5}, n=40, spread=1.0)
    table["loss"] = (table["loss"] > 0.5).astype(int)
    table = pd.concat([table, table.assign(model="copy")])
    [found] = compare(table, value="loss", condition="model", example="run").differences
    assert found.pvalue == 1
    assert found.note == "the scores are the same in all cells"


def test_equal_differences_of_unequal_scores_are_not_told_as_equal_scores():
    table = runs({"a": 2.0})
    table = pd.concat([table, table.assign(model="b", loss=table["loss"] + 0.5)])
    [found] = compare(table, value="loss", condition="model", seed="run").differences
    assert "same in all cells" not in found.note
    assert "-0.5 in every run" in found.note


def test_equal_scores_are_told_among_many_open_differences():
    table = copied(dict.fromkeys("gabcdef", 2.0), spread=0.1)
    [open_] = [each for each in sentences(table) if each.startswith("Inconclusive")]
    assert "more." in open_
    assert "(0.00; the scores are the same in all cells" in open_


@pytest.mark.parametrize(
    ("margin", "needed"),
    [
        (None, "Needed: to tell the difference from none with 80 % power, were the true one that seen."),
        (0.005, "Needed: to tell a difference of 0.005 from none with 80 % power."),
    ],
)
def test_what_numbers_are_needed_for_is_said_once(margin, needed):
    comparison = compare(runs({"a": 2.0, "b": 2.001, "c": 2.002}), value="loss", condition="model", seed="run",
                         margin=margin)  # fmt: skip
    said = str(comparison)
    assert said.count(needed) == said.count("Needed") == 1
    first = comparison.differences[0]
    assert f"; {first.needed.units:,} runs needed)" in said
    assert said.count("runs needed)") == 3


def test_nothing_is_needed_where_all_is_decided():
    assert "eeded" not in " ".join(sentences(runs({"a": 3.0, "b": 2.0})))


def test_sign_flips_and_their_floor_are_explained():
    comparison = compare(runs({"a": 2.0, "b": 2.5}), value="loss", condition="model", seed="run")
    [line] = [each for each in comparison.explain().splitlines() if each.startswith("beside")]
    assert line == "beside: sign-flip permutation (exact), not adjusted: b − a p = .125 (no less than .125)."


def test_ranks_over_data_sets_are_explained():
    table = pd.concat([runs({"a": 2.0, "b": 2.5}, seed=seed).assign(task=f"t{seed}") for seed in range(3)])
    table["run"] = table["task"] + table["run"].astype(str)  # runs of their own in each
    comparison = compare(table, value="loss", condition="model", seed="run", dataset="task")
    assert f"beside: {comparison.ranks_over_datasets.summary()}." in comparison.explain().splitlines()


def test_small_numbers_as_conditions_are_called_by_their_column():
    table = runs({"1e-05": 2.0, "0.0003": 3.0}).rename(columns={"model": "lr"})
    assert compare(table, value="loss", condition="lr", seed="run").sentences()[1].startswith("lr 0.0003 scored")


def test_the_distances_of_ratings_are_explained():
    table = runs({"a": 2.0, "b": 3.0}, n=6).assign(loss=[1, 2, 3, 4, 5, 3, 2, 2, 4, 5, 3, 5])
    said = compare(table, value="loss", condition="model", seed="run").explain()
    assert "intervals of models: t, since ratings from 1 to 5 are taken as numbers" in said


def test_how_many_pairs_there_are_is_told_where_they_are_fewer():
    table = runs({"a": 2.0, "b": 2.1, "c": 2.2}, n=5)
    assert "in common" not in sentences(table)[0]
    gaps = (table["model"] == "a") & (table["run"] < 2) | (table["model"] == "b") & (table["run"] == 4)
    assert sentences(table[~gaps])[0].endswith(" Differences are over 2 to 4 runs that two models have in common.")
    assert "in common" not in sentences(table[~gaps], paired=False)[0]
    examples = runs({"a": 2.0, "b": 2.1}, n=6).query("model == 'a' or run < 4")
    said = compare(examples, value="loss", condition="model", example="run").sentences()[0]
    assert said.endswith(" Differences are over 4 runs that two models have in common.")
