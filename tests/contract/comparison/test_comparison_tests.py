"""What every test of `attnstats.comparison` promises that takes arrays and returns a `SignificanceResult`."""

import inspect
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from attnstats import comparison
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError
from attnstats.missing import CompleteCases

TESTS = {
    name: function
    for name in comparison.__all__
    if inspect.isfunction(function := getattr(comparison, name))
    and inspect.signature(function).return_annotation == "SignificanceResult"
    and next(iter(inspect.signature(function).parameters.values())).annotation
    in ("ArrayLike", "Sequence[ArrayLike]", "ArrayLike | tuple[ArrayLike, ...]")
}
RNG = np.random.default_rng(0)
ONE, TWO = RNG.normal(0.3, 1, size=10), RNG.normal(size=10)
TABLE = RNG.normal(size=(4, 10)) + 0.2 * np.arange(4)[:, np.newaxis]
RIGHT, WRONG = (np.random.default_rng(4).random((2, 24)) < [[0.7], [0.5]]).astype(float)
#: The arguments of one call of each test.
CALLS = {
    "aligned_ranks_test": ((TABLE,), {}),
    "anova_equivalence_test": ((RNG.normal(size=(2, 8, 30)),), {"margin": 0.5}),
    "anova_interaction_test": ((RNG.normal(size=(2, 3, 8, 30)),), {}),
    "anova_test": ((RNG.normal(size=(2, 8, 30)),), {}),
    "best_test": ((TABLE, 3), {}),
    "clustered_equivalence_test": (
        (np.r_[ONE, TWO], np.r_[TWO, ONE[::-1]]),
        {"clusters": np.tile(np.arange(10), 2), "margin": 2.0},
    ),
    "clustered_test": ((np.r_[ONE, TWO], np.r_[TWO, ONE[::-1]]), {"clusters": np.tile(np.arange(10), 2)}),
    "corrected_resampled_equivalence_test": ((ONE, TWO), {"n_train": 90, "n_test": 10, "margin": 2.0}),
    "corrected_resampled_t_test": ((ONE, TWO), {"n_train": 90, "n_test": 10}),
    "equivalence_test": ((ONE, TWO), {"margin": 2.0}),
    "five_by_two_cv_test": ((ONE.reshape(5, 2), TWO.reshape(5, 2)), {}),
    "friedman_test": ((TABLE,), {}),
    "independent_anova_equivalence_test": ((RNG.normal(size=(8, 30)), RNG.normal(size=(9, 30))), {"margin": 0.5}),
    "independent_anova_test": ((RNG.normal(size=(8, 30)), RNG.normal(size=(9, 30))), {}),
    "independent_proportions_test": ((RIGHT, WRONG), {}),
    "interaction_test": ((RNG.normal(size=(2, 3, 8)),), {"n_resamples": 199}),
    "jonckheere_test": ((TABLE[:, :4],), {}),
    "mcnemar_test": ((RIGHT, WRONG), {}),
    "mixed_model_test": ((TABLE[:2].ravel(), np.repeat([0, 1], 10)), {"random": {"seed": np.tile(np.arange(10), 2)}}),
    "noninferiority_test": ((ONE, TWO), {"margin": 2.0}),
    "page_test": ((TABLE,), {}),
    "paired_anova_equivalence_test": ((RNG.normal(size=(8, 30)), RNG.normal(size=(8, 30))), {"margin": 0.5}),
    "paired_anova_test": ((RNG.normal(size=(8, 30)), RNG.normal(size=(8, 30))), {}),
    "paired_test": ((ONE, TWO), {}),
    "proportions_equivalence_test": ((RIGHT, WRONG), {"margin": 0.3}),
    "proportions_noninferiority_test": ((RIGHT, WRONG), {"margin": 0.3}),
    "stochastic_order_test": ((ONE, TWO), {"n_resamples": 199}),
}

comparison_test = pytest.fixture(params=sorted(TESTS))(lambda request: request.param)


