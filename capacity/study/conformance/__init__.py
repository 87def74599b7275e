"""Conformance: what the tool is compared with to show that its schedules are right (`capacity verify`).

Every check is small, seeded and stands on something outside the code: a published schedule, a formula of
queueing theory, a law that every schedule obeys, or the same source run without its compiler.
"""
