"""What a sizing leaves: the answer, every candidate tried, and the findings of the answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from capacity.study.compare.comparison import table_of
from capacity.study.files.run_directory import MANIFEST, staged, write_json
from capacity.study.files.saved import write_replications
from capacity.study.run import json_safe, manifest, to_json, versions
from capacity.study.size.answer import Sizing
from capacity.study.size.logs import LogJudge
from capacity.study.size.sites import SiteJudge

Leave = Callable[[Sizing, SiteJudge | LogJudge], None]


def trial_values(found: Sizing) -> list[dict[str, Any]]:
    """Return one row per trial and requirement, in SI units."""
    rows = []
    for trial in found.trials:
        common = {**trial.values, "standing": trial.standing, "replications": trial.replications}
        common |= {"objective": trial.objective, "refused": " ".join(one.metric for one in trial.refused)}
        judged = [one.to_json() for one in trial.judgements] or [{}]
        names = ("asked", "unit", "found", "low", "high", "limit", "by", "n", "within")
        rows += [
            {**common, **{name: one.get(name) for name in names}, "requirement_standing": one.get("standing")}
            for one in judged
        ]
    return rows


@contextmanager
def sizing_directory(target: Path | None, *, force: bool) -> Iterator[Leave]:
    """Open a directory that appears whole when the block ends well; nothing without a target.

    Gives what writes a sizing there: ``manifest.json``, ``sizing.json`` as ``size --json`` prints it,
    ``trials.csv``, and ``findings.json`` and ``replications.parquet`` of the site that is the answer, or of
    the largest if none is.

    Raises
    ------
    InputError
        See `capacity.study.files.run_directory.check_target`.
    """
    if target is None:
        yield _nothing
        return
    with staged(target, force=force) as stage:

        def leave(found: Sizing, judge: SiteJudge | LogJudge) -> None:
            _write(stage, found, judge)

        yield leave


def _nothing(_found: Sizing, _judge: SiteJudge | LogJudge) -> None:
    """Write nothing."""


def _write(stage: Path, found: Sizing, judge: SiteJudge | LogJudge) -> None:
    write_json(stage / "sizing.json", {"schema_version": 1, **found.to_json()})
    (stage / "trials.csv").write_text(table_of(trial_values(found)), "utf-8")
    whole: dict[str, Any] = {"schema_version": 1, "kind": "sizing", "versions": versions()}
    if isinstance(judge, SiteJudge):
        point = judge.largest if found.best is None else found.best.point
        result = judge.result(point)
        write_json(stage / "findings.json", {"schema_version": 1, **to_json(result)})
        write_replications([result], stage)
        whole |= json_safe(manifest(result))
        whole["kind"] = "sizing"
    else:
        whole |= {"log_name": judge.log_name, "slots_per_node": judge.slots_per_node, "policy": judge.policy}
    write_json(stage / MANIFEST, whole)
