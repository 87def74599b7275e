"""How the numbers were made, what stands behind them, and the scenario in full."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from capacity.inputs.reading.resolved import as_yaml
from capacity.report.language import Language
from capacity.report.page.model import Heading, Listing, Section, Table
from capacity.report.sections.common import Source
from capacity.study.conformance.catalogue import all_checks
from capacity.study.conformance.check import Done

MOST_ASSUMPTIONS = 8


def method(source: Source, *, kind: str) -> Section:
    """Return what was done: replications, luck, intervals, whether the start belongs to it."""
    say, scenario = source.say, source.scenario
    paragraphs = [
        say.text("method.simulated", start=scenario.start, until=scenario.until),
        _luck(source),
        say.text(f"method.{scenario.regime}"),
        say.text("method.policy", order=scenario.policy.order, backfill=scenario.policy.backfill),
        say.text("method.quantiles"),
    ]
    if kind in {"comparison", "sizing"}:
        paragraphs.append(say.text(f"method.{kind}"))
    return Section("method", say.text("method.title"), paragraphs)


def _luck(source: Source) -> str:
    """Say how many runs there are, and what differs between them."""
    say, n, seed, futures = source.say, source.replications, source.result.seed, source.result.futures
    if futures is not None:
        drawn = {"worlds": futures.draws.count, "n": len(futures.draws.assumptions), "pairs": futures.pairs}
        return say.text("futures.method", seed=seed, **drawn)
    return say.text("method.replications" if n > 1 else "method.one_replication", n=n, seed=seed)


def conformance(source: Source, checked: Sequence[Done] | None, day: str) -> Section:
    """Return what this tool was checked against, and the checks that were run for the report.

    Parameters
    ----------
    source : Source
        For the language.
    checked : sequence of Done or None
        Checks that were run, None if none were.
    day : str
        When.
    """
    say = source.say
    text = say.text("conformance.text", n=len(all_checks()))
    title = say.text("conformance.title")
    if checked is None:
        return Section("conformance", title, [f"{text} {say.text('conformance.not_run')}"])
    failed = [done.check.name for done in checked if done.result.verdict.standing != "shown"]
    paragraphs = [text]
    if failed:
        paragraphs.append(say.text("conformance.failed", names=say.listed(failed)))
    n = len(checked)
    paragraphs.append(say.text("conformance.passed", day=day, passed=n - len(failed), n=n))
    keys = ("check", "asked", "got", "standing")
    columns = [Heading(key, say.text(f"conformance.columns.{key}")) for key in keys]
    rows = [
        {"check": done.check.name, "asked": say.translated(found.asked),
         "got": say.translated(done.result.got),
         "standing": say.text(f"check.{found.standing}")}
        for done in checked
        for found in (done.result.verdict,)
    ]  # fmt: skip
    return Section(
        "conformance", title, paragraphs, (), [Table("checks", say.text("conformance.table"), columns, rows)]
    )


def scenario_in_full(source: Source) -> Section:
    """Return every assumption and the resolved scenario, folded away."""
    say, loaded = source.say, source.result.loaded
    stated = list(sourced(loaded.data))
    rows = [{"path": path, **_row(one, say)} for path, one in stated]
    assumed = sum(one.get("source") == "assumption" for _, one in stated)
    text = say.text("scenario.text", name=loaded.scenario.name, n=len(stated), assumed=assumed)
    table = Table("sources", say.text("scenario.sources"), _columns(say), rows)
    listing = Listing("resolved", say.text("scenario.resolved"), as_yaml(loaded.data))
    return Section("scenario", say.text("scenario.title"), [text], (), [table, listing])


def sourced(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:  # noqa: ANN401
    """Yield every value, and every course of values, that carries its source, with its path."""
    if isinstance(data, Mapping):
        if "source" in data and ("value" in data or "points" in data):
            yield ".".join(path), data
            return
        for key, item in data.items():
            yield from sourced(item, (*path, str(key)))
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from sourced(item, (*path, str(number)))


def _value(one: Mapping[str, Any]) -> str:
    """Return a value, or the first and the last of a course."""
    points = one.get("points")
    if not isinstance(points, Mapping) or not points:
        return str(one.get("value", ""))
    (first, begin), *_, (last, end) = [*points.items(), *points.items()]
    return f"{_value(begin) if isinstance(begin, Mapping) else begin} ({first}) … " + (
        f"{_value(end) if isinstance(end, Mapping) else end} ({last})"
    )


def main_assumptions(source: Source) -> Table | None:
    """Return what the answer rests on most: how much is bought, and how much is asked of it."""
    say, data = source.say, source.result.loaded.data
    found = {path: one for path, one in sourced(data) if one.get("source") == "assumption"}
    chosen = [path for pattern in IMPORTANT for path in found if _matches(path, pattern)][:MOST_ASSUMPTIONS]
    rows = [{"path": path, **_row(found[path], say)} for path in chosen]
    rows = [{**row, "why": _first_sentence(row["why"])} for row in [*_declared(data, say), *rows]]
    if not rows:
        return None
    return Table("assumptions", say.text("assumptions.title"), _columns(say), rows[:MOST_ASSUMPTIONS])


def _first_sentence(text: str) -> str:
    """Return what stands before the first full stop; the rest is in the table of all sources."""
    first, stop, rest = text.partition(". ")
    return f"{first}. …" if stop and rest else text


IMPORTANT = (
    "workload.admitted", "site.declared.storage.usable", "site.pools.*.nodes",
    "site.storage.*.capacity.usable", "workload.tenants.*.members", "workload.tenants.*.projects",
)  # fmt: skip
"""Paths of what moves the answer most, the most important first; ``*`` stands for one name."""


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(w in {"*", p} for p, w in zip(parts, wanted, strict=True))


def _declared(data: Mapping[str, Any], say: Language) -> list[dict[str, str]]:
    """Return the demand as a whole, which states one source for all of it."""
    found = []
    for name in ("workload", "site"):
        part = data.get(name)
        if isinstance(part, Mapping) and "source" in part:
            title = str(part.get("title", part.get("name", name)))
            why = " ".join(str(part.get("why", "")).split())
            found.append({"path": name, "value": title, "source": _source(part, say), "why": why})
    return found


def _source(one: Mapping[str, Any], say: Language) -> str:
    """Return where a value is from, and as of when."""
    text = say.text("assumptions.assumption") if one["source"] == "assumption" else str(one["source"])
    return f"{text}, {one['as_of']}" if one.get("as_of") else text


def _columns(say: Language) -> list[Heading]:
    return [
        Heading(key, say.text(f"assumptions.columns.{key}")) for key in ("path", "value", "source", "why")
    ]


def _row(one: Mapping[str, Any], say: Language) -> dict[str, str]:
    dated = _source(one, say)
    return {"value": _value(one), "source": dated, "why": " ".join(str(one.get("why", "")).split())}


def facts_of_log(manifest: Mapping[str, Any], say: Language) -> list[tuple[str, str]]:
    """Return what identifies the sizing of a machine for a log."""
    policy = manifest.get("policy", {})
    return [
        (say.text("facts.log"), str(manifest.get("log_name", ""))),
        (say.text("facts.policy"), ", ".join(f"{name} {value}" for name, value in policy.items())),
        (say.text("facts.versions"), _versions(manifest["versions"])),
    ]


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def facts(source: Source, versions: Mapping[str, str], say: Language) -> list[tuple[str, str]]:
    """Return what identifies a run."""
    loaded = source.result.loaded
    return [
        (say.text("facts.scenario"), loaded.scenario.name),
        (say.text("facts.hash"), loaded.sha256),
        (say.text("facts.seed"), str(source.result.seed)),
        _facts_of_luck(source, say),
        (say.text("facts.versions"), _versions(versions)),
    ]


def _facts_of_luck(source: Source, say: Language) -> tuple[str, str]:
    if source.worlds:
        runs = {"worlds": source.worlds, "runs": len(source.result.runs)}
        return say.text("facts.worlds"), say.text("facts.worlds_of", **runs)
    return say.text("facts.replications"), str(source.replications)
