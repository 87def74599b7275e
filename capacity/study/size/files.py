"""What a sizing leaves: the answer, every candidate tried, findings of the answer; and reading it back."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from capacity.errors import InputError
from capacity.measure.metrics import UNITS
from capacity.study.compare.comparison import table_of
from capacity.study.files.run_directory import MANIFEST, write_json
from capacity.study.requirements import Judgement, read_requirement
from capacity.study.run import json_safe, manifest, to_json, versions, write_replications
from capacity.study.size.answer import Sizing, answer
from capacity.study.size.axes import Axis
from capacity.study.size.logs import LogJudge
from capacity.study.size.search import Found
from capacity.study.size.sites import SiteJudge
from capacity.study.size.trial import Trial
from capacity.study.verdict import Verdict

FILE: Final = "sizing.json"


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


def write_sizing(stage: Path, found: Sizing, judge: SiteJudge | LogJudge) -> None:
    """Write a sizing into a directory.

    There are ``manifest.json``, ``sizing.json`` as ``size --json`` prints it, ``trials.csv``, and
    ``findings.json`` and ``replications.parquet`` of the site that is the answer, or of the largest.
    """
    write_json(stage / FILE, {"schema_version": 1, **found.to_json()})
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


def read_sizing(folder: Path) -> Sizing:
    """Read the answer and all candidates tried.

    Raises
    ------
    InputError
        There is no such file, or it is not one of this version.
    """
    path = folder / FILE
    try:
        document = json.loads(path.read_text("utf-8"))
        axes = tuple(Axis(one["path"], tuple(one["values"]), one["ordered"]) for one in document["axes"])
        trials = tuple(_trial(one) for one in document["tried"])
        point = None if document["answer"] is None else tuple(document["answer"]["point"])
        best = next((trial for trial in trials if trial.point == point), None)
        return answer(
            axes, Found(best, trials), objective=document["objective"], share=_number(document["share"]),
            confidence=_number(document["confidence"]), unit=document["unit"],
        )  # fmt: skip
    except FileNotFoundError:
        fix = "name the directory that size -o left"
        raise InputError(f"there is no {FILE}", where=str(folder), fix=fix) from None
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise InputError("is not a sizing of this version", where=str(path), fix="run size again") from None


def _trial(one: Mapping[str, Any]) -> Trial:
    return Trial(
        tuple(one["point"]), dict(one["values"]), tuple(_judgement(judged) for judged in one["requirements"]),
        tuple(Verdict.from_json(refused) for refused in one["refused"]), one["replications"],
        _number(one["objective"]),
    )  # fmt: skip


def _judgement(one: Mapping[str, Any]) -> Judgement:
    verdict = Verdict.from_json(one)
    return Judgement(
        read_requirement(verdict.asked, metrics=UNITS), verdict, one["within"], _number(one["share"])
    )


def _number(read: float | None) -> float:
    """Return a number as it was: what is null in JSON was not known."""
    return math.nan if read is None else read
