"""What a terminal does to a command: a closed pipe, a full disk, letters it lacks, Ctrl-C, progress, warnings."""

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from attnstats._parallel import parallel_map
from attnstats.cli import _progress as progress
from attnstats.cli import main
from attnstats.cli._console import plain_output
from attnstats.cli._progress import shown_progress
from attnstats.exceptions import UnknownNameError
from tests.processes import processes_of, wait_until

COMMAND = [sys.executable, "-m", "attnstats"]


def _waits(seconds, _):
    time.sleep(seconds)


@pytest.mark.slow
def test_a_closed_pipe_ends_the_command_without_a_word(table):
    """As in ``attnstats ... | head -1``: the reader is gone before anything is written."""
    for arguments in (["data", "list"], ["ranks", str(table), "--a", "x", "--b", "y"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, "")


def test_a_full_disk_is_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "data", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("attnstats: error: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_letters_that_the_terminal_lacks_are_escaped(tmp_path):
    (tmp_path / "t.csv").write_text("größe,y,gruppe\n1,2,ä\n2,1,ä\n3,4,ä\n4,5,ä\n", encoding="utf-8")
    command = [*COMMAND, "ranks", str(tmp_path / "t.csv"), "--a", "größe", "--b", "y", "--by", "gruppe"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(r"\xe4: tau-b = 0.667,")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGINT, "1"), (signal.SIGTERM, "2")])
def test_ctrl_c_is_status_130_and_sigterm_143(tmp_path, frame, number, jobs):
    """The permutations of the slowest estimator would take minutes; no result is kept, and none is promised."""
    frame.to_csv(tmp_path / "t.csv", index=False)
    command = [*COMMAND, "mi", str(tmp_path / "t.csv"), "--x", "x", "--y", "y", "--estimator", "bestbound"]
    # What is compiled the first time is compiled here: inside the compiler an interrupt may get lost.
    subprocess.run([*command, "--permutations", "2"], check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "--permutations", "100000", "--jobs", jobs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr.readline() == "attnstats: estimating ...\n"  # which is five seconds after the start
        process.send_signal(number)
        printed, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    wait_until(lambda: not processes_of(process.pid), 10)  # no worker is left, though the last may need a moment
    assert printed == ""
    assert said.splitlines()[-1] == "attnstats: stopped."


@pytest.mark.parametrize(("number", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_signal_during_the_imports_is_one_line(tmp_path, number, status, wrapped):
    """A package that takes the place of pandas sends the signal while it is imported, and may make it its own error."""
    if signal.getsignal(signal.Signals[number]) is signal.SIG_IGN:
        pytest.skip(f"{number} is ignored here, as under nohup, and stays so")
    lines = ["import os, signal, time", "try:", f"    os.kill(os.getpid(), signal.{number})", "    time.sleep(60)"]
    lines += [
        "except KeyboardInterrupt as stop:",
        "    raise ImportError('half') from stop" if wrapped else "    raise",
    ]
    (tmp_path / "pandas.py").write_text("\n".join(lines))
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([*COMMAND, "data", "list"], env=environment, capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "attnstats: stopped.\n")


def test_nothing_is_shown_of_what_is_quick(capsys):
    with shown_progress():
        parallel_map(_waits, [0.0] * 3, rng=0)
    assert capsys.readouterr().err == ""


def test_lines_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_LINE", 0.05)
    monkeypatch.setattr(progress, "_BETWEEN", 0.0)
    with shown_progress():
        time.sleep(0.2)
        parallel_map(_waits, [0.01] * 4, rng=0)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "attnstats: estimating ..."
    assert said[1:] == [f"attnstats: resampling, {done}% after 0 s" for done in (25, 50, 75)]


def test_a_bar_in_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_BAR", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress():
        time.sleep(0.2)
        parallel_map(_waits, [0.1] * 4, rng=0)
    assert "resampling" in capsys.readouterr().err


def test_warnings_are_one_line(capsys):
    with plain_output():
        warnings.simplefilter("always")
        warnings.warn("in two\nlines", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "attnstats: warning: in two lines\n"


def test_a_closed_input_is_one_line(monkeypatch, fails):
    monkeypatch.setattr("sys.stdin", None)
    assert "standard input: cannot be read: it is closed" in fails("ranks", "-", "--a", "x", "--b", "y")


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_what_the_machine_lacks_is_one_line(table, fails, monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("attnstats.ranks.kendall", fail)
    assert fails("ranks", table, "--a", "x", "--b", "y") in ("MemoryError", "[Errno 28] No space left on device")


def test_an_error_made_of_more_than_a_message_is_one_line(table, fails, monkeypatch):
    def fail(*arguments, **options):
        raise UnknownNameError("x", "a", ["b"])

    for name in ("kendall", "spearman"):
        monkeypatch.setattr(f"attnstats.ranks.{name}", fail)
    assert fails("ranks", table, "--a", "x", "--b", "y") == "'x': must be one of b; got 'a'"


def test_the_module_runs_like_the_script():
    assert main(["data", "list"]) == 0
