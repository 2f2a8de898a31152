"""What R says of the same data: analysis/oracle/reference.R wrote the values, and ours agree with them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attnstats import adjust_pvalues, equivalence_test, kendall, mutual_information, spearman
from attnstats.comparison import (
    REML,
    BenjaminiHochberg,
    BenjaminiYekutieli,
    Bonferroni,
    DerSimonianLaird,
    Hochberg,
    Holm,
    Hommel,
    PauleMandel,
    friedman_test,
    hedges_g_independent,
    jonckheere_test,
    mcnemar_test,
    meta_analysis,
    mixed_model_test,
    page_test,
    t_interval,
)
from attnstats.information import KSG, AsMeasured
from attnstats.resampling import Wilson, bootstrap_interval

FOLDER = Path(__file__).parents[1] / "analysis" / "oracle"
VALUES = pd.read_csv(FOLDER / "values.csv")


def data(name):
    return pd.read_csv(FOLDER / "data" / f"{name}.csv")


def said(case):
    """Return what R said of a case, by quantity."""
    rows = VALUES[VALUES["case"] == case].set_index("quantity")["value"]
    assert len(rows)
    return rows.to_dict()


@pytest.mark.parametrize(("name", "test"), [("kendall", kendall), ("spearman", spearman)])
@pytest.mark.parametrize(("side", "alternative"), [("two.sided", "two-sided"), ("greater", "greater")])
def test_exact_rank_tests(name, test, side, alternative):
    ours, theirs = test(data("pairs")["x"], data("pairs")["y"], alternative=alternative), said(f"{name} exact, {side}")
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs["estimate"], theirs["p"]), rel=1e-10)


@pytest.mark.parametrize(("name", "test"), [("kendall", kendall), ("spearman", spearman)])
def test_rank_tests_with_ties(name, test):
    ours, theirs = test(data("tied_pairs")["x"], data("tied_pairs")["y"], exact=False), said(f"{name}, ties")
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs["estimate"], theirs["p"]), rel=1e-9)


def test_friedman_and_page():
    values = data("blocks").to_numpy().T
    theirs = said("friedman")
    ours = friedman_test(values, exact=False)
    # The p-value is that of the F statistic of Iman and Davenport.
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs["chi2"], theirs["p_F"]), rel=1e-10)
    assert page_test(values, exact=False).pvalue == pytest.approx(said("page, normal")["p"], rel=1e-10)


def test_jonckheere():
    groups = [group.to_numpy() for _, group in data("ordered_groups").groupby("group")["value"]]
    assert jonckheere_test(groups, exact=False).pvalue == pytest.approx(said("jonckheere, normal")["p"], rel=1e-10)


def test_two_conditions():
    a, b = (data("two_conditions")[name].to_numpy() for name in "ab")
    interval, theirs = t_interval(a - b), said("paired t interval")
    assert (interval.low, interval.high) == pytest.approx((theirs["low"], theirs["high"]), rel=1e-10)
    assert equivalence_test(a, b, margin=0.5).pvalue == pytest.approx(said("equivalence, paired")["p"], rel=1e-10)
    welch = equivalence_test(a, b, margin=0.5, paired=False)
    assert welch.pvalue == pytest.approx(said("equivalence, Welch")["p"], rel=1e-10)
    assert hedges_g_independent(a, b) == pytest.approx(said("hedges g, independent")["g"], rel=1e-10)


def test_binary_scores():
    a, b = (data("binary")[name].to_numpy() for name in "ab")
    theirs = said("mcnemar")
    assert mcnemar_test(a, b).pvalue == pytest.approx(theirs["mid_p"], rel=1e-10)
    assert mcnemar_test(a, b, mid_p=False).pvalue == pytest.approx(theirs["exact"], rel=1e-10)
    interval, theirs = bootstrap_interval(a, np.mean, method=Wilson()), said("wilson")
    assert (interval.low, interval.high) == pytest.approx((theirs["low"], theirs["high"]), rel=1e-10)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("holm", Holm()),
        ("hochberg", Hochberg()),
        ("hommel", Hommel()),
        ("bonferroni", Bonferroni()),
        ("BH", BenjaminiHochberg()),
        ("BY", BenjaminiYekutieli()),
    ],
)
def test_adjusted_p_values(name, method):
    theirs = VALUES[VALUES["case"] == f"adjusted by {name}"]["value"]
    assert len(theirs) == 10
    assert adjust_pvalues(data("pvalues")["p"], method) == pytest.approx(theirs.to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "heterogeneity"), [("REML", REML()), ("DL", DerSimonianLaird()), ("PM", PauleMandel())]
)
def test_meta_analysis(name, heterogeneity):
    ours, theirs = (
        meta_analysis(*data("studies").to_numpy().T, heterogeneity=heterogeneity),
        said(f"meta-analysis, {name}"),
    )
    assert ours.tau2 == pytest.approx(theirs["tau2"], rel=1e-5)
    assert ours.mean.effect == pytest.approx(theirs["mean"], rel=1e-6)
    assert ours.mean.pvalue == pytest.approx(theirs["p"], rel=1e-4)
    limits = ours.mean.confidence_interval
    assert (limits.low, limits.high) == pytest.approx((theirs["low"], theirs["high"]), rel=1e-5)
    assert (ours.q, ours.q_pvalue) == pytest.approx((theirs["Q"], theirs["p_Q"]), rel=1e-10)


def test_a_mixed_model_with_kenward_roger_s_degrees_of_freedom():
    d, theirs = data("crossed"), said("mixed model")
    ours = mixed_model_test(d["value"], d["condition"], random={"run": d["run"], "item": d["item"]})
    assert abs(ours.effect) == pytest.approx(theirs["difference"], rel=1e-6)
    assert ours.pvalue == pytest.approx(theirs["p"], rel=1e-3)
    assert f"df = {theirs['df']:.3g}" in str(ours)
    for name in ("run", "item", "residual"):
        assert f"{name} {theirs[name]:.3g}" in str(ours)


def test_information_by_nearest_neighbours():
    d = data("information")
    ours = mutual_information(d["x"], d["y"], KSG(3, margins=AsMeasured()), rng=0).value
    assert ours == pytest.approx(said("KSG, k = 3")["information"], abs=1e-10)


def test_the_versions_are_told():
    lines = (FOLDER / "versions.txt").read_text().splitlines()
    assert lines[0].startswith("R version ")
    assert len(lines) == 7
