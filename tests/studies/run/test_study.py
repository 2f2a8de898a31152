"""Whole studies on planted text: a killed run resumes to the same frame, a failed cell leaves a row, workers agree."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from joblib import parallel_config

from attnstats.cli import main
from attnstats.exceptions import ConfigError
from attnstats.frame import parameter, read_frame
from attnstats.studies import StudyConfig, run_study

STUDY = """
name = "tiny"
seeds = 3
units = 8
embedding_size = 8
views = [{ name = "rank", ranks = 3 }, "pointwise", { name = "position", positions = 2 }]
attributions = ["gradient_times_input", { name = "gradient_times_input", signed = true }]
null_resamples = 2
sample_examples = 8
trainings = [{ name = "short", epochs = 3, learning_rate = 0.02 }]
[[datasets]]
name = "planted"
parameters = { n_texts = 900, length = 6 }
[[architectures]]
encoders = ["mlp"]
attentions = ["additive", "scaled_dot_product"]
[inference]
minimum_seeds = 3
n_resamples = 199
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "study.toml"
    path.write_text(STUDY)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def uninterrupted(config, folder):
    return run_study(StudyConfig.read(config), folder, n_jobs=1, progress=False)


@pytest.mark.slow
def test_a_data_set_that_is_not_finished_takes_no_part(folder, uninterrupted, tmp_path):
    second = '[[datasets]]\nname = "planted"\nparameters = { n_texts = 800, length = 6 }\n'
    both = StudyConfig.from_toml(STUDY.replace("[[architectures]]", second + "[[architectures]]"))
    with pytest.raises(ConfigError, match="out: must hold all models of one data set at least; 12 are missing"):
        run_study(both, tmp_path, train=False, progress=False)
    shutil.copytree(folder / "cells", tmp_path / "cells", dirs_exist_ok=True)
    frame = run_study(both, tmp_path, train=False, progress=False)
    (row,) = frame[frame["quantity"] == "unfinished"].itertuples()
    assert (row.dataset, row.value, row.n) == ("planted(length=6, n_texts=800)", 0, 6)
    cells = frame[frame["quantity"] == "accuracy"]
    assert cells["dataset"].unique().tolist() == ["planted(length=6, n_texts=900)"]
    contrasts = (each.loc[each["quantity"] == "contrast", "value"].tolist() for each in (frame, uninterrupted))
    assert next(contrasts) == next(contrasts)


def test_an_attribution_may_be_computed_in_two_ways(uninterrupted):
    rows = uninterrupted.assign(attribution=parameter(uninterrupted, "attribution"))
    sizes, signed = (
        rows[(rows.attribution == name) & rows.quantity.str.startswith("tau_b")].set_index(["quantity", "attention"])
        for name in ("gradient_times_input", "gradient_times_input(signed=True)")
    )
    assert len(sizes) == len(signed) == 2 * 2 * 3  # two orders under two attentions, of three models
    of_attention, of_information = "tau_b_attention_attribution", "tau_b_information_attribution"
    # Attention is set against sizes, whatever the sign; pointwise MI has one.
    assert sizes.loc[of_attention, "value"].tolist() == signed.loc[of_attention, "value"].tolist()
    assert (sizes.loc[of_information, "value"] != signed.loc[of_information, "value"]).all()


def test_the_frame_holds_every_cell_and_finding(uninterrupted):
    frame = uninterrupted
    assert not (frame.quantity == "failure").any()
    cells = frame[(frame.quantity == "tau_b") & (frame.ablation == "none") & frame.example.isna()]
    assert cells.groupby(["attention", "seed"]).size().to_dict() == {
        (attention, seed): 1 for attention in ("additive", "scaled_dot_product") for seed in range(3)
    }
    assert frame[frame.quantity == "epochs"].value.between(1, 3).sum() == 6
    assert sorted(frame.finding.dropna().unique()) == ["i", "ii", "iii", "iv", "v"]
    assert (frame.study == "tiny").all()
    contrasts = frame[frame.quantity == "contrast"]
    assert contrasts[["value", "ci_low", "ci_high", "pvalue", "pvalue_adjusted", "verdict"]].notna().all(axis=None)
    assert (contrasts.pvalue_adjusted >= contrasts.pvalue).all()


