"""The core of a site with all its rules: one queue over several pools of nodes.

Each pool is a table as in `capacity.scheduling.kernel`, whose calendar, expected ends, nodes and machine are used
as they are; what is here decides. A site table holds the addresses of the pools' tables and all columns of
jobs. Unlike the *queue* core it looks at every waiting job in a pass, so that any rule may forbid any job.

The files, in the order they build on each other: `state` (names), `access` (the tables of the pools),
`takes` (what reservations and windows take), `counted_plan` and `node_plan` (when a job fits), `shares`
(fair-share), `priority` (keys), `waiting` (the queue), `limits`, `lifecycle` (start, end, requeue), `outage`
(nodes out of service), `victims` (whom to preempt), `start` (may a job start now), `reserve`, `passes`,
`commands` (from outside), `advance`.
"""
