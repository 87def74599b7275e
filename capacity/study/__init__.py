"""From a scenario to findings: build, run, replicate, compare."""
