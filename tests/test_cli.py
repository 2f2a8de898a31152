"""The command line: what it prints, and that each mistake is one line with exit status 2 and nothing written."""

import numpy as np
import pandas as pd
import pytest

from attnstats.cli import main
from attnstats.information import KSG, mutual_information
from attnstats.trace import AttentionTrace

STUDY = """
name = "tiny"
units = 4
[[datasets]]
name = "planted"
[[architectures]]
encoders = ["mlp"]
attentions = ["additive"]
"""


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    frame = pd.DataFrame({"x": x, "y": x + rng.normal(size=200), "label": x > 0, "group": np.repeat(["a", "b"], 100)})
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def fails(capsys, *arguments):
    """Return the one line that a failing command prints."""
    assert main([str(each) for each in arguments]) == 2
    captured = capsys.readouterr()
    said = [line for line in captured.err.splitlines() if not line.startswith("Study tiny: checking names")]
    assert len(said) == 1
    assert said[0].startswith("attnstats: error: ")
    assert captured.out == ""
    return said[0]


def test_mi_prints_the_library_s_number(table, capsys):
    assert main(["mi", str(table), "--x", "x", "--y", "y", "--estimator", "ksg(k=5)", "--permutations", "19"]) == 0
    frame = pd.read_csv(table)
    value = mutual_information(frame.x, frame.y, KSG(k=5)).value
    printed = capsys.readouterr().out
    assert printed.startswith(f"MI = {value:.3g} nats, null floor")
    assert "p = .050" in printed
    assert "KSG(k=5" in printed


def test_mi_of_a_class_and_in_bits(table, capsys):
    arguments = [
        "mi",
        str(table),
        "--x",
        "x,y",
        "--y",
        "label",
        "--estimator",
        "probe",
        "--permutations",
        "0",
        "--bits",
    ]
    assert main(arguments) == 0
    assert " bits, n = 200, Probe" in capsys.readouterr().out


def test_ranks_whole_and_by_group(table, capsys):
    assert main(["ranks", str(table), "--a", "x", "--b", "y"]) == 0
    assert "tau-b = 0." in capsys.readouterr().out
    assert main(["ranks", str(table), "--a", "x", "--b", "y", "--by", "group"]) == 0
    assert "over 2 groups" in capsys.readouterr().out


def test_trace_check_and_analyse(tmp_path, capsys):
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
    assert set(probed.query("ablation != 'none'").quantity) == {"tau_b", "gini"}
    assert sorted(set(probed.seed)) == [0, 1]
    assert set(probed["head"]) == {4}
    options = ("--out", str(out), "--estimator", "ross(k=5)", "--jobs", "1")
    assert main(["trace", "analyse", str(tmp_path / "trace0"), *options]) == 0
    ross = pd.read_csv(out / "frame.csv")
    assert set(ross.estimator.dropna()) == {"Ross(k=5)", "Probe()"}  # the order of tokens is that of a probe
    pointwise = [each.query("quantity == 'tau_b' and ablation == 'none'").value.iloc[0] for each in (ross, probed)]
    assert pointwise[0] == pytest.approx(pointwise[1])  # one worker or two, the same numbers
    capsys.readouterr()
    assert "estimator: must be one of" in fails(
        capsys, "trace", "analyse", tmp_path / "trace0", "--out", out, "--estimator", "ksg"
    )


def test_a_damaged_trace_is_named(tmp_path, capsys):
    trace = AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[0])
    trace.save(tmp_path / "trace")
    (tmp_path / "trace" / "hidden.npy").write_bytes(b"")
    assert "hidden.npy: checksum" in fails(capsys, "trace", "check", tmp_path / "trace")


