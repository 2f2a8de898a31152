"""Commands on long tables of scores, in words: files as people and other programs write them, and what is asked."""

import gzip  # noqa: F401 (files are written with it)
import io
import json
import zipfile
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from tests.fuzz.score_tables import SPOILT_TABLES, VARIED, filled
from tests.fuzz.strategies import Kind, texts

#: Files of a folder by their paths.
Files = dict[str, bytes]


def as_csv(table: pd.DataFrame, sep: str = ",", decimal: str = ".", **options: Any) -> bytes:
    return table.to_csv(sep=sep, decimal=decimal, index=False, **options).encode()


def as_lines(table: pd.DataFrame) -> bytes:
    return table.to_json(orient="records", lines=True).encode()


def as_parquet(table: pd.DataFrame, **options: Any) -> bytes:
    return table.to_parquet(**options)


def lm_eval(models: int, tasks: int, items: int, seed: int) -> Files:
    """Sample files of lm-evaluation-harness: a folder for each model, with two filters in the last task."""
    rng, files = np.random.default_rng(seed), {}
    for model in range(models):
        for task in range(tasks):
            filters = ["none"] if task < max(tasks - 1, 1) else ["strict-match", "flexible-extract"]
            lines = [
                {
                    "doc_id": item, "doc": {"passage": f"p{item // 2}", "question": "?"}, "filter": name,
                    "metrics": ["acc", "f1"], "acc": float(rng.integers(2)), "f1": [1, 1],
                }
                for item in range(items)
                for name in filters
            ]  # fmt: skip
            name = f"samples_task{task}_2025-01-31T12-00-00.123456.jsonl"
            files[f"org__m{model}/{name}"] = "\n".join(map(json.dumps, lines)).encode()
    return files


def inspect_logs(models: int, epochs: int, items: int, seed: int, suffix: str = ".json") -> Files:
    """Logs of Inspect: one for each model, with grades and a scorer of two parts."""
    rng, files = np.random.default_rng(seed), {}
    for model in range(models):
        samples = [
            {
                "id": item, "epoch": epoch + 1, "metadata": {"text": f"p{item // 2}"},
                "scores": {"match": {"value": "CPIN"[rng.integers(4)]}, "parts": {"value": {"a": rng.random()}}},
            }
            for epoch in range(epochs)
            for item in range(items)
        ]  # fmt: skip
        log = {"version": 2, "eval": {"task": "arithmetic", "model": f"org/m{model}"}, "samples": samples}
        files[f"m{model}{suffix}"] = json.dumps(log).encode() if suffix == ".json" else _zipped(log)
    return files


