"""How far many runs are: a bar on a terminal, otherwise a line now and then."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from capacity.report.language import Language
    from capacity.study.task import Progress


EVERY_S = 15.0
"""Without a terminal, a line now and then. [s]"""


@contextmanager
def runs_progress(total: int, say: "Language", *, title: str = "") -> Iterator["Progress"]:
    """Show on stderr how far all runs are: a bar on a terminal, otherwise a line now and then."""
    begun = time.monotonic()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bar(total, say, title, begun) as show:
            yield show
        return
    told = [begun]

    def line(done: float, _now_s: float, ended: int) -> None:
        now = time.monotonic()
        if now - told[0] >= EVERY_S and done < total:
            told[0] = now
            known = {"title": title, "part": done / total, "ended": ended, "rate": ended / (now - begun)}
            whole = say.text("progress.of_run", **known)
            click.echo(whole if total == 1 else say.text("progress.of_runs", total=total, **known), err=True)

    yield line


def lines_now_and_then() -> Callable[[str], None]:
    """Return what prints a line to stderr if the last one, or the beginning, is long ago."""
    told = [time.monotonic()]

    def tell(text: str) -> None:
        now = time.monotonic()
        if now - told[0] >= EVERY_S:
            told[0] = now
            click.echo(text, err=True)

    return tell


@contextmanager
def _bar(total: int, say: "Language", title: str, begun: float) -> Iterator["Progress"]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[runs]}  {task.fields[jobs]}"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        title, jobs = title or say.text("progress.simulating"), say.text("progress.jobs", n=0)
        task = bar.add_task(title, total=total, jobs=jobs, runs="", rate=0.0)

        def show(done: float, _now_s: float, ended: int) -> None:
            runs = say.text("progress.runs", done=int(done), total=total) if total > 1 else ""
            rate = ended / max(time.monotonic() - begun, 1e-9)
            bar.update(task, completed=done, runs=runs, jobs=say.text("progress.jobs", n=ended), rate=rate)

        yield show
