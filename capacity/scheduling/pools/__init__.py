"""Pools of the queue core and the conservative core: their arrays, rules as numbers, and commands."""
