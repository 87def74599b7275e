"""Writing a run directory so that it is there whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from capacity.errors import InputError, Problem

MANIFEST = "manifest.json"


def check_target(target: Path, *, force: bool) -> None:
    """Refuse early, before anything is computed, a directory that could not be written at the end.

    Raises
    ------
    InputError
        The directory exists (without `force`), is not a run directory, or is the one the user stands in;
        or its parent cannot be written.
    """
    if Path.cwd().is_relative_to(target.resolve()):
        problem = Problem("is where you are, and would be replaced", str(target), "name a directory to make")
        raise InputError(problem)
    if target.exists() or target.is_symlink():
        if not target.is_dir():
            raise InputError("exists and is not a directory", where=str(target))
        empty = not any(target.iterdir())
        if not empty and not _is_run(target):
            what = "exists and is not a run directory, so it is not overwritten"
            fix = f"choose another directory; a run directory holds the {MANIFEST} of a run"
            raise InputError(what, where=str(target), fix=fix)
        if not empty and not force:
            raise InputError("exists already", where=str(target), fix="--force overwrites it")
    parent = _existing_parent(target)
    if not os.access(parent, os.W_OK | os.X_OK) or not parent.is_dir():
        raise InputError("cannot write here", where=str(parent), fix="choose another directory with -o")


def _is_run(directory: Path) -> bool:
    """Whether this tool wrote the directory: others keep a file of that name, too."""
    try:
        written = json.loads((directory / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(written, dict) and "hpc-capacity" in written.get("versions", ())


def _existing_parent(target: Path) -> Path:
    parent = target.absolute().parent
    while not parent.exists():
        parent = parent.parent
    return parent


@contextmanager
def staged(target: Path, *, force: bool) -> Iterator[Path]:
    """Give a directory beside `target` to write into; it takes the target's place when all went well.

    Raises
    ------
    InputError
        See `check_target`.
    """
    check_target(target, force=force)
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    stage = target.parent / f".{target.name}.partial-{os.getpid()}"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    try:
        yield stage
        check_target(target, force=force)
        _put_in_place(stage, target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def maybe_staged(target: Path | None, *, force: bool) -> AbstractContextManager[Path | None]:
    """As `staged`; without a target there is no directory to write into."""
    return nullcontext() if target is None else staged(target, force=force)


def _put_in_place(stage: Path, target: Path) -> None:
    old = target.parent / f".{target.name}.old-{os.getpid()}"
    if target.exists():
        target.rename(old)
    try:
        stage.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path, document: Any) -> None:  # noqa: ANN401 - any JSON document
    """Write a JSON document, keys in the order given."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
