"""One run at a time has a folder: a second is refused by name, and a claim outlives neither its run nor a crash."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
import stand_in

from attnstats.exceptions import ConfigError
from attnstats.studies import run_study
from attnstats.studies.run._claim import CLAIM, Claim

BEAT, PATIENCE = 0.1, 1.0


def claim(folder, said=None):
    return Claim(folder, [].append if said is None else said.append, beat=BEAT, patience=PATIENCE)


def held(folder, **changes):
    """Write the claim of a run that nobody keeps alive."""
    with claim(folder):
        holder = json.loads((folder / CLAIM).read_text())
    (folder / CLAIM).write_text(json.dumps(holder | changes))


def test_a_second_run_is_refused_by_name(tmp_path):
    with claim(tmp_path):
        began = time.monotonic()
        with pytest.raises(
            ConfigError, match=rf"no other run writes in; {tmp_path} has process {os.getpid()} on .*, since 20"
        ):
            claim(tmp_path).__enter__()
        assert time.monotonic() - began < PATIENCE  # it is seen to live, not waited for
    assert list(tmp_path.iterdir()) == []
    with claim(tmp_path):
        pass


def test_a_run_that_was_killed_on_this_machine_is_known_to_be_dead(tmp_path):
    process = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    held(tmp_path, process=int(process.stdout))
    said = []
    with claim(tmp_path, said):
        assert json.loads((tmp_path / CLAIM).read_text())["process"] == os.getpid()
    assert said == []


@pytest.mark.parametrize("changes", [{"host": "elsewhere"}, {"space": "another container"}, {}])
def test_a_claim_that_is_not_touched_is_taken_over(tmp_path, changes):
    held(tmp_path, **changes)
    said = []
    began = time.monotonic()
    with claim(tmp_path, said):
        assert time.monotonic() - began > PATIENCE
    assert "waiting up to 1 s for a sign of life" in said[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": null}', "\0\1", '{"process": "x"}'])
def test_a_claim_that_is_damaged_blocks_nobody_for_long(tmp_path, text):
    (tmp_path / CLAIM).write_text(text)
    with claim(tmp_path):
        pass


def test_of_many_runs_that_take_over_one_is_left(tmp_path):
    held(tmp_path, host="elsewhere")
    entered, refused, done = [], [], threading.Event()

    def enter():
        try:
            with claim(tmp_path):
                entered.append(1)
                done.wait(5)
        except ConfigError:
            refused.append(1)

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while len(refused) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    done.set()
    for thread in threads:
        thread.join()
    assert (len(entered), len(refused)) == (1, 5)


def test_a_run_that_slept_too_long_stops(tmp_path):
    with claim(tmp_path) as first:
        first.check()
        other = json.loads((tmp_path / CLAIM).read_text()) | {"host": "elsewhere"}
        (tmp_path / CLAIM).write_text(json.dumps(other))
        with pytest.raises(ConfigError, match=r"was taken over by process .* on elsewhere"):
            first.check()
    assert json.loads((tmp_path / CLAIM).read_text()) == other  # which is not its own to remove


def test_the_start_of_a_run_deletes_nothing_of_another(config, stood_in, tmp_path, monkeypatch):
    monkeypatch.setattr(Claim.__init__, "__kwdefaults__", {"beat": BEAT, "patience": PATIENCE})
    half = tmp_path / "cells" / ".key.partial"
    half.mkdir(parents=True)
    with claim(tmp_path):
        with pytest.raises(ConfigError, match="must be a folder that no other run writes in"):
            run_study(config, tmp_path, progress=False)
        assert half.is_dir()
        stood_in(stand_in.slow)
    run_study(config, tmp_path, progress=False)
    assert not half.exists()
