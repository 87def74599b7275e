"""Jobs that follow others: the next of a session, and what failed once more.

People wait for a result, think, and submit the next job (E. Shmueli and D. G. Feitelson, "On simulation and
design of parallel-systems schedulers: are we doing the right thing?", IEEE TPDS 20(7), 2009,
doi:10.1109/TPDS.2008.152; N. Zakay and D. G. Feitelson, "On identifying user session boundaries in parallel
workload logs", JSSPP 2012, doi:10.1007/978-3-642-35867-8_12). Here the result comes when the job would have
ended had it started at once, because demand is drawn before the queue is known.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import STATES
from workloads.synthetic.columns import NONE, Columns
from workloads.synthetic.model import JobClass, RequestNumbers
from workloads.synthetic.times import TIMEOUT, draw_times

FAILED = STATES.index("failed")
LAST_S = np.iinfo(np.int32).max
Floats = NDArray[np.float64]


def session_submissions(
    rng: np.random.Generator,
    burst_s: Floats,
    sizes: NDArray[np.int64],
    run_s: NDArray[np.int32],
    think_s: float,
) -> NDArray[np.int32]:
    """Return when each job of each session is submitted [s].

    Parameters
    ----------
    rng : numpy.random.Generator
        For the think times, which are exponential.
    burst_s, sizes : array, shape (n_sessions,)
        When each session begins [s], and its number of jobs.
    run_s : array of int32, shape (n_jobs,)
        How long jobs run. [s]
    think_s : float
        From one result to the next job, on average. [s]
    """
    lasts = run_s + think_s * rng.standard_exponential(len(run_s))
    first = np.cumsum(sizes) - sizes
    since = np.concatenate(([0.0], np.cumsum(lasts)[:-1])) if len(run_s) else np.zeros(0)
    since += np.repeat(burst_s - since[first], sizes)
    submit_s: NDArray[np.int32] = np.minimum(since, LAST_S).astype(np.int32)
    return submit_s


def session_links(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of the job before each one in its session, -1 for the first.

    Examples
    --------
    >>> session_links(np.array([2, 1, 2])).tolist()
    [-1, 0, -1, -1, 3]
    """
    before = np.arange(int(sizes.sum())) - 1
    before[np.cumsum(sizes) - sizes] = NONE
    return before


def with_resubmissions(rng: np.random.Generator, columns: Columns, kind: JobClass) -> Columns:
    """Return the jobs with those that are submitted again after they failed, behind all others.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives children to each round, so that a longer horizon only adds jobs.
    columns : dict of str to array, shape (n_jobs,)
        The jobs.
    kind : JobClass
        Their class, which has `resubmit`.

    Notes
    -----
    The same person asks for the same slots and the same time; how long it runs and how it ends is drawn anew.
    Jobs that were cancelled, or killed at their requested time, are not submitted again.
    """
    resubmit = kind.resubmit
    assert resubmit is not None
    rounds = [columns]
    first_row = 0
    for child in rng.spawn(resubmit.at_most):
        last = rounds[-1]
        for_choice, for_think, for_times = child.spawn(3)
        n = len(last["state"])
        again = np.flatnonzero((last["state"] == FAILED) & (for_choice.random(n) < resubmit.share))
        if not len(again):
            break
        think_s = resubmit.after * for_think.standard_exponential(len(again))
        rounds.append(_once_more(for_times, last, again, think_s, kind))
        if "previous" in columns:
            rounds[-1]["previous"] = first_row + again if resubmit.linked else np.full(len(again), NONE)
        first_row += n
    return {name: np.concatenate([part[name] for part in rounds]) for name in columns}


def _once_more(
    rng: np.random.Generator, jobs: Columns, again: NDArray[np.int64], think_s: Floats, kind: JobClass
) -> Columns:
    """Return one round of resubmissions of some of the jobs, without links."""
    found = {name: column[again] for name, column in jobs.items()}
    unhurried = replace(kind, requests=RequestNumbers(longest=1.0, too_short=0.0))
    times = draw_times(rng, unhurried, found["slots"])
    asked_s = found["requested_s"]
    submit_s = found["submit_s"] + (found["run_s"] + think_s)
    found["submit_s"] = np.minimum(submit_s, LAST_S).astype(np.int32)
    found["state"] = np.where(times.run_s > asked_s, np.int8(TIMEOUT), times.state)
    found["run_s"] = np.minimum(times.run_s, asked_s)
    if "array" in found:
        found["array"] = np.full(len(again), NONE)
    return found
