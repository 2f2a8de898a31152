"""The harness itself: each way to be wrong is found, and what is right is left alone."""

import time
import warnings

import numpy as np
import pytest

from attnstats.comparison import Bonferroni, Holm
from attnstats.exceptions import AttnstatsWarning, ConvergenceError, InvalidInputError
from attnstats.results import ConfidenceInterval, SignificanceResult
from attnstats.scores import compare
from tests.fuzz import runner, vocabulary
from tests.fuzz.changes import Change, Twins, again, compared, plus, rows, times, turned, typed, within
from tests.fuzz.commands import CommandOutcome
from tests.fuzz.doors import DOORS, Call, Door
from tests.fuzz.invariants import broken_promises
from tests.fuzz.runner import Finding, judged, kinds_of, try_door
from tests.fuzz.score_tables import in_polars, scores
from tests.fuzz.strategies import FORMS, Argument, data

PLAIN = Argument("tied((8,), 3)", "tied((8,), 3)")


def outcome(function, x=PLAIN):
    """How a call of a function of x is judged."""
    door = Door("room.function", "function", "results", {"x": data("n")})
    return judged(Call(door, {"x": x}), {**door.namespace(), "function": function})


def sort_of(function, x=PLAIN):
    found = outcome(function, x)
    assert isinstance(found, Finding)
    return found.sort


def raises(error):
    def function(x):
        raise error

    return function


def result(**changed):
    values = {"statistic": 0.5, "pvalue": 0.5, "effect": 0.5, "alternative": "less", "effect_name": "tau-b", "n": 8}
    return SignificanceResult(test="t", **{**values, **changed})


@pytest.mark.parametrize(
    "error", [ValueError("x: must be 3; got 4"), TypeError(), ZeroDivisionError(), np.linalg.LinAlgError()]
)
def test_foreign_exceptions_are_found(error):
    assert sort_of(raises(error)) == "foreign exception"


def test_a_clear_refusal_is_one():
    assert outcome(raises(InvalidInputError("x: must be 3; got 4"))) == "refusal"
    assert outcome(raises(ConvergenceError("number of seeds: must be at least 3; got 2"))) == "refusal"


@pytest.mark.parametrize("message", ["wrong", "y: must be 3; got 4", "x: wrong; got 4", "x: must vary"])
def test_messages_without_parameter_rule_or_value_are_found(message):
    assert sort_of(raises(InvalidInputError(message))) == "unclear refusal"


def test_foreign_warnings_are_found_and_our_own_are_not():
    def warns(category):
        def function(x):
            warnings.warn("look", category, stacklevel=2)
            return 0.5

        return function

    assert sort_of(warns(RuntimeWarning)) == "leaked warning"
    assert sort_of(lambda x: float(np.log(x - 9).sum())) == "leaked warning"
    assert outcome(warns(AttnstatsWarning)) == "result"


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        np.array([1.0, np.inf]),
        result(pvalue=0.0),
        result(pvalue=1.5),
        result(pvalue=0.01, pvalue_floor=0.02),
        result(effect=1.5),
        result(effect=float("nan")),
        result(confidence_interval=ConfidenceInterval(0.2, 1.4, 0.95, "Wald")),
        result(confidence_interval=ConfidenceInterval(0.6, 0.9, 0.95, "Wald")),
    ],
)
def test_broken_promises_are_found(value):
    assert sort_of(lambda **_: value) == "broken promise"


def test_nan_is_let_through_where_it_is_documented():
    def function(x):
        """Return one value for each row, NaN where it is undefined."""
        return np.array([1.0, np.nan])

    assert outcome(function) == "result"


def test_an_answer_that_depends_on_the_dtype_is_found():
    halved = Argument('retyped(tied((8,), 3), "int8")', "tied((8,), 3)")
    assert sort_of(lambda x: float(x.itemsize), halved) == "unequal for equal values"
    assert outcome(lambda x: float(np.mean(x)), halved) == "result"


