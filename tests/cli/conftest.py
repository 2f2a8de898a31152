"""A table, and what a failing command must print."""

import numpy as np
import pandas as pd
import pytest

from attnstats.cli import main


@pytest.fixture
def frame():
    """200 rows: x and y correlated numbers, a truth value, two ways to group, whole numbers, a name with a comma."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    return pd.DataFrame(
        {
            "x": x,
            "y": x + rng.normal(size=200),
            "label": x > 0,
            "group": np.repeat(["a", "b"], 100),
            "part": np.tile(["u", "v"], 100),
            "age": rng.integers(18, 80, size=200),
            "hours, net": rng.integers(0, 50, size=200),
        }
    )


@pytest.fixture
def table(tmp_path, frame):
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


@pytest.fixture
def run(capsys):
    """Run a command that succeeds and return what it prints."""

    def run_command(*arguments):
        assert main([str(each) for each in arguments]) == 0
        return capsys.readouterr().out

    return run_command


@pytest.fixture
def fails(capsys):
    """Run a command that fails with exit status 2 and return the one line that it prints, to standard error alone."""

    def run_command(*arguments):
        capsys.readouterr()
        assert main([str(each) for each in arguments]) == 2
        captured = capsys.readouterr()
        said = [line for line in captured.err.splitlines() if not line.startswith("Study tiny: checking names")]
        assert len(said) == 1
        assert said[0].startswith("attnstats: error: ")
        assert captured.out == ""
        return said[0].removeprefix("attnstats: error: ")

    return run_command