#: Those of two conditions, seed by seed.
PAIRS = {
    "clustered_equivalence_test",
    "clustered_test",
    "corrected_resampled_equivalence_test",
    "corrected_resampled_t_test",
    "equivalence_test",
    "mcnemar_test",
}
PAIRS |= {"noninferiority_test", "paired_test", "proportions_equivalence_test"}
#: Of scores 0 or 1, of which a constant has a proportion and an interval.
BINARY = {"independent_proportions_test", "mcnemar_test", "proportions_equivalence_test"}
BINARY |= {"proportions_noninferiority_test"}


def call(name, *replaced, n_seeds=None, **more):
    """Return the result of the call with its first arguments replaced, or of the first seeds alone."""
    arguments, options = CALLS[name]
    arguments = (*replaced, *arguments[len(replaced) :])
    if n_seeds is not None:
        arguments = tuple(each[..., :n_seeds] if np.ndim(each) else each for each in arguments)
        if name == "mixed_model_test":
            options = {"random": {"seed": options["random"]["seed"][:n_seeds]}}
        if "clusters" in options:
            options = {**options, "clusters": options["clusters"][:n_seeds]}
    if "rng" in inspect.signature(TESTS[name]).parameters:
        more.setdefault("rng", 1)
    return TESTS[name](*arguments, **{**options, **more})


def test_every_test_is_called_here():
    assert set(CALLS) == set(TESTS)


def test_the_result_is_complete(comparison_test):
    result = call(comparison_test)
    assert np.isfinite([result.statistic, result.effect]).all()
    assert 0 < result.pvalue <= 1
    assert result.pvalue_floor is None or 0 < result.pvalue_floor <= result.pvalue * (1 + 1e-9)
    assert repr(result) == result.summary()
    assert "\n" not in repr(result)
    assert f"n = {result.n} {result.replication_unit}s" in result.summary()
    assert result.summary().startswith(f"{result.effect_name} = ")


def test_intervals_hold_the_effect_and_grow_with_their_level(comparison_test):
    result = call(comparison_test)
    if result._interval is None:
        with pytest.raises(InvalidInputError, match="has no interval"):
            result.interval(0.9)
        return
    narrow, wide = result.interval(0.5), result.interval(0.99)
    assert result.effect in narrow
    assert wide.low < narrow.low < narrow.high < wide.high
    assert pickle.loads(pickle.dumps(result)).interval(0.5) == narrow


def test_the_same_seed_gives_the_same_numbers(comparison_test):
    assert call(comparison_test) == call(comparison_test)


def test_the_arguments_are_left_alone(comparison_test):
    before = np.copy(CALLS[comparison_test][0][0])
    call(comparison_test)
    assert (CALLS[comparison_test][0][0] == before).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_raise(comparison_test, bad):
    values = np.copy(CALLS[comparison_test][0][0])
    values.flat[1] = bad
    with pytest.raises(NonFiniteError, match="must be finite; got 1 NaN or infinite"):
        call(comparison_test, values)


