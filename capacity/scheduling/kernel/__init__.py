"""The compiled core: job events over arrays, nothing allocated inside.

Every function here runs compiled by numba, or unchanged as plain Python under ``NUMBA_DISABLE_JIT=1``; tests
compare both. All state lives in numpy arrays owned by `capacity.scheduling.pool`; a kernel function receives
one int64 *table* of their addresses and lengths and makes the views it needs (see `state`).

The files, in the order they build on each other: `native` (what differs between compiled and plain), `state`
(names of scalars and arrays), `heap` (real ends), `ends` (expected ends), `queue` (waiting jobs in order),
`nodes` (free slots of each node), `machine` (start and end a job), `reservation` (the shadow time),
`passes` (scheduling passes), `advance` (the event loop).
"""
