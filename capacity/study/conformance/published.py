"""Published schedules: every start to the second, under the rules that the files name."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.measure.schedule import ScheduleMetrics, schedule_metrics
from capacity.scheduling.batch import batch_system
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.conformance import published_files as files
from capacity.study.conformance.check import Check, CheckResult, job_by_job
from capacity.study.conformance.published_files import FIGURES, IndexLine, Published
from capacity.study.conformance.trials import words_of
from capacity.study.verdict import Verdict, shown_if

ORACLE: Final = "oracle"
REFERENCE: Final = "reference"
ENDING: Final = ".swf.gz"

ANSWERS: Final = {
    "easy": Rules("fcfs", "easy", "pyss"),
    "easy-sjbf-clairvoyant": Rules("fcfs", "easy-sjbf", "pyss", estimates="exact"),
    "easy-plus-plus": Rules("fcfs", "easy++", "pyss"),
    "easy-plus-plus-clairvoyant": Rules("fcfs", "easy++", "pyss", estimates="exact"),
}
"""Rules by what stands between log and ending in the name of a log of answers."""

KNOWN: Final = {
    "oracle/KTH-SP2.easy.swf.gz": ("6836.8721", "92.5765"),
    "oracle/SDSC-SP2.easy.swf.gz": ("20497.7610", "87.8703"),
    "oracle/CTC-SP2.easy.swf.gz": ("14272.5945", "49.5713"),
    "oracle/KTH-SP2.easy-sjbf-clairvoyant.swf.gz": ("5436.0208", "49.8477"),
    "oracle/KTH-SP2.easy-plus-plus.swf.gz": ("6235.8539", "63.5007"),
    "swf/CEA-Curie-predictsim-easy-295k.swf.gz": ("6369.1019", "202.1332"),
}
"""Mean wait [s] and mean bounded slowdown of the logs of answers: of the waits that stand in them."""
BY_FIGURES: Final = {
    "swf/CEA-Curie-predictsim-easy-295k.swf.gz": (
        "easy-plus-plus-clairvoyant",
        {"mean_wait_s": "2795.916420789", "mean_bounded_slowdown": "12.079795446879"},
    ),
}
"""Other schedules of the jobs of a log, of which only figures are at hand: rules as in ANSWERS, all digits.

