"""What the package tells of its analyses is what the committed simulations measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from attnstats.scores.choice._measured import measured
from attnstats.scores.choice.rules import Sizes
from tests.validity.tables import committed_table, script


def test_the_package_tells_what_the_committed_table_says():
    module = script("compare")
    ours = pd.read_csv(module.MEASURED, dtype={"n_items": "Int64"})
    made = module.measured(committed_table("compare").astype({"n_items": "Int64"}))
    assert_frame_equal(ours, made.reset_index(drop=True))


def test_of_several_settings_of_one_size_the_worst_is_told():
    module = script("compare")
    told = {(row.setting, row.procedure): row for row in committed_table("compare").itertuples()}
    rows = pd.read_csv(module.MEASURED)
    assert not rows.duplicated(["analysis", "n_units", "n_items"]).any()
    table = committed_table("compare").query("procedure == @module.LEVEL")
    for row in rows.itertuples():
        like = table[(table["estimator"] == row.analysis) & (table["n_units"] == row.n_units)]
        like = like[(like["n_items"] == row.n_items) | (like["n_items"].isna() & np.isnan(row.n_items))]
        assert row.level == like["rate"].max()
        assert (row.setting, module.LEVEL) in told


@pytest.mark.parametrize(
    "analysis",
    [
        "CrossedAnova", "IndependentCrossedAnova", "PairedT", "WelchT", "PairedProportions", "IndependentProportions",
        "ClusterRobust", "CorrectedT", "NaiveT", "UnitMeansT", "ClustersIgnored", "NaiveFolds",
    ],
)  # fmt: skip
def test_every_analysis_and_what_is_refused_was_measured(analysis):
    crossed = analysis.endswith(("Anova", "NaiveT", "UnitMeansT"))
    found = measured(analysis, Sizes(5, "run", 400, "item") if crossed else Sizes(20, "run"))
    assert found is not None
    assert found.n_simulations >= 500
    assert found.level > (0.1 if analysis in ("NaiveT", "ClustersIgnored", "NaiveFolds") else 0)


def test_the_nearest_size_is_told():
    near, far = (measured("PairedT", Sizes(n, "run")) for n in (3, 190))
    assert near is not None
    assert far is not None
    assert near.setting.startswith("3 runs")
    assert far.setting.startswith("200 examples")
