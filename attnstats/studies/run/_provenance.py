"""What the numbers of a cell come from: its condition, the configuration, the packages and the code that it reaches."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self

#: Packages whose version can change a number of a cell, as they are installed and as they are written.
_PACKAGES = {
    "numpy": "NumPy",
    "scipy": "SciPy",
    "pandas": "pandas",
    "scikit-learn": "scikit-learn",
    "numba": "Numba",
    "llvmlite": "llvmlite",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
}
#: A change that touches more definitions than this is described by their number.
_FEW = 5


@dataclass(frozen=True)
class Provenance:
    """What the numbers of a cell come from."""

    condition: dict[str, Any]  # data set, encoder, attention, normalizer and seed
    configuration: dict[str, Any]  # what else it sets, and the fingerprint of the encoded texts
    versions: dict[str, str]
    definitions: dict[str, str]  # hash of the text of each definition that the cell reaches, by its qualified name
    code: str  # digest of the definitions and of what they name, whatever their own names and places

    @property
    def key(self) -> str:
        """The key under which the cell is stored."""
        decides = {name: part for name, part in asdict(self).items() if name != "definitions"}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:32]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what a JSON text holds; ValueError or TypeError where it holds something else."""
        return cls(**json.loads(text))

    def changes_since(self, former: Provenance) -> list[str]:
        """Return what differs from a former provenance, each change in a few words; empty where nothing does."""
        configuration = [f"configuration: {change}" for change in _changes(former.configuration, self.configuration)]
        packages = [
            f"{in_words(name)} {before} → {after}"
            for name in sorted(self.versions | former.versions)
            if (before := former.versions.get(name, "absent")) != (after := self.versions.get(name, "absent"))
        ]
        return [*configuration, *packages, *self._code_changes(former)]

    def _code_changes(self, former: Provenance) -> Iterator[str]:
        if self.code == former.code:
            return
        here, there = self.definitions, former.definitions
        changed = {_short(name) for name in here.keys() & there.keys() if here[name] != there[name]}
        # A definition whose text stands under another name has moved or got that name.
        moved = set(here.values()) & set(there.values())
        new = {_short(name) for name in here.keys() - there.keys() if here[name] not in moved}
        old = {_short(name) for name in there.keys() - here.keys() if there[name] not in moved}
        changed |= new & old
        every = changed | new | old
        if not every:
            yield "what definitions name changed"
        elif len(every) > _FEW:
            yield f"{len(every)} definitions changed, `{min(changed or every)}` among them"
        else:
            for what, names in (("changed", changed), ("is new", new - changed), ("is gone", old - changed)):
                if names:
                    said = what if len(names) == 1 else what.replace("is", "are")
                    yield f"{', '.join(f'`{name}`' for name in sorted(names))} {said}"


@dataclass(frozen=True)
class Circumstances:
    """When and where a cell was computed, which decides none of its numbers."""

    finished: str  # UTC
    seconds: float
    attnstats: str
    python: str
    system: str
    machine: str
    cores: int | None

    @classmethod
    def now(cls, *, seconds: float) -> Self:
        """Return those of this moment and this machine; no name of it, no user and no path."""
        return cls(
            datetime.now(UTC).isoformat(timespec="seconds"),
            round(seconds, 3),
            installed("attnstats"),
            platform.python_version(),
            f"{platform.system()} {platform.release()}",
            platform.machine(),
            os.cpu_count(),
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


def _changes(former: Mapping[str, Any], new: Mapping[str, Any], within: str = "") -> Iterator[str]:
    for name in {**new, **former}:
        before, after = former.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changes(before, after, f"{name}.")
        elif before != after:
            yield "other texts" if name == "data" else f"{within}{name} {_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "default" if value is None else str(value)


def _short(name: str) -> str:
    return name.rpartition(".")[-1]


@cache
def versions() -> dict[str, str]:
    """Return the version of Python and of each package that can change a number of a cell."""
    # Its bug fixes change no number; 3.12 sums floats in another way than 3.11.
    return {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        **{name: installed(name) for name in _PACKAGES},
    }


def in_words(package: str) -> str:
    """Return the name of a package as it is written in a sentence."""
    return {"python": "Python", **_PACKAGES}.get(package, package)


def installed(package: str) -> str:
    """Return the version of an installed package, or that it is absent."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
