"""Where the real logs are: beside the repository, not in it. Tests that need one are skipped without it."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(relative: str) -> Path | None:
    """Return the path of a shared log, or None where the data is absent."""
    path = DATA / relative
    return path if path.exists() else None


def need_data(relative: str) -> Path:
    """Return the path of a shared log, or skip the test and say why."""
    path = shared_data(relative)
    if path is None:
        pytest.skip(f"../shared/data/{relative} is not on this machine")
    return path
