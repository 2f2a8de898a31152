"""Stored cells: whole or absent, the same when read back, and keyed by everything that matters."""

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import ConfigError, FrameError
from attnstats.frame import Row, to_frame
from attnstats.studies.run._provenance import Provenance
from attnstats.studies.run._store import CellStore
from attnstats.studies.trace_rows.analyse import TraceAnalysis

ATTENTION = np.array([[0.5, 0.5], [1.0, np.nan]], dtype=np.float32)


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
    cells.write(made(), analysis)
    assert key in cells
    found = cells.read(key)
    pd.testing.assert_frame_equal(found.frame, analysis.frame, check_exact=True)
    pd.testing.assert_frame_equal(found.examples, analysis.examples, check_exact=True)
    np.testing.assert_array_equal(found.attention, analysis.attention)
    assert [each.name for each in (tmp_path / "cells").iterdir()] == [key]


def test_a_cell_that_stands_is_left_as_it_is(tmp_path, analysis):
    cells = CellStore(tmp_path)
    cells.write(made(), analysis)
    cells.write(made(), TraceAnalysis(analysis.frame.iloc[:1], analysis.examples, analysis.attention))
    assert len(cells.read(made().key).frame) == 2
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["rows.csv", "examples.npz", "attention.npz"])
@pytest.mark.parametrize("damage", ["remove", "truncate"])
def test_damage_is_named(tmp_path, analysis, name, damage):
    cells = CellStore(tmp_path)
    cells.write(made(), analysis)
    path = tmp_path / made().key / name
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(FrameError, match=name.replace(".", r"\.")):
        cells.read(made().key)


def test_what_a_killed_run_left_is_discarded(tmp_path, analysis):
    cells = CellStore(tmp_path)
    (tmp_path / ".key.123.partial").mkdir()
    (tmp_path / ".key.123.partial" / "rows.csv").write_text("half")
    cells.write(made(), analysis)
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
    cells.write(made(), analysis)
    assert list(cells.outdated({after.key: after})) == [f"1 of 1 models will be computed again: {said}"]
    assert list(cells.outdated({made().key: made()})) == []
    cells.write(after, analysis)
    assert list(cells.outdated({after.key: after})) == []


def test_a_definition_that_moved_is_the_same_cell(tmp_path, analysis):
    moved = made(definitions={f"{name}.moved": text for name, text in FORMER.items()})
    assert moved.key == made().key
    assert moved.changes_since(made()) == []


def test_cells_are_counted_by_what_changed_since_the_nearest(tmp_path, analysis):
    cells = CellStore(tmp_path)
    for seed in range(3):
        cells.write(made(seed), analysis)
        cells.write(made(seed, configuration={"units": 16}, versions={"numpy": "1.26"}), analysis)
    wanted = [made(0, versions={"numpy": "2.4.7"}), made(1, versions={"numpy": "2.4.7"}), made(2), made(3)]
    assert list(cells.outdated({each.key: each for each in wanted})) == [
        "2 of 4 models will be computed again: NumPy 2.4.6 → 2.4.7"
    ]


def test_cells_of_an_earlier_version_are_counted(tmp_path, analysis):
    cells = CellStore(tmp_path)
    cells.write(made(0), analysis)
    (tmp_path / made(0).key / "provenance.json").unlink()
    (tmp_path / made(0).key).rename(tmp_path / "earlier")
    wanted = {made(0).key: made(0)}
    assert list(cells.outdated(wanted)) == ["1 stored model was made by an earlier version and is not used"]
    cells.write(made(0), analysis)
    assert list(cells.outdated(wanted)) == []


def test_the_provenance_comes_back_from_disk(tmp_path, analysis):
    CellStore(tmp_path).write(made(), analysis)
    text = (tmp_path / made().key / "provenance.json").read_text()
    assert Provenance.from_json(text) == made()
