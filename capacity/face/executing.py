"""Where a verb's runs are carried out: local processes, behind the store of what was run before."""

from collections.abc import Iterator
from contextlib import contextmanager

from capacity.study.executors.interface import Executor
from capacity.study.executors.local import local_executor
from capacity.study.store import FreshStore, ResultStore, StoredExecutor, default_place


@contextmanager
def executor_of(processes: int, *, fresh: bool) -> Iterator[Executor]:
    """Give an executor of so many local processes; with `fresh` nothing is taken from the store.

    An interruption carries a note that says how many finished runs are kept.
    """
    place = default_place()
    with local_executor(processes) as local:
        if place is None:
            yield local
            return
        store = FreshStore(place) if fresh else ResultStore(place)
        stored = StoredExecutor(local, store)
        try:
            yield stored
        except KeyboardInterrupt as stop:
            if stored.done:
                kept = "1 finished run is" if stored.done == 1 else f"{stored.done} finished runs are"
                stop.add_note(f"{kept} kept")
            raise
        if stored.done:
            store.prune()
