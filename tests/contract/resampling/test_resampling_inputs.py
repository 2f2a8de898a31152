"""Whatever comes into `attnstats.resampling`, what comes out is a result within its bounds or an error by name."""

import datetime
import decimal
import fractions
import math
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from attnstats.exceptions import AttnstatsError, AttnstatsWarning, InvalidInputError, NonFiniteError
from attnstats.missing import CompleteCases
from attnstats.ranks import Tau
from attnstats.resampling import (
    Basic,
    BCa,
    Blocked,
    Clustered,
    ClusterLabels,
    Crossed,
    DeleteD,
    DoubleBootstrap,
    FunctionOfMeans,
    HalfSampling,
    HallT,
    HolmesNemenman,
    Independent,
    Nested,
    Percentile,
    PolitisRomano,
    Stratified,
    Studentized,
    WelchT,
    Wilson,
    bootstrap_interval,
    permutation_pvalue,
    permutation_test,
    sign_flip_test,
)
from attnstats.results import ConfidenceInterval, SignificanceResult

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.AttnstatsWarning")

N = 24
G = np.random.default_rng(0).normal(size=N)
READ_ONLY = G.copy()
READ_ONLY.flags.writeable = False
INPUTS = {
    "a number": 3.0, "None": None, "a string": "abc", "bytes": b"abc", "a set": {1.0, 2.0}, "a dict": {"a": 1},
    "a generator": (each for each in range(N)), "a range": range(N),
    "empty": [], "an empty tuple": (), "one": [1.0], "two": [1.0, 2.0], "one row": [[1.0, 2.0, 3.0]],
    "no columns": np.empty((N, 0)), "three axes": np.random.default_rng(1).normal(size=(N, 2, 3)),
    "ragged": [[1, 2], [3]], "objects": np.array([1, "a", None], dtype=object), "numbers as objects": G.astype(object),
    "strings": list("abc" * 8), "numbers in strings": ["1.5"] * N, "decimals": [decimal.Decimal(i) for i in range(N)],
    "fractions": [fractions.Fraction(i, 3) for i in range(N)], "huge integers": [10**400] * N,
    "times": pd.date_range("2020", periods=N).to_numpy(), "NaT": np.array(["2020-01-01", "NaT"] * 12, dtype="M8[D]"),
    "dates": [datetime.date(2020, 1, 1 + i) for i in range(N)], "durations": np.arange(N).astype("m8[s]"),
    "complex": G + 1j, "real complex": G + 0j, "booleans": G > 0, "int8": np.arange(N, dtype=np.int8),
    "uint64": np.arange(N, dtype=np.uint64) + 2**63, "int64": np.arange(N) + 2**60,
    "float16": G.astype(np.float16), "float32": G.astype(np.float32), "long double": G.astype(np.longdouble),
    "masked": np.ma.masked_array(G, mask=G > 1), "no mask": np.ma.masked_array(G),
    "NaN": np.r_[G, np.nan], "infinity": np.r_[G, np.inf], "NA": [1.0, pd.NA] * 12, "None among": [1.0, None] * 12,
    "1e160": G * 1e160, "1e300": G * 1e300, "the largest": np.array([1.7e308, -1.7e308, 1e308, 5e307] * 6),
    "1e-300": G * 1e-300, "denormal": np.array([5e-324, 1e-323, 0.0, 2e-323] * 6), "1e8 off": G + 1e8,
    "1e15 off": G + 1e15, "constant": np.full(N, 0.1), "ones": np.ones(N), "zeros": np.zeros(N),
    "tied": np.repeat([1.0, 2.0, 3.0], 8), "one success": np.r_[np.zeros(23), 1.0],
    "an outlier": np.r_[np.zeros(23), 1e300], "near one": np.r_[np.ones(23), 1 - 1e-16],
    "a tiny share": np.r_[np.zeros(23), 1e-300], "reversed": G[::-1], "read-only": READ_ONLY,
    "a series": pd.Series(G), "Float64": pd.Series(G, dtype="Float64"),
    "Int64 with NA": pd.Series([1, None] * 12, dtype="Int64"), "a frame": pd.DataFrame({"a": G, "b": G**2}),
    "a mixed frame": pd.DataFrame({"a": G, "b": ["x"] * N}), "categories": pd.Series(["a", "b"] * 12, dtype="category"),
    "sparse": scipy.sparse.csr_matrix(np.c_[G, G]), "samples": (G, G[:9] ** 2), "a sample and None": (G, None),
}  # fmt: skip
DOORS = {
    "mean": lambda d: bootstrap_interval(d, np.mean, method=Studentized(99), rng=0),
    "default": lambda d: bootstrap_interval(d, np.mean, rng=0),
    "median": lambda d: bootstrap_interval(d, lambda a: float(np.median(a)), method=BCa(99), rng=0),
    "spread": lambda d: bootstrap_interval(d, lambda a: a.std(), method=Studentized(19), rng=0),
    "basic": lambda d: bootstrap_interval(d, np.mean, method=Basic(99), rng=0),
    "double": lambda d: bootstrap_interval(d, np.mean, method=DoubleBootstrap(19, 19), rng=0),
    "Hall": lambda d: bootstrap_interval(d, np.mean, method=HallT()),
    "Hall, bounds": lambda d: bootstrap_interval(d, np.mean, method=HallT(bounds=(0, 100))),
    "Wilson": lambda d: bootstrap_interval(d, np.mean, method=Wilson()),
    "means": lambda d: bootstrap_interval(d, FunctionOfMeans(lambda m: m[0] ** 2), method=Studentized(49), rng=0),
    "tau": lambda d: bootstrap_interval(d, Tau(), method=Percentile(49), rng=0),
    "clusters": lambda d: bootstrap_interval(d, np.mean, design=Clustered(np.arange(N) // 3), rng=0),
    "strata": lambda d: bootstrap_interval(d, np.mean, design=Stratified(np.arange(N) // 3), rng=0),
    "nested": lambda d: bootstrap_interval(d, np.mean, design=Nested(np.arange(N) // 3), method=Percentile(49), rng=0),
    "crossed": lambda d: bootstrap_interval(d, np.mean, design=Crossed(), method=Percentile(49), rng=0),
    "two samples": lambda d: bootstrap_interval((d, G), lambda a, b: a.mean() - b.mean(), method=BCa(99), rng=0),
    "complete": lambda d: bootstrap_interval(d, np.mean, method=Percentile(49), missing=CompleteCases(), rng=0),
    "groups": lambda d: bootstrap_interval(G, np.mean, design=Clustered(d), method=Percentile(49), rng=0),
    "labels of strata": lambda d: bootstrap_interval(G, np.mean, design=Stratified(d), method=Percentile(49), rng=0),
    "permutation": lambda d: permutation_test(
        d, G, lambda a, b: a.mean() - b.mean(), kind=Independent(), n_resamples=49, rng=0
    ),
    "pairings": lambda d: permutation_test(G, d, lambda a, b: float(a[0] * np.ravel(b)[0]), n_resamples=49, rng=0),
    "Welch": lambda d: permutation_test(d, G, WelchT(), kind=Independent(), n_resamples=49, rng=0),
    "blocks": lambda d: permutation_test(G, G**2, lambda a, b: a @ b, kind=Blocked(d), n_resamples=49, rng=0),
    "cluster labels": lambda d: permutation_test(
        G, np.arange(N) // 12, lambda a, b: a @ b, kind=ClusterLabels(d), n_resamples=49, rng=0
    ),
    "sign flips": lambda d: sign_flip_test(d, n_resamples=99, rng=0),
    "strata of sign flips": lambda d: sign_flip_test(G, strata=d, n_resamples=99, rng=0),
    "null": lambda d: permutation_pvalue(1.0, d),
    "observed": lambda d: permutation_pvalue(d, [1.0, 2.0]),
    "value": lambda d: HalfSampling(20).interval(lambda rows: G[rows].mean(), d, N, rng=0),
    "rows": lambda d: HolmesNemenman(2, 5).interval(lambda rows: rows.mean(), 0.0, d, rng=0),
    "groups of rows": lambda d: DeleteD(0.5, 20).interval(lambda rows: rows.mean(), 0.0, N, groups=d, rng=0),
    "estimate": lambda d: PolitisRomano((0.4, 0.5), 20).interval(lambda _: d, 0.0, N, rng=0),
    "statistic's value": lambda d: bootstrap_interval(G, lambda _: d, method=Percentile(19), rng=0),
    "permuted value": lambda d: permutation_test(G, G, lambda _, __: d, n_resamples=19, rng=0),
    "method": lambda d: bootstrap_interval(G, np.mean, method="none" if d is None else d),
    "design": lambda d: bootstrap_interval(G, np.mean, design="none" if d is None else d),
    "statistic": lambda d: bootstrap_interval(G, d),
    "kind": lambda d: permutation_test(G, G, lambda a, b: a @ b, kind=d),
    "level": lambda d: bootstrap_interval(G, np.mean, method=Percentile(19), confidence_level=d),
    "alternative": lambda d: permutation_test(G, G, lambda a, b: a @ b, alternative=d),
    "bounds": lambda d: HallT(bounds=d),
    "n_resamples": lambda d: BCa(d),
    "error": lambda d: Studentized(error=d),
    "fractions": lambda d: PolitisRomano(fractions=d),
    "rate": lambda d: PolitisRomano(rate=d),
    "d": lambda d: DeleteD(d),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_result_within_its_bounds_or_an_error_by_name(door):
    for name, given in INPUTS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", AttnstatsWarning)
            try:
                result = DOORS[door](given)
            except AttnstatsError as error:
                unnamed = ": " not in str(error)
                result = None
            except Exception as error:
                raise AssertionError(f"{name}: {error!r}") from error
            else:
                unnamed = False
        assert not unnamed, name
        if isinstance(result, ConfidenceInterval):
            assert math.isfinite(result.low), name
            assert math.isfinite(result.high), name
        elif isinstance(result, SignificanceResult):
            assert 0 < result.pvalue <= 1, name
            assert math.isfinite(result.statistic), name


class OwnError(Exception):
    """What a statistic may raise."""


def test_what_a_statistic_raises_passes_through():
    def failing(*_):
        raise OwnError("no")

    for call in (
        lambda: bootstrap_interval(G, failing, rng=0),
        lambda: bootstrap_interval((G, G), failing, rng=0),
        lambda: bootstrap_interval(G, np.mean, method=Studentized(9, error=failing), rng=0),
        lambda: permutation_test(G, G, failing, n_resamples=9, rng=0),
        lambda: HalfSampling(4).interval(failing, 0.0, N, rng=0),
    ):
        with pytest.raises(OwnError):
            call()


@pytest.mark.parametrize(
    "value", ["1.5", "abc", b"1", None, [1.0], np.ones(3), 1j, np.datetime64("2020"), {}, [[1], [2, 3]]]
)
def test_a_statistic_returns_one_real_number(value):
    with pytest.raises(InvalidInputError, match="statistic: must return one number"):
        bootstrap_interval(G, lambda _: value, rng=0)
    with pytest.raises(InvalidInputError, match="statistic: must return one number"):
        permutation_test(G, G, lambda _, __: value, n_resamples=9, rng=0)
    with pytest.raises(InvalidInputError, match="estimate: must return one number"):
        HalfSampling(4).interval(lambda _: value, 0.0, N, rng=0)


@pytest.mark.parametrize("value", [np.nan, np.inf, np.float32("nan"), 10**400])
def test_a_statistic_is_finite(value):
    with pytest.raises((NonFiniteError, InvalidInputError), match="statistic: must"):
        bootstrap_interval(G, lambda _: value, rng=0)


def test_a_statistic_that_sorts_in_place_harms_nothing():
    def highest(*samples):
        for each in samples:
            each.sort()
        return samples[0][-1] - samples[-1][0]

    x, y = G.copy(), G[::-1].copy()
    expected = bootstrap_interval(x, np.ptp, method=Percentile(99), rng=0)
    found = bootstrap_interval(x, highest, method=Percentile(99), rng=0)
    assert (found.low, found.high) == (expected.low, expected.high)
    bootstrap_interval((x, y), highest, method=Percentile(99), rng=0)
    permutation_test(x, y, highest, n_resamples=99, rng=0)
    assert (x == G).all()
    assert (y == G[::-1]).all()


def test_complete_cases_are_those_without_the_missing_rows():
    x, labels = [*G, np.nan, 5.0], [*(np.arange(N) // 3), 0, None]
    options = {"missing": CompleteCases(), "rng": 0}
    found = bootstrap_interval(x, np.mean, design=Clustered(labels), **options)
    expected = bootstrap_interval(G, np.mean, design=Clustered(np.arange(N) // 3), rng=0)
    assert (found.low, found.high, found.n_missing) == (expected.low, expected.high, 2)
    masked = np.ma.masked_array([*G, 99.0], mask=[*[False] * N, True])
    flips = sign_flip_test(masked, n_resamples=99, **options)
    assert (flips.pvalue, flips.n_missing) == (sign_flip_test(G, n_resamples=99, rng=0).pvalue, 1)

    def product(a, b):
        return float(a @ b)

    paired = permutation_test(x, [*G, 1.0, np.nan], product, n_resamples=99, **options)
    assert paired.pvalue == permutation_test(G, G, product, n_resamples=99, rng=0).pvalue
    assert (paired.n, paired.n_missing) == (N, 2)
    blocked = permutation_test(x, x, product, kind=Blocked(labels), n_resamples=99, **options)
    assert (blocked.n, blocked.n_missing) == (N, 2)
    two = permutation_test(x, [1.0, None, 2.0], lambda a, b: a.mean() - b.mean(), kind=Independent(), **options)
    assert (two.n, two.n_missing) == (N + 3, 2)
    with pytest.raises(InvalidInputError, match="missing: must be None for a Crossed design"):
        bootstrap_interval(np.ones((9, 9)), np.mean, design=Crossed(), missing=CompleteCases())
    with pytest.raises(NonFiniteError, match="data: must be finite"):
        bootstrap_interval(masked, np.mean)
