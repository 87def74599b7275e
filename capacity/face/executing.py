"""Where a verb's runs are carried out: local processes or a cluster, behind the store of runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from capacity.study.executors.dask import dask_executor
from capacity.study.executors.interface import Executor
from capacity.study.executors.local import local_executor
from capacity.study.store import FreshStore, ResultStore, StoredExecutor, default_place


@contextmanager
def executor_of(processes: int, *, fresh: bool, cluster: str | None = None) -> Iterator[Executor]:
    """Give an executor of so many local processes, or of a cluster; with `fresh` the store gives nothing.

    A cluster is the address of its Dask scheduler.

    An interruption carries a note that says how many finished runs are kept.
    """
    place = default_place()
    with local_executor(processes) if cluster is None else dask_executor(cluster) as carries_out:
        if place is None:
            yield carries_out
            return
        store = FreshStore(place) if fresh else ResultStore(place)
        stored = StoredExecutor(carries_out, store)
        try:
            yield stored
        except KeyboardInterrupt as stop:
            if stored.done:
                kept = "1 finished run is" if stored.done == 1 else f"{stored.done} finished runs are"
                stop.add_note(f"{kept} kept")
            raise
        if stored.done:
            store.prune()
