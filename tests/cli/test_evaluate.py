"""``attnstats evaluate``: what it prints and writes, and the one line that answers bad input."""

import json

import numpy as np
import pytest

from attnstats.cli import main
from attnstats.frame import read_frame
from attnstats.studies import Inference, evaluate
from attnstats.trace import AttentionTrace

SHARED = {"dataset": "toy", "encoder": "toy", "normalizer": "softmax"}
OPTIONS = [part for name, value in SHARED.items() for part in ("--shared", f"{name}={value}")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five seeds of a trained and of another attention, as saved traces and as files of arrays without metadata."""
    folder = tmp_path_factory.mktemp("models")
    rng = np.random.default_rng(0)
    output = rng.integers(0, 2, size=120)
    told = np.arange(7) == 2
    for name, looks in (("mine", 9), ("dot", 0)):
        for seed in range(5):
            hidden = rng.normal(size=(120, 7, 3)) + 3 * (output[:, np.newaxis, np.newaxis] - 0.5) * told[:, np.newaxis]
            arrays = {"attention": rng.dirichlet(1 + looks * told, size=120), "hidden": hidden, "output": output}
            np.savez(folder / f"{name}{seed}.npz", **arrays)
            trace = AttentionTrace.from_arrays(**arrays, seed=seed).with_metadata({"attention": name})
            trace.save(folder / f"{name}{seed}")
    return folder


@pytest.mark.slow
def test_evaluate_gives_the_verdicts_of_python(folder, tmp_path, run, capsys):
    paths = [folder / f"{name}{seed}" for seed in range(5) for name in ("mine", "dot")]
    roles = {"mine": "additive", "dot": "scaled_dot_product"}
    options = [*OPTIONS, *(part for each in roles.items() for part in ("--role", "=".join(each))), "--jobs", 1]
    options += ["--minimum-seeds", 5, "--findings", "ii,iv"]
    expected = evaluate(
        paths, roles=roles, shared=SHARED, inference=Inference(findings=("ii", "iv"), minimum_seeds=5), rng=0
    )
    assert run("evaluate", *paths, *options) == f"{expected.summary()}\n"
    assert "(ii) supported" in expected.summary()
    records = json.loads(run("evaluate", *paths, *options, "--format", "json", "--out", tmp_path / "out"))
    assert records[0]["hypothesis"] == "ii.every_control"
    assert records[0]["verdict"] == "supported"
    names = {"SHA256SUMS", "frame.csv", "report.html", "tables", "figures"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    written = read_frame(tmp_path / "out" / "frame.csv")
    assert written["value"].equals(expected.to_frame()["value"])
    assert "(ii) Additive attention actively learns" in run("study", "report", tmp_path / "out", "--all")
    # What was measured can be evaluated again, from means over texts.
    again = run("evaluate", tmp_path / "out", "--minimum-seeds", 5, "--findings", "ii")
    assert "(ii) supported" in again
    assert "it is about other trainings, on these texts" in again
    with (tmp_path / "out" / "frame.csv").open("a") as file:
        file.write("\n")
    for command in (["study", "report"], ["evaluate"]):
        assert main([*command, str(tmp_path / "out")]) == 2
        assert "must be a frame as it was written" in capsys.readouterr().err


@pytest.mark.slow
def test_files_without_metadata_are_named_on_the_command_line(folder, run):
    roles = {"mine": "additive", "dot": "scaled_dot_product"}
    paths = [f"{roles[name]}={folder / f'{name}{seed}.npz'}" for name in roles for seed in range(5)]
    said = run("evaluate", *paths, *OPTIONS, "--minimum-seeds", 5, "--findings", "i", "--jobs", 1)
    assert said.startswith("10 models of 5 seeds: dataset toy; encoder toy; attention additive, scaled_dot_product;")
    assert "\n(i) supported\n" in said


@pytest.mark.slow
def test_what_is_missing_and_the_exit_status_say_what_to_do(folder, tmp_path, capsys):
    def run_evaluate(*arguments):
        status = main([str(each) for each in ("evaluate", *arguments, *OPTIONS, "--jobs", 1, "--findings", "i,iv")])
        return status, capsys.readouterr().out.splitlines()

    status, said = run_evaluate(folder / "mine0", folder / "dot0")
    assert status == 3
    assert said[2:4] == [
        "(i) not evaluated", "  missing: additive or deep attention beside scaled dot-product, under softmax"
    ]  # fmt: skip
    assert " ".join(said[-2:]) == (
        "No finding asks for attention called mine, dot: if it is one of those that are missing, say so, as by --role"
        " mine=additive."
    )
    paths = [folder / f"{name}{seed}" for name in ("mine", "dot") for seed in range(3)]
    roles = ("--role", "mine=additive", "--role", "dot=scaled_dot_product")
    status, said = run_evaluate(*paths, *roles)
    assert (status, said[3]) == (
        3, "  missing: 8 seeds that finished under every condition (--minimum-seeds), not 3"
    )  # fmt: skip
    trace = AttentionTrace.load(folder / "mine3")
    collapsed = AttentionTrace.from_arrays(
        attention=trace.attention, hidden=trace.hidden, output=np.zeros(len(trace.attention), dtype=int), seed=3
    )
    collapsed.with_metadata({"attention": "mine"}).save(tmp_path / "collapsed")
    status, said = run_evaluate(*paths, tmp_path / "collapsed", *roles, "--minimum-seeds", 3)
    assert status == 1  # decided, but not on every model
    told = " ".join(" ".join(said[1:4]).split())
    assert told.startswith("could not be analysed: collapsed: output:")  # not where it lies, which is private
    assert "    additive attention is as accurate as scaled dot-product: the label of each text" in said


def test_bad_input_is_answered_in_one_line(folder, tmp_path, fails):
    trace = folder / "mine0"
    assert fails("evaluate", trace) == (
        f"{trace}: must say its dataset: in its metadata, or for all models by --shared dataset=NAME"
    )
    assert fails("evaluate", trace, *OPTIONS, "--role", "mind=additive").startswith("--role (attention): must be one")
    assert fails("evaluate", trace, "--shared", "data=toy").startswith("--shared: must be one of dataset")
    assert fails("evaluate", trace, "--role", "mine").startswith("--role: must be a name, = and a name")
    assert fails("evaluate", trace, *OPTIONS, "--findings", "vi").startswith("--findings: must be one of i")
    assert "must all have a name" in fails("evaluate", f"additive={folder / 'mine0.npz'}", folder / "mine1.npz")
    assert fails("evaluate", tmp_path / "nothing") == f"{tmp_path / 'nothing'}: no such file or folder"
    near = fails("evaluate", folder / "mine9", *OPTIONS)
    assert near.startswith(f"{folder / 'mine9'}: no such file or folder; near it are mine")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    assert fails("evaluate", tmp_path / "table.csv").startswith(
        f"{tmp_path / 'table.csv'}: must be a results frame, as"
    )
    assert "no such file" in fails("evaluate", tmp_path / "tabel.csv")
    (tmp_path / "model.pt").write_bytes(b"PK")
    assert "or a file .npz, .safetensors, .csv, .parquet" in fails("evaluate", tmp_path / "model.pt")
    rng = np.random.default_rng(0)
    one = {"attention": rng.dirichlet(np.ones(7), size=60), "hidden": rng.normal(size=(60, 7, 2)), "output": [0] * 60}
    np.savez(tmp_path / "one.npz", **one)
    said = fails("evaluate", f"additive={tmp_path / 'one.npz'}", *OPTIONS)
    assert said.startswith(f"{tmp_path / 'one.npz'} of additive: output: must hold at least two predicted classes")
    (tmp_path / "empty.csv").write_text("")
    assert f"{tmp_path / 'empty.csv'}: must be a results frame as CSV" in fails("evaluate", tmp_path / "empty.csv")
    assert fails("evaluate", folder / "mine0.npz", "--shared", "dataset=toy", "--shared", "encoder=toy").endswith(
        "for all models by --shared attention=NAME, or for each before its path, NAME=PATH"
    )
    assert fails("evaluate", trace, trace, *OPTIONS) == f"models: must each be given once; got {trace} twice"


def test_all_heads_of_a_transformer_are_answered_with_the_remedy(tmp_path, fails):
    (tmp_path / "transformer.json").write_text("{}")
    said = fails("trace", "analyse", tmp_path, "--out", tmp_path / "out", "--jobs", 1)
    assert said.startswith(f"{tmp_path}: holds all layers and heads of a transformer; in Python analyse_heads takes it")
    assert "is not the index of a transformer's trace" in fails("evaluate", tmp_path)


@pytest.mark.slow
def test_trace_analyse_takes_files_and_its_folder_is_taken(folder, tmp_path, run, fails):
    files = [folder / "mine0.npz", folder / "dot0.npz"]
    said = run("trace", "analyse", *files, "--out", tmp_path / "of_files", "--jobs", 1)
    assert said.count("tau_b") == 2
    traces = [folder / f"mine{seed}" for seed in range(5)]
    run("trace", "analyse", *traces, "--out", tmp_path / "out", "--jobs", 1)
    options = [*OPTIONS, "--role", "mine=additive", "--minimum-seeds", 5, "--findings", "ii"]
    assert "(ii) supported" in run("evaluate", tmp_path / "out", *options)
    assert main(["trace", "analyse", str(tmp_path / "none.npz"), "--out", str(tmp_path / "x")]) == 2


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_computed(folder, monkeypatch, fails):
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("attnstats.studies.evaluate", None)  # which would be called
    line = fails("evaluate", folder / "mine0", "--out", folder / "new" / "out")
    assert line == (
        f"--out: must be a folder that can be written; got {folder / 'new' / 'out'} ({folder} cannot be written)"
    )
