"""Accounting logs of batch systems other than Slurm's sacct: PBS, Grid Engine, LSF, JSON of several."""