@pytest.mark.slow
def test_checkpoints_stand_beside_and_decide_nothing(uninterrupted, tmp_path):
    with_checkpoints = StudyConfig.from_toml(f"checkpoints = 2\n{STUDY}")
    frame = run_study(with_checkpoints, tmp_path, n_jobs=1, progress=False)
    n_updates = 3 * -(-720 // 32)  # of 900 texts 80 % are trained on
    along = frame[frame.updates.notna()]
    assert along.groupby("seed").updates.unique().map(list).tolist() == [[0, 1, n_updates]] * 3
    assert along.groupby("quantity").size()[["gini", "conicity", "accuracy", "step_size"]].tolist() == [18] * 4
    sizes = along[along.quantity == "step_size"]
    assert sizes.value.to_numpy() == pytest.approx(0.02 * sizes.updates.to_numpy(dtype=float))
    kept = frame[frame.updates.isna()].reset_index(drop=True)
    others = [each[each.quantity != "configuration"].reset_index(drop=True) for each in (kept, uninterrupted)]
    pd.testing.assert_frame_equal(*others, check_exact=True)


def test_models_find_the_planted_words(uninterrupted):
    frame = uninterrupted
    assert frame[(frame.quantity == "accuracy") & (frame.ablation == "none")].value.min() > 0.85  # the best is 0.95
    tokens = frame[frame.quantity == "token_pointwise_mi"]
    words = tokens.parameters.map(lambda text: json.loads(text)["token"])
    strongest = tokens.value.abs()[words.str.startswith("signal0")].mean()
    assert strongest > 2 * tokens.value.abs()[words.str.startswith("filler")].mean()


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_frame(config, uninterrupted, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "attnstats", "study", "run", str(config), "--out", str(out), "--jobs", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    cells = out / "cells"
    deadline = time.monotonic() + 300
    while not (cells.is_dir() and any(not path.name.startswith(".") for path in cells.iterdir())):
        assert process.poll() is None, "the study ended before it could be killed"
        assert time.monotonic() < deadline, "no cell was finished in five minutes"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = {path.name for path in cells.iterdir() if not path.name.startswith(".")}
    assert 0 < len(finished) < 6
    assert not (out / "frame.csv").exists()

    written = {name: (cells / name / "rows.csv").stat().st_mtime_ns for name in finished}
    assert main(["study", "run", str(config), "--out", str(out), "--jobs", "2"]) == 0
    assert {name: (cells / name / "rows.csv").stat().st_mtime_ns for name in finished} == written
    pd.testing.assert_frame_equal(read_frame(out / "frame.csv"), uninterrupted, check_exact=True)
    page = (out / "report.html").read_bytes()
    assert len(page) > 50_000
    (out / "report.html").unlink()
    assert main(["study", "report", str(out)]) == 0  # from the frame alone, the same page
    assert (out / "report.html").read_bytes() == page
    assert {path.suffix for path in (out / "tables").iterdir()} == {".csv", ".md", ".tex"}
    assert {path.suffix for path in (out / "figures").iterdir()} == {".png", ".svg"}


@pytest.mark.slow
def test_a_failed_cell_leaves_a_row_and_a_non_zero_exit(config, tmp_path, monkeypatch, capsys):
    from attnstats.studies.run import study as run

    real = run.run_cell

    def failing(cell):
        if cell.seed == 1:
            raise MemoryError("no room")
        return real(cell)

    monkeypatch.setattr(run, "run_cell", failing)
    command = ["study", "run", str(config), "--out", str(tmp_path)]
    with parallel_config(backend="sequential"):  # in this process, where the patch is
        assert main(command) == 1
    assert "2 model(s) failed" in capsys.readouterr().out
    failures = read_frame(tmp_path / "frame.csv").query("quantity == 'failure'")
    assert failures.seed.tolist() == [1, 1]
    assert failures.parameters.str.contains("MemoryError: no room").all()
    again = run.run_study(StudyConfig.read(config), tmp_path, train=False, progress=False)  # known to have failed
    assert again.query("quantity == 'failure'").parameters.tolist() == failures.parameters.tolist()
    assert not (again.quantity == "unfinished").any()

    monkeypatch.setattr(run, "run_cell", real)  # the same command tries the failed ones again
    assert main([*command, "--jobs", "1"]) == 0
    assert not (read_frame(tmp_path / "frame.csv").quantity == "failure").any()
    assert not (
        run.run_study(StudyConfig.read(config), tmp_path, train=False, progress=False).quantity == "failure"
    ).any()
