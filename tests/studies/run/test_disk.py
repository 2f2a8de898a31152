"""A disk that is full, turns read-only or loses the folder: one line names the folder, and what is finished stays."""

import errno
import os
import shutil
import subprocess
from itertools import count

import pandas as pd
import pytest
import stand_in

from attnstats.cli import main
from attnstats.exceptions import ConfigError
from attnstats.frame import Row, to_frame, write_frame
from attnstats.studies import run_study
from attnstats.studies.run import _store


def after(n, happens):
    """Return a cell that lets something happen once n cells are stored."""
    numbers = count()

    def cell(cell):
        if next(numbers) == n:
            happens()
        return stand_in.quick(cell)

    return cell


def finished(out):
    return [path for path in (out / "cells").iterdir() if not path.name.startswith(".")]


@pytest.fixture
def disk(tmp_path):
    """A disk of its own; as root, no permission keeps from writing."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", folder], capture_output=True)
        if done.returncode:
            pytest.skip("only root may mount")
        return folder

    yield mount
    subprocess.run(["umount", folder], check=False, capture_output=True)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_what_is_finished_stays_and_the_study_goes_on_from_it(config, stood_in, tmp_path, monkeypatch, code):
    written = _store.write_frame

    def broken(*_):
        raise OSError(code, os.strerror(code))

    stood_in(after(3, lambda: monkeypatch.setattr(_store, "write_frame", broken)))
    with pytest.raises(
        ConfigError, match=rf"out: .*{tmp_path}/cells cannot be \({os.strerror(code)}\); 3 of 8 models are kept"
    ):
        run_study(config, tmp_path, progress=False)
    assert len(finished(tmp_path)) == 3
    monkeypatch.setattr(_store, "write_frame", written)
    stood_in(stand_in.quick)
    frame = run_study(config, tmp_path, progress=False)
    pd.testing.assert_frame_equal(frame, run_study(config, tmp_path / "other", progress=False), check_exact=True)


def test_a_disk_that_turns_read_only(config, stood_in, disk):
    out = disk("size=4m")
    stood_in(after(2, lambda: subprocess.run(["mount", "-o", "remount,ro", out], check=True)))
    with pytest.raises(ConfigError, match=r"\(Read-only file system\); 2 of 8 models are kept there"):
        run_study(config, out, progress=False)
    with pytest.raises(ConfigError, match="out: must be a folder that can be written"):
        run_study(config, out, progress=False)


def test_a_disk_that_is_full(config, stood_in, disk):
    out = disk("size=160k")
    with pytest.raises(ConfigError, match=r"\(No space left on device\); [1-7] of 8 models are kept there"):
        run_study(config, out, progress=False)
    kept = {path.name: (path / "SHA256SUMS").read_bytes() for path in finished(out)}
    subprocess.run(["mount", "-o", "remount,size=8m", out], check=True)
    assert not (run_study(config, out, progress=False)["quantity"] == "failure").any()
    assert kept == {name: (out / "cells" / name / "SHA256SUMS").read_bytes() for name in kept}


def test_a_disk_that_is_full_from_the_start(config, stood_in, disk):
    out = disk("size=16k")
    with pytest.raises(OSError, match="No space left"):
        (out / "filling").write_bytes(bytes(20_000))
    with pytest.raises(ConfigError, match=r"\(No space left on device\); 0 of 8 models are kept there"):
        run_study(config, out, progress=False)
    assert not (out / "running.json").exists()


def test_a_folder_that_is_deleted(config, stood_in, tmp_path):
    out = tmp_path / "out"
    stood_in(after(2, lambda: shutil.rmtree(out)))
    with pytest.raises(ConfigError, match=r"out/cells cannot be \(No such file or directory\); 0 of 8 models are kept"):
        run_study(config, out, progress=False)
    assert not out.exists()


def test_a_study_on_a_read_only_disk_is_reported_elsewhere(disk, tmp_path, capsys):
    folder = disk("size=4m")
    write_frame(to_frame([Row(quantity="accuracy", value=0.5, unit="proportion", n=10)]), folder / "frame.csv")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    assert main(["study", "report", str(folder), "--out", str(tmp_path / "report")]) == 0
    assert (tmp_path / "report" / "report.html").is_file()
    capsys.readouterr()
    assert main(["study", "report", str(folder)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"attnstats: error: --out: must be a folder that can be written; got {folder} (Read-only file system; what"
        " is there is not complete)"
    )
