import json
import math

import pytest

from attnstats.exceptions import DatasetError, InvalidInputError
from attnstats.scores import find_design, read_lm_eval_samples, read_scores

DATE = "2025-01-31T12-00-00.123456"


def sample(doc_id, filter_="none", **metrics):
    """A line as version 0.4.9 of the harness writes it."""
    return {
        "doc_id": doc_id, "doc": {"question": "1+1"}, "target": "2", "arguments": {"gen_args_0": {"arg_0": "1+1"}},
        "resps": [["2"]], "filtered_resps": ["2"], "filter": filter_, "metrics": list(metrics), "doc_hash": "0a",
        "prompt_hash": "0b", "target_hash": "0c", **metrics,
    }  # fmt: skip


def write(folder, model, task, samples):
    path = folder / model / f"samples_{task}_{DATE}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(map(json.dumps, samples)) + "\n", encoding="utf-8")
    return path


def test_samples_of_models_and_tasks(tmp_path):
    for model in ("org__small", "org__large"):
        for task in ("boolq", "arc_easy"):
            write(tmp_path, model, task, [sample(n, acc=float(n % 2), acc_norm=n / 4) for n in range(4)])
    table = read_lm_eval_samples(tmp_path)
    assert list(table) == ["model", "task", "doc_id", "filter", "metric", "value"]
    assert len(table) == 2 * 2 * 4 * 2
    assert table[table.metric == "acc_norm"].value.tolist() == [0, 0.25, 0.5, 0.75] * 4
    accuracy = table[table.metric == "acc"]
    design = find_design(read_scores(accuracy, value="value", condition="model", example="doc_id", dataset="task"))
    assert repr(design) == "Design(2 models × 8 doc_ids in 2 tasks, crossed, complete)"
    assert (design.unit, str(design.kind)) == ("example", "binary (0 or 1)")


def test_two_filters_hold_each_sample_twice(tmp_path):
    lines = [
        sample(n, name, exact_match=1.0 - (name == "strict-match"))
        for n in range(3)
        for name in ("strict-match", "flexible-extract")
    ]
    for model in ("a", "b"):
        path = write(tmp_path, model, "gsm8k", lines)
    assert read_lm_eval_samples(path)["filter"].value_counts().to_dict() == {"strict-match": 3, "flexible-extract": 3}
    with pytest.raises(InvalidInputError, match=r"\(they differ in 'filter': 'strict-match' and 'flexible-extract'\)"):
        read_scores(read_lm_eval_samples(tmp_path), value="value", condition="model", example="doc_id")


def test_metrics_that_have_no_score_of_a_sample_have_no_rows(tmp_path):
    lines = [sample(n, f1=["yes", "no"], word_perplexity=[-3.5, 7], acc=1.0) for n in range(2)]
    assert read_lm_eval_samples(write(tmp_path, "a", "copa", lines)).metric.tolist() == ["acc", "acc"]
    wikitext = write(tmp_path, "a", "wikitext", [sample(n, word_perplexity=[-3.5, 7]) for n in range(2)])
    table = read_lm_eval_samples(tmp_path)
    assert set(table.task) == {"copa"}
    assert table.value.dtype == float
    with pytest.raises(DatasetError, match=r"must have a metric with a number for each sample; got word_perplexity"):
        read_lm_eval_samples(wikitext)


def test_two_files_of_one_model_and_task_are_refused(tmp_path):
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "a", "copa", [sample(n, acc=1.0) for n in range(2)])
    with pytest.raises(DatasetError, match=r"paths: must hold one file of each model and task; got .*first.*second"):
        read_lm_eval_samples(tmp_path)
    write(tmp_path / "first", "b", "copa", [sample(n, acc=1.0) for n in range(2)])
    assert len(read_lm_eval_samples([tmp_path / "first"])) == 4


def test_numbers_that_are_written_as_text_are_numbers(tmp_path):
    lines = [
        sample(0, acc="True"),
        sample(1, acc="False"),
        sample(2, acc="0.25"),
        sample(3, acc=True),
        sample(4, acc=None),
    ]
    values = read_lm_eval_samples(write(tmp_path, "a", "copa", lines)).value.tolist()
    assert values[:4] == [1.0, 0.0, 0.25, 1.0]
    assert math.isnan(values[4])


def test_files_of_earlier_versions_have_no_list_of_metrics(tmp_path):
    lines = [sample(n, acc=1.0) for n in range(2)]
    for line in lines:
        del line["metrics"], line["filter"]
    table = read_lm_eval_samples([write(tmp_path, "a", "copa_v2_2", lines)])
    assert table[["task", "filter", "metric"]].iloc[0].tolist() == ["copa_v2_2", "none", "acc"]


def test_what_is_no_sample_file_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"paths: must hold files samples_TASK_DATE.jsonl; got none in"):
        read_lm_eval_samples(tmp_path)
    with pytest.raises(DatasetError, match=r"each file must be named samples_TASK_DATE.jsonl; got 'scores.jsonl'"):
        read_lm_eval_samples(tmp_path / "scores.jsonl")
    with pytest.raises(DatasetError, match=r"cannot be read: No such file"):
        read_lm_eval_samples(tmp_path / f"samples_x_{DATE}.jsonl")
    path = write(tmp_path, "a", "x", [sample(0, acc=1.0), {"acc": 1}])
    with pytest.raises(DatasetError, match=r"line 2 is not a sample: it has no doc_id"):
        read_lm_eval_samples(path)
    path.write_text(json.dumps(sample(0, acc=1.0)) + "\n{")
    with pytest.raises(DatasetError, match=r"line 2 is not JSON"):
        read_lm_eval_samples(path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"doc_id": [3]}, r"line 2 is not a sample: doc_id must be a whole number or text; got \[3\]"),
        ({"doc_id": None}, r"line 2 is not a sample: doc_id must be a whole number or text; got None"),
        ({"metrics": None}, r"line 2 is not a sample: metrics must be a list of names; got None"),
        ({"metrics": "acc"}, r"line 2 is not a sample: metrics must be a list of names; got 'acc'"),
        ({"metrics": [["acc"]]}, r"line 2 is not a sample: metrics must be a list of names; got \[\['acc'\]\]"),
    ],
)
def test_a_line_that_is_no_sample_is_named(tmp_path, changed, message):
    path = write(tmp_path, "a", "x", [sample(0, acc=1.0), sample(1, acc=0.0) | changed])
    with pytest.raises(DatasetError, match=message):
        read_lm_eval_samples(path)


def test_a_line_that_is_nested_too_deep_is_no_json(tmp_path):
    path = write(tmp_path, "a", "x", [sample(0, acc=1.0)])
    path.write_text(path.read_text() + "[" * 100_000)
    with pytest.raises(DatasetError, match=r"line 2 is not JSON \(maximum recursion depth"):
        read_lm_eval_samples(path)
