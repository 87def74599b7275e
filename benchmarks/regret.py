"""Least regret on worlds that were not used for choosing: chosen sizes, two orders, and how fast it is.

On a small site of its own: one pool under FCFS with EASY; demand, run times and unevenness are uncertain. 64
worlds choose, 200 others judge. Requirement prices at every ratio need no further simulation, since all of
them follow from the size that each world needs; waiting by the hour does.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.effort import FULL, Effort
from benchmarks.row import Row
from capacity.inputs.fields.money import Money
from capacity.inputs.reading.loader import load_scenario
from capacity.study.executors.local import local_executor
from capacity.study.requirements import read_requirement
from capacity.study.size.axes import read_axis
from capacity.study.size.regret.costs import CostTable, cost_table
from capacity.study.size.regret.families import (
    Family,
    RegretQuestion,
    Sought,
    families,
    seek,
    with_backlog,
)
from capacity.study.size.regret.one_world import WorldSized
from capacity.study.size.regret.phases import paths_of, phased_plan
from capacity.study.size.regret.prices import TooLittle, read_too_little
from capacity.study.task import Task, perform

Floats = npt.NDArray[np.float64]
CHOOSE: Final = 64
JUDGE: Final = 200
RATIOS: Final = (0.5, 1.0, 2.45, 4.0, 9.0)
"""What one too few costs, over what one too many does."""
LATE: Final = "30 KRW/(slot*h)"
FAR_DOWN: Final = "1 KRW/(slot*h)"
REQUIRED: Final = "p95_wait_s[pool=main,month=2022-04] <= 4 h"
SIZES: Final = "site.pools.main.nodes=10..90:2"
SITE: Final = """
kind: site
title: A site to choose the size of
source: a benchmark
as_of: 2022
timezone: Asia/Seoul
currency: KRW
exchange_rates: {USD: 1000 KRW/USD}
service_life: 5 year
pools:
  main: {node: dgx-a100, nodes: 30, lead_time: 35 day}
pue: 1.3
electricity_price: 100 KRW/kWh
"""
WORKLOAD: Final = """
kind: workload
title: Jobs of one to eight nodes
source: assumption
as_of: 2022
why: a benchmark
classes:
  job:
    title: Any job
    pool: main
    slots: {1: 30 %, 4: 30 %, 8: 25 %, 16: 10 %, 32: 5 %}
    run: {median: 90 min, mean: 5 h}
    limit: 3 day
tenants:
  lab:
    title: A laboratory
    members: {points: {2022-01-01: 80}}
    jobs_per_member: 2.6 job/user/day
    works_on: {job: 100 %}
    uneven_weeks: 0.2
uncertain:
  demand: {title: Demand, of: [tenants.*.jobs_per_member], factor: {low: 0.65, likely: 1, high: 1.5},
    source: assumption, as_of: 2022, why: a benchmark}
  run-times: {title: Run times, of: [classes.*.run], factor: {low: 0.75, likely: 1, high: 1.4},
    source: assumption, as_of: 2022, why: a benchmark}
  unevenness: {title: Uneven weeks, of: [tenants.*.uneven_weeks], factor: {low: 0.6, likely: 1, high: 1.7},
    source: assumption, as_of: 2022, why: a benchmark}
"""
SCENARIO: Final = """
kind: scenario
title: A size to choose
question: How large should it be?
start: 2022-01-01
until: 2022-04-30
site: ./site.yaml
workload: ./workload.yaml
seed: 5
"""


def write_site(folder: Path) -> Path:
    """Write the scenario and return its path."""
    for name, text in (("site.yaml", SITE), ("workload.yaml", WORKLOAD), ("chosen.yaml", SCENARIO)):
        (folder / name).write_text(text, "utf-8")
    return folder / "chosen.yaml"


def question(path: Path, too_little: TooLittle, worlds: int) -> RegretQuestion:
    """Return what is asked of the site."""
    required = with_backlog([read_requirement(REQUIRED)])
    return RegretQuestion(path, (), {}, (read_axis(SIZES),), required, too_little, worlds)


def parts_of(sought: Sought, first: int) -> tuple[Sought, Sought]:
    """Return the first worlds, which choose, and the others, which judge."""
    return _part(sought, slice(0, first)), _part(sought, slice(first, None))


def _part(sought: Sought, of: slice) -> Sought:
    draws = sought.family.draws
    drawn = replace(
        draws,
        uniforms=draws.uniforms[of],
        parts={name: part[of] for name, part in draws.parts.items()},
        values={name: values[of] for name, values in draws.values.items()},
    )
    family: Family = replace(sought.family, draws=drawn)
    return Sought(family, sought.worlds[of], sought.centres)


def at_ratio(sought: Sought, ratio: float) -> Sought:
    """Return the same with a rent at which one too few costs so many times what one too many does."""
    table = cost_table(replace(sought, worlds=tuple(replace(one, rent=1e9) for one in sought.worlds)))
    by_unit = table.too_little + table.too_much
    rent = 1e9 * (1 + ratio) * table.too_much / by_unit
    return replace(sought, worlds=tuple(replace(one, rent=rent) for one in sought.worlds))


def regret_of(judge: CostTable, place: int) -> float:
    """Return the mean regret of a size in the worlds that judge."""
    return float((judge.costs[place] - judge.costs.min(axis=0)).mean())


def best_regret(judge: CostTable) -> float:
    """Return the mean regret of the best single size in hindsight."""
    return float((judge.costs.mean(axis=1) - judge.costs.min(axis=0).mean()).min())


def by_plan(choose: CostTable, judge: CostTable, chosen: Sought, judged: Sought) -> float | None:
    """Return the mean regret of two orders, made on some worlds, in the others; None for one order."""
    plan = phased_plan(choose, _seen(chosen))
    if plan is None:
        return None
    places = np.unique([plan.first, *plan.second])
    paths = paths_of(judge, places)
    rule = np.searchsorted(np.array(plan.thresholds), _seen(judged), side="right")
    at = np.searchsorted(places, np.array(plan.second)[rule])
    first = int(np.searchsorted(places, plan.first))
    costs = paths[first, at, np.arange(len(rule))]
    return float((costs - judge.costs.min(axis=0)).mean())


def _seen(sought: Sought) -> Floats:
    return np.array([one.seen_slots for one in sought.worlds])


def centre_place(sought: Sought, name: str) -> int:
    """Return the place of the size for a world that is not drawn, the larger of its lucks' middle."""
    last = len(sought.family.numbers) - 1
    return min(last, round(float(np.mean([one.least for one in sought.centres[name]]))))


