"""How ``capacity replay --compare-recorded`` prints the recorded past beside the replay, group by group."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.printing.output import Col, Output

if TYPE_CHECKING:
    from capacity.study.replay.recorded import Comparison

WORDS = {"mean_wait_s": "wait mean", "median_wait_s": "wait p50", "p95_wait_s": "wait p95"}


def print_csv(found: "Comparison", output: Output) -> None:
    """Print one row per group with SI numbers, and one per kind of groups with its scores."""
    from capacity.study.replay.recorded import STATISTICS, csv_rows, score_name

    rows = csv_rows(found)
    keys = [*rows[0], *map(score_name, STATISTICS)]
    output.emit([Col(key, key) for key in keys], rows)


def print_tables(found: "Comparison", output: Output) -> None:
    """Print the groups, how well the replay tells them, and what the score is."""
    from capacity.quantities.writing import format_duration
    from capacity.study.replay.recorded import SCORE, rows, score_rows

    click.echo()
    output.emit(_columns(), rows(found))
    click.echo()
    scores = [{**row, "statistic": WORDS[row["statistic"]]} for row in score_rows(found)]
    columns = [
        Col("by", "by"),
        Col("statistic", "statistic"),
        Col("groups", "groups", align="right"),
        Col("error_s", "simulated is off by", "", "right", format_duration),
        Col("baseline_error_s", "one number for all is off by", "", "right", format_duration),
        Col("score", "score", "", "right", "{:.2f}".format),
    ]
    output.emit(columns, scores)
    click.echo(f"\n{SCORE}.")


def _columns() -> list[Col]:
    """Return the columns of the groups: each number recorded, then simulated."""
    from capacity.quantities.writing import format_duration, format_si

    def percent(value: float) -> str:
        return format_si(value, "fraction")

    forms: list[tuple[str, str, Callable[[Any], str]]] = [
        ("median_wait_s", "wait p50", format_duration),
        ("p95_wait_s", "p95", format_duration),
        ("mean_wait_s", "mean", format_duration),
        ("mean_bounded_slowdown", "slowdown", "{:,.1f}".format),
        ("utilization", "used", percent),
    ]
    pairs = [
        Col(f"{side}_{name}", heading, "", "right", form)
        for name, title, form in forms
        for side, heading in (("recorded", f"{title} recorded"), ("simulated", "simulated"))
    ]
    return [Col("by", "by"), Col("group", "group"), Col("jobs", "jobs", "", "right", "{:,}".format), *pairs]
