"""Where a command's runs are carried out: local processes, behind the store of what was run before."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from capacity.study.executors.interface import Executor


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
