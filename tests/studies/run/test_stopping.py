"""Runs that are ended, in processes of their own: what is finished is all that is left, and they go on from it."""

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import stand_in
from stand_in import start

from analysis.benchmarks.faults import damaged, kills
from attnstats.frame import parameter, read_frame
from tests.processes import processes_of, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def command(tmp_path):
    (tmp_path / "study.toml").write_text(stand_in.STUDY)
    return ["run", tmp_path / "study.toml", "--out", tmp_path / "out", "--jobs", 2]


@pytest.mark.parametrize(
    ("number", "kill"),
    [
        (signal.SIGTERM, os.kill),
        (signal.SIGTERM, os.killpg),  # as schedulers of clusters do
        (signal.SIGHUP, os.kill),
        (signal.SIGINT, os.killpg),  # as a terminal does
    ],
)
def test_a_signal_ends_a_run_with_all_its_processes(command, tmp_path, number, kill):
    process = start("slow", *command)
    cells = tmp_path / "out" / "cells"
    wait_until(lambda: cells.is_dir() and any(cells.glob("[!.]*")))
    shared = {path for path in Path("/dev/shm").iterdir() if f"-{process.pid}-" in path.name}
    kill(process.pid, number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number
    kept = "attnstats: stopped. What was finished is kept; the same command goes on from there."
    assert said.splitlines()[-1] == kept
    assert "Traceback" not in said
    wait_until(lambda: not processes_of(process.pid), 5)
    assert not {path for path in shared if path.exists()}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cells"]
    assert not any(cells.glob(".*"))
    assert any(cells.iterdir())


def test_workers_end_with_a_run_that_was_killed_and_the_next_goes_on_at_once(command, tmp_path):
    process = start("slow", *command)
    cells = tmp_path / "out" / "cells"
    wait_until(lambda: cells.is_dir() and any(cells.glob("[!.]*")))
    process.kill()
    process.communicate()
    wait_until(lambda: not processes_of(process.pid), 10)
    finished = {path.name: path.stat().st_mtime_ns for path in cells.glob("[!.]*")}
    second = start("quick", *command)
    said = second.communicate()[1]
    assert second.returncode == 0
    assert f"8 models: {len(finished)} stored" in said
    assert "waiting" not in said  # its process is known to be gone
    assert finished == {name: (cells / name).stat().st_mtime_ns for name in finished}


def test_a_cell_that_kills_its_worker_is_a_failure_and_the_rest_goes_on(command, tmp_path):
    process = start("deadly", *command)
    said, warned = process.communicate()
    assert process.returncode == 1
    assert "2 model(s) failed" in said
    assert "Traceback" not in warned
    assert warned.count("seed 2: the worker was ended by SIGSEGV, twice") == 2
    frame = read_frame(tmp_path / "out" / "frame.csv")
    failures = frame[frame["quantity"] == "failure"]
    assert failures["seed"].tolist() == [2, 2]
    assert set(parameter(failures, "error")) == {"the worker was ended by SIGSEGV, twice"}
    assert len(list((tmp_path / "out" / "cells").glob("*/rows.csv"))) == 6


def test_a_second_run_is_refused_while_the_first_goes_on(command, tmp_path):
    first = start("slow", *command)
    wait_until((tmp_path / "out" / "running.json").exists)
    second = start("quick", *command)
    said = second.communicate(timeout=120)[1]
    assert second.returncode == 2
    assert f"no other run writes in; {tmp_path / 'out'} has process {first.pid} on {os.uname().nodename}" in said
    first.terminate()
    first.communicate()
    assert first.returncode == 143


def test_runs_ended_at_random_moments_end_in_the_same_frame(tmp_path):
    ended = kills(tmp_path, 3, np.random.default_rng(0), within=8)
    assert ended[["lost", "left", "traceback"]].sum().tolist() == [0, 0, 0]
    assert set(ended["exit"]) <= {130, 143, -9, -15, -2}
    pd.testing.assert_series_equal(ended["seconds"] < 5, pd.Series([True] * 3), check_names=False)


def test_stored_files_damaged_at_random_places_give_what_they_gave_or_an_error(tmp_path):
    table = damaged(tmp_path, 22, np.random.default_rng(0))
    assert (table["refused"] + table["same"]).eq(22).all()
    assert table.loc[table["what"].str.contains("rows|examples|attention.npz|frame"), "refused"].eq(22).all()
