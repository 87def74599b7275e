"""Keys of time-varying orders, smaller first: WFP3 and its like, and the multifactor priority."""

import numpy as np

from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, u
from capacity.scheduling.core.queue import scores
from capacity.scheduling.core.site.access import asked_on, need_on
from capacity.scheduling.core.site.state import (BASE_KEY, FAVOR_SMALL, KEY, LEAF, LEAF_FACTOR, MULTIFACTOR,
    NOW, ON_POOL, ORDER_KIND, QOS, QOS_PRIORITY, SAFE_UNTIL, SCALARS, SLOTS, SUBMIT, TIME_VARYING, W_AGE,
    W_LARGEST, W_MAX_AGE, W_POOL, W_POOL_FACTORS, W_QOS, W_SHARE, W_SIZE, WEIGHTS)  # fmt: skip


@kernel
def _multifactor(site: IntArray, job: int, wait: int) -> float:
    """Slurm's weighted sum, https://slurm.schedmd.com/priority_multifactor.html."""
    weight = f64(site, WEIGHTS)
    home = i32(site, ON_POOL)[u(job)]
    age = min(wait / weight[u(W_MAX_AGE)], 1.0)
    size = need_on(site, home, job) / weight[u(W_LARGEST)]
    if i64(site, SCALARS)[u(FAVOR_SMALL)] != 0:
        size = 1.0 - size
    qos = f64(site, QOS_PRIORITY)[u(i32(site, QOS)[u(job)])]
    pool = weight[u(W_POOL_FACTORS + home)]
    share = f64(site, LEAF_FACTOR)[u(i32(site, LEAF)[u(job)])]
    return (
        weight[u(W_AGE)] * age
        + weight[u(W_SIZE)] * size
        + weight[u(W_QOS)] * qos
        + weight[u(W_POOL)] * pool
        + weight[u(W_SHARE)] * share
    )


@kernel
def renew(site: IntArray, job: int) -> None:
    """Work out the key of a waiting job as of now; static ones stay."""
    scalars = i64(site, SCALARS)
    if i64(site, SAFE_UNTIL)[u(job)] > 0:
        f64(site, KEY)[u(job)] = -np.inf  # others were told to go for it
        return
    if scalars[u(TIME_VARYING)] == 0:
        f64(site, KEY)[u(job)] = f64(site, BASE_KEY)[u(job)]
        return
    wait = scalars[u(NOW)] - i64(site, SUBMIT)[u(job)]
    if scalars[u(ORDER_KIND)] == MULTIFACTOR:
        f64(site, KEY)[u(job)] = -_multifactor(site, job, wait)
        return
    asked = max(int64(1), asked_on(site, i32(site, ON_POOL)[u(job)], job))
    slots = i32(site, SLOTS)[u(job)]
    f64(site, KEY)[u(job)] = scores.score_key(scalars[u(ORDER_KIND)], wait, asked, slots)
