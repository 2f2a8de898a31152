"""What is stored in the folder of a study and not used any more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attnstats.exceptions import ConfigError
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.run._claim import Claim
from attnstats.studies.run._store import CellStore
from attnstats.studies.run.study import CELLS, wanted_cells


def unused_cells(config: StudyConfig, out: Path) -> list[Path]:
    """Return what is stored of models that a configuration and the present code do not use, and of damaged ones."""
    if not (out / CELLS).is_dir():
        raise ConfigError(f"--out: must be the folder of a study, with a folder {CELLS} in it; got {out}")
    return CellStore(out / CELLS).unused(wanted_cells(config)[0])


def remove_cells(paths: list[Path], out: Path, say: Callable[[str], object]) -> None:
    """Remove stored cells, unless a run has the folder."""
    with Claim(out, say):
        CellStore(out / CELLS).remove(paths)
