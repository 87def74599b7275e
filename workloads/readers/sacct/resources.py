"""Trackable and generic resources of Slurm's ``sacct`` to numbers: processors, GPUs, parts of GPUs, memory.

Sources: sacct(1) ``ReqTRES``, ``AllocTRES``, ``ReqGRES``, ``AllocGRES``, ``ReqMem``; gres.conf(5) for shards
and MPS; the profiles of NVIDIA's Multi-Instance GPU, https://docs.nvidia.com/datacenter/tesla/mig-user-guide/.
"""

import re
from collections.abc import Callable, Iterable

from workloads.jobtable import UNKNOWN

_AMOUNT = re.compile(r"^gres/gpu(?::([^=]+))?=(\d+)$")
_GRES = re.compile(r"(?:^|[:,])gpu(?::([^:,()]*[A-Za-z][^:,()]*))?(?::(\d+))?(?=[,(]|$)")
_PROFILE = re.compile(r"(\d)g[._]?(\d+)gb")
_IN_FOUR = frozenset({"1g6", "2g12", "4g24", "2g48", "4g96"})
"""Profiles of GPUs that are cut in four, as the A30; the others are cut in seven."""
_MPS_OF_A_GPU = 100
"""``gres/mps`` counts hundredths of a GPU, unless a site has set it otherwise."""
_MEMORY = re.compile(r"^\??(\d+(?:\.\d+)?)([KMGTP]?)([nc]?)\??$")
_KB = {"K": 1.0, "M": 1024.0, "": 1024.0, "G": 1024.0**2, "T": 1024.0**3, "P": 1024.0**4}


def gpus_of(tres: str) -> float:
    """Return the GPUs in a list of trackable resources; -1 if it has no list at all.

    The total ``gres/gpu=8`` counts; the sum of ``gres/gpu:a100=8`` only where there is no total. Of it, the
    slices of MIG count as the part of a GPU that they are.

    Examples
    --------
    >>> gpus_of("billing=8,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=500G,node=1"), gpus_of("cpu=4"), gpus_of("")
    (8.0, 0.0, -1.0)
    >>> round(gpus_of("gres/gpu:a100_3g.20gb=2,gres/gpu=2"), 4), gpus_of("gres/mps=50")
    (0.8571, 0.5)
    """
    if not tres:
        return float(UNKNOWN)
    parts = tres.split(",")
    found = [match for match in map(_AMOUNT.match, parts) if match]
    typed = [(match[1], _whole(match[2])) for match in found if match[1]]
    totals = [_whole(match[2]) for match in found if not match[1]]
    if not found:
        return max(amount_of("gres/mps")(tres), 0) / _MPS_OF_A_GPU
    if UNKNOWN in (*totals, *(count for _, count in typed)):
        return float(UNKNOWN)
    return _with_slices(totals[0] if totals else sum(count for _, count in typed), typed)


def _with_slices(total: float, typed: Iterable[tuple[str, int]]) -> float:
    """Return GPUs of which those of some types are parts."""
    return max(float(total + sum(count * (_part_of(kind) - 1) for kind, count in typed)), 0.0)


def _part_of(kind: str) -> float:
    """Return how much of a GPU a type of it is: 1, less for a profile of MIG.

    Examples
    --------
    >>> _part_of("a100"), _part_of("h100_3g.40gb"), _part_of("1g.6gb"), _part_of("7g.80gb")
    (1.0, 0.42857142857142855, 0.25, 1.0)
    """
    match = _PROFILE.search(kind.lower())
    if not match:
        return 1.0
    whole = 4 if f"{match[1]}g{match[2]}" in _IN_FOUR else 7
    return min(int(match[1]) / whole, 1.0)


def amount_of(name: str) -> Callable[[str], int]:
    """Return a function that gives one resource of a list, as ``node`` of ``cpu=64,node=1``; -1 if absent."""

    def amount(tres: str) -> int:
        found = [part for part in tres.split(",") if part.startswith(f"{name}=")]
        return _whole(found[0][len(name) + 1 :]) if found else UNKNOWN

    return amount


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else UNKNOWN


def gpus_per_node_of(gres: str) -> float:
    """Return the GPUs per node in generic resources as older versions of Slurm write them.

    Examples
    --------
    >>> [gpus_per_node_of(gres) for gres in ("gpu:8", "PER_NODE:gres:gpu:a100:4", "gpu", "gpu:7g.80gb:2", "")]
    [8.0, 4.0, 1.0, 2.0, 0.0]
    """
    typed = [(match[1] or "", _whole(match[2] or "1")) for match in _GRES.finditer(gres)]
    return _with_slices(sum(max(count, 0) for _, count in typed), typed)


def memory_kb_of(text: str) -> tuple[float, str]:
    """Return memory and what it is for: ``n`` for a node, ``c`` for a processor, nothing for the job [kB].

    Examples
    --------
    >>> memory_kb_of("4Gc"), memory_kb_of("500M"), memory_kb_of("")
    ((4194304.0, 'c'), (512000.0, ''), (-1.0, ''))
    """
    match = _MEMORY.match(text)
    return (float(match[1]) * _KB[match[2]], match[3]) if match else (float(UNKNOWN), "")
