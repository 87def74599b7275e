"""The C version of EASY, compiled into a temporary directory at run time and called through ctypes."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from capacity.scheduling.jobs import Jobs

SOURCE = Path(__file__).parent / "easy.c"
_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def compiler() -> str | None:
    """Path of a C compiler, or None."""
    return shutil.which(os.environ.get("CC", "cc"))


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL:
    """Compile `easy.c` and load it; the files live as long as this process."""
    found = compiler()
    if found is None:
        message = "no C compiler"
        raise RuntimeError(message)
    folder = tempfile.TemporaryDirectory(prefix="capacity-bench-")
    _KEPT.append(folder)
    target = Path(folder.name) / "easy.so"
    command = [found, "-O3", "-march=native", "-std=c11", "-shared", "-fPIC", "-o", str(target), str(SOURCE)]
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(target))
    loaded.easy.restype = ctypes.c_int64
    loaded.easy.argtypes = [ctypes.c_int64, *[ctypes.c_void_p] * 4, ctypes.c_int64, ctypes.c_void_p]
    return loaded


def easy(jobs: Jobs, slots: int, start_s: npt.NDArray[np.int64]) -> None:
    """Write the start of every job [s] into `start_s`.

    Parameters
    ----------
    jobs : Jobs
        Columns of type int64 (submission) and int32 (the others), contiguous.
    slots : int
        Size of the counted machine.
    start_s : ndarray of int64, shape (n_jobs,)
        The answer. [s]
    """
    columns = (jobs.submit_s, jobs.run_s, jobs.requested_s, jobs.slots)
    library().easy(len(start_s), *(column.ctypes.data for column in columns), slots, start_s.ctypes.data)
