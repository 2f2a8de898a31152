"""What data sets are called in print: never by a path, and never two alike."""

import json

import pytest

from attnstats.report import write_report
from attnstats.studies import StudyConfig, run_study
from attnstats.studies.config.component import Component
from attnstats.studies.run._labels import labels_of


def called(*sources):
    return [str(each) for each in labels_of(sources).values()]


def hat(path, **parameters):
    return Component("yelp_hat", path=path, **parameters)


def test_one_data_set_is_called_by_its_name():
    assert called(hat("/home/me/50.jsonl")) == ["yelp_hat"]
    assert called(Component("eraser", path="C:/me/movies.tar.gz", name="films")) == ["films"]
    assert called(Component("local_file", path="/home/me/reviews.csv.gz", text="a", label="b")) == ["reviews"]
    assert called(Component("planted", n_texts=900)) == ["planted(n_texts=900)"]  # as it was: it holds no path


def test_several_of_one_name_differ_by_what_is_short():
    assert called(hat("/me/yelp_hat_50.jsonl"), hat("/me/b.jsonl")) == ["yelp_hat_50", "yelp_hat b"]
    assert called(hat("/me/a"), hat("/me/a", split_seed=1), hat("/you/a", split_seed=1)) == [
        "yelp_hat a",
        "yelp_hat a(split_seed=1) 2",
        "yelp_hat a(split_seed=1) 3",
    ]
    assert called(Component("eraser", path="/me/a"), hat("/me/b")) == ["eraser", "yelp_hat"]


def test_a_file_with_the_name_of_another_data_set_is_not_taken_for_it():
    assert called(Component("local_file", path="/me/planted.csv", text="a", label="b")) == ["file planted"]
    files = [Component("local_file", path=f"/me/{name}", text="a", label="b") for name in ("planted.csv", "x")]
    assert called(*files, Component("planted")) == ["file planted", "x", "planted"]


@pytest.mark.slow
def test_no_report_shows_a_path_and_the_folder_keeps_it(tmp_path):
    texts = tmp_path / "private" / "reviews.csv"
    texts.parent.mkdir()
    lines = [f"a {('good' if n % 2 else 'bad')} film number {n},{n % 2}" for n in range(200)]
    texts.write_text("\n".join(["text,label", *lines]))
    config = StudyConfig.from_toml(
        f"""
        name = "tiny"
        seeds = 3
        units = 4
        embedding_size = 4
        views = ["pointwise"]
        null_resamples = 2
        trainings = [{{ name = "short", epochs = 8, learning_rate = 0.05 }}]
        [[datasets]]
        name = "local_file"
        parameters = {{ path = '{texts}', text = "text", label = "label" }}
        [[architectures]]
        encoders = ["mlp"]
        attentions = ["additive", "scaled_dot_product"]
        [inference]
        minimum_seeds = 3
        n_resamples = 99
        """
    )
    out = tmp_path / "out"
    frame = run_study(config, out, n_jobs=1, progress=False)
    assert frame["dataset"].dropna().unique().tolist() == ["reviews"]
    claims = frame.loc[frame["quantity"].eq("contrast"), "parameters"].map(json.loads)
    assert {tuple(each["datasets"]) for each in claims} == {("reviews",)}
    assert "private" not in " ".join(frame.loc[frame["quantity"].ne("configuration"), "parameters"].dropna())
    page = write_report(frame, out).read_text(encoding="utf-8")
    assert "reviews" in page
    assert "…/reviews.csv" in page
    written = [page, *(path.read_text(encoding="utf-8") for path in (out / "tables").iterdir())]
    assert not any("private" in each for each in written)
    assert str(texts) in (out / "study.toml").read_text(encoding="utf-8")
