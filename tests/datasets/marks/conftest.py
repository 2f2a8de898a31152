"""Where the real files lie, which are no part of the repository."""

import os
from pathlib import Path

import pytest

import attnstats

#: Beside the repository, or where the environment says.
FOLDER = Path(os.environ.get("ATTNSTATS_MARKS", Path(attnstats.__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def real_files():
    if not FOLDER.is_dir():
        pytest.skip(f"the files of human marks are not in {FOLDER}")
    return FOLDER
