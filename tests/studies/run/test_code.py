"""The code that a computation reaches, read from toy packages whose dependencies are known."""

import shutil

import pytest

from attnstats.studies.run._code import Definition, SourceCode

PACKAGE = {
    "__init__.py": "",
    "run.py": """
        '''Runs a cell.'''
        import numpy as np
        from toy import layers
        from toy.estimators import Base
        from toy.scale import FACTOR, scaled as by_factor

        def run(name, estimator=None):
            '''Return a number.'''
            layer = make(name)
            if not isinstance(estimator, Base):
                raise ValueError(f"no estimator: {estimator}")
            return by_factor(layers.attend(np.ones(3)), FACTOR) + measure(1, estimator)

        def make(name):
            return getattr(layers, name)

        def measure(x, estimator=layers.Deep(), *, twice=layers.Shallow):
            return estimator.value(x)
    """,
    "estimators.py": """
        class Base:
            def value(self, x):
                return self.part(x) + 1

        class KSG(Base):
            def part(self, x):
                return x * WEIGHT

        class Ross(Base):
            def part(self, x):
                return x

        WEIGHT = 3.0
        UNRELATED = 1
    """,
    "scale.py": """
        FACTOR, OTHER = 2, 5

        def scaled(x, by):
            return x * by

        def halved(x):
            return x / 2
    """,
    "layers/__init__.py": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from toy.layers.deep import Deep, Shallow, attend
        __all__ = ["Deep", "Shallow", "attend"]
        def __getattr__(name):
            raise AttributeError(name)
    """,
    "layers/deep.py": """
        from ..scale import halved

        def attend(x):
            from toy.layers.weights import softmax  # when it is called
            return softmax(x)

        class Deep:
            width = 4

        class Shallow:
            def half(self, x: "Deep") -> float:
                return halved(x)
    """,
    "layers/weights.py": """
        def softmax(x):
            return x
    """,
}
RUN, MAKE = Definition("toy.run", "run"), Definition("toy.run", "make")
KSG, ROSS = Definition("toy.estimators", "KSG"), Definition("toy.estimators", "Ross")


@pytest.fixture
def reached(tmp_path):
    """Return a function of the source files and the starts that returns the code that they reach."""

    def read(files, *starts, cut=(MAKE,)):
        root = tmp_path / "toy"
        shutil.rmtree(root, ignore_errors=True)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            lines = text.splitlines()
            indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
            (root / name).write_text("\n".join(line[indent:] for line in lines))
        return SourceCode(root).reached(starts or (RUN, ROSS), cut)

    return read


def changed(name, before, after):
    assert before in PACKAGE[name]
    return {**PACKAGE, name: PACKAGE[name].replace(before, after)}


def test_what_is_reached(reached):
    code = reached(PACKAGE)
    assert {name.removeprefix("toy.") for name in code.own} == {
        "run.run",
        "run.measure",
        "estimators.Base",
        "estimators.Ross",
        "scale.FACTOR",
        "scale.scaled",
        "layers.deep.attend",
        "layers.deep.Shallow",  # the default of a parameter that the call leaves out
        "layers.weights.softmax",
        "scale.halved",
    }
    assert code.packages == {"numpy"}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("estimators.py", "WEIGHT = 3.0", "WEIGHT = 4.0"),
        ("estimators.py", "return x * WEIGHT", "return x * WEIGHT * 2"),
        ("estimators.py", "UNRELATED = 1", "UNRELATED = 2"),
        ("layers/deep.py", "width = 4", "width = 5"),
        ("layers/__init__.py", '["Deep", "Shallow", "attend"]', '["Deep", "Shallow", "attend", "Narrow"]'),
        ("run.py", "'''Return a number.'''", "'''Return another number.'''\n            # why"),
        ("run.py", 'f"no estimator: {estimator}"', '"estimator: must be one"'),
        ("run.py", "getattr(layers, name)", "getattr(layers, name.lower())"),
        ("run.py", "import numpy as np", "import numpy as np, scipy"),
        ("layers/deep.py", '"Deep") -> float', '"Shallow") -> int'),
    ],
    ids=lambda value: value[:20],
)
def test_an_edit_of_what_is_not_reached_changes_nothing(reached, name, before, after):
    assert reached(changed(name, before, after)).hashes == reached(PACKAGE).hashes


@pytest.mark.parametrize(
    ("name", "before", "after", "who"),
    [
        ("scale.py", "FACTOR, OTHER = 2", "FACTOR, OTHER = 3", "FACTOR"),
        ("scale.py", "return x * by", "return by * x", "scaled"),
        ("estimators.py", "self.part(x) + 1", "self.part(x) + 2", "Base"),
        ("estimators.py", "class Ross(Base)", "class Ross(KSG, Base)", "Ross"),
        ("layers/weights.py", "return x", "return 2 * x", "softmax"),
        ("run.py", "raise ValueError", "raise TypeError", "run"),
        ("run.py", "np.ones(3)", "np.zeros(3)", "run"),
        ("scale.py", "return x / 2", "return x / 3", "halved"),
    ],
    ids=lambda value: value[:20],
)
def test_an_edit_of_what_is_reached_changes_its_hash(reached, name, before, after, who):
    first, second = reached(PACKAGE), reached(changed(name, before, after))
    assert first.hashes != second.hashes
    edited = {each.rpartition(".")[-1] for each in second.own if first.own.get(each) != second.own[each]}
    assert who in edited


def test_an_edit_of_an_estimator_changes_what_reaches_it_alone(reached):
    edited = changed("estimators.py", "WEIGHT = 3.0", "WEIGHT = 4.0")
    assert reached(edited, RUN, ROSS).hashes == reached(PACKAGE, RUN, ROSS).hashes
    assert reached(edited, RUN, KSG).hashes != reached(PACKAGE, RUN, KSG).hashes


def test_a_definition_moves_and_takes_another_name_for_nothing(reached):
    moved = {
        **PACKAGE,
        "run.py": PACKAGE["run.py"].replace(
            "from toy.scale import FACTOR, scaled as by_factor",
            "from toy.arithmetic import BY as FACTOR, times as by_factor",
        ),
        "scale.py": PACKAGE["scale.py"].replace("FACTOR, OTHER = 2, 5", "").replace("def scaled", "def spread"),
        "arithmetic.py": "\n".join(["import math", "BY, OTHER = 2, 5", "def times(x, by):", "    return x * by"]),
    }
    assert reached(moved).hashes == reached(PACKAGE).hashes


def test_two_functions_that_change_places_are_noticed(reached):
    text = "def first(x):\n    return one(x) - two(x)\ndef one(x):\n    return x\ndef two(x):\n    return 2 * x\n"
    swapped = text.replace("one(x) - two(x)", "two(x) - one(x)")
    start = Definition("toy.places", "first")
    codes = [reached({"__init__.py": "", "places.py": each}, start, cut=()) for each in (text, swapped)]
    assert codes[0].hashes != codes[1].hashes
    # And where the two differ only in what they call themselves.
    deeper = text.replace("return x\n", "return three(x)\n").replace("return 2 * x", "return four(x)")
    deeper += "def three(x):\n    return 3\ndef four(x):\n    return 4\n"
    swapped = deeper.replace("one(x) - two(x)", "two(x) - one(x)")
    codes = [reached({"__init__.py": "", "places.py": each}, start, cut=()) for each in (deeper, swapped)]
    assert codes[0].hashes != codes[1].hashes


def test_constants_of_one_assignment_are_told_apart(reached):
    text = "A, B = 1, 2\ndef first():\n    return A\n"
    start = Definition("toy.places", "first")
    codes = [
        reached({"__init__.py": "", "places.py": each}, start, cut=())
        for each in (text, text.replace("return A", "return B"))
    ]
    assert codes[0].hashes != codes[1].hashes


def test_a_statement_that_only_runs_counts_for_its_file(reached):
    edited = changed("scale.py", "FACTOR, OTHER = 2, 5", "FACTOR, OTHER = 2, 5\n        print(FACTOR)")
    assert reached(edited).hashes != reached(PACKAGE).hashes


@pytest.mark.parametrize("call", ["measure(1)", "measure(*[1])", "measure(1, **{})", "list(map(measure, [1]))"])
def test_a_default_value_that_a_call_may_take_is_reached(reached, call):
    code = reached(changed("run.py", "measure(1, estimator)", call))
    assert "toy.layers.deep.Deep" in code.own


def test_a_module_passed_as_an_object_stands_for_all_it_holds(reached):
    code = reached(PACKAGE, cut=())
    assert {"toy.layers.deep.Deep", "toy.layers.deep.Shallow", "toy.run.make"} <= set(code.own)


def test_an_unknown_start_is_an_error(reached):
    with pytest.raises(LookupError, match=r"toy\.run\.absent is not defined"):
        reached(PACKAGE, Definition("toy.run", "absent"))


@pytest.mark.parametrize(
    ("before", "after"),
    [('KEY = "a"', 'KEY = "b"'), ("[KEY] = 1", "[KEY] = 2"), ("layers.SIZE = 3", "layers.SIZE = 4")],
)
def test_what_is_set_in_an_object_counts_with_its_key(reached, before, after):
    lines = ["from toy import layers", 'KEY = "a"', "REGISTRY = {}", "REGISTRY[KEY] = 1", "layers.SIZE = 3"]
    text = "\n".join([*lines, "def run():", "    return REGISTRY", ""])
    start = Definition("toy.sets", "run")
    first, second = (
        reached({"__init__.py": "", "layers.py": "SIZE = 1", "sets.py": each}, start, cut=())
        for each in (text, text.replace(before, after))
    )
    assert first.hashes != second.hashes


def test_a_name_that_is_found_nowhere_is_no_silent_gap(reached):
    files = {"__init__.py": "", "a.py": "if True:\n    def f():\n        return 1\n"}
    files["b.py"] = "from toy.a import f\ndef run():\n    return f()\n"
    with pytest.raises(LookupError, match=r"toy\.a\.f: must be defined or imported by name in toy\.a"):
        reached(files, Definition("toy.b", "run"), cut=())
