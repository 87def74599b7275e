"""The name of a number of a description: ``run_p50_s``, or with its label ``state_jobs_frac.failed``."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from capacity.errors import nearest
from capacity.inputs.fields.complaints import Complaint, refusal
from workloads.describe.measures import METRICS, why_unknown


def _known(key: str) -> str:
    """Return a key that a description can have; refuse any other with the nearest name."""
    wrong = why_unknown(key)
    if wrong is not None:
        name = key.partition(".")[0]
        fix = "" if name in METRICS else nearest(name, list(METRICS))
        raise refusal(Complaint(wrong, fix))
    return key


MetricKey = Annotated[str, StringConstraints(max_length=128), AfterValidator(_known)]
