"""A seeded slice of the simulation of ties agrees with its committed table, and the table with what the docs say."""

import numpy as np
import pandas as pd
import pytest

from tests.validity.tables import committed_table, script


@pytest.fixture(scope="module")
def committed():
    return committed_table("ties")


def test_a_slice_agrees_with_the_table(committed):
    ties = script("ties")
    rows = ties.simulate_one(0.4, 1.0, 0.0, 300, n_simulations=40, rng=1, intervals=False)
    both = pd.DataFrame(rows).merge(committed, on=["step", "share", "correlation", "n", "procedure"])
    assert len(both) == 7
    error = np.hypot(both["mc_error_x"], both["mc_error_y"])
    assert ((both["bias_x"] - both["bias_y"]).abs() <= 4 * error + 1e-4).all()
    strict = both.set_index("procedure").loc["strict", "bias_x"]
    assert strict > 0.03


def test_parting_ties_is_unbiased_over_all_settings(committed):
    ours = committed[
        committed["procedure"].isin(["KSG()", "KSG(algorithm=2)", "Ross()", "DiscreteContinuousMixture()"])
    ]
    assert (ours["bias"].abs() <= 0.006 + 3 * ours["mc_error"]).all()
    strict = committed[committed["procedure"] == "strict"]
    assert strict["bias"].max() > 0.1
    without = committed[committed["share"] == 0].set_index(["correlation", "n"])
    same = [without[without["procedure"] == name]["bias"] for name in ("strict", "noise", "KSG()")]
    assert (same[0] - same[2]).abs().max() < 0.002  # ranks have a few ties of their own
    assert (same[1] - same[2]).abs().max() < 0.002
