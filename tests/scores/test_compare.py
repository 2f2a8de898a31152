from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar

from attnstats.comparison import HarmonicT, Holm, clustered_test, independent_anova_test, paired_anova_test
from attnstats.exceptions import FewReplicatesWarning
from attnstats.missing import CompleteCases
from attnstats.scores import Comparison, Verdict, compare

ROLES = {"seed": "run", "example": "item", "dataset": "task", "fold": "split", "group": "topic"}
#: The factors of tables of one design each, and whether scores are 0 or 1.
DESIGNS = {
    "runs × items": (("run", "item"), False),
    "runs × items of 0 and 1": (("run", "item"), True),
    "runs": (("run",), False),
    "items": (("item",), False),
    "items of 0 and 1": (("item",), True),
    "items in topics": (("item", "topic"), False),
    "folds": (("split",), False),
    "runs × tasks": (("run", "task"), False),
    "runs × items in tasks": (("run", "task", "item"), False),
    "tasks": (("task",), False),
}


def table(factors=("run", "item"), *, binary=False, seed=0, models="abc"):
    """Scores of each model with effects of the factors and of their combinations."""
    rng = np.random.default_rng(seed)
    n = {"run": 4, "item": 6, "split": 5, "task": 3}
    crossed = [factor for factor in factors if factor != "topic"]
    cells = list(product(models, *(range(n[factor]) for factor in crossed)))
    frame = pd.DataFrame(cells, columns=["model", *crossed])
    if "topic" in factors:
        frame["topic"] = frame["item"] // 2
    value = rng.normal(size=len(frame))
    for factor in ("model", *crossed):
        value += rng.normal(size=9)[pd.factorize(frame[factor])[0]]
    frame["score"] = (value > 0) * 1 if binary else value.round(3)
    frame.loc[0, "score"], frame.loc[1, "score"] = frame["score"].max(), frame["score"].min()
    return frame


def compared(frame, **options):
    names = {role: column for role, column in ROLES.items() if column in frame}
    return compare(frame, value="score", condition="model", rng=0, **{**names, **options})


def differences(comparison):
    """By the names of the conditions, the numbers of each difference and its verdict."""
    return {(each.first, each.second): each for each in comparison.differences}


def told(each, sign=1.0, scale=1.0):
    """The numbers of a difference, with its scale and direction as they were before a change of the scores."""
    low, high = (np.nan, np.nan) if each.interval is None else (each.interval.low, each.interval.high)
    ends = (low, high) if sign > 0 else (-high, -low)
    return [sign * each.difference / scale, ends[0] / scale, ends[1] / scale, each.pvalue, each.adjusted_pvalue, each.n]


def check_same(found, expected, *, sign=1.0, scale=1.0, rename=str):
    assert len(found.differences) == len(expected.differences)
    theirs = differences(expected)
    for each in found.differences:
        pair = rename(each.first), rename(each.second)
        one = theirs.get(pair) or theirs[pair[::-1]]
        direction = sign if pair in theirs else -sign
        assert told(each, direction, scale) == pytest.approx(told(one), rel=1e-6, abs=1e-9, nan_ok=True)
        turned = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
        assert one.verdict is (each.verdict if pair in theirs else turned.get(each.verdict, each.verdict))
        if one.needed is not None:
            assert (each.needed.units, each.needed.items) == (one.needed.units, one.needed.items)
    places = {rename(each.condition): (each.rank, each.low, each.high, each.may_be_best) for each in found.placings}
    assert places == {each.condition: (each.rank, each.low, each.high, each.may_be_best) for each in expected.placings}


DESIGN = st.sampled_from(list(DESIGNS))
SEED = st.integers(0, 1_000)


def drawn(design, seed):
    factors, binary = DESIGNS[design]
    found = table(factors, binary=binary, seed=seed)
    if found["score"].nunique() == 1:  # few zeros and ones, which would be refused
        found.loc[0, "score"] = 1 - found.loc[0, "score"]
    return found


@settings(max_examples=15, deadline=None)
@given(design=DESIGN, seed=SEED)
def test_the_order_of_rows_does_not_matter(design, seed):
    frame = drawn(design, seed)
    check_same(compared(frame.sample(frac=1, random_state=seed)), compared(frame))


