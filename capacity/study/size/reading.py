"""A sizing read back from the ``sizing.json`` that it left, for a report."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capacity.errors import InputError
from capacity.measure.metrics import UNITS
from capacity.measure.schedule import UNITS as SCHEDULE_UNITS
from capacity.study.requirements import Judgement, read_requirement
from capacity.study.size.answer import Sizing, answer
from capacity.study.size.axes import Axis
from capacity.study.size.search import Found
from capacity.study.size.trial import Trial
from capacity.study.verdict import Verdict

FILE = "sizing.json"
ALL_UNITS = {**SCHEDULE_UNITS, **UNITS}


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
        found = Found(best, trials)
        return answer(axes, found, objective=document["objective"], confidence=document["confidence"])
    except FileNotFoundError:
        raise InputError(
            f"there is no {FILE}", where=str(folder), fix="name the directory that size -o left"
        ) from None
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise InputError("is not a sizing of this version", where=str(path), fix="run size again") from None


def _trial(one: Mapping[str, Any]) -> Trial:
    return Trial(
        tuple(one["point"]),
        dict(one["values"]),
        tuple(_judgement(judged) for judged in one["requirements"]),
        tuple(Verdict.from_json(refused) for refused in one["refused"]),
        one["replications"],
        math.nan if one["objective"] is None else one["objective"],
    )


def _judgement(one: Mapping[str, Any]) -> Judgement:
    verdict = Verdict.from_json(one)
    return Judgement(read_requirement(verdict.asked, metrics=ALL_UNITS), verdict, one["within"])
