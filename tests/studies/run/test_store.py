"""Stored cells: whole or absent, the same when read back, and keyed by everything that matters."""

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import ConfigError, FrameError
from attnstats.frame import Row, to_frame
from attnstats.studies.run import _store as store
from attnstats.studies.run._store import CellStore, content_key
from attnstats.studies.trace_rows.analyse import TraceAnalysis

ATTENTION = np.array([[0.5, 0.5], [1.0, np.nan]], dtype=np.float32)


@pytest.fixture
def analysis():
    frame = to_frame([Row(quantity="accuracy", value=1 / 3, seed=2, ablation="none"), Row(quantity="gini", n=3)])
    return TraceAnalysis(frame, pd.DataFrame({"tau_b": [0.1, np.nan, 1 / 3], "gini": [0.0, 1.0, 2.0]}), ATTENTION)


def test_a_cell_comes_back_to_the_last_digit(tmp_path, analysis):
    cells = CellStore(tmp_path / "cells")
    assert "key" not in cells
    cells.write("key", analysis)
    assert "key" in cells
    found = cells.read("key")
    pd.testing.assert_frame_equal(found.frame, analysis.frame, check_exact=True)
    pd.testing.assert_frame_equal(found.examples, analysis.examples, check_exact=True)
    np.testing.assert_array_equal(found.attention, analysis.attention)
    assert [each.name for each in (tmp_path / "cells").iterdir()] == ["key"]


def test_a_cell_that_stands_is_left_as_it_is(tmp_path, analysis):
    cells = CellStore(tmp_path)
    cells.write("key", analysis)
    cells.write("key", TraceAnalysis(analysis.frame.iloc[:1], analysis.examples, analysis.attention))
    assert len(cells.read("key").frame) == 2
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["rows.csv", "examples.npz", "attention.npz"])
@pytest.mark.parametrize("damage", ["remove", "truncate"])
def test_damage_is_named(tmp_path, analysis, name, damage):
    cells = CellStore(tmp_path)
    cells.write("key", analysis)
    path = tmp_path / "key" / name
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(FrameError, match=name.replace(".", r"\.")):
        cells.read("key")


def test_what_a_killed_run_left_is_discarded(tmp_path, analysis):
    cells = CellStore(tmp_path)
    (tmp_path / ".key.123.partial").mkdir()
    (tmp_path / ".key.123.partial" / "rows.csv").write_text("half")
    cells.write("whole", analysis)
    cells.discard_partial()
    assert [each.name for each in tmp_path.iterdir()] == ["whole"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="out: must be a folder that can be written"):
        CellStore(tmp_path / "file" / "cells")


def test_the_key_follows_the_content_and_the_code(monkeypatch):
    key = content_key({"seed": 1, "units": 2})
    assert key == content_key({"units": 2, "seed": 1})
    assert key != content_key({"seed": 1, "units": 3})
    monkeypatch.setattr("attnstats.studies.run._store.code_fingerprint", lambda: "other")
    assert key != content_key({"seed": 1, "units": 2})


def test_the_fingerprint_follows_what_makes_a_cell_and_nothing_else(tmp_path, monkeypatch):
    def fingerprint(files):
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        monkeypatch.setattr(store, "__file__", str(root / "studies" / "run" / "_store.py"))
        return store.code_fingerprint.__wrapped__()

    code = {"ranks/tau.py": 'def tau():\n    """Say."""\n    return 1\n', "comparison/t.py": "a = 1\n"}
    first = fingerprint(code)
    assert first == fingerprint({**code, "ranks/tau.py": "# why\ndef tau():\n    return 1\n"})
    assert first == fingerprint({**code, "comparison/t.py": "a = 2\n", "studies/findings/i.py": "b = 1\n"})
    assert first != fingerprint({**code, "ranks/tau.py": "def tau():\n    return 2\n"})
