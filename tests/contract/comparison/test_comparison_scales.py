"""Every function of `attnstats.comparison` in other units: values of any size, and far from zero.

A comparison of a/c with b/c is that of a with b, and one of a + c with b + c too. The right values are therefore those
of the same data near one; c of a power of two changes no digit, others the last ones.
"""

import math

import numpy as np
import pytest

from attnstats import comparison
from attnstats.exceptions import AttnstatsError, ConstantInputError, InvalidInputError

RNG = np.random.default_rng(5)
A, B = RNG.normal(0.5, 1, size=12), RNG.normal(size=12)
TABLE = RNG.normal(size=(4, 12)) + 0.3 * np.arange(4)[:, np.newaxis]
CROSSED, INTERACTION = RNG.normal(0.2, 1, size=(8, 15)), RNG.normal(size=(2, 3, 8))
EXAMPLES = RNG.normal(size=(2, 3, 8, 15))
FAMILY = RNG.normal(0.3, 1, size=(9, 3))
FACTOR = {"seed": np.tile(np.arange(12), 2)}

#: Functions of data in some unit: each takes a map of values and a size, and returns numbers without and with the unit.
CALLS = {}


def case(name, *, squared=False, shift=True):
    def add(function):
        CALLS[name] = (function, squared, shift)
        return function

    return add


def parts(result, *, with_statistic=False):
    """Return the numbers of a result that have no unit, and those that have that of the values."""
    intervals = [each for each in (result.confidence_interval,) if each is not None]
    if result._interval is not None:
        intervals.append(result.interval(0.8))
    ends = [end for each in intervals for end in (each.low, each.high)]
    if with_statistic:
        return [result.pvalue], [result.effect, result.statistic, *ends]
    return [result.pvalue, result.statistic], [result.effect, *ends]


