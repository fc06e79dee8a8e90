"""Progress bars on stderr, so that stdout stays what a command prints."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Advance(Protocol):
    """Tells how far a job is: `done` of `total`."""

    def __call__(self, done: int, total: int) -> None: ...


def no_advance(done: int, total: int) -> None:
    """Tell nobody."""


class Show(Protocol):
    """Tells how far a stage of a job is: `done` of `total`, with a `note` beside the bar."""

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None: ...


class Progress:
    """Shows jobs as bars; on a terminal they move, elsewhere a line is printed when a job begins and when it ends."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)

    @contextmanager
    def job(self, title: str) -> Iterator[Advance]:
        """A bar for one job."""
        with self._bars() as bars:
            task = self._begun(bars, title)
            yield lambda done, total: bars.update(task, completed=done, total=total)

    @contextmanager
    def stages(self, titles: Mapping[str, str]) -> Iterator[Show]:
        """A bar for each stage of a job, shown when the stage begins: `show(stage, done, total)`."""
        with self._bars() as bars:
            tasks: dict[str, TaskID] = {}

            def show(stage: str, done: int, total: int, note: str = "") -> None:
                if stage not in tasks:
                    tasks[stage] = self._begun(bars, titles.get(stage, stage))
                bars.update(tasks[stage], completed=done, total=total, note=note)

            yield show

    def _begun(self, bars: Bars, title: str) -> TaskID:
        if not self._console.is_terminal:
            self._console.print(f"{title} …", markup=False, emoji=False, highlight=False)
        return bars.add_task(title, total=None, note="")

    def _bars(self) -> Bars:
        title = TextColumn("{task.description}", markup=False)  # a file may be called [anything]
        note = TextColumn("{task.fields[note]}", markup=False)
        return Bars(title, BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), note, console=self._console)


class Silence(Progress):
    """Shows nothing."""

    def __init__(self) -> None:
        super().__init__(Console(quiet=True))
