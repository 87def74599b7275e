"""Memory of the columns that a core keeps per job, beside those that came from outside."""

from collections.abc import Iterator

import numpy as np

from benchmarks.effort import Effort
from benchmarks.engine import COUNTED
from benchmarks.row import Row
from benchmarks.workload import generate
from capacity.scheduling.base import BaseSystem
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.system import PoolSystem
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import SiteRules
from capacity.scheduling.site.system import SiteSystem

MOST_BYTES = 48


def held_bytes(batch: BaseSystem) -> int:
    """Bytes of all arrays of a batch system, arrays that share memory once [B]."""
    tables = [batch] if isinstance(batch, SiteSystem) else batch.pools
    spans = sorted(
        np.lib.array_utils.byte_bounds(array) for table in tables for array in table._arrays if array.size
    )
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        if merged and first < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return sum(last - first for first, last in merged)


def bytes_per_job(count: int, *, site: SiteRules | None = None) -> float:
    """Bytes that one more job takes: what the machine takes is in both runs and drops out [B]."""

    def held(jobs: Jobs) -> int:
        batch = (
            PoolSystem([COUNTED], Rules(), jobs, restarts=None, start_s=0)
            if site is None
            else SiteSystem([COUNTED], Rules(), site, jobs)
        )
        batch.advance(0)
        return held_bytes(batch)

    few, many = (held(generate(n, 0.85)) for n in (count, 2 * count))
    return (many - few) / count


def rows(effort: Effort) -> Iterator[Row]:
    """Count the bytes of both cores."""
    count = effort.million // 10
    outside = 8 + 3 * 4
    for name, site, most in (("queue core", None, MOST_BYTES), ("site core", SiteRules(), None)):
        each = bytes_per_job(count, site=site)
        yield Row(f"columns per job, {name}", each, "B/job", each / outside, "as they came", most)