def figures(sought: Sought, ratio: float, count: int) -> dict[str, float]:
    """Return mean regrets in the worlds that judge, over that of the best size in hindsight."""
    chosen, judged = parts_of(at_ratio(sought, ratio), count)
    choose, judge = cost_table(chosen), cost_table(judged)
    best = best_regret(judge)
    mean, most = regret_of(judge, centre_place(chosen, "mean")), regret_of(judge, choose.place_of_most)
    own = regret_of(judge, choose.chosen)
    plan = by_plan(choose, judge, chosen, judged)
    return {
        "best": own / best, "better": own / min(mean, most), "worse": own / max(mean, most),
        "two orders": float("nan") if plan is None else plan / own,
        "size": choose.family.numbers[choose.chosen],
    }  # fmt: skip


def rows(effort: Effort) -> Iterator[Row]:
    """Yield how well chosen sizes do in worlds that were not used for choosing."""
    whole = effort is FULL
    choose, judge = (CHOOSE, JUDGE) if whole else (32, 32)
    with tempfile.TemporaryDirectory() as folder, local_executor(2) as executor:
        path = write_site(Path(folder))
        rent = TooLittle("rent", Money(1.0, "KRW"))
        begun = process_time()
        loaded = load_scenario(path)
        perform(Task(loaded.scenario, loaded.sha256, 5, 0))
        single_s = process_time() - begun
        (sought,) = seek(families(question(path, rent, choose + judge)), executor)
        runs = sum(len(one.tried) for one in sought.worlds) / len(sought.worlds)
        yield Row("sizes simulated in each world", runs, "of 41", single_s, "s of one simulation")
        for ratio in RATIOS:
            yield from _of_ratio(sought, ratio, choose)
        prices = (LATE, FAR_DOWN)  # with a low price sizes far below what is chosen are simulated, too
        late = [
            seek(families(question(path, read_too_little(price, None), count)), executor)[0]
            for price, count in zip(prices, (choose, choose + judge), strict=True)
        ]
        yield _of_waiting(late[0], parts_of(late[1], choose)[1])


def _of_ratio(sought: Sought, ratio: float, choose: int) -> Iterator[Row]:
    found = figures(sought, ratio, choose)
    what = f"regret, {ratio:g} : 1, {found['size']:g} nodes"
    yield Row(what, found["best"], "×", None, "the best size in hindsight", most=1.05)
    yield Row(what, found["better"], "×", None, "the better of mean and nine of ten", most=1.05)
    yield Row(what, found["worse"], "×", None, "the worse of mean and nine of ten", most=0.9)
    if found["two orders"] == found["two orders"]:
        yield Row(f"two orders, {ratio:g} : 1", found["two orders"], "×", None, "one order", most=0.9)


def _of_waiting(chosen: Sought, judged: Sought) -> Row:
    """Judge a choice by waits as they were simulated, by a line between the sizes of each world."""
    table, price = cost_table(chosen), float(LATE.split()[0])
    numbers = np.array(table.family.numbers)
    costs = np.array([_as_simulated(one, numbers, price) for one in judged.worlds]).T
    known = ~np.isnan(costs).any(axis=1)
    means = np.where(known, costs.mean(axis=1), np.inf)
    least = np.nanmin(costs, axis=0).mean()
    ratio = float((means[table.chosen] - least) / (means.min() - least))
    what = f"regret, {LATE}, {numbers[table.chosen]:g} nodes"
    return Row(what, ratio, "×", None, "the best size in hindsight", most=1.15)


def _as_simulated(one: WorldSized, numbers: Floats, price: float) -> Floats:
    """Return the costs of each size in a world; NaN below the smallest that was simulated."""
    sizes = [numbers[tried.place] for tried in one.tried]
    late = np.interp(numbers, sizes, [tried.late_slot_h for tried in one.tried])
    own = np.interp(numbers, numbers[[0, -1]], one.own_ends)
    return np.asarray(np.where(numbers >= sizes[0], own + price * late, np.nan))