case("paired_test")(lambda m, _: parts(comparison.paired_test(m(A), m(B), rng=0), with_statistic=True))
case("equivalence_test")(lambda m, s: parts(comparison.equivalence_test(m(A), m(B), margin=(-1 * s, 2 * s))))
case("equivalence_test of groups")(
    lambda m, s: parts(comparison.equivalence_test(m(A), m(B[:9]), margin=1.5 * s, paired=False))
)
case("noninferiority_test")(lambda m, s: parts(comparison.noninferiority_test(m(A), m(B), margin=0.5 * s)))
case("noninferiority_test of groups")(
    lambda m, s: parts(comparison.noninferiority_test(m(A), m(B[:9]), margin=0.5 * s, paired=False))
)
case("aligned_ranks_test")(lambda m, _: ([comparison.aligned_ranks_test(m(TABLE), rng=0).pvalue], []))
case("friedman_test")(lambda m, _: ([comparison.friedman_test(m(TABLE)).pvalue], []))
case("nemenyi_test")(lambda m, _: (list(comparison.nemenyi_test(m(TABLE)).mean_ranks), []))
case("page_test")(lambda m, _: ([comparison.page_test(m(TABLE)).pvalue], []))
case("jonckheere_test")(lambda m, _: ([comparison.jonckheere_test(m(TABLE[:, :4])).pvalue], []))
case("violation_ratio")(lambda m, _: ([comparison.violation_ratio(m(A), m(B))], []))
case("sample_size_needed")(lambda m, s: ([comparison.sample_size_needed(m(A) - m(B), margin=2 * s)], []))
case("interaction_sample_size_needed")(
    lambda m, _: ([comparison.interaction_sample_size_needed(m(EXAMPLES)) or -1], [])
)
case("anova_interaction_test")(lambda m, _: parts(comparison.anova_interaction_test(m(EXAMPLES))))
case("best_test")(lambda m, _: parts(comparison.best_test(m(TABLE), 3, rng=0), with_statistic=True))
case("anova_test", shift=False)(lambda m, s: parts(comparison.anova_test(m(CROSSED), 0.1 * s)))
case("independent_anova_test")(
    lambda m, _: parts(comparison.independent_anova_test(m(CROSSED), m(CROSSED[::-1, ::-1] * 0.5)))
)
case("independent_anova_equivalence_test")(
    lambda m, s: parts(
        comparison.independent_anova_equivalence_test(m(CROSSED), m(CROSSED[::-1, ::-1] * 0.5), margin=2 * s)
    )
)
case("paired_anova_test")(lambda m, _: parts(comparison.paired_anova_test(m(CROSSED), m(CROSSED[::-1, ::-1] * 0.5))))
case("paired_anova_equivalence_test")(
    lambda m, s: parts(comparison.paired_anova_equivalence_test(m(CROSSED), m(CROSSED[::-1, ::-1] * 0.5), margin=2 * s))
)
case("anova_equivalence_test", shift=False)(
    lambda m, s: parts(comparison.anova_equivalence_test(m(CROSSED), margin=(-0.5 * s, s)))
)
case("corrected_resampled_t_test")(
    lambda m, _: parts(comparison.corrected_resampled_t_test(m(A), m(B), n_train=11, n_test=1))
)
case("corrected_resampled_equivalence_test")(
    lambda m, s: parts(
        comparison.corrected_resampled_equivalence_test(m(A), m(B), n_train=11, n_test=1, margin=(-1 * s, 2 * s))
    )
)
case("five_by_two_cv_test")(
    lambda m, _: parts(comparison.five_by_two_cv_test(m(A[:10]).reshape(5, 2), m(B[:10]).reshape(5, 2)))
)
case("clustered_test")(
    lambda m, _: parts(comparison.clustered_test(m(TABLE.ravel()), m(B[:1].repeat(48)), clusters=np.arange(48) // 4))
)
case("hedges_g")(lambda m, _: ([comparison.hedges_g(m(A), m(B))], []))
case("hedges_g_independent")(lambda m, _: ([comparison.hedges_g_independent(m(A), m(B[:7]))], []))
case("probability_of_superiority")(lambda m, _: ([comparison.probability_of_superiority(m(A), m(B))], []))


@case("t_interval", shift=False)
def _t_interval(m, s):
    interval = comparison.t_interval(m(A))
    return [], [interval.low, interval.high]


case("clustered_equivalence_test")(
    lambda m, s: parts(
        comparison.clustered_equivalence_test(
            m(TABLE.ravel()), m(B[:1].repeat(48)), clusters=np.arange(48) // 4, margin=2 * s
        )
    )
)


@case("intraclass_correlation")
def _intraclass(m, s):
    found = comparison.intraclass_correlation(m(TABLE.ravel()), clusters=np.arange(48) // 4)
    return [found.value, found.interval.low, found.interval.high], []


@case("variance_components", squared=True)
def _components(m, s):
    found = comparison.variance_components(m(CROSSED))
    return [found.replicate_correlation, found.item_correlation, found.design_effect, *found.shares], [
        math.sqrt(found.residual),
        found.error,
    ]


@case("anova_interval", shift=False)
def _anova_interval(m, s):
    interval = comparison.anova_interval((m(CROSSED), m(CROSSED[:5] + 1)), variance=comparison.Satterthwaite())
    return [], [interval.low, interval.high]


@case("interaction_test", squared=True)
def _interaction(m, s):
    result = comparison.interaction_test(m(INTERACTION), n_resamples=199, rng=0)
    return [result.pvalue], [result.effect, math.sqrt(result.statistic)]


@case("plan_sample_size")
def _plan(m, s):
    plan = comparison.plan_sample_size(m(A) - m(B), effect=0.5 * s)
    return [plan.n, plan.n_at_estimate], [plan.sd, plan.sd_upper]


@case("stochastic_order_test")
def _order(m, s):
    result = comparison.stochastic_order_test(m(A), m(B), n_resamples=199, rng=0)
    return [result.pvalue, result.effect, result.interval(0.9).low], []


@case("compare_with_best")
def _best(m, s):
    result = comparison.compare_with_best(m(TABLE), n_resamples=1999, rng=0)
    return list(result.candidates), [
        *result.leads,
        *(end for each in result.intervals for end in (each.low, each.high)),
    ]


@case("simultaneous_rank_intervals")
def _ranks(m, s):
    result = comparison.simultaneous_rank_intervals(m(TABLE), n_resamples=1999, rng=0)
    return [*result.ranks, *result.low, *result.high], []


@case("paired_family_test")
def _family(m, s):
    result = comparison.paired_family_test(m(FAMILY), m(FAMILY[::-1] * 0.5), rng=0)
    return [*result.pvalues_adjusted], [end for each in result.results for end in parts(each)[1]]


@case("independent_family_test")
def _independent_family(m, s):
    result = comparison.independent_family_test(m(FAMILY), m(FAMILY[:8] ** 2), n_resamples=199, rng=0)
    return [*result.pvalues_adjusted], [end for each in result.results for end in parts(each)[1]]


@case("mixed_model_test", squared=True)
def _mixed(m, s):
    result = comparison.mixed_model_test(m(np.r_[A, B]), np.repeat([0, 1], 12), random=FACTOR)
    return parts(result)


@case("meta_analysis", squared=True, shift=False)
def _meta(m, s):
    found = comparison.meta_analysis(m(A), (0.1 * s) ** 2 * np.arange(1, 13))
    ends = [found.tau2_interval.low, found.tau2_interval.high, found.tau2]
    plain, sized = parts(found.mean)
    return [*plain, found.q, found.i2], [*sized, found.prediction_interval.low, *map(math.sqrt, ends)]


@case("correlations")
def _correlations(m, s):
    pair = comparison.OverlappingCorrelations.from_arrays(m(A), m(B), m(TABLE[0]))
    return [pair.r_jk, pair.r_jh, pair.r_kh], []


for _measure in (comparison.PairedG(), comparison.IndependentG(), comparison.CliffsDelta(), comparison.Superiority()):

    @case(type(_measure).__name__)
    def _effect(m, s, measure=_measure):
        found = comparison.estimate_effect(m(A), m(B), measure)
        return [found.value, found.interval.low, found.interval.high], []


call = pytest.fixture(params=sorted(CALLS))(lambda request: request.param)


def plain(values):
    return values


def test_powers_of_two_change_no_digit(call):
    function, _, _ = CALLS[call]
    numbers, sized = function(plain, 1.0)
    for factor in (2.0**300, 2.0**-300):
        scaled_numbers, scaled_sized = function(lambda values: values * factor, factor)  # noqa: B023
        assert scaled_numbers == numbers
        assert scaled_sized == [each * factor for each in sized]


@pytest.mark.parametrize("factor", [1e150, 1e160, 1e300, 1e-150, 1e-160, 1e-300, 1e-310])
def test_the_unit_does_not_matter(call, factor):
    function, squared, _ = CALLS[call]
    if squared and not 1e-151 < factor < 1e151:  # the squares that it returns are no floats
        if call != "meta_analysis":  # whose variances are none either
            with pytest.raises(InvalidInputError, match="values: must be of a size at which the squares"):
                function(lambda values: values * factor, factor)
        return
    numbers, sized = function(plain, 1.0)
    rel = 1e-9 if factor > 1e-305 else 1e-6  # denormal numbers have fewer digits
    scaled_numbers, scaled_sized = function(lambda values: values * factor, factor)
    assert scaled_numbers == pytest.approx(numbers, rel=rel, abs=1e-12)
    assert [each / factor for each in scaled_sized] == pytest.approx(sized, rel=rel, abs=1e-9)


@pytest.mark.parametrize("offset", [1e6, 1e8, 1e11])
def test_what_all_have_in_common_does_not_matter(call, offset):
    function, _, shift = CALLS[call]
    if not shift:
        return
    numbers, sized = function(plain, 1.0)
    rounding = 1e3 * np.spacing(offset)  # the numbers themselves are rounded so, errors in t add up
    if "meta" in call:
        return
    moved_numbers, moved_sized = function(lambda values: values + offset, 1.0)
    assert moved_numbers == pytest.approx(numbers, rel=rounding, abs=rounding)
    assert moved_sized == pytest.approx(sized, rel=rounding, abs=rounding)


RANKS = {"friedman_test", "nemenyi_test", "page_test", "jonckheere_test", "probability_of_superiority"}
RANKS |= {"CliffsDelta", "Superiority", "violation_ratio"}


def test_differences_lost_in_rounding_are_an_error(call):
    function, _, shift = CALLS[call]
    if not shift or call in RANKS:  # ties are a right answer of ranks
        return
    if call in (
        "stochastic_order_test",
        "sample_size_needed",
        "plan_sample_size",
    ):  # do not see the numbers that were subtracted
        return
    with pytest.raises(AttnstatsError, match=r"must|rounding"):
        function(lambda values: values + 1e15, 1.0)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e300, 5e-324])
def test_what_differs_by_rounding_alone_does_not_vary(value):
    near = np.nextafter(value, np.inf) if value != 5e-324 else value
    with pytest.raises(ConstantInputError, match="must vary"):
        comparison.t_interval([value] * 4 + [near] * 4)


def test_each_hypothesis_of_a_family_has_its_own_unit():
    sizes = np.array([1e300, 1.0, 1e-300])
    expected = comparison.paired_family_test(FAMILY, rng=0)
    found = comparison.paired_family_test(FAMILY * sizes, rng=0)
    assert found.pvalues_adjusted == expected.pvalues_adjusted
    for one, other, size in zip(found.results, expected.results, sizes, strict=True):
        assert one.effect / size == pytest.approx(other.effect, rel=1e-12)


def test_a_result_that_is_no_float_is_an_error():
    values = np.array([1.7e308, -1.7e308, 1.6e308, 1.5e308, -1.4e308, 1.1e308, 1.2e308, 1.5e308])
    with pytest.raises(InvalidInputError, match=r"values: must be of a size .* \(multiply them by a power of ten\)"):
        comparison.t_interval(values, confidence_level=0.999)
    assert math.isfinite(comparison.hedges_g(values))


def test_a_margin_in_another_unit_is_an_error():
    with pytest.raises(InvalidInputError, match="margin: must be at most 1e\\+290 times the values; got -1e\\+300"):
        comparison.equivalence_test(A * 1e-300, margin=1e300)
