"""Worker processes that a run shares its replications with, and that end quietly when it is interrupted.

Ctrl-C reaches every process of a terminal, and Python prints a traceback in each: also in one that is only
just starting. So interruptions are held back while processes start, and end them without a word after that.
A kill reaches one process only. So each worker watches the one it works for, and goes when that is gone:
it would wait for work for ever, with all its memory.
"""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process

from capacity.errors import CapacityError

INTERRUPT = {signal.SIGINT}


@contextmanager
def worker_processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """Give `count` processes to the block; they are gone when it ends, at once if it ends with an error.

    Raises
    ------
    CapacityError
        A process was ended from outside.
    """
    others = active_children()
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_end_with_the_run)
    try:
        yield executor
    except BrokenProcessPool:
        message = "a process was ended from outside, perhaps for lack of memory: try again with a smaller -j"
        raise CapacityError(message) from None
    except BaseException:
        for worker in set(active_children()).difference(others):
            worker.terminate()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def starting() -> Iterator[None]:
    """Hold interruptions back while the block hands out work and so starts processes."""
    handler = signal.getsignal(signal.SIGINT)
    may_be_held = threading.current_thread() is threading.main_thread() and hasattr(signal, "pthread_sigmask")
    if not may_be_held or not callable(handler):
        yield
        return
    held: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)  # inherited by what is started
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if held:
        handler(signal.SIGINT, None)


def _end_with_the_run() -> None:
    """Run first in each process; one that is to ignore interruptions, as under nohup, goes on to do so."""
    threading.Thread(target=_leave_when_alone, name="leave when alone", daemon=True).start()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)


def _leave_when_alone() -> None:
    """Wait until the process that started this one is gone, however it ended; then go without a word."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
