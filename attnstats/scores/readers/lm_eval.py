"""Scores of single samples from the files that lm-evaluation-harness writes with ``--log_samples``."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attnstats._column import shown
from attnstats.exceptions import DatasetError

_NAME = re.compile(r"samples_(?P<task>.+)_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?")
#: What a line holds besides its metrics.
_NO_METRICS = {
    "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "doc_hash", "prompt_hash",
    "target_hash",
}  # fmt: skip
_FLAGS = {"True": 1.0, "False": 0.0}


def read_lm_eval_samples(paths: str | Path | Sequence[str | Path], *, fields: Sequence[str] = ()) -> pd.DataFrame:
    r"""Return the scores of single samples in files of lm-evaluation-harness, one row for each sample and metric.

    A file has a line for each sample and *filter*, so that a task with two filters, such as gsm8k with strict-match and
    flexible-extract, holds each sample twice: keep one filter to compare models. Metrics that the harness aggregates
    from pairs and not by a mean, such as f1 or perplexity, have no score of a sample, and no row here; nor has a task
    without other metrics.

    Parameters
    ----------
    paths : str, Path, or a sequence of them
        Files ``samples_TASK_DATE.jsonl``, or folders, of which all such files are read, those of their folders too.
    fields : sequence of str
        Entries of the question, ``doc`` in the file, to keep as columns, such as the text that several questions are
        about.

    Returns
    -------
    DataFrame
        Columns model, task, doc_id, filter, metric and value, then the fields. The file does not name the model: it is
        the name of the folder that the harness makes for it, ``org__model``. The task is that of the file's name,
        doc_id the place of the sample in the task.

    Raises
    ------
    DatasetError
        If there is no such file, or two of one model and task, a line is not a sample, no metric has a number for each
        sample, or a question lacks a field.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> from attnstats.scores import read_lm_eval_samples
    >>> lines = [{"doc_id": n, "filter": "none", "metrics": ["acc"], "acc": float(n % 2)} for n in range(3)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "org__small", "samples_boolq_2025-01-31T12-00-00.123456.jsonl")
    ...     path.parent.mkdir()
    ...     _ = path.write_text("\n".join(map(json.dumps, lines)))
    ...     read_lm_eval_samples(folder)
            model   task  doc_id filter metric  value
    0  org__small  boolq       0   none    acc    0.0
    1  org__small  boolq       1   none    acc    1.0
    2  org__small  boolq       2   none    acc    0.0

    References
    ----------
    EleutherAI, lm-evaluation-harness, docs/interface.md and lm_eval/loggers/evaluation_tracker.py, versions 0.4.9 and
    0.4.13.
    """
    files: dict[tuple[str, str], Path] = {}
    for path in _files(paths):
        first = files.setdefault(_named(path), path)
        if first is not path:
            raise DatasetError(f"paths: must hold one file of each model and task; got {first} and {path}")
    read = [_read_file(path, *named, fields) for named, path in files.items()]
    tables = [table for table, _ in read if not table.empty]
    if not tables:
        metrics = ", ".join(sorted(set().union(*(others for _, others in read)))) or "none"
        raise DatasetError(
            f"paths: must have a metric with a number for each sample; got {metrics}, which the harness aggregates"
            " otherwise"
        )
    return pd.concat(tables, ignore_index=True)


def _files(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    files: list[Path] = []
    for path in map(Path, given):
        files += sorted(path.rglob("samples_*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise DatasetError(f"paths: must hold files samples_TASK_DATE.jsonl; got none in {', '.join(map(str, given))}")
    return files


def _named(path: Path) -> tuple[str, str]:
    """Return the model and the task that the folder and the name of a file stand for."""
    name = _NAME.fullmatch(path.stem)
    if name is None:
        raise DatasetError(f"paths: each file must be named samples_TASK_DATE.jsonl; got {path.name!r}")
    return path.resolve().parent.name, name["task"]


def _read_file(path: Path, model: str, task: str, fields: Sequence[str]) -> tuple[pd.DataFrame, set[str]]:
    """Return the scores in a file, and the metrics that have no score of a sample."""
    rows: list[tuple[Any, ...]] = []
    undefined: set[str] = set()
    for sample in _samples(path):
        kept = [_field(sample.get("doc"), field, f"{path.name}: doc of sample {sample['doc_id']}") for field in fields]
        for metric in sample.get("metrics", [key for key in sample if key not in _NO_METRICS]):
            value = _number(sample.get(metric))
            if value is None:
                undefined.add(metric)
            rows.append((sample["doc_id"], str(sample.get("filter", "none")), metric, value, *kept))
    scored = [row for row in rows if row[2] not in undefined]
    table = pd.DataFrame(scored, columns=["doc_id", "filter", "metric", "value", *fields])
    table.insert(0, "task", task)
    table.insert(0, "model", model)
    return table, undefined


def _samples(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    sample = json.loads(line)
                    if not isinstance(sample, dict) or "doc_id" not in sample:
                        raise DatasetError(f"{path.name}: line {number} is not a sample: it has no doc_id")
                    _check(sample, f"{path.name}: line {number} is not a sample")
                    yield sample
    except OSError as error:
        raise DatasetError(f"{path.name}: cannot be read: {error.strerror} ({path})") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path.name}: cannot be read: line {number or 1} is not JSON ({error})") from error


def _check(sample: dict[str, Any], where: str) -> None:
    """Raise unless the sample has a place in its task, and names for its metrics."""
    if not isinstance(sample["doc_id"], int | str):
        raise DatasetError(f"{where}: doc_id must be a whole number or text; got {shown(sample['doc_id'])}")
    metrics = sample.get("metrics", [])
    if not isinstance(metrics, list) or not all(isinstance(metric, str) for metric in metrics):
        raise DatasetError(f"{where}: metrics must be a list of names; got {shown(metrics)}")


def _field(doc: Any, field: str, where: str) -> str:
    """Return an entry of a question as text."""
    if not isinstance(doc, dict) or field not in doc:
        known = ", ".join(doc) if isinstance(doc, dict) else "none"
        raise DatasetError(f"{where}: must have the field {field!r}; its fields are {known}")
    return str(doc[field])


def _number(value: Any) -> float | None:
    """Return a score; the harness writes numbers of some NumPy types as text."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        if value in _FLAGS:
            return _FLAGS[value]
        try:
            return float(value)
        except ValueError:
            return None
    return math.nan if value is None else None
