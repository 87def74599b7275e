"""Kubernetes' quantities, durations and resources of pods, to numbers."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from workloads.readers.objects.entries import NoJobError

_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)(m|k|M|G|T|Ki|Mi|Gi|Ti|)")
_SCALE = {
    "": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30,
    "Ti": 2.0**40,
}  # fmt: skip
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
_SLICE = re.compile(r"nvidia\.com/mig-(\d+)g\.")
_PARTS_OF_A_GPU = 7
"""Into so many slices of processors a GPU of NVIDIA can be cut."""
_GPUS = frozenset(("nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"))


@lru_cache(4096)
def quantity(text: str) -> float:
    """Return a quantity, as ``500m`` or ``8``.

    Raises
    ------
    NoJobError
        It is none.

    Examples
    --------
    >>> quantity("500m"), quantity("8"), quantity("2k")
    (0.5, 8.0, 2000.0)
    """
    found = _QUANTITY.fullmatch(text)
    if found is None or len(text) > 24:
        raise NoJobError(f"{text[:24]!r} is no quantity")
    return float(found[1]) * _SCALE[found[2]]


def duration(text: object) -> int:
    """Return a duration of Go [s]; -1 for none.

    Examples
    --------
    >>> duration("2h0m0s"), duration("1h30m25.5s"), duration(None)
    (7200, 5425, -1)
    """
    found = _DURATION.findall(text) if isinstance(text, str) and len(text) < 64 else []
    return int(sum(float(number) * _SECONDS[unit] for number, unit in found)) if found else -1


@lru_cache(65536)
def moment(text: str | None) -> int | None:
    """Return an instant [s]; None for none.

    Raises
    ------
    NoJobError
        It is no time with a zone.
    """
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise NoJobError(f"{str(text)[:24]!r} is no time") from None
    if when.tzinfo is None:
        raise NoJobError(f"{text[:24]!r} is a time without a zone")
    return int(when.timestamp() // 1)


def used_by(resources: Mapping[str, Any]) -> tuple[float, float]:
    """Return processors and GPUs in a list of resources; a slice of a GPU is a part of one."""
    processors, gpus = 0.0, 0.0
    for name, amount in resources.items():
        if name == "cpu":
            processors += quantity(str(amount))
        elif name in _GPUS:
            gpus += quantity(str(amount))
        elif (slices := _SLICE.match(name)) is not None:
            gpus += quantity(str(amount)) * min(int(slices[1]) / _PARTS_OF_A_GPU, 1.0)
    return processors, gpus


def used_by_pod(spec: Mapping[str, Any]) -> tuple[float, float]:
    """Return processors and GPUs of a pod: of all containers, or of its largest one that runs before them."""
    before = list(spec.get("initContainers") or ())
    beside = [one for one in before if one.get("restartPolicy") == "Always"]
    whole = _sum(_asked(one) for one in [*(spec.get("containers") or ()), *beside])
    alone = [_asked(one) for one in before if one not in beside]
    return (
        max([whole[0], *(processors for processors, _ in alone)]),
        max([whole[1], *(gpus for _, gpus in alone)]),
    )


def _asked(container: Mapping[str, Any]) -> tuple[float, float]:
    resources = container.get("resources") or {}
    return used_by((resources.get("limits") or {}) | (resources.get("requests") or {}))


def _sum(parts: Iterable[tuple[float, float]]) -> tuple[float, float]:
    processors, gpus = 0.0, 0.0
    for more_processors, more_gpus in parts:
        processors, gpus = processors + more_processors, gpus + more_gpus
    return processors, gpus
