"""Where a command's runs are carried out: local processes, behind the store of what was run before."""

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from capacity.study.executors.interface import Executor
    from capacity.study.task import Progress


@contextmanager
def executor_of(processes: int, *, fresh: bool) -> Iterator["Executor"]:
    """Give an executor of so many local processes; with `fresh` nothing is taken from the store.

    After an interruption the line that goes on from there is printed.
    """
    from capacity.study.executors.local import local_executor
    from capacity.study.store import FreshStore, ResultStore, StoredExecutor, default_place

    place = default_place()
    with local_executor(processes) as local:
        if place is None:
            yield local
            return
        store = FreshStore(place) if fresh else ResultStore(place)
        stored = StoredExecutor(local, store)
        try:
            yield stored
        except KeyboardInterrupt:
            _say_how_to_go_on(stored.done)
            raise
        if stored.done:
            store.prune()


def _say_how_to_go_on(done: int) -> None:
    if done:
        args = click.get_current_context().find_root().obj.args
        runs = "1 finished run is" if done == 1 else f"{done} finished runs are"
        click.echo(f"\n{runs} kept; to go on from there: {shlex.join(['capacity', *args])}", err=True)


EVERY_S = 15.0
"""Without a terminal, a line now and then. [s]"""


@contextmanager
def runs_progress(total: int, *, title: str = "") -> Iterator["Progress"]:
    """Show on stderr how far all runs are: a bar on a terminal, otherwise a line now and then."""
    begun = time.monotonic()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bar(total, title, begun) as show:
            yield show
        return
    told = [begun]

    def line(done: float, _now_s: float, ended: int) -> None:
        now = time.monotonic()
        if now - told[0] >= EVERY_S and done < total:
            told[0] = now
            runs = "the run" if total == 1 else f"{total} runs"
            rate = ended / (now - begun)
            click.echo(f"{title}{done / total:.0%} of {runs}, {ended:,} jobs, {rate:,.0f} jobs/s", err=True)

    yield line


@contextmanager
def _bar(total: int, title: str, begun: float) -> Iterator["Progress"]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[runs]}  {task.fields[jobs]:,} jobs"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title or "simulating", total=total, jobs=0, runs="", rate=0.0)

        def show(done: float, _now_s: float, ended: int) -> None:
            runs = f"{int(done)} of {total} runs" if total > 1 else ""
            rate = ended / max(time.monotonic() - begun, 1e-9)
            bar.update(task, completed=done, runs=runs, jobs=ended, rate=rate)

        yield show
