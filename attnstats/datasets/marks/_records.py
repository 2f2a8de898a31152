"""Lines of JSON in a folder, a file or an archive, with the place of each for messages."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnstats._column import shown
from attnstats.exceptions import DatasetError


class Record(dict[str, Any]):
    """One object of a file, which knows where it stands."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        super().__init__(values)
        self.where = where

    def field(self, name: str, kind: type | tuple[type, ...], rule: str) -> Any:
        """Return a field of a kind, or say which rule it breaks."""
        value = self.get(name)
        if name not in self or isinstance(value, bool) or not isinstance(value, kind):
            raise DatasetError(f"{self.where}: {name!r} must be {rule}; got {shown(value) if name in self else 'none'}")
        return value


def as_path(path: object) -> Path:
    """Return the path of something that is there."""
    if not isinstance(path, str | Path) or not str(path):
        raise DatasetError(f"path: must be the path of a file or a folder; got {shown(path)}")
    found = Path(path)
    if not found.exists():
        raise DatasetError(f"path: must be there; got {str(path)!r}, which is not")
    return found


def records(content: bytes, name: str) -> Iterator[Record]:
    """Return the objects of a file with one on each line; it may have a byte order mark and Windows line ends."""
    try:
        lines = content.decode("utf-8-sig").split("\n")  # a carriage return before it is white space to JSON
    except UnicodeError as error:
        raise DatasetError(f"{name}: must be UTF-8; got {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{name}: line {number} must be JSON; got {error}") from error
        if not isinstance(values, dict):
            raise DatasetError(f"{name}: line {number} must be a JSON object; got {shown(values)}")
        yield Record(values, f"{name}, line {number}")


def content_of(path: Path) -> bytes:
    """Return the content of a file, which may be compressed by gzip."""
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error


def files_of(path: Path) -> dict[str, bytes]:
    """Return the files of a folder or of a tar archive, by their path inside it, in the order of the paths.

    Nothing is unpacked, and what macOS puts beside each file (``._name``) is no file.
    """
    if path.is_dir():
        found = {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}
        files = {name: content_of(each) for name, each in found.items()}
    else:
        try:
            with tarfile.open(path) as archive:
                opened = {each.name: archive.extractfile(each) for each in archive.getmembers() if each.isfile()}
                files = {name: file.read() for name, file in opened.items() if file is not None}
        except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
            said = " ".join(str(error).split())
            raise DatasetError(f"{path.name}: must be a folder or a tar archive; got {said}") from error
    return {name: files[name] for name in sorted(files) if not name.rpartition("/")[2].startswith("._")}
