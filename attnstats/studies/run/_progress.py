"""How far a study is: cells done, the last of them, and the time that the others may take."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text


def study_progress(console: Console) -> Progress:
    """Return a bar that fits 80 columns; its tasks have a field `stored`, the cells done before it began."""
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=15),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        _TimeLeft(),
        console=console,
        expand=True,
    )


def seconds_left(task: Task) -> float | None:
    """Return the seconds that the cells to come take if they take as long as those computed; None before the first.

    Rich goes by the time between cells, and several workers finish some at almost the same moment.
    """
    computed = task.completed - task.fields["stored"]
    if not computed or task.elapsed is None:
        return None
    return float(task.elapsed / computed * (task.remaining or 0))


class _TimeLeft(ProgressColumn):
    """The time left, once a cell is done."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        left = seconds_left(task)
        if left is None:
            return Text("left -:--:--", style="progress.remaining")
        minutes, seconds = divmod(round(left), 60)
        return Text(f"left {minutes // 60}:{minutes % 60:02}:{seconds:02}", style="progress.remaining")
