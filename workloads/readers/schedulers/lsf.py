"""Reads ``lsb.acct`` of IBM Spectrum LSF: a record ``JOB_FINISH`` for every job that ended.

Fields stand between blanks, words in double quotes, in the order of lsb.acct(5). Two lists of hosts stand in
the middle, so later fields are found by their lengths; those behind ``options2`` differ between versions and
are taken only where the run time that stands there is end minus start. A limit of -1 or 0 is none. Slots held
are those of the list of hosts, in which ``16*n01`` stands for sixteen.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import STATES, UNKNOWN, JobTable, Tally
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.schedulers.lines import BlockRows, Columns, Words, array_numbers, instants, read_lines
from workloads.readers.schedulers.records import ATTEMPT, JobNames, Records, table_of
from workloads.readers.schedulers.tokens import Places, Tokens
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source

Read = Callable[..., None]
_EVENT = '"JOB_FINISH"'
_STAR = ord("*")
_NEEDED: Final = {"end": 2, "number": 3, "asked": 6, "submit": 7, "begin": 8, "start": 10, "asked_hosts": 22}
_WORDS: Final = {"user": 11, "pool": 12, "resources": 13}
_AFTER_HOSTS: Final = {
    "status": 0, "wait_status": 25, "most": 26, "task": 29, "exit_info": 38, "sent": 53,
}  # fmt: skip
"""Where numbers stand behind the second list of hosts."""
_PROJECT, _DONE = 24, 64
_TO_TAIL, _OF_TAIL = 54, {"limit": 1, "run_s": 14, "networks": 16}
"""From the end of the hosts to the number of usages per host; fields behind those, of which each has five."""
_TO_SLOTS = 23
_KILLED: Final = {5: "timeout", 8: "cancelled", 9: "cancelled", 14: "cancelled", 15: "cancelled"}
"""What some values of ``exitInfo`` mean."""
_AGAIN = (1, 10, 11, 13, 31)
"""Values of ``exitInfo`` of a run after which the job goes back into the queue."""
_GPUS = re.compile(r"\bngpus(?:_\w+)?\s*=\s*(\d+)")


def looks_like_lsf(head: bytes) -> bool:
    """Whether a file that begins so is an ``lsb.acct``."""
    first = next((line for line in head.split(b"\n", 50) if line.strip() and not line.startswith(b"#")), b"")
    return bool(re.match(rb'"[A-Z_]+" "[\d.]+" \d{9,} ', first))


def read_lsf(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs of an ``lsb.acct``.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines instead of failing; they are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is; by itself the slots of LSF.

    Raises
    ------
    LogError
        The file cannot be read, holds no job, or (unless `lenient`) has a malformed line.
    """
    others: list[int] = []

    def look(tokens: Tokens) -> BlockRows:
        return _look(tokens, others)

    log = read_lines(source, look, between=b" ", quoted=True, what="lsb.acct", lenient=lenient)
    if others:
        what = "event that is no end of a job"
        log.dropped.append(Tally(what, len(others), tuple(f"line {line}" for line in others[:3])))
    return table_of(_records(log), slots="cpus" if slots == "auto" else slots)


def _look(tokens: Tokens, others: list[int]) -> BlockRows:
    codes, events = tokens.words(tokens.at(np.arange(len(tokens)), 0))
    kinds = np.array([event == _EVENT.strip('"') for event in events], np.bool_)[codes]
    named = np.array([event.isidentifier() and event.isupper() for event in events], np.bool_)[codes]
    others += tokens.lines[~kinds & named].tolist()
    wrong = dict.fromkeys(tokens.lines[~kinds & ~named].tolist(), "no event of lsb.acct")
    rows = np.flatnonzero(kinds)
    numbers: dict[str, NDArray[np.int64]] = {}
    bad, why = np.zeros(len(rows), np.bool_), np.full(len(rows), "", object)

    def read(name: str, offset: Places | int, *, needed: bool = True) -> None:
        numbers[name], good = tokens.integers(tokens.at(rows, offset))
        numbers[name] = np.where(good, numbers[name], UNKNOWN)
        if needed:
            why[~good & ~bad] = f"{name} is no whole number"
            bad[~good] = True

    for name, place in _NEEDED.items():
        read(name, place)
    asked_hosts = np.clip(numbers["asked_hosts"], 0, None)
    read("hosts", 23 + asked_hosts)
    hosts = np.clip(numbers["hosts"], 0, None)
    after = 24 + asked_hosts + hosts
    for name, place in _AFTER_HOSTS.items():
        read(name, after + place, needed=name == "status")
    _read_tail(tokens, rows, after, numbers, read)
    numbers["held"], numbers["nodes"] = _slots(tokens, rows, 24 + asked_hosts, np.where(bad, 0, hosts))
    good = ~bad
    words: dict[str, Words] = {
        name: tokens.words(tokens.at(rows[good], place)) for name, place in _WORDS.items()
    }
    words["tenant"] = tokens.words(tokens.at(rows[good], (after + _PROJECT)[good]))
    wrong |= {int(tokens.lines[rows[row]]): str(why[row]) for row in np.flatnonzero(bad)}
    return BlockRows(
        tokens.lines[rows[good]], {name: values[good] for name, values in numbers.items()}, words, wrong
    )


