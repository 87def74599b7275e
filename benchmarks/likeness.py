"""Do synthetic months make the queue of the real log? The table of docs/fit-and-replay.md.

    python -m benchmarks.likeness ../shared/data [--draws 10] [LOG ...]

No speed in it. For each log: the log itself under EASY, ten months drawn from a model fitted to it, and the
same from the null model (the log's jobs at random times) and from Lublin and Feitelson's, both at the log's
load.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from capacity.quantities.writing import format_duration, format_number
from capacity.report.language import Language
from capacity.simulation.demand import demand_of, draw
from capacity.study.demand.fitted_yaml import fitted_yaml
from capacity.study.demand.likeness import UNITS, Queue, compare, replayed
from capacity.study.verdict import Verdict
from workloads.errors import LogError
from workloads.fitting.fit import Fitted, fit
from workloads.jobtable import JobTable
from workloads.logs import read_log
from workloads.published.make import make
from workloads.published.request import Request

MONTHS = 10
LOGS = {
    "KTH-SP2": ("swf/KTH-SP2-1996-2.1-cln.swf.gz", 100),
    "SDSC-SP2": ("swf/SDSC-SP2-1998-4.2-cln.swf.gz", 128),
    "CTC-SP2": ("swf/CTC-SP2-1996-3.1-cln.swf.gz", 338),
    "HPC2N": ("swf/HPC2N-2002-2.2-cln.swf.gz", 240),
    "Philly": ("gpu/philly_jobs_dev.csv.gz", 512),
    "Theta": ("swf/theta_walltime.swf.gz", 4392),
    "RICC": ("swf/RICC-2010-2.swf.gz", 8192),
    "Curie": ("swf/CEA-Curie-predictsim-easy-295k.swf.gz", 80640),
}
"""Where each log is, and its machine [slot]. The last three played no part when the model was made."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log, its queue under EASY, and the model fitted to it."""

    name: str
    table: JobTable
    slots: int
    queue: Queue
    fitted: Fitted
    model: Path

    def fitted_draw(self, seed: int) -> JobTable:
        """Return ten months drawn from the model, through the file that a user would have."""
        first = demand_of("workload", str(self.model)).start
        until = first + timedelta(days=30 * MONTHS - 1)
        return draw(
            demand_of("workload", str(self.model), start=first, until=until, timezone="UTC", seed=seed)
        )

    def poisson_draw(self, seed: int) -> JobTable:
        """Return ten months of the log's jobs at random times."""
        asked = Request(slots=self.slots, days=30 * MONTHS, seed=seed, log=self.table)
        return make("poisson", asked, load_frac=self.fitted.weeks.load_frac)

    def lublin_draw(self, seed: int) -> JobTable:
        """Return ten months of Lublin and Feitelson's jobs, with Tsafrir's requests."""
        asked = Request(slots=self.slots, days=30 * MONTHS, seed=seed)
        return make("lublin", asked, requests="tsafrir", load_frac=self.fitted.weeks.load_frac)


def load(name: str, data: Path, folder: Path) -> Log:
    """Return a log, cleaned and fitted."""
    path, slots = LOGS[name]
    table = read_log(data / path).clean(max_slots=slots)
    fitted = fit(table, slots=slots)
    model = folder / f"{name.lower()}.yaml"
    model.write_text(fitted_yaml(fitted, began=table.origin), encoding="utf-8")
    return Log(name, table, slots, replayed(table, slots), fitted, model)


def cells(log: Log, drawn: Callable[[int], JobTable], seed: int) -> list[Verdict]:
    """Return the figures of one draw beside the log's."""
    table = drawn(seed).clean(max_slots=log.slots)
    return compare(log.queue, replayed(table, log.slots), np.random.default_rng(seed))


def _if_possible(log: Log, drawn: Callable[[int], JobTable]) -> list[Verdict]:
    """Return the figures of a published model, none where it has no jobs for such a machine."""
    try:
        return cells(log, drawn, 1)
    except LogError as error:
        print(f"likeness: {log.name}: {error}", file=sys.stderr)
        return []


def rows(log: Log, draws: int) -> Iterator[str]:
    """Return one line of the table for each figure."""
    fitted = [cells(log, log.fitted_draw, seed) for seed in range(1, draws + 1)]
    others = [_if_possible(log, draw) for draw in (log.poisson_draw, log.lublin_draw)]
    say = Language("en")
    for place, metric in enumerate(UNITS):
        first = fitted[0][place]
        hits = sum(found[place].standing != "shown not" for found in fitted)
        beside = " | ".join(_marked(found[place]) if found else "–" for found in others)
        interval = f"{word(metric, first.low)} – {word(metric, first.high)}"
        median = word(metric, float(np.median([found[place].found for found in fitted])))
        yield (
            f"| {log.name} | {say.metric(metric)} | {word(metric, first.limit)} | {_marked(first)} | "
            f"{interval} | {median} | {hits} of {draws} | {beside} |"
        )


def word(metric: str, value: float) -> str:
    """Return a figure as a person reads it."""
    if metric.endswith("utilization"):
        return f"{value:.1%}"
    return format_duration(value) if metric.endswith("_s") else format_number(value)


def _marked(one: Verdict) -> str:
    sign = {"shown": "", "not shown": " (covered)", "shown not": " **misses**"}[one.standing]
    return f"{word(one.metric, one.found)}{sign}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.likeness", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with swf/ and gpu/")
    parser.add_argument("logs", nargs="*", metavar="LOG", help=f"{', '.join(LOGS)}; all if none is named")
    parser.add_argument("--draws", type=int, default=10, help="synthetic logs for each fitted model")
    asked = parser.parse_args()
    print("| log | figure | the log | fitted, seed 1 | 95 % interval | median | met | Poisson | Lublin |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.logs or LOGS:
            print(f"likeness: {name} ...", file=sys.stderr, flush=True)
            log = load(name, asked.data, Path(folder))
            print("\n".join(rows(log, asked.draws)), flush=True)


if __name__ == "__main__":
    main()
