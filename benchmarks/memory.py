"""Highest memory of this process so far."""

import re
import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """Highest memory so far, without that of the process this one was forked from [B]."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return 1024 * int(found[1])
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