def test_data_list_names_all_and_get_says_what_is_in_it(capsys):
    assert main(["data", "list"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("rotten_tomatoes", "imdb", "newsgroups_sports", "reuters_r8", "planted"))
    assert main(["data", "get", "planted"]) == 0
    assert "citation:" in capsys.readouterr().out


def test_an_unknown_name_lists_the_known_ones(table, tmp_path, capsys):
    line = fails(capsys, "data", "get", "imbd")
    assert "rotten_tomatoes, imdb" in line
    assert "'imbd'" in line
    assert "bestbound, binned, canonicalksg" in fails(
        capsys, "mi", table, "--x", "x", "--y", "y", "--estimator", "ksgg"
    )
    assert "name(key=number" in fails(capsys, "mi", table, "--x", "x", "--y", "y", "--estimator", "ksg(5)")
    assert "ksg.kk: unknown parameter" in fails(capsys, "mi", table, "--x", "x", "--y", "y", "--estimator", "ksg(kk=5)")
    assert "x, y, label, group; got 'z'" in fails(capsys, "mi", table, "--x", "z", "--y", "y")
    assert "--by: column" in fails(capsys, "ranks", table, "--a", "x", "--b", "y", "--by", "z")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("mlp", "lstm"), "encoder: must be one of bigru, bilstm, cnn, mlp, transformer; got 'lstm'"),
        (('"additive"', '"additve"'), "attention: must be one of additive"),
        (('"additive"]', '"additive"]\nnormalizers = ["hardmax"]'), "normalizer: must be one of"),
        (('"additive"]', '"additive"]\nnormalizers = [{name = "softmax", temp = 1}]'), "'temp'"),
        (('"planted"', '"plated"'), "dataset: must be one of rotten_tomatoes, imdb"),
        (('"planted"', '"planted"\nparameters = { size = 3 }'), "got 'size'"),
        (("units = 4", 'units = 4\nestimators = ["ksg"]'), "estimator: must be one of"),
        (("units = 4", 'units = 4\nestimators = [{name = "ross", kk = 3}]'), "ross.kk: unknown parameter; the known"),
        (("units = 4", 'units = 4\nviews = ["ranks"]'), "views: must be one of rank, position, pointwise"),
        (("units = 4", 'units = 4\nviews = ["rank"]'), "views: must hold pointwise for ablations and sample_examples"),
        (("units = 4", 'units = 4\nablations = ["none"]'), "ablations: must be one of"),
        (
            ("units = 4", 'units = 4\ninference = { correction = "bonferoni" }'),
            "inference.correction: must be one of holm",
        ),
        (("units = 4", 'units = 4\ninference = { findings = ["vi"] }'), "inference.findings: must be one of i, ii"),
        (("units = 4", 'units = 4\nviews = ["rank", "rank"]'), "views: must hold each kind once"),
        (("units = 4", "unit = 4"), "study.unit: unknown key"),
        (("units = 4", "seeds = 4"), "seeds: must be at least 8"),
        (("units = 4", "training = {epoch = 4}"), "training.epoch: unknown parameter; the known ones are"),
    ],
)
def test_a_bad_study_is_one_line_and_writes_nothing(tmp_path, capsys, change, message):
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace(*change))
    line = fails(capsys, "study", "run", path, "--out", tmp_path / "out")
    assert message in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("review,label\ngood,1\n", "text"),
        ("text,label\n" + "".join(f"good {i},1\n" for i in range(50)), "class"),
        ("text,label\n" + "".join(f"...,{i % 2}\n" for i in range(50)), "text"),
    ],
)
def test_a_bad_local_file_is_one_line(tmp_path, capsys, content, message):
    (tmp_path / "texts.csv").write_text(content)
    parameters = f'"local_file"\nparameters = {{ path = "{tmp_path / "texts.csv"}" }}'
    (tmp_path / "study.toml").write_text(STUDY.replace('"planted"', parameters))
    assert message in fails(capsys, "study", "run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "file").write_text("")
    line = fails(capsys, "study", "run", tmp_path / "study.toml", "--out", tmp_path / "file" / "out")
    assert "out: must be a folder that can be written" in line


def test_ctrl_c_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def stopped(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("attnstats.studies.run_study", stopped)
    (tmp_path / "study.toml").write_text(STUDY)
    assert main(["study", "run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def test_a_study_that_is_not_there(tmp_path, capsys):
    assert "frame.csv" in fails(capsys, "study", "report", tmp_path)
