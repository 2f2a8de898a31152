"""Files that are written completely or not at all, their checksums, and one that is not there."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from attnstats.exceptions import OutputError

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


@contextmanager
def writing_into(folder: Path, name: str) -> Iterator[None]:
    """Make the folder that the block writes into; OutputError, with the name of the parameter, if it takes no files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        raise OutputError(name, folder, getattr(error, "strerror", None) or str(error)) from error
    try:
        yield
    except OSError as error:
        reason = (
            error.reason
            if isinstance(error, OutputError)
            else f"{error.strerror or error}; what is there is not complete"
        )
        raise OutputError(name, folder, reason) from error


def write_files(files: Iterable[tuple[str, bytes]], directory: str | Path) -> list[Path]:
    """Write files into a directory, each atomically, and return their paths; OutputError if it takes none."""
    folder = Path(directory)
    with writing_into(folder, "directory"):
        return [write_atomically(folder / name, content) for name, content in files]


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """List the checksums of some files of a folder beside them."""
    _write_list(folder, {name: sha256_of(folder / name) for name in names})


def record_checksum(path: Path, *, where_listed: bool = False) -> None:
    """List the checksum of a file beside those of its folder; with `where_listed` only where one is listed already."""
    try:
        listed = read_checksums(path.parent)
    except (FileNotFoundError, ValueError):  # no list, or one that cannot be trusted
        listed = {}
    if path.name in listed or not where_listed:
        _write_list(path.parent, {**listed, path.name: sha256_of(path)})


def _write_list(folder: Path, checksums: Mapping[str, str]) -> None:
    lines = [f"{digest}  {name}\n" for name, digest in sorted(checksums.items())]
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