def _read_tail(
    tokens: Tokens, rows: Places, after: Places, numbers: dict[str, NDArray[np.int64]], read: Read
) -> None:
    """Read the limit, the slots allocated and the time it could not run, which old versions do not write."""
    sent = np.clip(numbers.pop("sent"), 0, 10_000)
    read("usages", after + _TO_TAIL + 2 * sent, needed=False)
    tail = after + _TO_TAIL + 2 * sent + 5 * np.clip(numbers.pop("usages"), 0, 100_000)
    for name, place in _OF_TAIL.items():
        read(name, tail + place, needed=False)
    behind = tail + _TO_SLOTS + 2 * np.clip(numbers.pop("networks"), 0, 1000)
    read("granted", behind, needed=False)
    granted = np.clip(numbers.pop("granted"), 0, 10_000_000)
    read("ineligible_s", behind + 1 + granted, needed=False)
    lasted = np.where(numbers["start"] > 0, numbers["end"] - numbers["start"], 0)
    trusted = numbers.pop("run_s") == lasted
    numbers["limit"] = np.where(trusted, numbers["limit"], UNKNOWN)
    numbers["ineligible_s"] = np.where(trusted, numbers["ineligible_s"], UNKNOWN)
    granted, _ = _slots(tokens, rows, behind + 1, np.where(trusted, granted, 0))
    numbers["granted"] = granted


def _slots(tokens: Tokens, rows: Places, first: Places, hosts: Places) -> tuple[Places, Places]:
    """Return the slots in a list of hosts, in which ``16*n01`` are sixteen, and the different hosts."""
    hosts = np.where((first + hosts <= tokens.count[rows]) & (hosts > 0), hosts, 0)
    owner = np.repeat(np.arange(len(rows)), hosts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(hosts) - hosts, hosts)
    entries = tokens.at(rows[owner], first[owner] + place)
    if not len(entries):
        return np.zeros(len(rows), np.int64), np.full(len(rows), UNKNOWN, np.int64)
    begin = tokens.starts[entries] + 1  # behind the quote
    value, digits = tokens.digits(begin, np.maximum(tokens.ends[entries] - begin, 0))
    several = (digits > 0) & (tokens.data[begin + digits] == _STAR)
    slots = np.bincount(owner, np.where(several, value, 1), len(rows)).astype(np.int64)
    codes = tokens.codes(entries, skip=np.where(several, digits + 2, 1))
    different = np.ones(len(owner), np.bool_)
    many = np.flatnonzero(hosts[owner] > 1)
    order = many[np.lexsort((codes[many], owner[many]))]
    same = (owner[order[1:]] == owner[order[:-1]]) & (codes[order[1:]] == codes[order[:-1]])
    different[order[1:][same]] = False
    nodes = np.bincount(owner[different], minlength=len(rows))
    return slots, np.where(nodes > 0, nodes, UNKNOWN)


def _records(log: Columns) -> Records:
    numbers = log.numbers
    known = np.ones(len(log.places), np.bool_)
    submit, start, begin = (instants(numbers[name], known) for name in ("submit", "start", "begin"))
    late = np.where(numbers["ineligible_s"] > 0, submit + numbers["ineligible_s"], MISSING_TIME)
    held = np.where(numbers["granted"] > 0, numbers["granted"], numbers["held"])
    held = np.where(held > 0, held, numbers["most"])
    held = np.maximum(held, numbers["asked"])  # a list of hosts may name each but once
    wait_status = numbers["wait_status"]
    signal = np.where(wait_status > 0, wait_status & 127, 0)
    code = np.where(wait_status < 0, UNKNOWN, np.where(signal > 0, 128 + signal, wait_status >> 8))
    return Records(
        log.path, "line", log.places,
        jobs=JobNames.numbered(numbers["number"], numbers["task"], "{}[{}]"),
        submit=submit,
        eligible=np.maximum(begin, late),
        start=start,
        end=instants(numbers["end"], known),
        processors=held.astype(np.float64),
        gpus=log.each_word("resources", _gpus),
        fate=_fates(numbers, start),
        optional={
            "requested_s": np.where(numbers["limit"] > 0, numbers["limit"], UNKNOWN),
            "exit_code": code,
            "nodes": np.where(start == MISSING_TIME, UNKNOWN, numbers["nodes"]),
            "array_id": array_numbers(numbers["number"], numbers["task"]),
        },
        labels={name: log.labels[name] for name in ("user", "pool", "tenant")},
        dropped=[*log.dropped],
    )  # fmt: skip


def _fates(numbers: dict[str, NDArray[np.int64]], start: NDArray[np.int64]) -> NDArray[np.int8]:
    done = numbers["status"] == _DONE
    fate = np.where(done, STATES.index("completed"), STATES.index("failed"))
    for info, state in _KILLED.items():
        fate = np.where(~done & (numbers["exit_info"] == info), STATES.index(state), fate)
    fate = np.where(~done & np.isin(numbers["exit_info"], _AGAIN), ATTEMPT, fate)
    return np.where(start == MISSING_TIME, STATES.index("cancelled"), fate).astype(np.int8)


def _gpus(resources: str) -> int:
    """Return the GPUs that a requirement of resources names.

    Examples
    --------
    >>> _gpus("rusage[ngpus_physical=2]"), _gpus("span[hosts=1]")
    (2, 0)
    """
    found = _GPUS.search(resources)
    return int(found[1]) if found and len(found[1]) < 10 else 0