One job that starts a second later changes the sixth digit after the point of the wait. Published are the mean
flow time, 9309.48737565135 s, from which the mean run time of the jobs is taken here, and the slowdown:
https://github.com/dinesh121991/predictsim, experiments/data/CEA-curie/sim_analysis/metrics_complete, line of
easy_plus_plus_scheduler with predictor_clairvoyant.
"""
SHOWN: Final = {"mean_wait_s": "wait {} s", "mean_bounded_slowdown": "slowdown {}"}
PUBLISHED_WITH: Final = "Gaussier et al., SC'15"

DIALECTS: Final = {
    "E-batch": ("easy", "instant"),
    "E-event": ("easy", "event"),
    "E-pyss": ("easy", "pyss"),
    "easy-sjbf": ("easy-sjbf", "pyss"),
}
"""Backfilling and ties by the semantics of the index, for what is first come, first served."""


def rules_of(policy: str, semantics: str) -> list[Rules]:
    """Return the rules under which a line of the index must come out; several where all must.

    Raises
    ------
    InputError
        There are none for this policy and dialect.

    Examples
    --------
    >>> [one.ties for one in rules_of("fcfs", "F")], rules_of("sjf+easy", "P-event")[0].recompute_s
    (['instant', 'event', 'pyss'], 0)
    """
    order, _, backfill = policy.partition("+")
    if semantics == "F" and policy == "fcfs":
        return [Rules("fcfs", "none", ties) for ties in ("instant", "event", "pyss")]
    if semantics in DIALECTS and order in ("easy", "easy-sjbf"):
        return [Rules("fcfs", *DIALECTS[semantics])]
    if semantics == "C-sticky" and policy == "conservative":
        return [Rules("fcfs", "conservative", "pyss", conservative="sticky")]
    if semantics == "C-replan" and policy == "conservative":
        return [Rules("fcfs", "conservative", "event", conservative="replan")]
    if semantics == "P-event" and backfill in ("", "easy"):
        return [Rules(order, backfill or "none", "event", recompute_s=0)]
    message = f"no rules are known for the policy '{policy}' under '{semantics}'"
    raise InputError(message)


def starts(published: Published, rules: Rules) -> npt.NDArray[np.int64]:
    """Return the start of every job under our rules [s]."""
    system = batch_system([PoolSpec("machine", published.slots)], rules, published.jobs)
    system.run()
    return system.outcome().start_s


def figures(published: Published, start_s: npt.NDArray[np.int64]) -> ScheduleMetrics:
    """Return what the schedule comes to."""
    jobs = published.jobs
    return schedule_metrics(
        submit_s=jobs.submit_s, wait_s=start_s - jobs.submit_s,
        run_s=np.minimum(jobs.run_s, jobs.requested_s), held_slots=jobs.slots, machine_slots=published.slots,
    )  # fmt: skip


def compare(published: Published, rules: list[Rules], said: Mapping[str, str]) -> CheckResult:
    """Compare all starts with those of a published schedule, and what they come to with published figures.

    It must come out under each of the rules. `said` are figures by our names, each as exact as it is written.
    """
    compared = differing = 0
    for one in rules:
        found = starts(published, one)
        compared += len(found)
        differing += int(np.count_nonzero(found != published.start_s))
    measured = asdict(figures(published, found))
    wrong = [name for name, text in said.items() if not agrees(measured[name], text)]
    unseen = [name for name in wrong if name not in SHOWN]
    got = _words({name: f"{measured[name]:.{decimals(said.get(name, '0.0000'))}f}" for name in SHOWN})
    for name in unseen:
        got += f", {name} {measured[name]:.{decimals(said[name])}f} and not {said[name]}"
    numbers = {name: float(measured[name]) for name in FIGURES}
    numbers |= {f"expected_{name}": float(text) for name, text in said.items()}
    return CheckResult(job_by_job(_words(said), differing, compared, wrong=wrong), got, numbers)


def compare_figures(published: Published, rules: Rules, said: Mapping[str, str]) -> CheckResult:
    """Compare what our schedule of these jobs comes to with figures of another one than theirs."""
    measured = asdict(figures(published, starts(published, rules)))
    wrong = [name for name, text in said.items() if not agrees(measured[name], text)]
    got = _words({name: f"{measured[name]:.{decimals(text)}f}" for name, text in said.items()})
    numbers = {name: float(measured[name]) for name in said}
    numbers |= {f"expected_{name}": float(text) for name, text in said.items()}
    return CheckResult(Verdict(asked=_words(said), standing=shown_if(not wrong)), got, numbers)


def agrees(value: float, text: str) -> bool:
    """Say whether a number rounds to one that is written, up to the last digit's half and a hair.

    Examples
    --------
    >>> agrees(6836.87209, "6836.8721"), agrees(6836.8731, "6836.8721"), agrees(12.5, "12.5")
    (True, False, True)
    """
    return abs(value - float(text)) <= 0.51 * 10.0 ** -decimals(text)


def decimals(text: str) -> int:
    """Return how many digits a number has after the point, as it is written."""
    return len(text.partition(".")[2])


def _words(said: Mapping[str, str]) -> str:
    shown = [form.format(said[name]) for name, form in SHOWN.items() if name in said]
    return ", ".join(shown) or "every start"


def checks(data: Path) -> list[Check]:
    """Return a check for each schedule below a folder, and one for each that should be there and is not.

    The folder has ``oracle``, ``reference`` and ``swf``.
    """
    there = [f"{ORACLE}/{path.name}" for path in sorted((data / ORACLE).glob(f"*{ENDING}"))]
    answers = dict.fromkeys([*KNOWN, *there])
    by_figures = [_by_figures(data, name, *one) for name, one in BY_FIGURES.items()]
    return [*(_answers(data, name) for name in answers), *by_figures, *_reference(data / REFERENCE)]


def _answers(data: Path, name: str) -> Check:
    """Check a log whose waits are the answer."""
    path = data / name
    _, _, words = path.name.removesuffix(ENDING).partition(".")
    rules = ANSWERS.get(words) or (ANSWERS["easy"] if name in KNOWN else None)

    def run() -> CheckResult:
        if not path.is_file():
            return _absent(path)
        if rules is None:
            return _unchecked(f"not checked: no rules are known for '{words}' (known: {', '.join(ANSWERS)})")
        said = dict(zip(("mean_wait_s", "mean_bounded_slowdown"), KNOWN.get(name, ()), strict=False))
        return compare(files.read_answers(path), [rules], said)

    source = PUBLISHED_WITH if name in KNOWN else "waits in the file"
    return Check(name.removesuffix(ENDING), source, run, words_of(rules) if rules else "")


def _by_figures(data: Path, name: str, words: str, said: Mapping[str, str]) -> Check:
    """Check the figures of another schedule of the jobs of a log."""
    path = data / name

    def run() -> CheckResult:
        return (
            compare_figures(files.read_answers(path), ANSWERS[words], said)
            if path.is_file()
            else _absent(path)
        )

    return Check(f"{name.removesuffix(ENDING)}.{words}", PUBLISHED_WITH, run, words_of(ANSWERS[words]))


def _reference(folder: Path) -> list[Check]:
    """Check what the index of public simulators' schedules names."""
    index = folder / files.INDEX
    whole = f"{REFERENCE}/{files.INDEX}"
    if not index.is_file():
        return [Check(whole, "index of schedules", lambda: _absent(index))]
    try:
        entries = files.read_index(index)
        if not entries:
            raise InputError("no schedule in it", where=str(index))
    except InputError as error:
        problem = error

        def fail() -> CheckResult:
            raise problem

        return [Check(whole, "index of schedules", fail)]
    return [_schedule(folder, entry) for entry in entries]


def _schedule(folder: Path, entry: IndexLine) -> Check:
    def run() -> CheckResult:
        for path in (folder / entry.file, files.jobs_file(folder, entry)):
            if not path.is_file():
                return _absent(path)
        rules = rules_of(entry.policy, entry.semantics)
        published = files.read_schedule(folder, entry)
        if len(published.start_s) != entry.jobs:
            what = f"{len(published.start_s)} jobs, and the index says {entry.jobs}"
            raise InputError(what, where=entry.file)
        return compare(published, rules, entry.figures)

    name = f"{REFERENCE}/{entry.file.removesuffix('.csv.gz')}"
    try:
        first, *others = rules_of(entry.policy, entry.semantics)
        words = "/".join([words_of(first), *(one.ties for one in others)])
    except InputError:
        words = entry.policy
    return Check(name, f"{entry.producer}, {entry.semantics}", run, words)


def _absent(path: Path) -> CheckResult:
    return _unchecked(f"{path.name} is not there")


def _unchecked(why: str) -> CheckResult:
    return CheckResult(Verdict(asked="", standing="not shown"), why)
