"""What ``capacity replay --compare-recorded`` says: the recorded past beside the replay, group by group."""

from collections.abc import Iterator

from capacity.quantities.writing import format_number
from capacity.report.language import Language
from capacity.report.terminal.table import Block, Form, TextTable, right, titled
from capacity.study.replay.recorded import RecordedComparison, rows, score_rows


def past_blocks(found: RecordedComparison, say: Language) -> Iterator[Block]:
    """Yield the groups, each number recorded, then simulated, and how well the replay tells them."""

    def time(seconds: float) -> str:
        return say.exact_duration(seconds, whole=False)

    def used(fraction: float) -> str:
        return say.text("percent", n=format_number(100 * fraction))

    waits: list[tuple[str, Form]] = [("p50_wait_s", time), ("p95_wait_s", time), ("mean_wait_s", time)]
    others: list[tuple[str, Form]] = [
        ("mean_bounded_slowdown", "{:,.1f}".format), ("submission_utilization", used)
    ]  # fmt: skip
    columns = titled(say, "replay", {"by": say.translated, "group": say.translated, "jobs": "{:,}".format})
    for name, form in (*waits, *others):
        recorded = say.text("replay.recorded", what=say.text(f"replay.{name}"))
        columns.append(right(f"recorded_{name}", recorded, form))
        columns.append(right(f"simulated_{name}", say.text("replay.simulated"), form))
    yield ""
    yield TextTable(columns, rows(found))
    yield ""
    errors: dict[str, Form | None] = {
        "by": say.translated, "statistic": None, "groups": str, "error_s": time, "baseline_error_s": time,
        "score": "{:.2f}".format,
    }  # fmt: skip
    scores = [
        {**row, "statistic": say.text(f"replay.statistics.{row['statistic']}")} for row in score_rows(found)
    ]
    yield TextTable(titled(say, "replay", errors), scores)
    yield "\n" + say.text("replay.score_definition")
