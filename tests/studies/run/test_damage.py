"""A damaged model is set aside, said and computed again; a frame that was changed is not reported."""

import json

import pandas as pd
import pytest
import stand_in

from attnstats.cli import main
from attnstats.frame import Row, read_frame, to_frame, write_frame
from attnstats.studies import run_study


def test_a_damaged_model_is_set_aside_said_and_computed_again(config, stood_in, tmp_path, capsys):
    frame = run_study(config, tmp_path, progress=False)
    first, second, third, *_ = sorted((tmp_path / "cells").iterdir())
    rows = (first / "rows.csv").read_text()
    (first / "rows.csv").write_text(rows.replace("1", "2", 1))
    (second / "SHA256SUMS").unlink()
    (third / "examples.npz").rename(third / "other.npz")
    calls = []
    stood_in(lambda cell: calls.append(cell) or stand_in.quick(cell))
    again = run_study(config, tmp_path)
    said = capsys.readouterr().err
    assert len(calls) == 3
    pd.testing.assert_frame_equal(again, frame, check_exact=True)
    lines = [line for line in said.splitlines() if "counts as missing" in line]
    assert len(lines) == 3
    for path, why in ((first, "rows.csv was changed after"), (second, "SHA256SUMS"), (third, "examples.npz")):
        (line,) = (line for line in lines if path.name in line)
        assert "planted(length=4, n_texts=200) mlp" in line
        assert why in line
        (aside,) = (tmp_path / "cells").glob(f"{path.name}.*.damaged")
        assert aside.name in line
    assert "8 models: 5 stored, 3 to train\n" in said


def test_damage_without_training_leaves_the_data_set_unfinished(config, stood_in, tmp_path):
    run_study(config, tmp_path, progress=False)
    first = min((tmp_path / "cells").iterdir())
    (first / "attention.npz").write_bytes(b"")
    assert main_of(config, tmp_path) == 2
    assert len(list((tmp_path / "cells").glob("*.damaged"))) == 1
    run_study(config, tmp_path, progress=False)
    assert main_of(config, tmp_path) == 0


def main_of(config, out):
    (out / "study.toml").write_text(config.to_toml())
    return main(["study", "run", str(out / "study.toml"), "--out", str(out), "--stored"])


def test_models_older_than_checksums_are_counted(config, stood_in, tmp_path, capsys):
    frame = run_study(config, tmp_path, progress=False)
    for path in (tmp_path / "cells").iterdir():
        for name in ("SHA256SUMS", "circumstances.json"):
            (path / name).unlink()
    pd.testing.assert_frame_equal(run_study(config, tmp_path), frame, check_exact=True)
    assert "8 stored models are older than checksums" in capsys.readouterr().err


@pytest.mark.parametrize("of", ["frame.csv", "SHA256SUMS"])
def test_a_frame_that_was_changed_is_not_reported(config, stood_in, tmp_path, capsys, of):
    run_study(config, tmp_path, progress=False)
    path = tmp_path / of
    content = path.read_text()
    place = content.index("0.") if of == "frame.csv" else 0
    path.write_text(content[:place] + ("9" if content[place] != "9" else "8") + content[place + 1 :])
    capsys.readouterr()
    assert main(["study", "report", str(tmp_path), "--out", str(tmp_path / "report")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"must be a frame as it was written; {tmp_path / 'frame.csv'} was changed since" in line
    assert not (tmp_path / "report").exists()
    run_study(config, tmp_path, progress=False)  # writes it again
    read_frame(tmp_path / "frame.csv")


def test_a_frame_of_ones_own_needs_no_checksum(tmp_path):
    write_frame(to_frame([Row(quantity="accuracy", value=0.5, unit="proportion", n=10)]), tmp_path / "frame.csv")
    assert main(["study", "report", str(tmp_path)]) == 0


def test_a_stored_model_says_when_and_where_it_was_computed(config, stood_in, tmp_path):
    run_study(config, tmp_path, progress=False)
    for path in (tmp_path / "cells").iterdir():
        known = json.loads((path / "circumstances.json").read_text())
        assert 0 <= known["seconds"] < 60
        assert json.loads((path / "provenance.json").read_text())["configuration"]["data"]
