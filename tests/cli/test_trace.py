"""``attnstats trace``: what it prints, and what becomes of a damaged trace."""

import numpy as np
import pandas as pd
import pytest

from attnstats.cli import main
from attnstats.trace import AttentionTrace


@pytest.mark.slow
def test_trace_check_and_analyse(tmp_path, capsys, fails):
    rng = np.random.default_rng(0)
    output = rng.integers(0, 2, size=120)
    hidden = rng.normal(size=(120, 7, 3)) + output[:, None, None]
    for seed in range(2):
        attention = rng.dirichlet(np.ones(7), size=120)
        trace = AttentionTrace.from_arrays(
            attention=attention, hidden=hidden, output=output, label=output, dataset="mine", head=4, seed=seed
        )
        trace.save(tmp_path / f"trace{seed}")
    assert main(["trace", "check", str(tmp_path / "trace0")]) == 0
    assert "sound, AttentionTrace(120 examples" in capsys.readouterr().out
    out = tmp_path / "out"
    assert main(["trace", "analyse", str(tmp_path / "trace0"), str(tmp_path / "trace1"), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "tau_b" in said
    assert "are not measured" in said
    assert "model=SoftmaxHead(kernel, bias)" in said
    probed = pd.read_csv(out / "frame.csv")
    assert sorted(set(probed.seed)) == [0, 1]
    assert set(probed.query("ablation != 'none'").quantity) == {"tau_b", "gini"}
    assert set(probed["head"]) == {4}
    options = ("--out", str(out), "--estimator", "ross(k=5)", "--jobs", "1")
    assert main(["trace", "analyse", str(tmp_path / "trace0"), *options]) == 0
    assert f"Frame: {out / 'frame.csv'} (in the place of an older one)" in capsys.readouterr().out
    ross = pd.read_csv(out / "frame.csv")
    assert set(ross.estimator.dropna()) == {"Ross(k=5)", "Probe()"}  # the order of tokens is that of a probe
    pointwise = [each.query("quantity == 'tau_b' and ablation == 'none'").value.iloc[0] for each in (ross, probed)]
    assert pointwise[0] == pytest.approx(pointwise[1])  # one worker or two, the same numbers
    capsys.readouterr()
    assert "estimator: must be one of" in fails(
        "trace", "analyse", tmp_path / "trace0", "--out", out, "--estimator", "ksg"
    )


def test_a_damaged_trace_is_named(tmp_path, capsys, fails):
    trace = AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[0])
    trace.save(tmp_path / "trace")
    (tmp_path / "trace" / "hidden.npy").write_bytes(b"")
    assert "hidden.npy: checksum" in fails("trace", "check", tmp_path / "trace")


def test_all_faults_of_files_are_told(tmp_path, capsys):
    rng = np.random.default_rng(0)
    sound = {"attention": rng.dirichlet(np.ones(4), size=6), "hidden": rng.normal(size=(6, 4, 2)), "output": [0, 1] * 3}
    np.savez(tmp_path / "sound.npz", **sound)
    np.savez(tmp_path / "wrong.npz", **{**sound, "attention": 3 * sound["attention"], "output": [[2.0, -1.0]] * 6})
    np.savez(tmp_path / "bare.npz", attn=sound["attention"])
    (tmp_path / "empty.npz").write_bytes(b"")
    names = ("sound", "wrong", "bare", "empty")
    assert main(["trace", "check", *(str(tmp_path / f"{name}.npz") for name in names)]) == 2
    said = capsys.readouterr()
    assert (
        said.out == f"{tmp_path / 'sound.npz'}: sound, AttentionTrace(6 examples, 4 tokens, 2 dimensions, 2 classes)\n"
    )
    expected = (
        ("wrong", "attention: 6 of 6 rows do not sum to one"),
        ("wrong", "output: must hold class probabilities"),
        ("wrong", "output: all 6 texts are predicted as class 0"),
        *(("bare", f"{name}: is missing") for name in ("attention", "hidden", "output")),
        ("empty", "cannot be read"),
    )
    lines = said.err.splitlines()
    assert len(lines) == len(expected)
    for line, (name, fault) in zip(lines, expected, strict=True):
        assert line.startswith(f"attnstats: error: {tmp_path / name}.npz: {fault}")
    assert main(["trace", "check", str(tmp_path / "sound.npz")]) == 0


def test_a_trace_that_cannot_be_analysed_is_named_among_others(tmp_path, fails):
    rng = np.random.default_rng(0)
    hidden, attention = rng.normal(size=(60, 7, 3)), rng.dirichlet(np.ones(7), size=60)
    AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=np.zeros(60, dtype=int)).save(
        tmp_path / "one"
    )
    line = fails("trace", "analyse", tmp_path / "one", "--out", tmp_path / "out", "--jobs", "1")
    assert line.startswith(f"{tmp_path / 'one'}: output: must hold at least two predicted classes")
    assert not (tmp_path / "out").exists()


def test_a_path_that_is_not_there_is_told_as_such(tmp_path, fails):
    np.savez(tmp_path / "heads.npz", attention=np.eye(2))
    said = "no such file or folder"
    assert fails("trace", "check", tmp_path / "heads.npy") == f"{tmp_path / 'heads.npy'}: {said}; near it is heads.npz"
    out = ("--out", tmp_path / "out", "--jobs", "1")
    assert fails("trace", "analyse", tmp_path / "x" / "y", *out) == (
        f"{tmp_path / 'x' / 'y'}: {said}; nor is there a folder {tmp_path / 'x'}"
    )
    for command in ("mi --x a --y b", "ranks --a a --b b"):  # whatever the name ends in
        name, *options = command.split()
        for file in ("table", "table.csv"):
            assert fails(name, *options, tmp_path / file) == f"{tmp_path / file}: {said}"
    assert fails("study", "report", tmp_path / "study") == f"{tmp_path / 'study'}: {said}"
    assert fails("study", "run", tmp_path / "s.toml", "--out", tmp_path / "out") == f"{tmp_path / 's.toml'}: {said}"


def test_a_folder_of_traces_is_answered_with_what_lies_in_it(tmp_path, fails):
    assert fails("trace", "check", tmp_path) == (
        f"{tmp_path}: must be a saved trace or a folder of .npy files; it holds none"
    )
    AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[0]).save(tmp_path / "seed0")
    assert fails("trace", "check", tmp_path).endswith(f"it holds none; give one that lies in it, as {tmp_path}/seed0")


@pytest.mark.parametrize(
    "command",
    [
        "trace analyse x.npz",
        "evaluate x.npz",
        "compare x.csv --value v --condition c",
        "study run x.toml",
        "study report x",
    ],
)
def test_a_folder_of_results_is_not_called_like_a_file(tmp_path, fails, command):
    said = fails(*command.split(), "--out", tmp_path / "an.csv")
    assert said.startswith(
        f"--out: must be a folder, for several files; got {tmp_path}/an.csv, which ends as a file does: pass "
    )
    assert not (tmp_path / "an.csv").exists()
    (tmp_path / "file").write_text("")
    assert "(it is a file)" in fails(*command.split(), "--out", tmp_path / "file")
    (tmp_path / "old.csv").mkdir()  # that is there already
    assert "no such file or folder" in fails(*command.split(), "--out", tmp_path / "old.csv")
