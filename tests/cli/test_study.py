"""``attnstats study``: each mistake in a study is one line with exit status 2, and nothing is written."""

import json

import pytest

from attnstats.cli import main
from attnstats.frame import Row, encode_parameters, to_frame, write_frame

STUDY = """
name = "tiny"
units = 4
[[datasets]]
name = "planted"
[[architectures]]
encoders = ["mlp"]
attentions = ["additive"]
"""


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
        (("units = 4", "seeds = 9999999999"), "seeds: must be at most 1000000; got 9999999999"),
        (("units = 4", 'views = "pointwise"'), "views: must be a list of names or of tables with a name"),
        (("units = 4", "estimators = 3"), "estimators: must be a list of names or of tables with a name; got 3"),
        (('"mlp"', '{name = "mlp", units = 3}'), "architectures.encoders: units are those of the study"),
        (('"planted"', '"planted"\nparameters = { strengths = 2 }'), "strengths: must have 1 dimension"),
        (("units = 4", 'units = 4\ninference = { findings = "i" }'), "inference.findings: must be a list of names"),
        (("units = 4", 'units = 4\ninference = { correction = ["holm"] }'), "inference.correction: must be a name"),
        (("units = 4", "trainings = [{name = 'a', epoch = 4}]"), "a.epoch: unknown parameter; the known ones are"),
    ],
)
def test_a_bad_study_is_one_line_and_writes_nothing(tmp_path, fails, change, message):
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace(*change))
    line = fails("study", "run", path, "--out", tmp_path / "out")
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
def test_a_bad_local_file_is_one_line(tmp_path, fails, content, message):
    (tmp_path / "texts.csv").write_text(content)
    parameters = f'"local_file"\nparameters = {{ path = "{tmp_path / "texts.csv"}" }}'
    (tmp_path / "study.toml").write_text(STUDY.replace('"planted"', parameters))
    assert message in fails("study", "run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(tmp_path, fails):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "file").write_text("")
    line = fails("study", "run", tmp_path / "study.toml", "--out", tmp_path / "file" / "out")
    assert "out: must be a folder that can be written" in line


def test_ctrl_c_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def stopped(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("attnstats.studies.run_study", stopped)
    (tmp_path / "study.toml").write_text(STUDY)
    assert main(["study", "run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def test_a_study_that_is_not_there(tmp_path, fails):
    assert "frame.csv" in fails("study", "report", tmp_path)


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_workers_that_is_none(tmp_path, fails, jobs):
    (tmp_path / "study.toml").write_text(STUDY)
    line = fails("study", "run", tmp_path / "study.toml", "--out", tmp_path / "out", "--jobs", jobs)
    assert line.startswith(f"--jobs: must be a whole number of at least 1; got '{jobs}'")


def test_a_report_that_cannot_be_written_or_read(tmp_path, fails):
    frame = to_frame([Row(quantity="accuracy", value=0.5, unit="proportion", n=10)])
    write_frame(frame, tmp_path / "frame.csv")
    (tmp_path / "file").write_text("")
    for out in ("file", "file/out", "a\0b"):
        assert "--out: must be a folder that can be written" in fails(
            "study", "report", tmp_path, "--out", tmp_path / out
        )
    for content in ("", "a,b\n1,2\n", b"\xff\xfe"):
        (tmp_path / "bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        assert "path: " in fails("study", "report", tmp_path / "bad.csv", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_verdicts_as_json(tmp_path, capsys):
    claim = encode_parameters(hypothesis="i.mine", claim="mine keeps more")
    rows = [
        Row(quantity="contrast", finding="i", value=0.31, verdict="supported", parameters=claim),
        Row(quantity="failure", parameters=encode_parameters(error="ConvergenceError: no")),
    ]
    write_frame(to_frame(rows), tmp_path / "frame.csv")
    assert main(["study", "report", str(tmp_path), "--json", "--quiet"]) == 1
    captured = capsys.readouterr()
    [record] = json.loads(captured.out)
    assert (record["hypothesis"], record["effect"], record["verdict"]) == ("i.mine", 0.31, "supported")
    assert captured.err == "attnstats: 1 model(s) failed: see the report; the same command tries them again.\n"
    assert main(["study", "report", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "i.mine" in captured.out
    assert f"attnstats: wrote {tmp_path / 'report.html'}" in captured.err
