"""``attnstats doctor``: what is installed here, and what a command lacks."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from attnstats import __version__

#: What each command needs beside the packages that are always installed, by the extras that hold it.
_NEEDS = {
    "study run": ("models", "report"),
    "study run, on rotten_tomatoes": ("data",),
    "study run, with GloVe embeddings": ("glove",),
    "study report": ("report",),
    "compare --out": ("report",),
    "evaluate --out": ("report",),
    "tables in Parquet": ("data",),
    "traces in .safetensors": ("transformers",),
}
#: Extras for those who change attnstats, not for those who use it.
_OF_DEVELOPERS = ("bench", "dev", "docs", "release")


def add_doctor(rooms: Any) -> None:
    command = rooms.add_parser(
        "doctor",
        help="print versions, and what is missing for which command",
        description="Print the versions of attnstats and of what it uses, the cores of this machine, and for each"
        " command what is missing and how to install it. Nothing is imported, changed or sent.",
    )
    command.add_argument("--json", action="store_true", help="print the same as one JSON document")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    found = _Installation.found()
    print(json.dumps(asdict(found), indent=2) if options.json else "\n".join(found.lines()))
    return 0


@dataclass(frozen=True)
class _Installation:
    """What is installed here; a version is None where there is none."""

    attnstats: str
    python: str
    system: str
    cores: int
    #: By extra, "" standing for what is always needed, the version of each package.
    packages: dict[str, dict[str, str | None]]
    #: By command, the packages that it lacks, by the extra that installs them.
    missing: dict[str, dict[str, list[str]]]

    @classmethod
    def found(cls) -> _Installation:
        from joblib import cpu_count

        packages: dict[str, dict[str, str | None]] = {}
        for requirement in _requirements():
            name, extra = re.match(r"[\w.-]+", requirement), re.search(r"extra == ['\"](\w+)['\"]", requirement)
            if name and (extra is None or extra[1] not in _OF_DEVELOPERS):
                packages.setdefault(extra[1] if extra else "", {})[name[0]] = _installed(name[0])
        absent = {extra: [name for name, known in of.items() if known is None] for extra, of in packages.items()}
        missing = {
            command: {extra: absent[extra] for extra in ("", *extras) if absent.get(extra)}
            for command, extras in _NEEDS.items()
        }
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        # joblib's number is that of the cores that this process may use, as in a container.
        cores = min(cpu_count(), os.cpu_count() or 1)
        return cls(__version__, platform.python_version(), system, cores, packages, missing)

    def lines(self) -> list[str]:
        """Return what a person reads."""
        shown = [f"attnstats {self.attnstats}, Python {self.python}, {self.system}, cores: {self.cores}", ""]
        if not self.packages:
            return [*shown, "attnstats runs from its source, not installed: what it needs is not known here."]
        for extra, versions in self.packages.items():
            complete = "not complete" if None in versions.values() else "complete"
            shown.append(f"extra {extra}: {complete}" if extra else "always needed:")
            shown += [f"  {name} {known or 'MISSING'}" for name, known in versions.items()]
        wanting = {command: extras for command, extras in self.missing.items() if extras}
        shown += ["", *([] if wanting else ["Nothing is missing for any command."])]
        for command, extras in wanting.items():
            names = ", ".join(name for missing in extras.values() for name in missing)
            wanted = ",".join(filter(None, extras))
            shown += [
                f"{command}: missing {names}",
                f"  pip install '{f'attnstats[{wanted}]' if wanted else 'attnstats'}'",
            ]
        return shown


def _requirements() -> list[str]:
    try:
        return requires("attnstats") or []
    except PackageNotFoundError:
        return []


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
