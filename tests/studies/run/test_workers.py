"""Workers: one that dies costs its own task, which is tried again, and all of them end with their parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from attnstats.studies.run._workers import Died, in_workers
from tests.processes import wait_until

ROOT = Path(__file__).parents[3]


def shorten(task):
    """Return half of a number; end the process by a signal, or at the first of all trials, which leaves a file."""
    if isinstance(task, signal.Signals):
        os.kill(os.getpid(), task)
    elif isinstance(task, Path) and not task.exists():
        task.touch()
        os._exit(7)
    return task / 2 if isinstance(task, int) else os.getpid()


@pytest.mark.slow
def test_a_worker_that_dies_costs_its_task_alone(tmp_path):
    tasks = {"deadly": signal.SIGSEGV, "accident": tmp_path / "tried", **{str(n): n for n in range(4)}}
    found = list(in_workers(shorten, tasks, 2))
    assert sorted(key for key, _ in found) == sorted(tasks)
    results = dict(found)
    assert results["deadly"] == Died(-signal.SIGSEGV)
    assert results["accident"] != os.getpid()
    assert {key: results[key] for key in map(str, range(4))} == {str(n): n / 2 for n in range(4)}


@pytest.mark.parametrize(
    ("exitcode", "said"),
    [(3, "exit status 3"), (-11, "SIGSEGV"), (-9, "SIGKILL, as where memory runs out"), (-40, "signal 40")],
)
def test_what_a_worker_died_of_is_named(exitcode, said):
    assert str(Died(exitcode)) == said


@pytest.mark.slow
def test_workers_end_when_nobody_waits_for_them_any_more(tmp_path):
    found = in_workers(shorten, {str(n): tmp_path for n in range(4)}, 2)
    _, worker = next(found)
    os.kill(worker, 0)
    found.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def wait(path):
    """Tell which process this is, then compute for ever."""
    (path / f"{os.getpid()}.worker").touch()
    while True:
        sum(range(1000))


def busy_workers(folder, *, of_parallel_map):
    """Keep two workers busy; this process is killed meanwhile."""
    if of_parallel_map:
        from attnstats._parallel import parallel_map

        parallel_map(wait_by_chance, [folder] * 2, rng=0, n_jobs=2)
    list(in_workers(wait, {"a": folder, "b": folder}, 2))


def wait_by_chance(path, _):
    wait(path)


@pytest.mark.slow
@pytest.mark.parametrize("of_parallel_map", [False, True])
def test_workers_notice_that_their_parent_was_killed(tmp_path, of_parallel_map):
    program = "import sys; from tests.studies.run.test_workers import busy_workers; from pathlib import Path\n"
    program += f"busy_workers(Path(sys.argv[1]), of_parallel_map={of_parallel_map})"
    parent = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path], env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True
    )
    try:
        wait_until(lambda: len(list(tmp_path.glob("*.worker"))) == 2, 120)
    finally:
        parent.kill()
        parent.wait()
    workers = [int(path.stem) for path in tmp_path.glob("*.worker")]
    wait_until(lambda: not any(is_running(each) for each in workers), 15)


def is_running(process):
    """Whether a process is there, and not only its exit status."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
