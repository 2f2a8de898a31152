"""Scores of single samples from the logs of Inspect: ``.eval``, a zip of JSON, or ``.json``."""

from __future__ import annotations

import io
import json
import lzma
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from attnstats._column import shown
from attnstats.exceptions import DatasetError, require

#: What Inspect's own metrics make of the letters and words of a grade.
_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
#: What Inspect writes beside the logs of a folder: their list, and what a set of evaluations is made of.
_BESIDE = ("logs.json", "eval-set.json")
#: The method of a zip member that is compressed by zstd, which Python reads from 3.14 on.
_ZSTD = 93
#: What Python says of a file that is no log, and of an archive with damage in it.
_NO_LOG = (
    ValueError, KeyError, TypeError, AttributeError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error,
    lzma.LZMAError, struct.error,
)  # fmt: skip
#: Bytes of the header before a zip member, up to its name.
_HEADER = struct.Struct("<26xHH")


def read_inspect_logs(paths: str | Path | Sequence[str | Path], *, fields: Sequence[str] = ()) -> pd.DataFrame:
    """Return the scores of single samples in logs of Inspect, one row for each sample, epoch and score.

    Grades become numbers as in Inspect's accuracy: C (correct) 1, P (partial) 0.5, I (incorrect) and N (no answer) 0;
    yes, true, no and false likewise. Any other text, which Inspect counts as 0 with a warning, is refused here; a score
    that is such text in all samples of a log, such as a comment, has no rows. A sample that ended in an error before it
    was scored, or that a scorer could not score, is NaN here; Inspect's metrics leave it out.

    A sample that stands in several logs of one task id, as where a failed run was tried again, is that of the latest.

    Parameters
    ----------
    paths : str, Path, or a sequence of them
        Logs that end in ``.eval`` or ``.json``, or folders, of which all logs are read, those of their folders too.
    fields : sequence of str
        Entries of the samples' metadata to keep as columns, such as the text that several questions are about.

    Returns
    -------
    DataFrame
        Columns task, model, sample (its id as text), epoch (from 1), score (name of the scorer, with that of the part,
        ``scorer/part``, where a scorer gives several) and value, then the fields. With several scores, keep one to
        compare models, and of several epochs the mean: epoch 1 of one sample has nothing to do with that of another.

    Raises
    ------
    DatasetError
        If a log cannot be read, has no score, a score is no number and no grade, or a sample lacks a field.
    MissingExtraError
        If a log is compressed by zstd, as newer ones are, and pyarrow is not installed.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> from attnstats.scores import read_inspect_logs
    >>> samples = [{"id": n, "epoch": 1, "scores": {"match": {"value": "CI"[n % 2]}}} for n in range(2)]
    >>> log = {"version": 2, "eval": {"task": "arithmetic", "model": "org/small"}, "samples": samples}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "log.json").write_text(json.dumps(log))
    ...     read_inspect_logs(folder)
             task      model sample  epoch  score  value
    0  arithmetic  org/small      0      1  match    1.0
    1  arithmetic  org/small      1      1  match    0.0

    References
    ----------
    UK AI Security Institute, Inspect, log files; inspect_ai/log/_recorders/eval.py, inspect_ai/scorer/_metric.py.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    files: list[Path] = []
    for path in map(Path, given):
        inside = [each for each in path.rglob("*") if each.suffix in (".eval", ".json") and each.name not in _BESIDE]
        files += sorted(inside) if path.is_dir() else [path]
    if not files:
        raise DatasetError(f"paths: must hold logs in .eval or .json; got none in {', '.join(map(str, given))}")
    logs = sorted((_read_log(path, fields) for path in files), key=lambda log: log.created)
    scored = {log.task_id for log in logs if not log.table.empty}
    for log in logs:
        if log.task_id not in scored:
            raise DatasetError(f"{log.name}: must have a sample with a score; got none among {log.n_samples} samples")
    tables = [log.table.assign(run=log.task_id) for log in logs if not log.table.empty]
    table = pd.concat(tables, ignore_index=True)
    again = table.duplicated(["run", "task", "model", "sample", "epoch", "score"], keep="last")
    return table[~again].drop(columns="run").reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class _Log:
    """What a log holds; where a failed run was tried again, all its logs have one task id."""

    name: str
    task_id: str
    created: str
    n_samples: int
    table: pd.DataFrame


def _read_log(path: Path, fields: Sequence[str]) -> _Log:
    try:
        spec, samples = _archive(path, whole=bool(fields)) if path.suffix == ".eval" else _document(path)
        scores = _scores(samples, path.name)
        kept = [_kept(sample, fields, path.name) for sample in samples]
        rows = [
            (str(sample["id"]), int(sample["epoch"]), name, values[place], *kept[place])
            for place, sample in enumerate(samples)
            for name, values in scores.items()
        ]
        table = pd.DataFrame(rows, columns=["sample", "epoch", "score", "value", *fields])
        table.insert(0, "model", spec["model"])
        table.insert(0, "task", spec["task"])
    except OSError as error:
        raise DatasetError(f"{path.name}: cannot be read: {error.strerror or error} ({path})") from error
    except _NO_LOG as error:
        raise DatasetError(f"{path.name}: is not a log of Inspect ({type(error).__name__}: {error})") from error
    return _Log(path.name, spec.get("task_id") or str(path), str(spec.get("created", "")), len(samples), table)


def _document(path: Path) -> tuple[Mapping[str, Any], list[Any]]:
    log = json.loads(path.read_bytes())
    return log["eval"], log.get("samples") or []


def _archive(path: Path, *, whole: bool) -> tuple[Mapping[str, Any], list[Any]]:
    """Return what was evaluated, and the samples: whole, or their summaries, which are small but cut long texts."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        header = next((name for name in ("header.json", "_journal/start.json", "start.json") if name in names), None)
        if header is None:
            raise ValueError("it has no header.json")
        spec = _member(archive, header)["eval"]
        if "summaries.json" in names and not whole:
            return spec, _member(archive, "summaries.json")
        samples = (name for name in names if name.startswith("samples/") and name.endswith(".json"))
        return spec, [_member(archive, name) for name in samples]


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    found = archive.getinfo(name)
    if found.compress_type != _ZSTD:
        return json.loads(archive.read(found))
    require("pyarrow", "data")
    import pyarrow

    file = archive.fp
    assert file is not None
    file.seek(found.header_offset)
    file.seek(sum(_HEADER.unpack(file.read(_HEADER.size))), io.SEEK_CUR)
    return json.loads(pyarrow.input_stream(io.BytesIO(file.read(found.compress_size)), compression="zstd").read())


