"""How far a study is said to be."""

import io

import pytest
from rich.console import Console

from attnstats.studies.run._progress import seconds_left, study_progress


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def bar(now):
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    progress = study_progress(console)
    progress.get_time = lambda: now[0]
    return progress


def test_the_time_left_is_that_of_the_cells_computed_here(bar, now):
    task = bar.add_task("training and analysing", total=20, completed=10, stored=10)
    now[0] = 30.0
    assert seconds_left(bar.tasks[task]) is None  # what was stored says nothing of how long a cell takes
    bar.update(task, advance=1)
    bar.update(task, advance=1)  # two workers at one moment
    assert seconds_left(bar.tasks[task]) == pytest.approx(30 / 2 * 8)
    now[0] = 150.0
    bar.update(task, advance=8)
    assert seconds_left(bar.tasks[task]) == 0


def test_a_line_of_80_columns_shows_cells_time_and_what_was_done(bar, now):
    task = bar.add_task("", total=20, completed=0, stored=0)
    now[0] = 3600.0
    bar.update(task, advance=1, description="done: rotten_tomatoes bilstm scaled_dot_product gumbel_softmax seed [7]")
    bar.console.print(bar.get_renderable())
    [line] = bar.console.file.getvalue().splitlines()
    assert len(line) <= 80
    assert line.startswith("done: rotten_tomatoes")
    assert "…" in line
    assert line.rstrip().endswith("1/20 1:00:00 left 19:00:00")
