"""Files that are written completely or not at all, their checksums, and one that is not there."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

#: The list of the checksums of a folder's files, as ``sha256sum --check`` reads it.
CHECKSUMS = "SHA256SUMS"
#: Names that a message shows at most.
_MOST = 4


def write_atomically(path: Path, content: bytes) -> Path:
    """Write `content` to a partial file beside `path`, then rename it; a failure leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """List the checksums of some files of a folder beside them."""
    lines = [f"{sha256_of(folder / name)}  {name}\n" for name in sorted(names)]
    write_atomically(folder / CHECKSUMS, "".join(lines).encode())


def read_checksums(folder: Path) -> dict[str, str]:
    """Return the checksum of each file that a folder's list names; ValueError if it is no such list."""
    text = (folder / CHECKSUMS).read_text(encoding="ascii")
    if not re.fullmatch(r"(?:[0-9a-f]{64}  [^/\n]+\n)+", text):
        raise ValueError(f"{CHECKSUMS} is damaged")
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())}


def differs_from_checksum(path: Path) -> bool:
    """Whether a file is not what the list beside it says; no list, or one that does not name it, says nothing."""
    try:
        listed = read_checksums(path.parent).get(path.name)
    except FileNotFoundError:
        return False
    except ValueError:  # a list that cannot be trusted
        return True
    return listed is not None and listed != sha256_of(path)


def absent(path: Path) -> str | None:
    """Return in words that there is no such file or folder, with names near it; None where there is one.

    >>> absent(Path("nowhere", "file.csv"))
    'no such file or folder; nor is there a folder nowhere'
    """
    if path.exists():
        return None
    folder = path.parent
    if not folder.is_dir():
        return f"no such file or folder; nor is there a folder {folder}"
    near = get_close_matches(path.name, sorted(each.name for each in folder.iterdir()), n=_MOST)
    verb = "is" if len(near) == 1 else "are"
    return f"no such file or folder; near it {verb} {', '.join(near)}" if near else "no such file or folder"
