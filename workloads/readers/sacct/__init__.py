"""Logs of Slurm's accounting, as sacct prints them."""