def test_units_have_the_name_that_the_caller_gives_them(comparison_test):
    parameters = inspect.signature(TESTS[comparison_test]).parameters
    names = {"replication_unit": "patient", "crossed_unit": "lesion"}
    units = {name: word for name, word in names.items() if name in parameters}
    if comparison_test == "mixed_model_test":  # names are those of the random factors
        units = {"random": {"patient": np.tile(np.arange(10), 2)}}
    result = call(comparison_test, **units)
    texts = [repr(result)]
    if result._interval is not None:
        texts.append(repr(result.interval(0.9)))
    assert f"n = {result.n} patients" in texts[0]
    if comparison_test != "jonckheere_test":  # groups of one have an order
        arguments = [np.asarray(each)[..., :1] if np.ndim(each) else each for each in CALLS[comparison_test][0]]
        if "random" in units:
            units = {"random": {"patient": np.zeros(1)}}
        if "clusters" in CALLS[comparison_test][1]:
            units["clusters"] = np.zeros(1)
        with pytest.raises(InvalidInputError) as caught:
            call(comparison_test, *arguments, **units)
        texts.append(str(caught.value))
    for text in texts:
        assert not re.search(r"\b(seed|replicate|model|example|item)s?\b", text.replace("linear mixed model", "")), text


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("gap", [np.nan, None, np.ma.masked])
def test_incomplete_cases_are_left_out_where_that_is_asked_for(comparison_test, gap):
    if "missing" not in inspect.signature(TESTS[comparison_test]).parameters:
        # An incomplete table of conditions, seeds and examples is for the mixed model; 5 × 2 folds are another design.
        assert comparison_test in ("anova_interaction_test", "five_by_two_cv_test")
        return
    if comparison_test == "mixed_model_test":
        return  # one long table; a test of its own is beside the others of that model
    arrays = []
    for values in CALLS[comparison_test][0]:
        if np.ndim(values):
            array = np.ma.array(values) if gap is np.ma.masked else np.array(values, dtype=object)
            array[..., -1] = gap
            arrays.append(array)
    n = np.shape(arrays[0])[-1]
    few = {"minimum_replicates": 7} if comparison_test == "interaction_test" else {}
    result = call(comparison_test, *arrays, missing=CompleteCases(), **few)
    assert result.n_missing == {
        "jonckheere_test": 4,
        "stochastic_order_test": 2,
        "independent_proportions_test": 2,
        "anova_test": 8,
        "anova_equivalence_test": 8,
        "independent_anova_test": 17,
        "independent_anova_equivalence_test": 17,
        "paired_anova_test": 16,
        "paired_anova_equivalence_test": 16,
    }.get(comparison_test, 1)
    assert replace(result, n_missing=0) == call(comparison_test, n_seeds=n - 1, **few)
    assert "left out as incomplete" in result.summary()
    with pytest.raises(NonFiniteError, match="CompleteCases"):
        call(comparison_test, *arrays)
    with pytest.raises(InvalidInputError, match="missing: must be None or CompleteCases"):
        call(comparison_test, missing="drop")


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_seeds_raise(comparison_test, n):
    if (comparison_test, n) == ("jonckheere_test", 1):
        return  # groups of one have an order
    with pytest.raises(InvalidInputError, match=r"must .*; got"):
        call(comparison_test, n_seeds=n)


def test_groups_of_one_have_an_order():
    assert comparison.jonckheere_test([[1.0], [2.0], [3.0]], alternative="greater").pvalue == pytest.approx(1 / 6)


def test_constants_raise(comparison_test):
    if comparison_test in BINARY:
        return
    arrays = [np.asarray(each) for each in CALLS[comparison_test][0]]
    same = [np.ones_like(each) for each in arrays if each.ndim and each.dtype == float]  # not the labels of conditions
    with pytest.raises(
        ConstantInputError,
        match=r"must (vary|differ|hold at least two different values|have an interaction that varies)",
    ):
        call(comparison_test, *same)


def test_constant_scores_of_0_or_1_have_an_interval():
    for name in BINARY:
        result = call(name, np.ones(24), np.ones(24))
        assert result.effect == 0
        interval = result.interval(0.95)
        assert -1 < interval.low < 0 < interval.high < 1


@pytest.mark.parametrize("name", sorted(PAIRS | {"mixed_model_test"}))
def test_unequal_lengths_raise(name):
    with pytest.raises(InvalidInputError, match=r"(b: must .* have the shape of a|must have the same length).*; "):
        call(name, CALLS[name][0][0][:-1])


def test_the_order_of_the_seeds_does_not_matter(comparison_test):
    if comparison_test in {"mixed_model_test", "clustered_test", "clustered_equivalence_test"}:
        return  # its columns are one long table, and tests of its own permute them
    order = RNG.permutation(np.shape(CALLS[comparison_test][0][0])[-1])
    arrays = [values[..., order] for values in CALLS[comparison_test][0] if np.ndim(values)]
    before, after = call(comparison_test), call(comparison_test, *arrays)
    assert after.effect == pytest.approx(before.effect, rel=1e-12)
    if "exact" in before.test or "t test" in before.test:  # else random rearrangements enter
        assert after.pvalue == pytest.approx(before.pvalue, rel=1e-12)


def test_unknown_alternatives_raise(comparison_test):
    if "alternative" in inspect.signature(TESTS[comparison_test]).parameters:
        with pytest.raises(InvalidInputError, match="alternative: must be one of two-sided, less, greater; got 'up'"):
            call(comparison_test, alternative="up")


def test_lists_are_taken(comparison_test):
    assert call(comparison_test, CALLS[comparison_test][0][0].tolist()) == call(comparison_test)
