"""tmp"""
import math
from capacity.scheduling.kernel.native import kernel
@kernel
def score_key(kind: int, wait: int, requested: int, slots: int) -> float:
    if kind == 2:
        share = wait / requested
        return -(share * share * share) * slots
    if kind == 3:
        return -wait / (math.log2(max(slots, 2)) * requested)
    return -(wait + requested) / requested
