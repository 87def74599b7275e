"""Several scenarios with the same luck: differences, verdicts, who stays in the race."""
