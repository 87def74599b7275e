"""``python -m benchmarks.coverage [--futures N]``: how often the intervals of findings hold the truth.

Counted over many experiments of 6, 10, 20 and 40 futures each, on M/M/1, on a site whose demand is skewed at
40, 80 and 95 % load, and with heavy-tailed run times. Prints the table of docs/answers.md. It takes some
minutes, and is no measure of speed, so `python -m benchmarks` leaves it out; `capacity verify` does a part.
"""

import argparse
import sys

from capacity.measure.metrics import METRICS
from capacity.study.conformance.coverage import LOAD, coverage, of_mm1, truth_of
from capacity.study.conformance.futures import HEAVY, YEAR_S, futures_of, mm1, skewed

REPLICATIONS = (6, 10, 20, 40)
FUTURES = 40_000
SITES = (
    (mm1(LOAD, 1_000, 400), of_mm1(LOAD)), (skewed(0.4), {}), (skewed(0.8), {}), (skewed(0.95), {}),
    (skewed(0.4, HEAVY, YEAR_S), {}),
)  # fmt: skip


def main() -> None:
    """Run all sites and print a line for each of their metrics."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--futures", type=int, default=FUTURES, metavar="N", help="of each site")
    count = parser.parse_args().futures
    print(f"| site | metric | {' | '.join(f'{n} futures' for n in REPLICATIONS)} |")
    print(f"|---|---|{'---|' * len(REPLICATIONS)}")
    for site, truths in SITES:
        print(f"{site.name}: {count} futures, work skewness {site.tail:.2f} ...", file=sys.stderr, flush=True)
        futures = futures_of(site, count, seed=1)
        for metric, values in futures.items():
            truth = truths.get(metric, truth_of(metric, values))
            cells = []
            for replications in REPLICATIONS:
                one = coverage(metric, values, truth, replications, site.tail)
                sides = f"{100 * one.below:.1f} / {100 * one.above:.1f}"
                at_least = "≥ " if one.covers == "at least" else ""
                cells.append(f"{at_least}{100 * one.share:.1f} ({sides})")
            print(f"| {site.name} | {metric}, {METRICS[metric].kind} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
