"""Orders that change with time, in passes on a grid of 60 s, against EASY in order of submission.

On eleven times the machine of the other figures, so that a job comes every 25 s and about 200 run, as on real
systems; with a job every 270 s there are four passes per job and the grid itself is what costs.
"""

from collections.abc import Iterator
from functools import partial

from benchmarks import site_cases
from benchmarks.effort import Effort
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from benchmarks.site_cases import System, accounts, system, with_people
from benchmarks.workload import generate
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import MultifactorNumbers, SiteRules

LOAD = 0.95
LARGE = (PoolSpec("large", site_cases.LARGE),)
GRID_S = 60
MOST = 1.5


def _multifactor(fair_share: float) -> SiteRules:
    return SiteRules(accounts(), multifactor=MultifactorNumbers(age=1000, size=100, fair_share=fair_share))


def _time(ready: System) -> float:
    return cpu_s(ready().run)


def rows(effort: Effort) -> Iterator[Row]:
    """Order anew before every pass, and every 5 minutes as Slurm does; multifactor at that pace."""
    count = effort.million // 2
    jobs = generate(count, LOAD, slots=site_cases.LARGE)
    people = with_people(jobs)
    every, often = Rules("wfp3", cycle_s=GRID_S, recompute_s=GRID_S), Rules("wfp3", cycle_s=GRID_S)
    shares = Rules("multifactor", cycle_s=GRID_S)
    systems = {
        f"EASY by submission, {site_cases.LARGE:,} slots, load {LOAD}": system(LARGE, jobs, None),
        "the same in the site core": system(LARGE, jobs, SiteRules()),
        "EASY by submission on a grid of 60 s": system(LARGE, jobs, None, Rules(cycle_s=GRID_S)),
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
