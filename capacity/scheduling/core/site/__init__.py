"""The core of a site with all its rules: one queue over several pools of nodes.

Each pool is a table of `capacity.scheduling.core.machine`, whose calendar, expected ends, nodes and machine
are used as they are; what is here decides. A site table holds the addresses of the pools' tables and all
columns of jobs. Unlike the *queue* core it looks at every waiting job in a pass, so that any rule may forbid
any job.

The files, in the order they build on each other: `state` (names), `access` (the tables of the pools),
`taken_slots` (what reservations and windows take), `counted_plan` and `node_plan` (when a job fits), `shares`
(fair-share), `waiting` (keys, the queue, timers), `limits`, `in_service` (nodes the scheduler sees),
`lifecycle` (start, end, requeue), `outage` (failures and windows), `placing` (may a job start now, and
where), `victims` (whom to preempt), `reservations`, `passes`, `commands` (from outside), `advance`.
"""
