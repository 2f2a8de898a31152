"""Names that the functions of comparison had before go on working for one release, with a warning."""

import importlib
import inspect
import pydoc
import traceback
import warnings

import numpy as np
import pytest

from attnstats import comparison, resampling
from attnstats.comparison import compare_with_best, paired_test, plan_sample_size, simultaneous_rank_intervals
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError

VALUES = np.random.default_rng(0).normal([[0.34], [0.25], [0.33]], 0.02, size=(3, 8))


@pytest.mark.parametrize(
    ("former", "new"),
    [
        ("MINIMUM_SEEDS", "MINIMUM_REPLICATES"),
        ("SeedPlan", "SampleSizePlan"),
        ("check_seeds", "check_replicates"),
        ("interaction_seeds_needed", "interaction_sample_size_needed"),
        ("plan_seeds", "plan_sample_size"),
        ("seeds_needed", "sample_size_needed"),
    ],
)
def test_a_former_name_is_the_new_object(former, new):
    with pytest.warns(DeprecationWarning, match=f"{former} is now {new}"):
        assert getattr(comparison, former) is getattr(comparison, new)


def test_a_former_keyword_is_the_new_one():
    with pytest.warns(DeprecationWarning, match="minimum_seeds is now minimum_replicates") as caught:
        found = paired_test(VALUES[0], VALUES[1], minimum_seeds=3)
    assert found == paired_test(VALUES[0], VALUES[1])
    assert caught[0].filename == __file__


@pytest.mark.parametrize("function", [compare_with_best, simultaneous_rank_intervals])
def test_a_former_field_is_the_new_one(function):
    found = function(VALUES, n_resamples=1_000, rng=0)
    with pytest.warns(DeprecationWarning, match="n_seeds is now n"):
        assert found.n_seeds == found.n == 8


def test_former_fields_of_a_plan_are_the_new_ones():
    plan = plan_sample_size(VALUES[0] - VALUES[1], effect=0.02)
    with pytest.warns(DeprecationWarning, match="is now"):
        assert (plan.n_seeds, plan.n_seeds_at_estimate) == (plan.n, plan.n_at_estimate)


def test_former_arguments_of_a_crossed_design_are_the_new_ones():
    with pytest.warns(DeprecationWarning, match="paired_seeds is now paired_replicates"):
        assert resampling.Crossed(paired_seeds=True) == resampling.Crossed(paired_replicates=True)


def test_few_replicates_are_warned_of_at_the_line_of_the_caller():
    with pytest.warns(FewReplicatesWarning, match="number of patients: should be at least 8") as caught:
        paired_test(VALUES[0, :5], minimum_replicates=5, replication_unit="patient")
    assert caught[0].filename == __file__


def test_a_function_with_a_former_keyword_stands_in_its_own_file():
    assert inspect.getsourcefile(paired_test).endswith("two_conditions/paired.py")
    with pytest.raises(InvalidInputError, match="a: must have 1 dimension") as caught:
        paired_test([[1.0]])
    frames = [(frame.filename, frame.line) for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[1] == (inspect.getsourcefile(paired_test), "def paired_test(")


@pytest.mark.parametrize("kind", [resampling.Crossed, comparison.SampleSizePlan])
def test_a_former_field_says_so_in_help(kind):
    former = {resampling.Crossed: "paired_seeds", comparison.SampleSizePlan: "n_seeds"}[kind]
    assert getattr(kind, former).__doc__.startswith("The former name of `")
    assert "partial" not in pydoc.plain(pydoc.render_doc(kind))


def test_a_former_name_in_a_former_place_is_told_once():
    former = importlib.import_module("attnstats.information.classifiers")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = former.Training
    assert found is importlib.import_module("attnstats.information.probes").TrainingFold
    message = "attnstats.information.classifiers.Training is now attnstats.information.probes.TrainingFold"
    assert [(str(each.message), each.filename) for each in caught] == [(message, __file__)]
