"""Many arrangements of many units are held a block at a time, which changes no number."""

import tracemalloc

import numpy as np
import pytest

import attnstats.resampling._blocks as module
from attnstats.ranks import Tau, kendall, kendall_w, spearman
from attnstats.resampling import Blocked, Independent, Permutation, permutation_test, sign_flip_test
from attnstats.resampling._blocks import blocks


def product(x, y):
    return float(x @ y)


def test_blocks_hold_so_many_bytes():
    assert list(blocks(10, module.BLOCK_BYTES // 4)) == [4, 4, 2]
    assert list(blocks(3, 10 * module.BLOCK_BYTES)) == [1, 1, 1]
    assert list(blocks(10, module.BLOCK_BYTES, multiple=4)) == [4, 4, 2]
    assert sum(blocks(1_001, 17_000)) == 1_001


@pytest.mark.parametrize(
    "test",
    [
        lambda x, y: permutation_test(x, y, product, n_resamples=700, rng=1).pvalue,
        lambda x, y: permutation_test(x, y, Tau(), n_resamples=700, rng=1).pvalue,
        lambda x, y: permutation_test(x, y, product, kind=Independent(), n_resamples=300, rng=1).pvalue,
        lambda x, y: permutation_test(x[:6], y[:6], product).pvalue,
        lambda x, y: permutation_test(x[:7], np.sign(y[:7]), Tau(), kind=Blocked([0, 0, 0, 0, 1, 1, 1])).pvalue,
        lambda x, y: sign_flip_test(x - y, n_resamples=999, rng=1).pvalue,
        lambda x, y: spearman(x, y, null=Permutation(400), rng=1).pvalue,
        lambda x, y: kendall(x, y, null=Permutation(400), rng=1).pvalue,
        lambda x, y: kendall_w([x, y, x + y], null=Permutation(400), rng=1).pvalue,
    ],
)
def test_no_number_depends_on_the_block(test, monkeypatch):
    x, y = np.random.default_rng(0).normal(size=(2, 21))
    whole = test(x, y + 0.3 * x)
    monkeypatch.setattr(module, "BLOCK_BYTES", 500)
    assert test(x, y + 0.3 * x) == whole


def peak_bytes(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_resamples():
    # 256 orders of 100,000 rows would be 200 MB; a block, and what is computed from it, are some 35 MB.
    x, y = np.random.default_rng(0).normal(size=(2, 100_000))
    bound = 6 * module.BLOCK_BYTES
    assert peak_bytes(lambda: permutation_test(x, y, product, n_resamples=40, rng=0)) < bound
    assert peak_bytes(lambda: spearman(x, y, null=Permutation(40), rng=0)) < bound
    assert peak_bytes(lambda: sign_flip_test(x, n_resamples=3_000, rng=0)) < bound


def test_arrangements_of_many_units_are_not_counted_to_the_last_digit():
    # 300,000! has a million and a half digits, and took seconds to write down.
    x, y = np.random.default_rng(0).normal(size=(2, 300_000))
    assert Independent().count(x, y) == np.inf
    assert Independent().count(x[:30], y[:20]) == 47129212243960


def test_every_arrangement_of_many_units_is_held_in_blocks():
    # One mark among 4,000 rows has 4,000 arrangements: 128 MB of orders at once.
    mark = np.zeros(4_000)
    mark[7] = 1.0
    x = np.arange(4_000.0)
    assert peak_bytes(lambda: permutation_test(x, mark, product)) < 4 * module.BLOCK_BYTES
