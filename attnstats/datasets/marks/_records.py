"""Lines of JSON in a file, with the place of each for messages."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnstats._column import shown
from attnstats._files import absent
from attnstats.exceptions import DatasetError

_ZIP, _GZIP, _UTF16 = b"PK\x03\x04", b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")
#: Where an archive of tar says that it is one.
_TAR = slice(257, 262)


class Record(dict[str, Any]):
    """One object of a file, which knows where it stands."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        super().__init__(values)
        self.where = where

    def field(self, name: str, kind: type | tuple[type, ...], rule: str) -> Any:
        """Return a field of a kind, or say which rule it breaks."""
        if name not in self:
            has = ", ".join(map(str, self)) or "no field"
            raise DatasetError(f"{self.where}: must have {name!r}, {rule}; it has {has:.200}")
        value = self[name]
        if isinstance(value, bool) or not isinstance(value, kind):
            raise DatasetError(f"{self.where}: {name!r} must be {rule}; got {shown(value)}")
        return value


def as_path(path: object) -> Path:
    """Return the path of something that is there."""
    if not isinstance(path, str | Path) or not str(path):
        raise DatasetError(f"path: must be the path of a file or a folder; got {shown(path)}")
    found = Path(path)
    if said := absent(found):
        raise DatasetError(f"{found}: {said}")
    return found


def records(content: bytes, name: str) -> Iterator[Record]:
    """Return the objects of a file with one on each line; it may have a byte order mark and Windows line ends."""
    lines = as_text(content, name).split("\n")  # a carriage return before it is white space to JSON
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        remedy = "; write each object on a line of its own, without a list around them" if line[:1] == "[" else ""
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            values = None
            if line.startswith("{") and (error.msg.startswith("Unterminated") or error.pos >= len(line.rstrip())):
                remedy = "; it looks cut off"
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise DatasetError(f"{name}: line {number} must be a JSON object; got {shown(line.strip())}{remedy}")
        yield Record(values, f"{name}, line {number}")


def as_text(content: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark; refuse others by what they are."""
    if content.startswith(_ZIP) or content[_TAR] == b"ustar":
        kind = "a zip archive" if content.startswith(_ZIP) else "a tar archive"
        raise DatasetError(f"{name}: must be text, plain or compressed by gzip; got {kind}: unpack it first")
    if content.startswith(_UTF16):
        raise DatasetError(f"{name}: must be text in UTF-8; got UTF-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02x}"
        raise DatasetError(f"{name}: must be text in UTF-8; got the byte {byte} in line {line}") from error


def content_of(path: Path) -> bytes:
    """Return the content of a file, which may be compressed by gzip."""
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
