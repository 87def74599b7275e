"""What is kept of a run: metrics by name, by name and labels, all there are, or a few figures."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from capacity.errors import InputError, Problem, nearest
from capacity.inputs.experiment import ALL
from capacity.inputs.scenario import Scenario
from capacity.measure.figures import compared, headline
from capacity.measure.findings import Labels
from capacity.measure.metrics import METRICS

Keeps = Callable[[str, Labels], bool]
"""Whether a value is kept, by its metric and labels."""
_FORM: Final = re.compile(r"\s*(\w+)\s*(?:\[([^\[\]]*)\])?\s*")


def figures(scenario: Scenario) -> frozenset[tuple[str, Labels]]:
    """Return what is kept if nothing is asked: headlines and what comparisons ask, of all months."""
    both = (*headline(scenario), *compared(scenario))
    return frozenset((metric, where) for metric, where in both if ("month", "all") in where)


def keeps(asked: Sequence[str], scenario: Scenario, where: str) -> Keeps:
    """Return what tells whether a value is kept.

    Parameters
    ----------
    asked : sequence of str
        ``utilization`` for all its values, ``p95_wait_s[pool=gpu,month=all]`` for those with these labels,
        ``all``; empty for a few figures.
    scenario : Scenario
        Of which figures these are.
    where : str
        Where that is written.

    Raises
    ------
    InputError
        There is no such metric, or it never has such a label.
    """
    if [*asked] == [ALL]:
        return lambda _metric, _labels: True
    if not asked:
        few = figures(scenario)
        return lambda metric, labels: (metric, labels) in few
    problems: list[Problem] = []
    wanted: dict[str, list[Mapping[str, str]]] = {}
    for text in asked:
        try:
            metric, labels = _read(text)
        except InputError as error:
            problems += [Problem(one.what, where, one.fix) for one in error.problems]
        else:
            wanted.setdefault(metric, []).append(labels)
    if problems:
        raise InputError(problems)
    return lambda metric, labels: any(one.items() <= {*labels} for one in wanted.get(metric, ()))


def _read(text: str) -> tuple[str, dict[str, str]]:
    found = _FORM.fullmatch(text)
    if found is None:
        raise InputError(f"'{text}' is not of the form METRIC[LABEL=VALUE]", fix="p95_wait_s[pool=gpu]")
    metric, inside = found[1], found[2] or ""
    if metric not in METRICS:
        raise InputError(f"there is no metric '{metric}'", fix=nearest(metric, [*METRICS]))
    pairs = [part.partition("=") for part in inside.split(",") if part.strip()]
    labels = {name.strip(): value.strip() for name, _, value in pairs}
    if not all(equals for _, equals, _ in pairs):
        raise InputError(f"'{text}' is not of the form METRIC[LABEL=VALUE]", fix="p95_wait_s[pool=gpu]")
    sets = [{part.partition("=")[0] for part in names.split()} for names in METRICS[metric].by]
    if labels and not any({*labels} <= names for names in sets):
        known = sorted({name for names in sets for name in names})
        raise InputError(f"{metric} is never told by {' and '.join(labels)}", fix=nearest("", known))
    return metric, labels
