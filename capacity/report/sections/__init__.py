"""The parts of a report, one subject each; `registry` says which there are and in which order."""
