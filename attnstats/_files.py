"""A file that is written completely or not at all, and one that is not there."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

#: Names that a message shows at most.
_MOST = 4


def write_atomically(path: Path, content: bytes) -> Path:
    """Write `content` to a partial file beside `path`, then rename it; a failure leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


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
