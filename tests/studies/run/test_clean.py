"""What the present configuration and code do not use is listed, and removed when that is asked for."""

import shutil

import pytest
import stand_in

from attnstats.cli import main
from attnstats.studies import run_study


@pytest.fixture
def folder(config, stood_in, tmp_path):
    """A study, and beside its 8 cells two of other code, a damaged one and the note of a failure."""
    run_study(config, tmp_path / "out", progress=False)
    cells = tmp_path / "out" / "cells"
    stored = sorted(cells.iterdir())
    for path, name in zip(stored, ["0" * 32, "1" * 32, f"{stored[0].name}.01234567.damaged"], strict=False):
        shutil.copytree(path, cells / name)
    for name in ("2" * 32 + ".failed", stored[0].name + ".failed", "notes of mine.txt"):
        (cells / name).write_text("")
    (tmp_path / "study.toml").write_text(stand_in.STUDY)
    return tmp_path


def test_what_is_not_used_is_listed_then_removed(folder, capsys):
    out = folder / "out"
    before = {path.name for path in (out / "cells").iterdir()}
    unused = {name for name in before if name.startswith(("000", "111", "222")) or name.endswith("damaged")}
    assert len(unused) == 4
    command = ["study", "clean", str(folder / "study.toml"), "--out", str(out)]
    assert main(command) == 0
    *listed, said = capsys.readouterr().out.splitlines()
    assert set(listed) == {str(out / "cells" / name) for name in unused}
    assert said.startswith(f"4 not used by {folder / 'study.toml'} and the present code, 0.")
    assert {path.name for path in (out / "cells").iterdir()} == before
    assert main([*command, "--remove"]) == 0
    assert {path.name for path in (out / "cells").iterdir()} == before - unused
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 not used")


def test_a_folder_of_no_study_is_left_alone(folder, capsys):
    command = ["study", "clean", str(folder / "study.toml"), "--out", str(folder / "nothing")]
    assert main(command) == 2
    assert "--out: must be the folder of a study, with a folder cells in it" in capsys.readouterr().err
    assert not (folder / "nothing").exists()


def test_the_opening_line_says_what_is_stored_of_other_code(config, folder, capsys):
    shutil.rmtree(folder / "out" / "frame.csv", ignore_errors=True)
    run_study(config, folder / "out")
    said = capsys.readouterr().err
    assert "8 models: 8 stored, 0 to train; 2 stored by another version of the code or configuration" in said
