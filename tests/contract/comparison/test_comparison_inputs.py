"""Whatever comes in, the functions of `attnstats.comparison` give a result or an error of the package that names it.

No exception or warning from inside NumPy or SciPy gets out, no result holds NaN, and equal values give equal results
whatever their container.
"""

import re
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from attnstats import comparison as c
from attnstats.exceptions import AttnstatsError, AttnstatsWarning
from attnstats.missing import CompleteCases

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(2, 10))
TABLE, CROSSED, INTERACTION = RNG.normal(size=(4, 10)), RNG.normal(size=(8, 12)), RNG.normal(size=(2, 3, 8))
EXAMPLES, FAMILY, P = RNG.normal(size=(2, 3, 8, 12)), RNG.normal(size=(9, 3)), np.abs(X) / 5
PAIR = {"s": np.tile(np.arange(10), 2)}


def read_only(values):
    copied = values.copy()
    copied.flags.writeable = False
    return copied


#: Containers and types that hold the same numbers.
SAME = {
    "list": lambda v: v.tolist(),
    "objects": lambda v: v.astype(object),
    "long double": lambda v: v.astype(np.longdouble),
    "big endian": lambda v: v.astype(">f8"),
    "read-only": read_only,
    "columns first": np.asfortranarray,
    "negative strides": lambda v: np.flip(np.flip(v).copy()),
    "nothing masked": lambda v: np.ma.array(v),
    "pandas": lambda v: pd.Series(v) if v.ndim == 1 else pd.DataFrame(v) if v.ndim == 2 else v,
    "polars": lambda v: pl.Series(v) if v.ndim == 1 else pl.DataFrame(v) if v.ndim == 2 else v,
}
OTHER = {
    **{f"times {factor:g}": lambda v, f=factor: v * f for factor in (1e160, 1e300, 1e-160, 1e-300, 1e-310, 5e-324)},
    **{f"plus {offset:g}": lambda v, o=offset: v + o for offset in (1e8, 1e12, 1e13, 1e16)},
    "largest floats": lambda v: np.sign(v) * np.finfo(float).max,
    "sizes apart": lambda v: v * np.resize([1e300, 1e-300], v.shape),
    "one far": lambda v: np.where(np.arange(v.size).reshape(v.shape) == 0, 1e308, v * 1e-308),
    "one apart": lambda v: (np.arange(v.size).reshape(v.shape) == 0).astype(float),
    "constant": lambda v: np.full_like(v, 2.5),
    "zeros": np.zeros_like,
    "signed zeros": lambda v: np.where(v > 0, -0.0, 0.0),
    "tied": np.rint,
    "truth values": lambda v: v > 0,
    "bytes": lambda v: (v * 30).astype(np.int8),
    "large integers": lambda v: (v * 10).astype(np.int64) + 2**60,
    "unsigned": lambda v: (v * 10 + 100).astype(np.uint64) + np.uint64(2**63),
    "half precision": lambda v: (v * 2e4).astype(np.float16),
    "NaN": lambda v: np.where(v > 1, np.nan, v),
    "all NaN": lambda v: v * np.nan,
    "infinite": lambda v: np.where(v > 1, -np.inf, v),
    "None": lambda v: np.where(v > 1, None, v.astype(object)),
    "masked": lambda v: np.ma.masked_where(v > 1, v),
    "all masked": np.ma.masked_all_like,
    "complex": lambda v: v + 1j,
    "times": lambda v: (v * 1e9).astype("M8[ns]"),
    "NaT": lambda v: np.where(v > 1, np.datetime64("NaT"), (v * 1e9).astype("M8[ns]")),
    "durations": lambda v: (v * 1e9).astype("m8[ns]"),
    "text": lambda v: v.astype(str),
    "mixed": lambda v: np.where(v > 0.5, "a", v.astype(object)),
    "a word": lambda _: "abc",
    "nothing": lambda _: None,
    "a number": lambda _: 3.0,
    "a mapping": lambda _: {"a": 1},
    "a set": lambda _: {1, 2, 3},
    "a generator": lambda v: iter(v),
    "ragged": lambda _: [[1, 2], [3]],
    "records": lambda _: np.zeros(10, dtype=[("a", "f8"), ("b", "f8")]),
    "empty": lambda v: v[..., :0],
    "no rows": lambda v: v[:0],
    "one": lambda v: v[..., :1],
    "two": lambda v: v[..., :2],
    "a dimension more": lambda v: v[np.newaxis],
    "NA of pandas": lambda v: pd.Series(v, dtype="Float64").mask(v > 1) if v.ndim == 1 else v,
    "null of polars": lambda v: pl.Series([None if each > 1 else each for each in v.tolist()]) if v.ndim == 1 else v,
}
CALLS = {
    "paired_test": (lambda v: c.paired_test(v, Y, rng=0), X),
    "paired_test b": (lambda v: c.paired_test(Y, v, rng=0), X),
    "equivalence_test": (lambda v: c.equivalence_test(v, margin=(-1, 2)), X),
    "equivalence_test groups": (lambda v: c.equivalence_test(v, TABLE.ravel(), margin=1, paired=False), X),
    "equivalence_test margin": (lambda v: c.equivalence_test(Y, margin=v), X),
    "noninferiority_test": (lambda v: c.noninferiority_test(v, Y, margin=1), X),
    "t_interval": (c.t_interval, X),
    "hedges_g": (c.hedges_g, X),
    "hedges_g_independent": (lambda v: c.hedges_g_independent(v, Y), X),
    "probability_of_superiority": (lambda v: c.probability_of_superiority(v, Y), X),
    "PairedG": (c.estimate_effect, X),
    "IndependentG": (lambda v: c.estimate_effect(v, Y, c.IndependentG()), X),
    "CliffsDelta": (lambda v: c.estimate_effect(Y, v, c.CliffsDelta(c.BrunnerMunzel())), X),
    "adjust_pvalues": (c.adjust_pvalues, P),
    "partial_conjunction_test": (lambda v: c.partial_conjunction_test(v, c.Stouffer()), P),
    "aligned_ranks_test": (lambda v: c.aligned_ranks_test(v, n_resamples=99, rng=0), TABLE),
    "friedman_test": (c.friedman_test, TABLE),
    "nemenyi_test": (c.nemenyi_test, TABLE),
    "page_test": (lambda v: c.page_test(v).interval(0.9), TABLE),
    "jonckheere_test": (lambda v: c.jonckheere_test([v, Y, X]), X),
    "best_test": (lambda v: c.best_test(v, 0, rng=0), TABLE),
    "compare_with_best": (lambda v: c.compare_with_best(v, n_resamples=1_000, rng=0), TABLE),
    "simultaneous_rank_intervals": (lambda v: c.simultaneous_rank_intervals(v, n_resamples=1_000, rng=0), TABLE),
    "interaction_test": (lambda v: c.interaction_test(v, n_resamples=99, rng=0), INTERACTION),
    "anova_interaction_test": (c.anova_interaction_test, EXAMPLES),
    "interaction_sample_size_needed": (c.interaction_sample_size_needed, EXAMPLES),
    "anova_interval": (lambda v: c.anova_interval((v, CROSSED), variance=c.Satterthwaite()), CROSSED),
    "anova_test": (lambda v: c.anova_test(v, 0.1), CROSSED),
    "anova_test missing": (lambda v: c.anova_test(v, 0.1, missing=CompleteCases()), CROSSED),
    "independent_anova_test": (lambda v: c.independent_anova_test(v, np.abs(CROSSED)), CROSSED),
    "independent_anova_equivalence_test": (
        lambda v: c.independent_anova_equivalence_test(np.abs(CROSSED), v, margin=(-1, 2), variance=c.FixedItems()),
        CROSSED,
    ),
    "paired_anova_test": (lambda v: c.paired_anova_test(v, np.abs(CROSSED)), CROSSED),
    "paired_anova_equivalence_test": (
        lambda v: c.paired_anova_equivalence_test(np.abs(CROSSED), v, margin=(-1, 2), variance=c.FixedItems()),
        CROSSED,
    ),
    "variance_components": (c.variance_components, CROSSED),
    "anova_equivalence_test": (lambda v: c.anova_equivalence_test(v, margin=(-1, 2)), CROSSED),
    "paired_family_test": (lambda v: c.paired_family_test(v, n_resamples=99, method=c.MinP(), rng=0), FAMILY),
    "independent_family_test": (lambda v: c.independent_family_test(v, FAMILY[:8], n_resamples=99, rng=0), FAMILY),
    "mixed_model_test": (lambda v: c.mixed_model_test(v, np.repeat([0, 1], 10), random=PAIR), np.r_[X, Y]),
    "mixed_model_test condition": (
        lambda v: c.mixed_model_test(np.r_[X, Y], v, random=PAIR),
        np.repeat([0.0, 1.0], 10),
    ),
    "mixed_model_test contrast": (
        lambda v: c.mixed_model_test(np.r_[X, Y], np.repeat([0, 1], 10), random=PAIR, contrast=v),
        np.array([1.0, -1.0]),
    ),
    "meta_analysis": (lambda v: c.meta_analysis(v, np.full(10, 0.3)), X),
    "meta_analysis variances": (lambda v: c.meta_analysis(X, v), np.abs(Y) + 0.1),
    "meta_analysis_of_correlations": (lambda v: c.meta_analysis_of_correlations(v, np.full(10, 30)), np.tanh(X)),
    "stochastic_order_test": (lambda v: c.stochastic_order_test(v, Y, n_resamples=100, rng=0), X),
    "violation_ratio": (lambda v: c.violation_ratio(v, Y), X),
    "Correlation": (lambda v: c.Correlation.from_arrays(v, Y), X),
    "compare_correlations": (
        lambda v: c.compare_correlations(c.OverlappingCorrelations.from_arrays(v, Y, TABLE[0])),
        X,
    ),
    "sample_size_needed": (lambda v: c.sample_size_needed(v, margin=1.0), X),
    "mcnemar_test": (lambda v: c.mcnemar_test(v, Y > 0), (X > 0).astype(float)),
    "independent_proportions_test": (
        lambda v: c.independent_proportions_test(Y > 0, v, interval=c.HybridScore()),
        (X > 0).astype(float),
    ),
    "proportions_equivalence_test": (
        lambda v: c.proportions_equivalence_test(v, Y > 0, margin=0.3),
        (X > 0).astype(float),
    ),
    "proportions_noninferiority_test margin": (
        lambda v: c.proportions_noninferiority_test(X > 0, Y > 0, margin=v, paired=False),
        X,
    ),
    "corrected_resampled_t_test": (lambda v: c.corrected_resampled_t_test(v, Y, n_train=9, n_test=1), X),
    "corrected_resampled_t_test n_test": (lambda v: c.corrected_resampled_t_test(X, Y, n_train=9, n_test=v), X),
    "corrected_resampled_equivalence_test": (
        lambda v: c.corrected_resampled_equivalence_test(v, Y, n_train=9, n_test=1, margin=2),
        X,
    ),
    "five_by_two_cv_test": (lambda v: c.five_by_two_cv_test(Y.reshape(5, 2), v), X.reshape(5, 2)),
    "clustered_equivalence_test": (
        lambda v: c.clustered_equivalence_test(v, Y, clusters=np.arange(10), margin=(-1, 2)),
        X,
    ),
    "clustered_test": (lambda v: c.clustered_test(v, Y, clusters=np.arange(10)), X),
    "clustered_test clusters": (lambda v: c.clustered_test(np.r_[X, Y], clusters=v), np.tile(np.arange(10.0), 2)),
    "intraclass_correlation": (lambda v: c.intraclass_correlation(v, clusters=PAIR["s"]), np.r_[X, Y]),
    "plan_sample_size": (lambda v: c.plan_sample_size(v, effect=0.5), X),
}

call = pytest.fixture(params=CALLS)(lambda request: CALLS[request.param])


def outcome(function, values):
    """Return the repr of the result, or the error of the package; anything else gets out."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", AttnstatsWarning)
        try:
            return repr(function(values))
        except AttnstatsError as error:
            return error


def test_a_result_or_an_error_that_names_the_argument(call):
    function, base = call
    for name, change in OTHER.items():
        with np.errstate(all="ignore"):
            values = change(base)
        found = outcome(function, values)
        if isinstance(found, AttnstatsError):
            assert re.search(r"^\w.*: .*\bmust\b.*; (got|\w+ has) ", str(found), re.DOTALL), (name, str(found))
        else:
            assert not re.search(r"\b(nan|inf)\b", found), (name, found)


def test_equal_values_give_equal_results_whatever_holds_them(call):
    function, base = call
    expected = outcome(function, base)
    if isinstance(expected, AttnstatsError):  # a vector is no margin
        return
    for name, change in SAME.items():
        assert outcome(function, change(base)) == expected, name