def _zipped(log: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("header.json", json.dumps({"eval": log["eval"]}))
        archive.writestr("summaries.json", json.dumps(log["samples"]))
    return content.getvalue()


def grid(candidates: int, folds: int, seed: int) -> bytes:
    """`cv_results_` of a search as CSV."""
    values = np.random.default_rng(seed).random((folds, candidates))
    splits = {f"split{fold}_test_score": values[fold] for fold in range(folds)}
    table = pd.DataFrame({"params": [str({"C": 10.0**each}) for each in range(candidates)], **splits})
    return as_csv(table.assign(mean_test_score=values.mean(axis=0)))


def replaced(content: Any, old: bytes, new: bytes) -> Any:
    """With the first occurrence of some bytes replaced, in the first file of several."""
    if isinstance(content, bytes):
        return content.replace(old, new, 1)
    return {
        name: each.replace(old, new, 1) if place == 0 else each for place, (name, each) in enumerate(content.items())
    }


def halved(content: Any) -> Any:
    """The first half of the file, or of the first of several."""
    if isinstance(content, bytes):
        return content[: len(content) // 2]
    return {name: each[: len(each) // 2] if place == 0 else each for place, (name, each) in enumerate(content.items())}


_SEEDS = st.integers(0, 9)
_SIZES = st.tuples(
    *map(st.sampled_from, ((2, 3), (1, 2, 5), (1, 1, 2, 3), (1, 2, 4, 8))), _SEEDS
).map(lambda drawn: f"scores{drawn}")  # fmt: skip
_OF_PANDAS = [each for each in VARIED if not each.startswith("in_")]
_TABLES = st.builds(filled, st.sampled_from(_OF_PANDAS), _SIZES)
_SPOILT = st.builds(filled, st.sampled_from(SPOILT_TABLES), _TABLES)
#: A table as a file, its name, and how it must be read.
_WRITTEN = (
    *[("as_csv({})", "t.csv", "")] * 4,
    ('as_csv({}, "\\t")', "t.tsv", ""),
    ('as_csv({}, ";", ",")', "t.csv", "--sep=; --decimal=,"),
    ('as_csv({}, ";")', "t.csv", ""),
    ('as_csv({}, ",", ",")', "t.csv", "--decimal=,"),
    ('as_csv({}, lineterminator="\\r\\n")', "t.csv", ""),
    ('as_csv({}, float_format="%.2g")', "t.csv", ""),
    ('as_csv({}, float_format="%.1f%%")', "t.csv", ""),
    ('as_csv({}, na_rep="NA")', "t.csv", "--dropna"),
    ('as_csv({}, na_rep="-9")', "t.csv", "--na=-9 --dropna"),
    ('b"\\xef\\xbb\\xbf" + as_csv({})', "t.csv", ""),
    ('as_csv({}).decode().encode("utf-16")', "t.csv", "--encoding=utf-16"),
    ("gzip.compress(as_csv({}))", "t.csv.gz", ""),
    ("as_lines({})", "t.jsonl", ""),
    ("as_lines({})", "t.jsonl", "--dropna"),
    ("as_parquet({})", "t.parquet", ""),
    ("halved(as_csv({}))", "t.csv", ""),
    ("halved(as_parquet({}))", "t.parquet", ""),
    ("halved(gzip.compress(as_csv({})))", "t.csv.gz", ""),
    ('replaced(as_csv({}), b"score", b"model")', "t.csv", ""),
    ('replaced(as_csv({}), b"item", b"")', "t.csv", ""),
    ('replaced(as_csv({}), b"0.", b"0.5,0.")', "t.csv", ""),
    ('replaced(as_csv({}), b"0.", b"\\x00")', "t.csv", ""),
    ('replaced(as_csv({}), b"m0", b"\\xff\\xfe")', "t.csv", ""),
    ('replaced(as_csv({}), b"m0", "\\"mö,\\n\\"".encode())', "t.csv", ""),
    ('replaced(as_lines({}), b"score", b"sc")', "t.jsonl", ""),
)
_FACTORS = texts("""
    --seed run --example item --dataset task; --seed run --example item --dataset task; --seed run --example item
    --seed run; --example item; --example item --group topic; --fold item --seed run; --subject run --example item
    --block task --example item; --dataset task; --dataset task --example item; --seed run --dataset task --example item
    --seed model; --seed nothing; --seed; --example score; --seed run --subject run
""")
#: Where other programs' scores lie, and how they are asked for.
_OTHERS = (
    ("lm_eval(2, 1, 12, 0)", "logs", "--from lm-eval"),
    ("lm_eval(3, 2, 12, 1)", "logs", "--from lm-eval --only filter=none"),
    ("lm_eval(2, 2, 8, 2)", "logs", "--from lm-eval --only filter=strict-match --field passage --group passage"),
    ("lm_eval(2, 1, 8, 3)", "logs", "--from lm-eval --only metric=f1"),
    ("lm_eval(2, 1, 8, 3)", "logs", "--from lm-eval --field nothing"),
    ("lm_eval(1, 1, 8, 3)", "logs", "--from lm-eval"),
    ("lm_eval(0, 1, 8, 3)", "logs", "--from lm-eval"),
    ("inspect_logs(2, 3, 8, 0)", "logs", "--from inspect --only score=match"),
    ("inspect_logs(3, 1, 8, 1)", "logs", "--from inspect --only score=parts/a --field text --group text"),
    ('inspect_logs(2, 2, 8, 2, ".eval")', "logs", "--from inspect --only score=match"),
    ("inspect_logs(2, 2, 8, 3)", "logs", "--from inspect"),
    ("inspect_logs(2, 2, 8, 3)", "logs", "--from inspect --only score=nothing"),
    ("grid(3, 5, 0)", "t.csv", "--from cv-results"),
    ("grid(2, 10, 1)", "t.csv", "--from cv-results --test-share 0.1"),
    ("grid(1, 5, 2)", "t.csv", "--from cv-results --field nothing"),
)
#: What may be wrong in what other programs wrote: some bytes, and others for them.
_DAMAGE = (
    *[("{}", "", "")] * 4,
    *(("replaced({}, {}, {})", repr(old), repr(new)) for old, new in (
        (b'"doc_id": 3', b'"doc": 3'), (b'"doc_id": 3', b'"doc_id": null'), (b'"doc_id": 3', b'"doc_id": [3]'),
        (b'"acc": 1.0', b'"acc": "yes"'), (b'"acc": 1.0', b'"acc": NaN'), (b'"acc": 1.0', b'"acc": [1]'),
        (b'"metrics": ["acc", "f1"]', b'"metrics": "acc"'), (b'"metrics": ["acc", "f1"]', b'"metrics": null'),
        (b'"metrics": ["acc", "f1"]', b'"metrics": [["acc"]]'), (b'"filter": "none"', b'"filter": {}'),
        (b"{", b"["), (b"{", b""), (b'"doc": {', b'"doc": 1, "x": {'), (b'"id": 3', b'"id": null'),
        (b'"epoch": 1', b'"epoch": "x"'), (b'"epoch": 1', b'"epoch": 2'), (b'"value": "C"', b'"value": "Z"'),
        (b'"value": "C"', b'"value": [1]'), (b'"value": "C"', b'"value": null'), (b'"value": "C"', b'"value": {}'),
        (b'"value": "C"', b'"value": {"a": {"b": 1}}'), (b'"scores": {', b'"scores": null, "s": {'),
        (b'"scores": {', b'"scores": 3, "s": {'), (b'"metadata": {', b'"metadata": 3, "m": {'),
        (b'"model": "org/m0"', b'"model": null'), (b'"model": "org/m0"', b'"model": ["a"]'), (b'"eval"', b'"e"'),
        (b"params", b"p"), (b"split0", b"split1"), (b"0.", b"nan"), (b"0.", b"x"), (b"'C'", b"C"), (b"1.0", b""),
    )),
    ("halved({})", "", ""),
)  # fmt: skip
_PARTS = texts("""
    --format text; --format table; --format markdown; --format latex; --format html; --format typst; --format csv
    --format json; --format json --table conditions; --format csv --table datasets; --format xlsx; --explain; --explain
    --table variance --format table; --table across_datasets --format markdown; --table nothing; --reference m0
    --reference m9; --margin 0.1; --margin 0.05 --reference m1; --margin 2; --margin x; --margin -1; --level 0.9
    --level 95; --lower-is-better; --correction bonferroni; --correction none; --paired; --independent
    --paired --independent; --test-share 0.2; --random-seed 3; --random-seed x; --only task=t0; --only task=
    --only task; --only nothing=1; --dropna; --na m0; --sep ab; --encoding none; --value item; --condition task
    --nonsense
""")
_PLANS = texts(
    "--difference 0.1; --difference 0; --difference x; --power 0.9; --power 2; --assurance 0.5; --margin 0.1"
)
_SHOWN = st.lists(st.sampled_from(_PARTS), max_size=2).map(" ".join)
_PLANNED = st.lists(st.sampled_from(_PLANS), max_size=2).map(" ".join)
_ROOMS = st.sampled_from(["compare"] * 3 + ["plan"])
_OUT = st.integers(0, 29).map(lambda drawn: "--out out" if drawn == 17 else "")


@st.composite
def _command(draw: st.DrawFn, spoil: bool = False) -> str:
    """A command with the file or the folder that it reads."""
    room = draw(_ROOMS)
    if draw(st.integers(0, 2)) == 0:
        content, file, reading = draw(st.sampled_from(_OTHERS))
        if spoil:
            word, *more = draw(st.sampled_from(_DAMAGE))
            content = word.format(content, *more)
    else:
        word, file, reading = draw(st.sampled_from(_WRITTEN))
        content = word.replace("{}", draw(_SPOILT if spoil else _TABLES))
        reading = f"{reading} --value score --condition model {draw(st.sampled_from(_FACTORS))}"
    how = draw(_PLANNED) if room == "plan" else f"{draw(_SHOWN)} {draw(_OUT)}"
    return f"({[room, 'FILE', *reading.split(), *how.split()]!r}, {file!r}, {content})"


SCORE_COMMAND = Kind(lambda _: _command(), _command(spoil=True))
