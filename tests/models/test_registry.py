"""Layers by name."""

import subprocess
import sys

import pytest

from attnstats import models
from attnstats.exceptions import ConfigError, MissingExtraError, UnknownNameError
from attnstats.models import layer_names, make_layer
from attnstats.models._lazy import attach


def test_names():
    assert layer_names("encoder") == ("bigru", "bilstm", "cnn", "mlp", "transformer")
    assert layer_names("attention") == ("additive", "deep", "general", "scaled_dot_product")
    assert layer_names("normalizer") == ("entmax15", "gumbel_softmax", "softmax", "sparsemax")


@pytest.mark.parametrize("kind", ["encoder", "attention", "normalizer"])
def test_every_name_makes_its_layer(kind):
    for name in layer_names(kind):
        layer = make_layer(kind, name)
        assert type(layer).__module__.rpartition(".")[2] == name


def test_parameters_reach_the_layer():
    assert make_layer("attention", "scaled_dot_product", units=9, query="last").get_config()["units"] == 9


def test_unknown_names_list_the_known():
    with pytest.raises(UnknownNameError, match=r"encoder: must be one of bigru, bilstm, .*; got 'lstm'"):
        make_layer("encoder", "lstm")
    with pytest.raises(UnknownNameError, match="kind: must be one of encoder, attention, normalizer; got 'head'"):
        layer_names("head")


def test_unknown_parameters_list_the_known():
    with pytest.raises(ConfigError, match="additive: a parameter must be one of units; got 'width'"):
        make_layer("attention", "additive", width=3)
    with pytest.raises(ConfigError, match="sparsemax: a parameter must be left out, it takes none; got 'alpha'"):
        make_layer("normalizer", "sparsemax", alpha=3)


def test_every_public_name_is_there():
    assert all(hasattr(models, name) for name in models.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = models.Nothing


def test_names_need_no_keras():
    code = (
        "import sys; from attnstats.models import layer_names; layer_names('encoder');"
        "import attnstats.models.encoders; sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_keras_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.delitem(sys.modules, "attnstats.models.encoders.mlp")
    getattr_, _ = attach("attnstats.models.encoders", {"MLP": "mlp"})
    with pytest.raises(MissingExtraError, match="keras is not installed: run"):
        getattr_("MLP")
