"""Study configurations: TOML and Python agree, and every mistake is named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attnstats import studies
from attnstats.exceptions import ConfigError
from attnstats.studies import Component, DatasetSpec, EquivalenceMargins, Grid, Inference, StudyConfig

PRESETS = sorted((Path(__file__).parents[3] / "analysis" / "studies").glob("*.toml"))
MINIMAL = """
name = "mine"
[[datasets]]
name = "planted"
[[architectures]]
encoders = ["mlp"]
attentions = ["additive"]
"""


def test_presets_are_there():
    assert {path.stem for path in PRESETS} >= {"quick", "smoke", "full"}


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_reads_and_writes_as_itself(path):
    config = StudyConfig.read(path)
    assert StudyConfig.from_toml(config.to_toml()) == config
    assert hash(StudyConfig.from_toml(config.to_toml())) == hash(config)


def test_quick_is_what_the_readme_says():
    config = StudyConfig.read(next(path for path in PRESETS if path.stem == "quick"))
    names = {tuple(str(part) for part in each) for each in config.combinations()}
    assert names == {
        (encoder, attention, normalizer)
        for encoder in ("mlp", "bilstm")
        for attention, normalizer in (
            ("additive", "softmax"),
            ("scaled_dot_product", "softmax"),
            ("deep", "softmax"),
            *(("additive", f"gumbel_softmax(temperature={t})") for t in (0.5, 1.0, 2.0)),
        )
    }
    assert len(names) * config.seeds == 96


def test_a_block_adds_what_is_measured_on_its_architectures_alone():
    config = StudyConfig.from_toml(
        MINIMAL
        + """
