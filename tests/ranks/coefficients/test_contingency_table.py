"""Rank tests of tables of counts: the values of the pairs that a table counts, and SciPy's and published ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.ranks import ContingencyTable, JackknifeInterval, goodman_kruskal_gamma, kendall, somers_d
from attnstats.resampling import Permutation

#: From the manual of SciPy's somersd: cleanliness of hotels by customers' satisfaction.
HOTELS = [[27, 25, 14, 7, 0], [7, 14, 18, 35, 12], [1, 3, 2, 7, 17]]
tables = st.integers(2, 4).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 6), min_size=columns, max_size=columns), min_size=2, max_size=4)
)


def test_somers_d_is_scipys():
    assert somers_d(ContingencyTable(HOTELS)).effect == pytest.approx(0.6032766111513396, abs=1e-15)  # printed there
    assert somers_d(ContingencyTable(HOTELS)).effect == pytest.approx(stats.somersd(HOTELS).statistic, abs=1e-15)
    assert somers_d(ContingencyTable(np.transpose(HOTELS))).effect == pytest.approx(
        stats.somersd(np.transpose(HOTELS)).statistic, abs=1e-15
    )


def test_gamma_by_hand():
    # [[3, 1], [1, 2]]: concordant 3 * 2, discordant 1 * 1, so that gamma = (6 - 1)/(6 + 1), Yule's Q.
    assert goodman_kruskal_gamma(ContingencyTable([[3, 1], [1, 2]])).effect == pytest.approx(5 / 7, abs=1e-15)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tables)
def test_a_table_is_its_pairs(counts):
    table = np.array(counts)
    x, y = np.repeat(np.indices(table.shape).reshape(2, -1), table.ravel(), axis=1)
    if len(np.unique(x)) < 2 or len(np.unique(y)) < 2 or len(x) < 3:
        return
    concordant = sum(table[i, j] * table[i + 1 :, j + 1 :].sum() for i, j in np.ndindex(table.shape))
    discordant = sum(table[i, j] * table[i + 1 :, :j].sum() for i, j in np.ndindex(table.shape))
    rows = table.sum(axis=1)
    untied = (rows.sum() ** 2 - (rows**2).sum()) / 2
    found = somers_d(ContingencyTable(table))
    assert found == somers_d(x, y)
    assert found.effect == pytest.approx((concordant - discordant) / untied, abs=1e-14)
    if concordant + discordant:
        gamma = goodman_kruskal_gamma(ContingencyTable(table))
        assert gamma == goodman_kruskal_gamma(x, y)
        assert gamma.effect == pytest.approx((concordant - discordant) / (concordant + discordant), abs=1e-14)


@pytest.mark.parametrize("test", [somers_d, goodman_kruskal_gamma])
def test_nulls_and_intervals_are_those_of_the_pairs(test):
    table = ContingencyTable(HOTELS)
    for options in ({"exact": False}, {"alternative": "less"}, {"null": Permutation(99), "rng": 3}):
        assert test(table, **options) == test(*table.pairs(), **options)
    for interval in (None, JackknifeInterval()):
        assert test(table, interval=interval).interval(0.8) == test(*table.pairs(), interval=interval).interval(0.8)


def test_a_cross_table_of_pandas_is_taken():
    x, y = np.random.default_rng(0).integers(0, 3, size=(2, 40))
    assert somers_d(ContingencyTable(pd.crosstab(x, y))) == somers_d(x, y)


def test_tau_b_and_tau_c_of_a_table():
    x, y = ContingencyTable(HOTELS).pairs()
    for variant in ("b", "c"):
        found = kendall(ContingencyTable(HOTELS), variant=variant)
        assert found.effect == pytest.approx(stats.kendalltau(x, y, variant=variant).statistic, abs=1e-14)


def test_it_prints_its_size():
    assert repr(ContingencyTable(HOTELS)) == "ContingencyTable of 3 by 5 classes, 189 pairs"


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ([1, 2], InvalidInputError, "counts: must have 2 dimension"),
        ([[1.5, 2], [3, 4]], InvalidInputError, r"counts: must be whole numbers from 0 up; got 1\.5"),
        ([[-1, 2], [3, 4]], InvalidInputError, "whole numbers from 0 up; got -1"),
        ([[np.nan, 2], [3, 4]], InvalidInputError, "counts: must be finite"),
        ([[1e9, 2], [3, 4]], InvalidInputError, "counts: must sum to at most 10000000"),
        ([[0, 0], [0, 0]], TooFewSamplesError, "sum of counts: must be at least 1"),
        (np.zeros((0, 3)), TooFewSamplesError, "sum of counts"),
    ],
)
def test_what_is_no_table_is_refused(counts, error, message):
    with pytest.raises(error, match=message):
        ContingencyTable(counts)


def test_a_table_stands_for_both_variables():
    with pytest.raises(
        InvalidInputError, match=r"y: must hold the values paired with x; got None .*ContingencyTable\("
    ):
        somers_d(HOTELS)
    with pytest.raises(InvalidInputError, match="y: must not be given beside a contingency table"):
        goodman_kruskal_gamma(ContingencyTable(HOTELS), [1, 2, 3])