def _kept(sample: Mapping[str, Any], fields: Sequence[str], file: str) -> list[str]:
    """Return entries of a sample's metadata as text."""
    metadata = sample.get("metadata") or {}
    for field in fields:
        if field not in metadata:
            known = ", ".join(metadata) or "none"
            raise DatasetError(
                f"{file}: metadata of sample {sample['id']!r} must have the field {field!r}; its fields are {known}"
            )
    return [str(metadata[field]) for field in fields]


def _scores(samples: Sequence[Mapping[str, Any]], file: str) -> dict[str, list[float]]:
    """Return the numbers of each score, one for each sample: NaN where it has none."""
    given = [_values(sample) for sample in samples]
    found: dict[str, list[float]] = {}
    texts: list[str] = []
    for name in dict.fromkeys(name for values in given for name in values):
        numbers = [_number(values.get(name, math.nan)) for values in given]
        if None in numbers:
            place = numbers.index(None)
            texts.append(
                f"{file}: score {name!r} of sample {samples[place]['id']!r}: must be a number or one of"
                f" {', '.join(_GRADES)}; got {shown(given[place][name])}"
            )
            if any(number == number for number in numbers if number is not None):
                raise DatasetError(texts[-1])
        else:
            found[name] = [number for number in numbers if number is not None]
    if texts and not found:
        raise DatasetError(texts[0])
    return found


def _values(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sample scored, by scorer or ``scorer/part``; nothing if it ended in an error before."""
    found: dict[str, Any] = {}
    for scorer, score in (sample.get("scores") or {}).items():
        value = score.get("value", math.nan)
        if isinstance(value, dict):
            found |= {f"{scorer}/{part}": each for part, each in value.items()}
        else:
            found[scorer] = value
    return found


def _number(value: Any) -> float | None:
    """Return the number that a score stands for, NaN where there is none; None if it is another text."""
    if value is None:
        return math.nan
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    grade = _GRADES.get(value, _WORDS.get(value.lower()))
    if grade is not None:
        return grade
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