@settings(max_examples=15, deadline=None)
@given(design=DESIGN, seed=SEED)
def test_names_of_labels_do_not_matter(design, seed):
    frame = drawn(design, seed)
    names = {"a": "z", "b": "x", "c": "y"}
    renamed = frame.assign(model=frame.model.map(names))
    for column in set(frame) - {"model", "score", "split", "run"}:
        renamed[column] = "q" + renamed[column].map(lambda label: (label * 7 + 3) % 11).astype(str)
    check_same(compared(renamed), compared(frame), rename={new: old for old, new in names.items()}.get)


@settings(max_examples=15, deadline=None)
@given(design=DESIGN, seed=SEED, scale=st.sampled_from([0.125, 100.0, 1e6]), shift=st.sampled_from([0.0, -7.0, 64.0]))
def test_the_unit_of_the_scores_does_not_matter(design, seed, scale, shift):
    frame = drawn(design, seed)
    check_same(compared(frame.assign(score=scale * frame.score + shift)), compared(frame), scale=scale)


@settings(max_examples=15, deadline=None)
@given(design=DESIGN, seed=SEED, margin=st.sampled_from([None, 0.9]))
def test_negated_scores_of_which_low_ones_are_good_are_the_same(design, seed, margin):
    frame = drawn(design, seed)
    turned = compared(frame.assign(score=-frame.score), lower_is_better=True, margin=margin)
    plain = compared(frame, margin=margin)
    check_same(turned, plain, sign=-1.0)
    for one, other in zip(turned.differences, plain.differences, strict=True):
        assert (one.margin is None) == (margin is None)
        if margin is not None:
            assert [one.margin.equivalence, one.margin.noninferiority] == pytest.approx(
                [other.margin.equivalence, other.margin.noninferiority], nan_ok=True
            )


@settings(max_examples=10, deadline=None)
@given(design=DESIGN, seed=SEED, reference=st.sampled_from("abc"))
def test_a_reference_turns_the_differences_towards_it(design, seed, reference):
    frame = drawn(design, seed)
    found, every = compared(frame, reference=reference), differences(compared(frame))
    assert found.reference == reference
    assert [(each.first, each.second) for each in found.differences] == [
        (model, reference) for model in "abc" if model != reference
    ]
    for each in found.differences:
        one = every.get((each.first, each.second)) or every[each.second, each.first]
        sign = 1 if (each.first, each.second) in every else -1
        assert told(each, sign)[:4] == pytest.approx(told(one)[:4], nan_ok=True)


@settings(max_examples=8, deadline=None)
@given(seed=SEED)
def test_the_name_of_one_data_set_does_not_matter(seed):
    frame = table(("run", "item"), seed=seed)
    check_same(compared(frame.assign(task="only")), compared(frame))


