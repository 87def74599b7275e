"""The queue core: one pool, in order, with EASY backfilling and its kin; job events over arrays.

Every function here runs compiled by numba, or unchanged as plain Python under ``NUMBA_DISABLE_JIT=1``; tests
compare both. All state lives in numpy arrays owned by `capacity.scheduling.pools.pool`; a function of a core
receives one int64 *table* of their addresses and lengths and makes the views it needs (see `machine/state`).

The files, in the order they build on each other: in ``core/machine`` `native` (what differs between compiled
and plain), `state` (names of scalars and arrays), `heap` (real ends), `ends` (expected ends), `nodes` (free
slots of each node), `machine` (start and end a job); here `queue` (waiting jobs in order), `reservation` (the
shadow time), `passes` (scheduling passes, backfilling), `instant` and `advance` (the event loop).
"""
