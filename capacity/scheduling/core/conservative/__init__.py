"""The scheduling core for conservative backfilling on counted machines: every waiting job has a reservation.

`profile` keeps the free slots over the time to come, `plan` finds the earliest time at which a job fits, and
gives, moves and takes back reservations, `due` knows whose time comes next, and `advance` is the event loop.
The calendar of ends, the queue and the machine are those of ``core/queue`` and ``core/machine``.
"""
