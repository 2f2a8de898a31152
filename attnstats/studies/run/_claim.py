"""One run at a time writes in a folder: its claim is a file that it touches every few seconds as long as it lives."""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from attnstats.exceptions import ConfigError

CLAIM = "running.json"
#: Seconds between touches, and how long another run waits for the next one before it takes the folder over.
BEAT, PATIENCE = 5.0, 60.0


class _Seen(NamedTuple):
    """A claim as it was found, by whomever."""

    text: str
    touched: int

    @property
    def holder(self) -> dict[str, Any]:
        try:
            holder = json.loads(self.text)
        except ValueError:  # just being written
            holder = None
        return holder if isinstance(holder, dict) else {}

    def __str__(self) -> str:
        known = self.holder
        return f"process {known.get('process', '?')} on {known.get('host', '?')}, since {known.get('since', '?')}"

    def is_dead(self) -> bool:
        """Whether the run was on this machine and is no more; False where that cannot be known."""
        known = self.holder
        if os.name != "posix" or {name: known.get(name) for name in _place()} != _place():
            return False
        try:
            os.kill(int(known["process"]), 0)
        except ProcessLookupError:
            return True
        except (OSError, KeyError, TypeError, ValueError, OverflowError):
            return False
        return False


class Claim:
    """The right to write in a folder, for the time of a ``with`` block; ConfigError names the run that has it.

    A claim survives the death of its run. It is taken over where the process is known to be dead, and otherwise, as on
    another machine, when it has not been touched for a while: two moments of one file are compared, never two clocks.
    """

    def __init__(self, folder: Path, say: Callable[[str], object], *, beat: float = BEAT, patience: float = PATIENCE):
        self._folder, self._path = folder, folder / CLAIM
        self._say, self._beat, self._patience = say, beat, patience
        self._ended = threading.Event()
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {**_place(), "process": os.getpid(), "since": since, "token": secrets.token_hex(8)}
        self._text = json.dumps(holder)

    def __enter__(self) -> Self:
        while not self._taken():
            self._outlive()
        threading.Thread(target=self._touch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with suppress(OSError):
            if (seen := self._look()) and seen.text == self._text:
                self._path.unlink()

    def check(self) -> None:
        """Raise ConfigError if another run has taken the folder over, OSError if the folder is gone."""
        seen = self._look()
        if seen is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))
        if seen.text != self._text:
            raise ConfigError(f"out: {self._folder} was taken over by {seen}, since this run was not seen for long")

    def _taken(self) -> bool:
        try:
            file = self._path.open("x", encoding="utf-8")
        except FileExistsError:
            return False
        try:
            with file:
                file.write(self._text)
        except OSError:  # as on a full disk
            self._path.unlink()
            raise
        return True

    def _outlive(self) -> None:
        """Return when the claim that stands is gone; raise ConfigError if its run lives."""
        seen = self._look()
        if seen is None:
            return
        if not seen.is_dead():
            self._say(f"{self._folder} is claimed by {seen}: waiting up to {self._patience:.0f} s for a sign of life")
            deadline = time.monotonic() + self._patience
            while time.monotonic() < deadline:
                time.sleep(min(0.2, self._beat / 4))
                now = self._look()
                if now is None:
                    return
                if now != seen:
                    raise ConfigError(f"out: must be a folder that no other run writes in; {self._folder} has {now}")
        # Only what was looked at is put aside: another run may have been quicker.
        aside = self._path.with_name(f".{CLAIM}.{secrets.token_hex(4)}.partial")
        with suppress(FileNotFoundError):
            self._path.rename(aside)
            if aside.read_text(encoding="utf-8", errors="replace") != seen.text:
                aside.rename(self._path)
        aside.unlink(missing_ok=True)

    def _look(self) -> _Seen | None:
        # Opened, since a network disk tells the time of a file anew when it is opened.
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                return _Seen(file.read(), os.fstat(file.fileno()).st_mtime_ns)
        except FileNotFoundError:
            return None

    def _touch(self) -> None:
        while not self._ended.wait(self._beat):
            with suppress(OSError):  # a disk that fails is found by what is written to it
                if (seen := self._look()) and seen.text == self._text:
                    os.utime(self._path)


def _place() -> dict[str, str]:
    """Return the machine, and which of its containers, so that a number of a process means the same one."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        space = ""
    return {"host": socket.gethostname(), "space": space}
