"""Shards of a sweep: read as ``3/8``, left beside where the whole will be, and put together."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from capacity.errors import InputError, Problem, UsageError
from capacity.study.sweep.cases import Cases
from capacity.study.sweep.files import (
    CASES,
    RUNS,
    Lost,
    RunsFile,
    Shard,
    cases_in,
    read_manifest,
    shard_folder,
    write_table,
)

MOST_SHARDS: Final = 100_000
_NAME: Final = re.compile(r"(\d+)-of-(\d+)")


def read_shard(text: str) -> Shard:
    """Read ``I/N``, I from 0 to N-1, as job arrays number their tasks.

    Raises
    ------
    UsageError
        It has another form, or there is no such shard.

    Examples
    --------
    >>> read_shard("3/8")
    Shard(index=3, of=8)
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if found is None:
        raise UsageError(f"--shard {text}: write I/N, as 0/8 … 7/8")
    shard = Shard(int(found[1]), int(found[2]))
    if not 1 <= shard.of <= MOST_SHARDS or shard.index >= shard.of:
        raise UsageError(f"--shard {text}: of N shards, at most {MOST_SHARDS:,}, the first is 0/N")
    return shard


def is_done(target: Path, shard: Shard, cases: Cases, code: str) -> bool:
    """Whether the shard of this very experiment, run by this very code, is there already."""
    found = read_manifest(shard_folder(target) / shard.name)
    return found is not None and (found["hash"], found["code"]) == (cases.identity, code)


def found_shards(target: Path, cases: Cases, command: str) -> list[tuple[Path, dict[str, Any]]]:
    """Return the directories and manifests of all shards of a sweep, in order.

    Raises
    ------
    InputError
        There is none, one is missing, or they are of several sweeps or of another one.
    """
    folder = shard_folder(target)
    names = [found for path in sorted(folder.glob("*-of-*")) if (found := _NAME.fullmatch(path.name))]
    counts = sorted({int(found[2]) for found in names})
    if not counts:
        raise InputError("there are no shards", where=str(folder), fix=f"run them: {command} --shard 0/N")
    if len(counts) > 1:
        what = f"there are shards of {' and of '.join(map(str, counts))}"
        raise InputError(what, where=str(folder), fix="remove those of the sweep that is not meant")
    of = counts[0]
    there = [(place, read_manifest(place)) for place in (folder / Shard(n, of).name for n in range(of))]
    lacking = [number for number, (_, document) in enumerate(there) if document is None]
    if lacking:
        one = len(lacking) == 1
        what = f"shard{'' if one else 's'} {_spans(lacking)} of {of} {'is' if one else 'are'} missing"
        raise InputError(what, where=str(folder), fix=f"run: {command} --shard {lacking[0]}/{of}")
    whole = [(place, document) for place, document in there if document is not None]
    problems = [*_strangers(whole, cases)]
    if problems:
        raise InputError(problems)
    return whole


def _strangers(found: Sequence[tuple[Path, dict[str, Any]]], cases: Cases) -> list[Problem]:
    """Say which shards are of another experiment, or were run by other code than the first."""
    code = found[0][1]["code"]
    problems = []
    for place, document in found:
        if document["hash"] != cases.identity:
            fix = "the experiment or its scenario has changed since: run the shard again with --force"
            problems.append(Problem("is a shard of another experiment", str(place), fix))
        elif document["code"] != code:
            fix = "run it again with --force, where the same version is installed as for the others"
            problems.append(
                Problem("was run by another version of capacity than the first shard", str(place), fix)
            )
    return problems


def _spans(numbers: Sequence[int]) -> str:
    """Return numbers as one says them: ``2, 5-7``.

    Examples
    --------
    >>> _spans([2, 5, 6, 7])
    '2, 5-7'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def merge(stage: Path, cases: Cases, shards: Sequence[Path]) -> None:
    """Write the files of a whole sweep from those of its shards, in the same bytes."""
    of = len(shards)
    count = len(cases)
    parts = [cases_in(place / RUNS, Shard(index, of).numbers(count)) for index, place in enumerate(shards)]
    with RunsFile(stage / RUNS) as file:
        for number in range(count):
            file.add_table(next(parts[number % of]))
    tables = [table for place in shards if (table := pq.read_table(place / CASES)).num_rows]
    write_table(stage / CASES, pa.concat_tables(tables).sort_by("case"))


def lost_in(manifests: Sequence[dict[str, Any]]) -> list[Lost]:
    """Return the runs that shards have lost, in order."""
    lost = [Lost(**one) for document in manifests for one in document["lost"]]
    return sorted(lost, key=lambda one: (one.case, one.replication))
