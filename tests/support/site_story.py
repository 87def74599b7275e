"""Where the core and the definition part: the first difference as a few readable lines."""

from dataclasses import fields, is_dataclass, replace

from capacity.scheduling.site.rules import MultifactorNumbers
from tests.support.site_case import NAMES, Fate, SiteCase, core_fates
from tests.support.site_definition import Answer, NeverEndsError, schedule


def differing(case: SiteCase, core: list[Fate], answer: Answer) -> list[int]:
    """Rows with another fate."""
    return [row for row in range(len(case.submit)) if core[row] != answer.fates[row]]


def story(case: SiteCase, core: list[Fate], answer: Answer) -> str:
    """Empty if both agree; otherwise the job that differs first in time, and what each did with it."""
    rows = differing(case, core, answer)
    if not rows:
        return ""

    def first(row):
        theirs, ours = core[row], answer.fates[row]
        pairs = [(getattr(theirs, name), getattr(ours, name)) for name in ("start_s", "end_s")]
        times = [t for pair in pairs if pair[0] != pair[1] for t in pair if t >= 0]
        return min(times, default=case.submit[row])

    row = min(rows, key=lambda r: (first(r), r))
    time, theirs, ours = first(row), core[row], answer.fates[row]
    lines = [f"{len(rows)} of {len(core)} jobs differ; job {row} first, at {time} s:"]
    lines += [
        f"  {name}: core {getattr(theirs, name)}, definition {getattr(ours, name)}"
        for name in NAMES
        if getattr(theirs, name) != getattr(ours, name)
    ]
    lines.append("definition:")
    lines += [
        f"  {at:4d} s: job {other} {what}"
        for at, other, what in answer.story
        if other == row or time - 12 <= at <= time + 2
    ][:40]
    return "\n".join([*lines, "case:", *described(case)])


def described(case: SiteCase) -> list[str]:
    """Pools, rules, commands, and the jobs as rows."""
    names = ["submit", "run", "requested", "slots", "user", "account", "qos", "pool_set", "after", "after_ok",
             "singleton", "array", "patience", "deadline", "checkpoint", "restart",
             "unservable", "pool_factor"]  # fmt: skip
    names = [name for name in names if getattr(case, name)]
    lines = [f"  {short(part)}" for part in (*case.pools, case.rules, case.site)]
    lines += [f"  commands {case.commands} later {case.later} limits {case.array_limit} {case.pool_sets}"]
    lines += ["  row " + " ".join(names)]
    columns = zip(*(getattr(case, name) for name in names), strict=True)
    return lines + [f"  {row:3d} " + " ".join(map(str, values)) for row, values in enumerate(columns)]


def short(value):
    """A record without its fields at their defaults."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(short, value)) + ("," if len(value) == 1 else "") + ")"
    if not is_dataclass(value):
        return repr(value)
    given = ((f, getattr(value, f.name)) for f in fields(value))
    words = [f"{f.name}={short(v)}" for f, v in given if v != default_of(f)]
    return f"{type(value).__name__}({', '.join(words)})"


def default_of(field):
    """The value a field has when nobody gives it one."""
    return field.default_factory() if callable(field.default_factory) else field.default


def differ(case: SiteCase) -> bool:
    """Whether the core has another answer (or none)."""
    try:
        answer = schedule(case)
    except NeverEndsError:
        return False
    return bool(differing(case, core_fates(case), answer))


def smallest(case: SiteCase, differ=differ) -> SiteCase:
    """Leave out jobs, commands, windows and columns as long as the answers still differ."""
    shrunk = True
    while shrunk:
        shrunk = False
        for simpler in simpler_cases(case):
            if differ(simpler):
                case, shrunk = simpler, True
                break
    return case


def simpler_cases(case: SiteCase):
    for row in reversed(range(len(case.submit))):
        if len(case.submit) > 1 and (case.later is None or case.later < len(case.submit) - 1):
            yield case.without(row)
    for index in range(len(case.commands)):
        if case.commands[index][1] != "submit":
            yield replace(case, commands=case.commands[:index] + case.commands[index + 1 :])
    windows = case.site.windows
    for index in range(len(windows)):
        yield replace(case, site=replace(case.site, windows=windows[:index] + windows[index + 1 :]))
    for name in ("after", "singleton", "array", "patience", "deadline", "checkpoint", "restart", "unservable",
                 "pool_factor"):  # fmt: skip
        if getattr(case, name):
            yield replace(case, **{name: ()})
    if case.user and any(case.user):
        yield replace(case, user=())
    for name, value in (("cycle_s", 0), ("recompute_s", 0), ("backfill_depth", 0), ("reservations", 1),
                        ("backfill_order", "queue"), ("order", "fcfs"), ("backfill", "none"),
                        ("backfill", "easy"), ("estimates", "requested"), ("overrun", "kill")):  # fmt: skip
        simple = getattr(case.rules, name) in (value, "none")
        deep = (name, value, case.rules.backfill_depth > 0) == ("backfill", "none", True)
        if not simple and not deep:
            yield replace(case, rules=replace(case.rules, **{name: value}))
    if case.site.multifactor != MultifactorNumbers() and case.rules.order != "multifactor":
        yield replace(case, site=replace(case.site, multifactor=MultifactorNumbers()))
    if case.site.qos:
        for index, qos in enumerate(case.site.qos):
            for name, value in (("preempts", ()), ("grace_s", 0), ("min_run_s", 0)):
                if getattr(qos, name) != value:
                    kinds = list(case.site.qos)
                    kinds[index] = replace(qos, **{name: value})
                    yield replace(case, site=replace(case.site, qos=tuple(kinds)))
