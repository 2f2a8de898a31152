"""The code that the cells of a real study reach."""

import sys
from pathlib import Path

import pytest

import attnstats
from attnstats import models
from attnstats.studies import Component, StudyConfig
from attnstats.studies.config._condition import Condition
from attnstats.studies.run._cells import load_encoded, run_cell
from attnstats.studies.run._provenance import versions
from attnstats.studies.run._reached import CUT, provenance_of, reached_code
from attnstats.studies.run.study import _cells

QUICK = Path(__file__).parents[3] / "analysis" / "studies" / "quick.toml"
#: Distributions of packages that can change a number; the others schedule and limit threads.
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
NO_NUMBERS = {"joblib", "threadpoolctl"}


@pytest.fixture(scope="module")
def config():
    models.limit_threads(1)
    return StudyConfig.read(QUICK)


@pytest.fixture(scope="module")
def codes(config):
    return {cell.condition: reached_code(cell.condition, cell.measured, cell.training) for cell in _cells(config)}


def test_no_cell_depends_on_what_decides_or_prints(codes):
    reached = {name for code in codes.values() for name in code.own}
    rooms = {".".join(name.split(".")[1:3]) for name in reached}
    assert 300 < len(reached) < 800, len(reached)
    assert not rooms & {"studies.findings", "run.study"}
    assert not {room.split(".")[0] for room in rooms} & {"comparison", "report", "cli", "quantities"}
    assert not any("run._store" in name or "trace_rows._components.make_estimator" in name for name in reached)


def test_a_cell_depends_on_its_own_parts(codes):
    def short(**parts):
        (found,) = (code for each, code in codes.items() if all(getattr(each, k) == v for k, v in parts.items()))
        return {name.rpartition(".")[-1] for name in found.own}

    softmax = Component("softmax")
    additive = short(encoder=Component("mlp"), attention=Component("additive"), normalizer=softmax)
    deep = short(encoder=Component("bilstm"), attention=Component("deep"), normalizer=softmax)
    assert {"Ross", "Probe", "MLP", "Additive", "RankView", "PositionView", "Uniform", "GradientTimesInput"} <= additive
    assert not additive & {"KSG", "CCA", "Deep", "General", "BiLSTM", "IntegratedGradients", "Zeroed"}
    assert {"Ross", "BiLSTM", "Deep"} <= deep
    assert not deep & {"KSG", "MLP", "Additive", "LeaveOneOut", "GradientTimesInput"}


def test_every_package_that_a_cell_names_is_among_the_versions(codes):
    named = {package for code in codes.values() for package in code.packages} - set(sys.stdlib_module_names)
    assert {"numpy", "keras"} <= named
    assert {DISTRIBUTIONS.get(name, name) for name in named} - NO_NUMBERS <= set(versions())


def test_the_key_follows_texts_seed_and_settings(config):
    first, second = _cells(config)[:2]
    key = provenance_of(first, "texts").key
    assert provenance_of(first, "texts").key == key
    assert provenance_of(first, "other texts").key != key
    assert provenance_of(second, "texts").key != key
    text = config.to_toml()
    for changed in ("units = 32", "null_resamples = 4", "near_tie = 0.2", "checkpoints = 3"):
        name = changed.split(" = ")[0]
        lines = [changed if line.startswith(f"{name} =") else line for line in text.splitlines()]
        assert provenance_of(_cells(StudyConfig.from_toml("\n".join(lines)))[0], "texts").key != key, changed
    for changed in ("n_resamples = 999", "alpha = 0.01", "agreement = 0.1"):  # read cells, and change none
        name = changed.split(" = ")[0]
        lines = [changed if line.startswith(f"{name} =") else line for line in text.splitlines()]
        assert provenance_of(_cells(StudyConfig.from_toml("\n".join(lines)))[0], "texts").key == key, changed


def test_planted_text_alone_depends_on_how_it_is_planted(codes, config):
    measured = config.measured(config.combinations()[0])
    planted = Condition(Component("planted"), *config.combinations()[0])
    assert "attnstats.studies.run._cells.known_information" in reached_code(planted, measured, config.trainings[0]).own
    others = {name.rpartition(".")[-1] for code in codes.values() for name in code.own}
    assert not others & {"planted", "PlantedText", "known_information", "load_dataset", "marks_of", "HumanMarks"}


def test_the_marks_are_code_of_marked_texts_alone(config):
    measured, training = config.measured(config.combinations()[0]), config.trainings[0]
    marked = Condition(Component("eraser", path="x"), *config.combinations()[0], training.name)
    own = reached_code(marked, measured, training).own
    assert {"attnstats.studies.run._cells.marks_of", "attnstats.datasets.marks.human_marks.HumanMarks"} <= {*own}
    assert any(name.endswith("average_precision.AveragePrecision") for name in own)
    assert not any(name.split(".")[1] == "comparison" for name in own)


PLANTED = """
name = "traced"
seeds = 3
units = 8
embedding_size = 8
estimators = ["probe", "ross"]
outputs = ["class", "label"]
ablations = ["uniform", { name = "temperature", temperature = 0.5 }]
attributions = ["gradient_times_input"]
checkpoints = 1
trainings = [{ name = "short", epochs = 3, learning_rate = 0.02 }]
[[datasets]]
name = "planted"
parameters = { n_texts = 900, length = 6 }
[[architectures]]
encoders = ["bilstm"]
attentions = ["additive"]
[inference]
minimum_seeds = 3
"""


@pytest.mark.slow
def test_what_a_cell_calls_is_among_the_code_that_it_reaches():
    """The calls of a run are recorded and set against the source, read without running it."""
    cell = _cells(StudyConfig.from_toml(PLANTED))[0]
    load_encoded(cell.dataset)
    root = Path(attnstats.__file__).parent
    left_out = {each.__name__ for each in CUT}
    called, depth = set(), 0

    def record(frame, event, _):
        nonlocal depth
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(f"{root}/"):
            return
        name = code.co_qualname.partition(".")[0]
        if name in left_out:
            depth += 1 if event == "call" else -1
        elif event == "call" and not depth and name != "<module>":
            parts = Path(code.co_filename).relative_to(root.parent).with_suffix("").parts
            called.add(".".join([*(part for part in parts if part != "__init__"), name]))

    sys.setprofile(record)
    try:
        run_cell(cell)
    finally:
        sys.setprofile(None)
    assert len(called) > 100
    # The cell and its configuration are in the key by their contents; the rest finds lazy names and warns.
    apart = {name for name in called if ".studies.config." in name or name.endswith((".Cell", "._lazy.attach"))}
    assert called - apart <= set(reached_code(cell.condition, cell.measured, cell.training).own)
