"""Orders that change with time, in passes on a grid of 60 s, against EASY in order of submission."""

from collections.abc import Iterator
from functools import partial

from benchmarks.effort import Effort
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from benchmarks.site_cases import System, accounts, system, with_people
from benchmarks.workload import generate
from capacity.scheduling.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site_rules import Multifactor, SiteRules

LOAD = 0.95
LARGE = (PoolSpec("large", 44_000),)
"""With these jobs about 200 of them run at once and 4,000 come per day, as in the study of the core."""
LARGEST_LOG2 = 11
GRID_S = 60
MOST = 1.5


def _multifactor(fair_share: float) -> SiteRules:
    return SiteRules(accounts(), multifactor=Multifactor(age=1000, size=100, fair_share=fair_share))


def _time(ready: System) -> float:
    return cpu_s(ready().run)


def rows(effort: Effort) -> Iterator[Row]:
    """Order anew before every pass, and every 5 minutes as Slurm does; multifactor at that pace."""
    count = effort.million // 5
    jobs = generate(count, LOAD, slots=LARGE[0].nodes, largest_log2=LARGEST_LOG2)
    people = with_people(jobs)
    every, often = Rules("wfp3", cycle_s=GRID_S, recompute_s=GRID_S), Rules("wfp3", cycle_s=GRID_S)
    shares = Rules("multifactor", cycle_s=GRID_S)
    systems = {
        f"EASY in order of submission, 44,000 slots, load {LOAD}": system(LARGE, jobs, None),
        "the same in the site core": system(LARGE, jobs, SiteRules()),
        "EASY in order of submission on a grid of 60 s": system(LARGE, jobs, None, Rules(cycle_s=GRID_S)),
        "WFP3 on a grid of 60 s, ordered anew every 60 s": system(LARGE, jobs, None, every),
        "WFP3 on a grid of 60 s, ordered anew every 300 s": system(LARGE, jobs, None, often),
        "multifactor on a grid of 60 s": system(LARGE, people, _multifactor(0), shares),
        "multifactor on a grid of 60 s, with fair-share": system(LARGE, people, _multifactor(1000), shares),
    }
    took = interleaved({name: partial(_time, ready) for name, ready in systems.items()}, effort.repeats)
    easy = next(iter(systems))
    for name in systems:
        each, ratio = 1e6 * took.of(name) / count, took.ratio(name, easy)
        most = MOST if "WFP3" in name or "multifactor" in name else None
        yield Row(name, each, "us/job", ratio, "by submission", most, on_ratio=True)
