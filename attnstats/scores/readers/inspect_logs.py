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
from pathlib import Path
from typing import Any

import pandas as pd

from attnstats._column import shown
from attnstats.exceptions import DatasetError, require

#: What Inspect's own metrics make of the letters and words of a grade.
_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
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
    yes, true, no and false likewise. Any other text, which Inspect counts as 0 with a warning, is refused here. A
    sample that ended in an error, or that a scorer could not score, is NaN here; Inspect's metrics leave it out.

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
        compare models.

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
        logs = (each for each in path.rglob("*") if each.suffix in (".eval", ".json")) if path.is_dir() else [path]
        files += sorted(logs)
    if not files:
        raise DatasetError(f"paths: must hold logs in .eval or .json; got none in {', '.join(map(str, given))}")
    return pd.concat([_read_log(path, fields) for path in files], ignore_index=True)


def _read_log(path: Path, fields: Sequence[str]) -> pd.DataFrame:
    try:
        spec, samples = _archive(path) if path.suffix == ".eval" else _document(path)
        found = [(sample, _scores(sample, path.name)) for sample in samples]
        names = list(dict.fromkeys(name for _, scores in found for name in scores))
        rows = [
            (
                str(sample["id"]),
                int(sample["epoch"]),
                name,
                scores.get(name, math.nan),
                *_kept(sample, fields, path.name),
            )
            for sample, scores in found
            for name in names
        ]
        table = pd.DataFrame(rows, columns=["sample", "epoch", "score", "value", *fields])
        table.insert(0, "model", spec["model"])
        table.insert(0, "task", spec["task"])
    except OSError as error:
        raise DatasetError(f"{path.name}: cannot be read: {error.strerror or error} ({path})") from error
    except _NO_LOG as error:
        raise DatasetError(f"{path.name}: is not a log of Inspect ({type(error).__name__}: {error})") from error
    if table.empty:
        raise DatasetError(f"{path.name}: must have a sample with a score; got none among {len(samples)} samples")
    return table


def _document(path: Path) -> tuple[Mapping[str, Any], list[Any]]:
    log = json.loads(path.read_bytes())
    return log["eval"], log.get("samples") or []


def _archive(path: Path) -> tuple[Mapping[str, Any], list[Any]]:
    """Return what was evaluated, and the samples: their summaries, which are small, or else the whole of each."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        header = next((name for name in ("header.json", "_journal/start.json", "start.json") if name in names), None)
        if header is None:
            raise ValueError("it has no header.json")
        spec = _member(archive, header)["eval"]
        if "summaries.json" in names:
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


def _scores(sample: Mapping[str, Any], file: str) -> dict[str, float]:
    """Return the scores of a sample by name; none if it ended in an error."""
    found: dict[str, float] = {}
    for scorer, score in (sample.get("scores") or {}).items():
        value = score.get("value", math.nan)
        parts = (
            {f"{scorer}/{part}": each for part, each in value.items()} if isinstance(value, dict) else {scorer: value}
        )
        for name, each in parts.items():
            found[name] = _number(each, f"{file}: score {name!r} of sample {sample['id']!r}")
    return found


def _number(value: Any, where: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        if value in _GRADES:
            return _GRADES[value]
        if value.lower() in _WORDS:
            return _WORDS[value.lower()]
        try:
            return float(value)
        except ValueError:
            pass
    raise DatasetError(f"{where}: must be a number or one of {', '.join(_GRADES)}; got {shown(value)}")
