"""The command line as a door: one command in a new folder that holds one file, or one saved trace."""

import gzip  # noqa: F401 (inputs are written with it)
import io
import os
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from attnstats.cli import main
from attnstats.trace import AttentionTrace
from tests.fuzz.strategies import Kind, data


class CommandOutcome(tuple[int, str, str, list[str]]):
    """Exit status, standard output, standard error, and the files that a command left."""

    __slots__ = ()

    @property
    def refused(self) -> bool:
        """Whether the command ended with the status of bad input."""
        return self[0] == 2


def command(case: tuple[list[str], str, Any]) -> CommandOutcome:
    """Run one command in a new folder: the arguments, the name of a file or folder there, and what it holds."""
    arguments, file, content = case
    here, out, errors = Path.cwd(), io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            _put(file, content)
            before = _files()
            with redirect_stdout(out), redirect_stderr(errors):
                try:
                    status = main([each.replace("FILE", file) for each in arguments])
                except SystemExit as stop:  # how argparse refuses
                    status = int(stop.code or 0)
            left = sorted(_files() - before)
        finally:
            os.chdir(here)
    return CommandOutcome((status, out.getvalue(), errors.getvalue(), left))


def _put(file: str, content: Any) -> None:
    """Write a trace, a file, or the files of a folder."""
    if isinstance(content, AttentionTrace):
        content.save(file)
    elif isinstance(content, dict):
        Path(file).mkdir()
        for name, each in content.items():
            path = Path(file, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(each)
    else:
        Path(file).write_bytes(content.encode() if isinstance(content, str) else content)


def _files() -> set[str]:
    return {str(path) for path in Path().rglob("*") if path.is_file()}


def table(values: Any) -> pd.DataFrame:
    """A table with the columns a, b and c."""
    return pd.DataFrame(values, columns=list("abc"))


def csv(values: Any, sep: str = ",", decimal: str = ".", encoding: str = "utf-8") -> bytes:
    return table(values).to_csv(sep=sep, decimal=decimal, index=False).encode(encoding)


def jsonl(values: Any) -> str:
    return table(values).to_json(orient="records", lines=True)


def parquet(values: Any, backend: str = "numpy_nullable") -> bytes:
    return table(values).convert_dtypes(dtype_backend=backend).to_parquet()


def npz(**arrays: Any) -> bytes:
    """An archive of arrays."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def cut(content: str | bytes) -> str | bytes:
    """The first two thirds of a file."""
    return content[: 2 * len(content) // 3]


_TABLES = (
    *(f"csv({{}}{more})" for more in ("", "", "", ', ";"', ', ";", ","', ', "\\t"', ', encoding="utf-16"')),
    *(f"csv(with_value({{}}, {value}, 1))" for value in ("np.nan", "np.inf", '"x"', "None", '"NA"', '"1,5"')),
    *(
        "gzip.compress(csv({}))",
        "gzip.compress(csv({}))[:-9]",
        "jsonl({})",
        "parquet({})",
        'parquet({}, "pyarrow")',
        "cut(parquet({}))",
        "cut(csv({}))",
    ),
)
_ODD_FILES = (
    *("''", "'a,b,c'", "'a,b,c\\n'", "b'\\xff\\xfe\\x00'", "'a,b,c\\n1,2\\n3,4,5,6\\n'", "'a,a,b\\n1,2,3\\n'", "'{'"),
    *(
        "'a,b,c\\n' + '1,2,3\\n' * 30",
        "'a,b,c\\n1,2,pos\\n2,1,neg\\n' * 5",
        "'a;b;c\\n1,5;2;x\\n2,5;1;y'",
        "'[1, 2]'",
        "'= ='",
    ),
    *("'name = \"x\"'", "'[study]\\nseeds = 0'", "trace(12, 3)", "frame(3, 1).to_csv(index=False)"),
)
_TRACES = (
    "trace(12, 3)",
    "trace(40, 2)",
    "trace(1, 3)",
    'trace(12, 3, "float16")',
    "trace(12, 1, dataset='a', layer=1)",
)
_ARCHIVES = (
    *(
        f"npz(attention={weights}, hidden={states}, output={output})"
        for weights in ("smooth((12, 4), 1)", "np.full((12, 4), 0.25)", "np.full((4, 12), 1 / 12)", "np.eye(12)")
        for states in ("normal((12, 4, 2), 1)", "normal((4, 12, 2), 1)", "with_value(normal((12, 4), 1), np.nan, 1)")
        for output in ("np.arange(12) % 2", "np.zeros(12, int)", "normal((12, 2), 1)")
    ),
    "npz(attn=np.full((12, 4), 0.25))",
    "npz(attention=['a'], hidden=np.array([None, 1]), output=[])",
    "cut(npz(attention=np.full((12, 4), 0.25)))",
)
_FRAMES = (
    "frame(3, 1).to_csv(index=False)",
    "frame(0, 1).to_csv(index=False)",
    "frame(1, 2).to_csv(index=False)[:400]",
)
_SUFFIXES = {
    "gzip": ("csv.gz", "CSV.GZ"),
    "csv(": ("csv", "csv", "CSV", "txt"),
    "jsonl(": ("jsonl", "JSONL"),
    "parquet(": ("parquet", "pq"),
}
_COLUMNS = ("a", "b", "c", "c", "a,b", "a,,b", "", "A", "a, b", "a,a")
_ESTIMATORS = (
    "ksg",
    "ksg(k=5)",
    "ross",
    "probe",
    "binned",
    "gaussian",
    "KSG",
    "ksg(k=0)",
    "ksg(k=x)",
    "ksg(",
    "",
    "none",
    "ksg(3)",
)

_column, _estimator = st.sampled_from("abc") | st.sampled_from(_COLUMNS), st.sampled_from(_ESTIMATORS)
_number = st.sampled_from(["0", "1", "19", "-1", "x", "2.5", "", "9" * 30])
_reading = st.lists(
    st.sampled_from(
        [
            *((f"--sep={sign}",) for sign in (";", "\t", "", "ab", "\\s+")),
            *((f"--decimal={sign}",) for sign in (",", "x")),
            *((f"--encoding={name}",) for name in ("utf-16", "latin-1", "none", "")),
            *((f"--na={words}",) for words in ("NA,None", "-9", "1", "")),
            *[("--dropna",)] * 3,
        ]
    ),
    max_size=2,
).map(lambda drawn: sum(drawn, ()))
_flags = st.lists(
    st.one_of(
        st.tuples(st.just("--estimator"), _estimator),
        st.tuples(st.sampled_from(["--permutations", "--seed", "--jobs"]), _number),
        st.tuples(st.sampled_from(["--classes", "--measurements"]), _column),
        st.sampled_from([("--bits",), ("--interval",), ("--nonsense",)]),
    ),
    max_size=2,
)
_forms = st.sampled_from(
    [(), (), *(("--format", name) for name in ("text", "table", "latex", "html", "csv", "json", "x"))]
)
_on_tables = st.one_of(
    st.builds(lambda x, y, more: ["mi", "FILE", "--x", x, "--y", y, *sum(more, ())], _column, _column, _flags),
    st.builds(lambda x, y, by: ["mi", "FILE", "--x", x, "--y", y, "--by", by, "--each"], _column, _column, _column),
    st.builds(lambda a, b: ["ranks", "FILE", "--a", a, "--b", b], _column, _column),
    st.builds(lambda a, b, by: ["ranks", "FILE", "--a", a, "--b", b, "--by", by], _column, _column, _column),
)
_on_tables = st.builds(lambda *parts: list(chain(*parts)), _on_tables, _reading, _forms)
_on_traces = st.builds(
    lambda more: ["trace", *more],
    st.just(["check", "FILE"]) | _estimator.map(lambda name: ["analyse", "FILE", "--out", "out", "--estimator", name]),
)
_on_studies = st.sampled_from(
    [["study", "report", "FILE", "--out", "out"], ["study", "run", "FILE", "--out", "o", "--stored"]]
)
_on_nothing = st.sampled_from(
    [["data", "list"], ["data", "get", "nonsense"], ["data", "get", ""], [], ["mi", "--help"], ["\0"]]
)


@st.composite
def _fitting(draw: st.DrawFn, n: int) -> str:
    """A command with a file of the sort that it reads."""
    sort = draw(st.integers(0, 9))
    if sort == 0:
        return f"{draw(_on_nothing)!r}, 't.csv', ''"
    if sort == 1:
        if draw(st.booleans()):
            return f"['trace', 'check', 'FILE'], 't.npz', {draw(st.sampled_from(_ARCHIVES))}"
        return f"{draw(_on_traces)!r}, 't', {draw(st.sampled_from(_TRACES))}"
    if sort == 2:
        return f"{draw(_on_studies)!r}, 't.csv', {draw(st.sampled_from(_FRAMES + _ODD_FILES))}"
    content = draw(st.sampled_from(_TABLES))
    suffix = next((each for word, each in _SUFFIXES.items() if word in content), ("csv",))
    return f"{draw(_on_tables)!r}, 't.{draw(st.sampled_from(suffix))}', {content.format(draw(data('n', 3).good(n)))}"


_file = st.sampled_from(
    ["t.csv", "t.tsv", "t.jsonl", "t.parquet", "t.txt", "t.xlsx", "t", ".csv", "ü ü.csv", "t.csv.gz"]
)
_unfitting = st.builds(
    lambda arguments, file, content: f"{arguments!r}, {file!r}, {content}",
    st.one_of(_on_tables, _on_traces, _on_studies),
    _file,
    st.sampled_from(_ODD_FILES),
)
COMMAND = Kind(lambda n: _fitting(n).map("({})".format), _unfitting.map("({})".format))
