"""The batch system: pools, queue orders, backfilling and placement over a compiled core."""
