"""Makes `stand_in` importable from the tests of this folder, and runs studies of its cells in this process."""

import sys
from pathlib import Path

import pytest
from joblib import parallel_config

sys.path.insert(0, str(Path(__file__).parent))

import stand_in

from attnstats.studies import StudyConfig
from attnstats.studies.run import study


@pytest.fixture
def config():
    return StudyConfig.from_toml(stand_in.STUDY)


@pytest.fixture
def stood_in(monkeypatch):
    """Compute stand-in cells in this process; called with another cell, those."""
    monkeypatch.setattr(stand_in.time, "sleep", lambda _: None)
    monkeypatch.setattr(study, "check_names", stand_in.no_check)
    monkeypatch.setattr(study, "provenance_of", stand_in.provenance)

    def of(cell):
        monkeypatch.setattr(study, "run_cell", cell)

    of(stand_in.quick)
    with parallel_config(backend="sequential"):
        yield of