def test_a_form_that_is_refused_where_the_plain_array_is_taken_is_found():
    def only_arrays(x):
        if not isinstance(x, np.ndarray):
            raise InvalidInputError("x: must be an array; got a list")
        return 0.5

    assert sort_of(only_arrays, Argument("as_list(tied((8,), 3))", "tied((8,), 3)")) == "unequal for equal values"


def test_an_input_that_is_written_to_is_found():
    assert sort_of(lambda x: x.fill(3.0) or 0.5) == "changed input"


def test_what_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(runner, "TIME_LIMIT", 0.05)
    assert sort_of(lambda **_: time.sleep(5)) == "too slow"


def test_the_same_batch_has_the_same_inputs(monkeypatch):
    seen = []
    monkeypatch.setattr(runner, "judged", lambda call, _: seen.append(str(call)) or "result")
    for batch in (0, 0, 1):
        assert try_door(DOORS["ranks.kendall"], 30, start=batch).inputs == 30
    assert seen[:30] == seen[30:60] != seen[60:]


def test_findings_are_sorted_by_kind_with_the_shortest_line_of_each():
    findings = [Finding("s", "a", "", "long line"), Finding("s", "a", "", "line"), Finding("s", "b", "", "other")]
    assert [(kind, n, each.line) for kind, (n, each) in kinds_of(findings).items()] == [
        (("s", "a"), 2, "line"),
        (("s", "b"), 1, "other"),
    ]


DESIGN = {"seed": "run", "example": "item", "dataset": "task"}
CHANGES = (again(), rows(1), times(4.0), plus(2.0), turned(), typed("run", "text"), within(in_polars))


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_is_only_written_otherwise_is_left_alone(change):
    assert not list(broken_promises(compared((scores(2, 3, 2, 4, 0), DESIGN, change)), "compared", ""))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table.assign(score=table["score"] ** 2), "the difference is another after the change"),
        (lambda table: table.assign(score=-table["score"]), "the difference is another after the change"),
        (lambda table: table.head(1), "the changed table is refused: row 2 of 'model'"),
        (lambda table: table.assign(model=table["model"] + "!"), "other pairs are compared"),
    ],
)
def test_a_table_that_is_another_is_found(change, told):
    found = compared((scores(2, 3, 2, 4, 0), DESIGN, Change(lambda table, given: (change(table), given))))
    assert any(each.startswith(told) for each in broken_promises(found, "compared", ""))


def test_pvalues_that_differ_alone_are_found():
    given = {"value": "score", "condition": "model", "seed": "run", "example": "item"}
    holm, bonferroni = (
        compare(scores(3, 8, 1, 12, 0), correction=correction, **given) for correction in (Holm(), Bonferroni())
    )
    found = list(broken_promises(Twins(holm, bonferroni, again()), "compared", ""))
    assert found[0].startswith("the p-values are others after the change")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ((1, "", "", []), "the exit status is 1"),
        ((2, "", "", []), "exit status 2 with another number of lines"),
        ((2, "", "one\ntwo", []), "exit status 2 with another number of lines"),
        ((2, "", "one", ["out/table.csv"]), "exit status 2, and these files"),
        ((0, "mean nan", "", []), "NaN was printed"),
        ((0, "", "Traceback (most recent call last)", []), "a traceback was printed"),
    ],
)
def test_commands_that_end_otherwise_are_found(result, told):
    assert next(broken_promises(CommandOutcome(result), "command", "")).startswith(told)
    assert not list(broken_promises(CommandOutcome((2, "", "attnstats: error: x", [])), "command", ""))
    assert not list(broken_promises(CommandOutcome((0, "0.5", "", ["out/table.csv"])), "command", ""))


@pytest.mark.parametrize(
    "plain", ["normal((6,), 1)", "smooth((6, 2), 1)", "limits((6,), 1, 'int64')", "flags((6,), 1)"]
)
def test_every_form_keeps_the_values(plain):
    # A form that changed a value would make a finding of a door that is right.
    values = eval(plain, vars(vocabulary))
    for form in FORMS:
        other = eval(form.format(plain), vars(vocabulary))
        other = getattr(other, "to_numpy", getattr(other, "double", lambda other=other: other))()
        np.testing.assert_array_equal(np.asarray(other), values, err_msg=form)
