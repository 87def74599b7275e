"""Do forecasts from the first part of a log hold the rest? The table at the end of docs/fit-and-replay.md.

    python -m benchmarks.backtest ../shared/data [LOG ...]

No speed in it. Rolling origins over each log, 4 and 13 weeks ahead; then all logs together, and by how much
intervals without any stretch would have had to be stretched.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.likeness import LOGS as FITTED_LOGS
from capacity.errors import InputError
from capacity.study.backtest.coverage import ForecastCoverage, coverage_of
from capacity.study.backtest.forecast import CONFIDENCE, STRETCH, USE, WAITS, Forecast, compared
from capacity.study.backtest.origins import ForecastOrigin, backtest
from workloads.fitting.level import WEEK_S
from workloads.logs import read_log

LOGS = FITTED_LOGS | {"Atlas": ("swf/LLNL-Atlas-2006-2.1-cln.swf.gz", 9216)}
CHOSEN_ON = ("KTH-SP2", "SDSC-SP2", "CTC-SP2", "HPC2N")
"""The logs that the model and the stretch were chosen on."""
HORIZONS_WEEKS = (4, 13)
P95 = WAITS[-1]


@dataclass(frozen=True, slots=True)
class Tested:
    """A log forecast over one horizon."""

    log: str
    weeks: int
    origins: tuple[ForecastOrigin, ...]

    @property
    def forecasts(self) -> list[Forecast]:
        """All its forecasts."""
        return [one for origin in self.origins for one in origin.forecasts]


def tested(name: str, data: Path) -> list[Tested]:
    """Return a log's forecasts by horizon; none of a horizon that it is too short for."""
    path, slots = LOGS[name]
    table = read_log(data / path).clean(max_slots=slots)
    found = []
    for weeks in HORIZONS_WEEKS:
        try:
            found.append(Tested(name, weeks, backtest(table, slots, horizon_s=weeks * WEEK_S)))
        except InputError as error:
            print(f"backtest: {name}: {error}", file=sys.stderr)
    return found


def line(name: str, weeks: int, forecasts: Iterable[Forecast], held: str) -> str:
    """Return one line of the table."""
    by_metric = {one.metric: one for one in coverage_of(forecasts)}
    use, p95 = by_metric[USE], by_metric[P95]
    cells = [
        name, f"{weeks} weeks", f"{use.count}", _inside(use),
        f"{100 * use.error:.1f} / {100 * use.last_error:.1f}", *(_inside(by_metric[wait]) for wait in WAITS),
        f"× {np.exp(p95.error):.2f} / × {np.exp(p95.last_error):.2f}", held,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _inside(one: ForecastCoverage) -> str:
    return f"{one.inside} ({one.above} / {one.below})"


def together(name: str, found: Sequence[Tested]) -> Iterable[str]:
    """Yield what the logs come to, a line for each figure and horizon."""
    for weeks in HORIZONS_WEEKS:
        forecasts = [one for test in found if test.weeks == weeks for one in test.forecasts]
        for one in coverage_of(forecasts):
            needed = stretch_needed(row for row in forecasts if row.metric == one.metric)
            share, ratio = one.inside / one.count, one.error_ratio
            yield (
                f"| {name} | {weeks} weeks | {one.metric} | {one.inside} of {one.count} ({share:.0%}) | "
                f"{one.p:.2f} | {one.score:.2f} | {one.error:.3f} / {one.last_error:.3f} | {ratio:.2f} | "
                f"× {needed:.2f} |"
            )


def stretch_needed(rows: Iterable[Forecast]) -> float:
    """Return the stretch of the half-widths with which the intervals hold 80 %."""
    needed = []
    for row in rows:
        if not row.known:
            continue
        low, found, high, came = compared(row.metric, np.array([row.low, row.found, row.high, row.came]))
        off, half = abs(came - found), high - found if came > found else found - low
        needed.append(0.0 if off == 0 else off / half * STRETCH[row.metric] if half else np.inf)
    return float(np.quantile(needed, CONFIDENCE, method="higher")) if needed else np.nan


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtest", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with swf/ and gpu/")
    parser.add_argument("logs", nargs="*", metavar="LOG", help=f"{', '.join(LOGS)}; all if none is named")
    asked = parser.parse_args()
    head = (
        "log",
        "horizon",
        "n",
        "use holds",
        "error / last",
        "p50 holds",
        "p95 holds",
        "p95 error / last",
        "h",
    )
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    found = []
    for name in asked.logs or LOGS:
        print(f"backtest: {name} ...", file=sys.stderr, flush=True)
        for test in tested(name, asked.data):
            found.append(test)
            held = f"{test.origins[-1].holding.hold_frac:.2f}"
            print(line(name, test.weeks, test.forecasts, held), flush=True)
    head = ("logs", "horizon", "figure", "inside", "p", "score", "error / last", "ratio", "stretch needed")
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    chosen = [test for test in found if test.log in CHOSEN_ON]
    print("\n".join(together("all", found)))
    print("\n".join(together("chosen on", chosen)))
    print("\n".join(together("others", [test for test in found if test.log not in CHOSEN_ON])))


if __name__ == "__main__":
    main()