views = [{ name = "position", positions = 4 }]
outputs = ["label"]
ablations = ["uniform", "dirichlet"]
[[architectures]]
encoders = ["mlp", "cnn"]
attentions = ["additive"]
attributions = ["leave_one_out"]
"""
    )
    both, alone = (config.measured(each) for each in config.combinations())
    assert [str(each) for each in both.views] == ["rank(ranks=6)", "pointwise", "position(positions=4)"]
    assert alone.views == config.views
    assert [str(each) for each in both.outputs] == ["class", "label"]
    assert [str(each) for each in both.ablations] == ["uniform", "permuted", "random_scorer", "dirichlet"]
    assert [str(each) for each in both.attributions] == ["leave_one_out"]
    assert [str(each) for each in alone.outputs] == ["class"]
    assert alone.ablations == config.ablations
    assert alone.estimators == both.estimators == config.estimators


def test_the_predicted_class_decides():
    with pytest.raises(ConfigError, match="outputs: must begin with class"):
        StudyConfig.from_toml('outputs = ["label"]\n' + MINIMAL)


def test_every_kind_of_value_survives_the_round_trip():
    config = StudyConfig(
        name='odd "name"\\ with\ttab, \r and \x07',
        datasets=[DatasetSpec(Component("local_file", path="a.csv", text="review"), max_length=7, max_test=50)],
        architectures=[Grid([Component("cnn", units=3)], ["deep"], [Component("gumbel_softmax", temperature=0.5)])],
        trainings=[Component("slow", epochs=2, learning_rate=np.float64(1e-3)), Component("odd", **{"a key": "."})],
        estimators=[Component("ross", k=5, margins="as_measured")],
        seeds=np.int64(3),
        checkpoints=4,
        ablations=[],
        inference=Inference(findings=("iv",), minimum_seeds=2),
        margins=EquivalenceMargins(gini=0.1),
    )
    assert StudyConfig.from_toml(config.to_toml()) == config


def test_a_combination_in_two_blocks_counts_once():
    grid = Grid(["mlp"], ["additive"])
    config = StudyConfig(name="x", datasets=[DatasetSpec(Component("planted"))], architectures=[grid, grid])
    assert len(config.combinations()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINIMAL.replace("name = ", "nmae = ", 1), "study.nmae: unknown key; the known ones are name, datasets"),
        (MINIMAL + "normalisers = []", "architectures.normalisers: unknown key"),
        (MINIMAL + 'views = [{ name = "rank", ranks = 2 }]', "views: must hold each kind once; got rank.*ranks=2"),
        (MINIMAL + "[margins]\ntau = 1", "margins.tau: unknown key; the known ones are information"),
        (MINIMAL + "[inference]\nalpah = 1", "inference.alpah: unknown key"),
        (MINIMAL.replace('[[datasets]]\nname = "planted"', '[[datasets]]\npath = "x"'), "datasets.name: must be given"),
        (MINIMAL.replace('attentions = ["additive"]', ""), "architectures.attentions: must be given"),
        (MINIMAL.replace('["additive"]', "[]"), "architectures.attentions: must hold at least one"),
        (MINIMAL.replace('["additive"]', "[3]"), "component: must be a name or a table with a name; got 3"),
        ("seeds = 3\n" + MINIMAL, "seeds: must be at least 8 for the tests"),
        ("seeds = 0\n" + MINIMAL, "seeds: must be an integer of at least 1"),
        ("checkpoints = -1\n" + MINIMAL, "checkpoints: must be an integer of at least 0; got -1"),
        ("units = 1.5\n" + MINIMAL, "units: must be an integer of at least 1; got 1.5"),
        (MINIMAL + "[margins]\ngini = -1", "margins.gini: must be a finite number above 0"),
        (MINIMAL + "[inference]\nalpha = 5", "inference.alpha: must lie strictly between 0 and 1"),
        (MINIMAL + '[[datasets]]\nname = "planted"', "datasets: must differ from each other"),
        ("datasets = 3", "datasets: must be written as \\[\\[datasets\\]\\] tables"),
        ("name = ", "toml: cannot be read"),
        ("margins = 3\n" + MINIMAL, "margins: must be a table"),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        StudyConfig.read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value).splitlines()[0]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"none.toml: no such file or folder"):
        StudyConfig.read(tmp_path / "none.toml")


def test_the_former_name_of_the_margins_warns_and_works():
    with pytest.warns(DeprecationWarning, match=r"attnstats\.studies\.Margins is now EquivalenceMargins"):
        assert studies.Margins is EquivalenceMargins


def test_a_data_set_may_have_some_of_the_trainings():
    text = 'trainings = [{ name = "standard" }, { name = "long", epochs = 32 }]\n' + MINIMAL
    config = StudyConfig.from_toml(text)
    (spec,) = config.datasets
    assert [each.name for each in config.trainings_of(spec)] == ["standard", "long"]
    limited = replace(config, datasets=[replace(spec, trainings=["standard"])])
    assert [str(each) for each in limited.trainings_of(limited.datasets[0])] == ["standard"]
    with pytest.raises(ConfigError, match=r"datasets\.trainings: must hold standard, which decides; got long"):
        replace(config, datasets=[replace(spec, trainings=["long"])])
    assert StudyConfig.from_toml(limited.to_toml()) == limited


def with_trainings_of_its_data(trainings):
    config = StudyConfig.from_toml(MINIMAL)
    return replace(config, datasets=[replace(config.datasets[0], trainings=trainings)])


def test_trainings_are_named_once_and_known():
    config = StudyConfig.from_toml(MINIMAL)
    with pytest.raises(ConfigError, match="trainings: must hold at least one; got none"):
        replace(config, trainings=())
    with pytest.raises(ConfigError, match="trainings: must have different names; got a, a"):
        replace(config, trainings=["a", "a"])
    with pytest.raises(ConfigError, match=r"datasets\.trainings: must be one of standard; got 'b'"):
        with_trainings_of_its_data(("b",))
    with pytest.raises(ConfigError, match=r"datasets\.trainings: must be a list of names; got 'standard'"):
        with_trainings_of_its_data("standard")
