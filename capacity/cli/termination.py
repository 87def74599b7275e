"""SIGTERM ends a command as Ctrl-C does: what is half-written goes, what is finished stays.

It comes from batch systems at the end of the time they gave, and from `timeout`.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
"""Exit code, as shells have it."""


class Terminated(KeyboardInterrupt):
    """Another process told this one to end."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise `Terminated` in the block on SIGTERM, unless the caller of this process chose otherwise."""
    chosen = signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    if chosen or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
