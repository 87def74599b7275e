"""The states of jobs in Slurm's ``sacct``, of every version, in full, short, or cut off where a column ended.

Source: sacct(1), "Job State Codes", and its older versions (https://slurm.schedmd.com/job_state_codes.html).
"""

ENDED = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "OUT_OF_MEMORY": "failed",
    "CANCELLED": "cancelled",
    "PREEMPTED": "cancelled",
    "TIMEOUT": "timeout",
    "DEADLINE": "timeout",
    "NODE_FAIL": "node_fail",
    "BOOT_FAIL": "node_fail",
    "LAUNCH_FAILED": "node_fail",
    "RECONFIG_FAIL": "node_fail",
}
"""What each state of a job that has ended is called in a JobTable."""
LEFT = {"REQUEUED": "cancelled", "SPECIAL_EXIT": "failed", "RESIZING": "unknown", "COMPLETING": "unknown"}
"""The same for states that a row may keep although it has an end: what came then stands in another row."""
RUNS = frozenset({"RUNNING", "SUSPENDED"})
"""States of a job that holds its slots; what stands as its end is when the log was written, if anything."""
HOLDS = RUNS | {
    "COMPLETING", "CONFIGURING", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING", "POWER_UP_NODE",
    "EXPEDITING", "UPDATE_DB",
}  # fmt: skip
"""States of a job that holds its slots, unless its row has an end."""
WAITS = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT"})
"""States of a job that waits, unless its row has an end."""
REVOKED = "REVOKED"
"""The job ran on another cluster of the federation."""
_SHORT = {
    "BF": "BOOT_FAIL", "CA": "CANCELLED", "CD": "COMPLETED", "CF": "CONFIGURING", "CG": "COMPLETING",
    "DL": "DEADLINE", "EX": "EXPEDITING", "F": "FAILED", "LF": "LAUNCH_FAILED", "NF": "NODE_FAIL",
    "OOM": "OUT_OF_MEMORY", "PD": "PENDING", "PO": "POWER_UP_NODE", "PR": "PREEMPTED", "R": "RUNNING",
    "RC": "RECONFIG_FAIL", "RD": "RESV_DEL_HOLD", "RF": "REQUEUE_FED", "RH": "REQUEUE_HOLD", "RQ": "REQUEUED",
    "RS": "RESIZING", "RV": "REVOKED", "S": "SUSPENDED", "SE": "SPECIAL_EXIT", "SI": "SIGNALING",
    "SO": "STAGE_OUT", "ST": "STOPPED", "TO": "TIMEOUT", "UD": "UPDATE_DB",
}  # fmt: skip
KNOWN = frozenset({*ENDED, *HOLDS, *WAITS, REVOKED})
_SHORTEST_CUT = 4


def state_word(text: str) -> str:
    """Return the state in full, without what follows it; as it stands if it is none.

    Examples
    --------
    >>> [*map(state_word, ("CANCELLED by 1234", "OUT_OF_ME+", "CD", "CANCELLED,TIMEOUT", "MELTED"))]
    ['CANCELLED', 'OUT_OF_MEMORY', 'COMPLETED', 'CANCELLED', 'MELTED']
    """
    parts = text.upper().replace(",", " ").split()
    word = parts[0].rstrip("+") if parts else ""
    if word in KNOWN or word in _SHORT:
        return _SHORT.get(word, word)
    fitting = sorted(state for state in KNOWN if len(word) >= _SHORTEST_CUT and state.startswith(word))
    return fitting[0] if len({(state in HOLDS, ENDED.get(state)) for state in fitting}) == 1 else word
