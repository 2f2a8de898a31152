"""Studies on a real scheduler with workers in processes and folders of their own, which are killed, or differ."""

import signal
import sys
from importlib.metadata import version

import pytest
import stand_in
from joblib import parallel_config
from stand_in import start

from attnstats.exceptions import ConfigError, MissingExtraError
from attnstats.frame import parameter, read_frame
from attnstats.studies import run_study
from tests.dask_processes import dask_processes
from tests.processes import wait_until

OF_A_FILE = stand_in.STUDY.replace(
    'name = "planted"\nparameters = { n_texts = 200, length = 4 }',
    'name = "local_file"\nparameters = { path = "texts.csv" }',
)
ONE_ATTENTION = stand_in.STUDY.replace(', "scaled_dot_product"', "")


@pytest.fixture
def client(tmp_path):
    """Return the folder of the client, which has the configuration and the texts."""
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "study.toml").write_text(stand_in.STUDY)
    lines = (f"a text of number {n},{'good' if n % 2 else 'bad'}" for n in range(60))
    (folder / "texts.csv").write_text("\n".join(["text,label", *lines]))
    return folder


def run(kind, folder, *arguments):
    """Start a run with paths that mean something in the folder of the client alone."""
    return start(kind, "run", "study.toml", "--out", "out", *arguments, cwd=folder)


def stored(folder):
    """The models that are stored in the folder of a client."""
    return {path.parent.name for path in (folder / "out" / "cells").glob("[!.]*/SHA256SUMS")}


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing_and_the_frame_is_that_of_a_local_run(client, tmp_path):
    (client / "study.toml").write_text(OF_A_FILE)
    with dask_processes(tmp_path / "dask", 3) as cluster:
        process = run("reading", client, "--scheduler", cluster.address)
        wait_until(lambda: stored(client))
        cluster.workers[1].kill()
        said, warned = process.communicate(timeout=120)
        assert process.returncode == 0, warned
        assert f"computing on 3 workers of {cluster.address}" in warned
        assert "distributed" not in warned
        assert "failed" not in said + warned
    there = (client / "out" / "frame.csv").read_bytes()
    assert not [path for path in (tmp_path / "dask").rglob("*") if path.name in ("out", "cells", "texts.csv")]
    (client / "out").rename(client / "on-cluster")
    process = run("quick", client, "--jobs", 2)
    process.communicate(timeout=120)
    assert (client / "out" / "frame.csv").read_bytes() == there


@pytest.mark.slow
def test_a_cell_that_kills_two_workers_is_a_failure_and_a_lost_scheduler_one_line(client, tmp_path):
    (client / "study.toml").write_text(ONE_ATTENTION)
    with dask_processes(tmp_path / "dask", 3) as cluster:
        process = run("deadly", client, "--scheduler", cluster.address)
        said, warned = process.communicate(timeout=120)
        assert process.returncode == 1, warned
        assert "1 model(s) failed" in said
        assert [worker.poll() for worker in cluster.workers].count(-signal.SIGSEGV) == 2
        failures = read_frame(client / "out" / "frame.csv").query("quantity == 'failure'")
        assert failures["seed"].tolist() == [2]
        assert parameter(failures, "error").tolist() == ["the worker was lost, twice"]
        assert len(stored(client)) == 3

        (client / "study.toml").write_text(stand_in.STUDY.replace("seeds = 4", "seeds = 5"))
        process = run("slow", client, "--scheduler", cluster.address)  # on the last worker
        before = stored(client)
        wait_until(lambda: stored(client) > before)
        cluster.scheduler.kill()
        warned = process.communicate(timeout=180)[1]
    assert process.returncode == 2
    said, kept = warned.splitlines()[-1], stored(client)
    lost = f"scheduler: must stay until all models are trained; {cluster.address} was lost, or cancelled the work"
    where = "models are kept in out/cells, and the same command goes on from them"
    assert said == f"attnstats: error: {lost}; {len(kept)} of 10 {where}"
    assert "Traceback" not in warned


@pytest.mark.slow
def test_workers_that_differ_are_refused_by_name_and_a_signal_takes_the_work_back(client, tmp_path):
    other = tmp_path / "other" / "numpy-1.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n")
    with dask_processes(tmp_path / "dask", 0) as cluster:
        process = run("slow", client, "--scheduler", cluster.address)  # waits for a worker
        assert any("computing on the workers to come" in line for line in process.stderr)
        cluster.add_worker()
        wait_until(lambda: stored(client))
        process.send_signal(signal.SIGTERM)
        warned = process.communicate(timeout=30)[1]
        assert process.returncode == 143
        assert warned.splitlines()[-1].startswith("attnstats: stopped. What was finished is kept")
        assert "Traceback" not in warned
        before = stored(client)

        cluster.add_worker(other.parent)
        cluster.add_worker(threads=2)
        wait_until(lambda: cluster.n_registered() == 3)
        process = run("quick", client, "--scheduler", cluster.address)
        warned = process.communicate(timeout=120)[1]
    assert process.returncode == 2, warned
    assert f"8 models: {len(before)} stored" in warned
    said = warned.splitlines()[-1]
    assert said.startswith(
        "attnstats: error: scheduler: must have workers with the code and packages of this process; "
    )
    assert said.count("tcp://") == 2
    assert f"has NumPy 1.0, not {version('numpy')}" in said
    assert "has threads 2, not 1" in said
    assert stored(client) == before


def test_what_is_no_scheduler_is_refused(config, tmp_path, stood_in, monkeypatch):
    with pytest.raises(ConfigError, match="n_jobs: must be left out with a scheduler, whose workers train; got 2"):
        run_study(config, tmp_path, n_jobs=2, scheduler="tcp://127.0.0.1:1", progress=False)
    with pytest.raises(
        ConfigError, match="scheduler: must be the address of a running Dask scheduler, or a cluster; got nonsense:"
    ):
        run_study(config, tmp_path, scheduler="nonsense://here", progress=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'attnstats\[cluster\]'"):
        run_study(config, tmp_path, scheduler="tcp://127.0.0.1:1", progress=False)


def test_a_backend_whose_cells_would_share_a_model_is_refused(config, tmp_path, stood_in):
    with (
        parallel_config(backend="threading"),
        pytest.raises(ConfigError, match="parallel_config: backend must be loky"),
    ):
        run_study(config, tmp_path, progress=False)