@settings(max_examples=8, deadline=None)
@given(seed=SEED)
def test_two_halves_of_the_items_are_one_data_set_of_equal_weights(seed):
    frame = table(("run", "item"), seed=seed)
    halves = compared(frame.assign(task=frame.item // 3))
    whole = compared(frame)
    for one, other in zip(halves.differences, whole.differences, strict=True):
        assert one.difference == pytest.approx(other.difference)
        assert one.n == other.n
    assert [each.mean for each in halves.estimates] == pytest.approx([each.mean for each in whole.estimates])


@pytest.mark.parametrize("design", DESIGNS)
def test_polars_pandas_and_files_give_the_same(design, tmp_path):
    frame = drawn(design, 1)
    expected = compared(frame)
    check_same(compared(pl.from_pandas(frame)), expected)
    frame.to_csv(tmp_path / "scores.csv", index=False)
    names = {role: column for role, column in ROLES.items() if column in frame}
    check_same(compare(tmp_path / "scores.csv", value="score", condition="model", rng=0, **names), expected)


def test_runs_are_the_paired_and_the_independent_t_test():
    frame = table(("run",), models="ab")
    a, b = (frame.score[frame.model == model].to_numpy() for model in "ab")
    assert compared(frame).differences[0].pvalue == pytest.approx(ttest_rel(a, b).pvalue)
    independent = compared(frame, paired=False)
    assert independent.differences[0].pvalue == pytest.approx(ttest_ind(a, b, equal_var=False).pvalue)


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("paired", [True, False])
def test_runs_and_items_of_several_data_sets_are_the_anova_tests(paired):
    frame = table(("run", "task", "item"), models="ab").drop(index=[3, 40, 41])
    found = compared(frame, paired=None if paired else False).differences[0]
    cells = frame.pivot_table(index=["model", "task", "run"], columns="item", values="score", dropna=False)
    a, b = (tuple(cells.loc[model].loc[task].to_numpy() for task in range(3)) for model in "ab")
    options = {"variance": HarmonicT(), "shared_replicates": True, "minimum_replicates": 2, "missing": CompleteCases()}
    test = paired_anova_test if paired else independent_anova_test
    expected = test(a, b, **options)
    assert (found.difference, found.pvalue) == pytest.approx((expected.effect, expected.pvalue))


def test_examples_of_one_run_are_mcnemars_test_or_that_of_clusters():
    frame = table(("item", "topic"), binary=True, models="ab", seed=3)
    a, b = (frame.score[frame.model == model].to_numpy() for model in "ab")
    counts = [[(a & b).sum(), (a > b).sum()], [(a < b).sum(), ((1 - a) & (1 - b)).sum()]]
    found = compared(frame.drop(columns="topic")).differences[0]
    assert found.pvalue < mcnemar(counts, exact=True).pvalue
    with pytest.warns(FewReplicatesWarning):
        clusters = clustered_test(a, b, clusters=frame.topic[:6], minimum_replicates=2)
    assert compared(frame).differences[0].pvalue == pytest.approx(clusters.pvalue)


def test_no_warning_is_leaked_and_the_same_seed_gives_the_same_numbers():
    frame = table(("item",))
    first, again = (compared(frame, margin=0.5) for _ in range(2))
    pd.testing.assert_frame_equal(first.to_frame(), again.to_frame())


def test_what_it_returns_can_be_read_and_written():
    found = compared(table(("run", "task", "item")), margin=0.5, correction=Holm())
    assert isinstance(found, Comparison)
    assert len(found.to_frame()) == 3 + 9
    assert found.estimates_to_frame()["model"].tolist() == list("abc")
    assert [each.name for each in found.tables()] == [
        "conditions",
        "differences",
        "datasets",
        "across_datasets",
        "variance",
    ]
    assert found.summary().startswith(
        "3 models were compared on score, higher being better (3 models × 4 runs × 18 items in 3 tasks"
    )
    assert found.explain().splitlines()[0] == found.design.headline
    for written in (found.to_markdown(), found.to_latex(), found.to_html(), found.to_typst(), found.to_csv()):
        assert "a − b" in written or "a $-$ b" in written


def test_rows_in_clusters_are_compared_by_the_means_of_clusters():
    rng = np.random.default_rng(4)
    texts = rng.normal(0, 1, size=(2, 12))
    rows = pd.DataFrame(
        [(name, text, texts[place, text] + rng.normal()) for place, name in enumerate("ab") for text in range(12)
         for _ in range(20)],
        columns=["model", "text", "score"],
    )  # fmt: skip
    found = compare(rows, value="score", condition="model", group="text").differences[0]
    means = rows.groupby(["model", "text"])["score"].mean()
    assert found.pvalue == pytest.approx(ttest_rel(means["a"], means["b"]).pvalue)


def test_the_name_of_the_analysis_is_that_of_its_test():
    rng = np.random.default_rng(4)
    rows = pd.DataFrame([(m, d, q) for m in "ab" for d in "xy" for q in range(30)], columns=["model", "task", "item"])
    rows["score"] = rng.integers(0, 2, size=len(rows))
    found = compare(rows, value="score", condition="model", dataset="task", example="item")
    assert found.choices[0].answer.startswith("a stratified t test over items, in each data set McNemar's")
    assert found.differences[0].test == "stratified t test over items"
    assert "by a stratified t test over items" in str(found)


def test_a_sweep_with_gaps_of_which_one_run_is_whole_is_compared_without_sign_flips():
    frame = table(("run", "task"), models="ab")
    gaps = {("a", 0, 0), ("b", 1, 1), ("a", 2, 2)}  # runs 0, 1 and 2 of 4
    cells = zip(frame["model"], frame["run"], frame["task"], strict=True)
    (found,) = compared(frame[[cell not in gaps for cell in cells]]).differences
    assert found.interval is not None
    assert 0 < found.pvalue < 1
    assert found.beside == ()
    assert len(compared(frame).differences[0].beside) == 1
