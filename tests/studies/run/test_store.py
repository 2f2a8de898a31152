"""Stored cells: whole or absent, the same when read back, and keyed by everything that matters."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from socket import gethostname

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import ConfigError, FrameError
from attnstats.frame import Row, to_frame
from attnstats.studies.run._provenance import Circumstances, Provenance
from attnstats.studies.run._store import CellStore
from attnstats.studies.trace_rows.analyse import TraceAnalysis

ATTENTION = np.array([[0.5, 0.5], [1.0, np.nan]], dtype=np.float32)


WHEN = Circumstances.now(seconds=1.5)
FORMER = {"toy.knn.KSG": "1", "toy.knn.nearest": "2", "toy.layers.Deep": "3"}


def made(seed=0, configuration=(), versions=(), definitions=FORMER, code="c"):
    return Provenance(
        {"encoder": "mlp", "seed": seed},
        {"study": "s", "data": "d", "units": 32, "training": {}, "estimators": ["probe"], **dict(configuration)},
        {"python": "3.11", "numpy": "2.4.6", **dict(versions)},
        definitions,
        code,
    )


@pytest.fixture
def analysis():
    frame = to_frame([Row(quantity="accuracy", value=1 / 3, seed=2, ablation="none"), Row(quantity="gini", n=3)])
    return TraceAnalysis(frame, pd.DataFrame({"tau_b": [0.1, np.nan, 1 / 3], "gini": [0.0, 1.0, 2.0]}), ATTENTION)


def test_a_cell_comes_back_to_the_last_digit(tmp_path, analysis):
    cells = CellStore(tmp_path / "cells")
    key = made().key
    assert key not in cells
    cells.write(made(), analysis, WHEN)
    assert key in cells
    found = cells.read(key)
    pd.testing.assert_frame_equal(found.frame, analysis.frame, check_exact=True)
    pd.testing.assert_frame_equal(found.examples, analysis.examples, check_exact=True)
    np.testing.assert_array_equal(found.attention, analysis.attention)
    assert [each.name for each in (tmp_path / "cells").iterdir()] == [key]


def test_a_cell_that_stands_is_left_as_it_is(tmp_path, analysis):
    cells = CellStore(tmp_path)
    cells.write(made(), analysis, WHEN)
    cells.write(made(), TraceAnalysis(analysis.frame.iloc[:1], analysis.examples, analysis.attention), WHEN)
    assert len(cells.read(made().key).frame) == 2
    assert len(list(tmp_path.iterdir())) == 1


FILES = ["rows.csv", "examples.npz", "attention.npz", "provenance.json", "circumstances.json", "SHA256SUMS"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["remove", "truncate", "swap"])
def test_damage_is_named_and_set_aside(tmp_path, analysis, name, damage):
    cells = CellStore(tmp_path)
    cells.write(made(), analysis, WHEN)
    folder = tmp_path / made().key
    path = folder / name
    if damage == "remove":
        path.unlink()
    elif damage == "truncate":
        path.write_bytes(path.read_bytes()[:20])
    else:  # with that of another cell, which is sound in itself
        other = TraceAnalysis(analysis.frame.iloc[:1], analysis.examples * 2, analysis.attention / 2)
        cells.write(made(seed=1), other, Circumstances.now(seconds=9.0))
        path.write_bytes((tmp_path / made(seed=1).key / name).read_bytes())
    with pytest.raises(FrameError, match=f"{folder} is damaged .*{'' if name == 'SHA256SUMS' else name}"):
        cells.read(made().key)
    aside = cells.set_aside(made().key)
    assert made().key not in cells
    assert aside.is_dir()
    assert aside.name.endswith(".damaged")
    assert list(cells.outdated({made().key: made()})) == []


def test_two_whole_cells_that_were_swapped_are_refused(tmp_path, analysis):
    cells = CellStore(tmp_path)
    for seed in (0, 1):
        cells.write(made(seed), analysis, WHEN)
    first, second = (tmp_path / made(seed).key for seed in (0, 1))
    first.rename(tmp_path / "aside")
    second.rename(first)
    with pytest.raises(FrameError, match=rf"it is the model {second.name}"):
        cells.read(first.name)


def test_a_cell_that_is_older_than_checksums_is_read_as_it_is(tmp_path, analysis):
    cells = CellStore(tmp_path)
    cells.write(made(), analysis, WHEN)
    assert not cells.has_no_checksums(made().key)
    for name in ("SHA256SUMS", "circumstances.json"):
        (tmp_path / made().key / name).unlink()
    assert cells.has_no_checksums(made().key)
    pd.testing.assert_frame_equal(cells.read(made().key).frame, analysis.frame, check_exact=True)
    (tmp_path / made().key / "examples.npz").write_bytes(b"PK")
    with pytest.raises(FrameError, match="is damaged"):
        cells.read(made().key)


def test_checksums_are_those_that_other_programs_read(tmp_path, analysis):
    CellStore(tmp_path).write(made(), analysis, WHEN)
    folder = tmp_path / made().key
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: sha256((folder / name).read_bytes()).hexdigest() for name in FILES[:-1]}


def test_circumstances_name_no_user_host_or_path(tmp_path, analysis):
    CellStore(tmp_path).write(made(), analysis, WHEN)
    text = (tmp_path / made().key / "circumstances.json").read_text()
    known = json.loads(text)
    assert sorted(known) == ["attnstats", "cores", "finished", "machine", "python", "seconds", "system"]
    assert known["seconds"] == 1.5
    assert datetime.fromisoformat(known["finished"]).utcoffset() == timedelta(0)
    assert not any(private in text for private in (gethostname(), str(Path.home()), "/"))


@pytest.mark.parametrize("damage", [b"", b"\xff", b"0\n"])
def test_a_damaged_note_of_a_failure_is_none(tmp_path, damage):
    cells = CellStore(tmp_path)
    cells.write_failure("key", "MemoryError: no\nroom")
    assert cells.failure("key") == "MemoryError: no\nroom"
    note = tmp_path / "key.failed"
    note.write_bytes(damage or note.read_bytes()[:-1])
    assert cells.failure("key") is None


def test_what_a_killed_run_left_is_discarded(tmp_path, analysis):
    cells = CellStore(tmp_path)
    (tmp_path / ".key.123.partial").mkdir()
    (tmp_path / ".key.123.partial" / "rows.csv").write_text("half")
    cells.write(made(), analysis, WHEN)
    cells.discard_partial()
    assert [each.name for each in tmp_path.iterdir()] == [made().key]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="out: must be a folder that can be written"):
        CellStore(tmp_path / "file" / "cells")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (made(definitions={**FORMER, "toy.knn.KSG": "9"}, code="o"), "`KSG` changed"),
        (
            made(definitions={**FORMER, "toy.knn.KSG": "9", "toy.knn.nearest": "8"}, code="o"),
            "`KSG`, `nearest` changed",
        ),
        # To what another one is: the names tell which it was.
        (made(definitions={**FORMER, "toy.knn.KSG": FORMER["toy.knn.nearest"]}, code="o"), "`KSG` changed"),
        (made(definitions={**FORMER, "toy.knn.Ross": "9"}, code="o"), "`Ross` is new"),
        (made(definitions={"toy.knn.KSG": "1"}, code="o"), "`Deep`, `nearest` are gone"),
        (
            made(definitions={f"toy.{n}": str(n + 10) for n in range(4)}, code="o"),
            "7 definitions changed, `0` among them",
        ),
        (made(code="o"), "what definitions name changed"),
        (made(versions={"numpy": "2.4.7"}), "NumPy 2.4.6 → 2.4.7"),
        (made(versions={"python": "3.12"}), "Python 3.11 → 3.12"),
        (made(versions={"keras": "3.15.1"}), "Keras absent → 3.15.1"),
        (made(configuration={"units": 64}), "configuration: units 32 → 64"),
        (made(configuration={"training": {"epochs": 5}}), "configuration: training.epochs default → 5"),
        (made(configuration={"estimators": ["probe", "ross"]}), "configuration: estimators probe → probe, ross"),
        (made(configuration={"data": "e"}), "configuration: other texts"),
        (
            made(configuration={"units": 64}, versions={"numpy": "2.4.7"}),
            "configuration: units 32 → 64; NumPy 2.4.6 → 2.4.7",
        ),
    ],
)
def test_it_says_why_a_stored_cell_is_computed_again(tmp_path, analysis, after, said):
    cells = CellStore(tmp_path)
    cells.write(made(), analysis, WHEN)
    assert list(cells.outdated({after.key: after})) == [f"1 of 1 models will be computed again: {said}"]
    assert list(cells.outdated({made().key: made()})) == []
    cells.write(after, analysis, WHEN)
    assert list(cells.outdated({after.key: after})) == []


def test_a_definition_that_moved_is_the_same_cell(tmp_path, analysis):
    moved = made(definitions={f"{name}.moved": text for name, text in FORMER.items()})
    assert moved.key == made().key
    assert moved.changes_since(made()) == []


def test_cells_are_counted_by_what_changed_since_the_nearest(tmp_path, analysis):
    cells = CellStore(tmp_path)
    for seed in range(3):
        cells.write(made(seed), analysis, WHEN)
        cells.write(made(seed, configuration={"units": 16}, versions={"numpy": "1.26"}), analysis, WHEN)
    wanted = [made(0, versions={"numpy": "2.4.7"}), made(1, versions={"numpy": "2.4.7"}), made(2), made(3)]
    assert list(cells.outdated({each.key: each for each in wanted})) == [
        "2 of 4 models will be computed again: NumPy 2.4.6 → 2.4.7"
    ]


def test_cells_of_an_earlier_version_are_counted(tmp_path, analysis):
    cells = CellStore(tmp_path)
    cells.write(made(0), analysis, WHEN)
    (tmp_path / made(0).key / "provenance.json").unlink()
    (tmp_path / made(0).key).rename(tmp_path / "earlier")
    wanted = {made(0).key: made(0)}
    assert list(cells.outdated(wanted)) == ["1 stored model was made by an earlier version and is not used"]
    cells.write(made(0), analysis, WHEN)
    assert list(cells.outdated(wanted)) == []


def test_the_provenance_comes_back_from_disk(tmp_path, analysis):
    CellStore(tmp_path).write(made(), analysis, WHEN)
    text = (tmp_path / made().key / "provenance.json").read_text()
    assert Provenance.from_json(text) == made()
