"""Where the built-in and a user's own specifications lie, and what they are called.

A name such as ``gwangju-plan`` is the stem of a file. Built-in files lie inside the installed package, or in
``configs/`` of a checkout; directories named in ``CAPACITY_CONFIG_PATH``, laid out alike, come before them.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import capacity
from capacity.errors import InputError, Problem, nearest

FOLDERS = {
    "reference": "references",
    "accelerator": "hardware/accelerators",
    "node": "hardware/nodes",
    "storage-product": "hardware/storage",
    "site": "sites",
    "workload": "workloads",
    "scenario": "scenarios",
    "experiment": "experiments",
}
KINDS = tuple(FOLDERS)
ENVIRONMENT = "CAPACITY_CONFIG_PATH"


def builtin_root() -> Path:
    """Return the folder of the built-in specifications."""
    package = Path(capacity.__file__).resolve().parent
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"


def roots() -> list[Path]:
    """Return the folders that are searched, the user's own first."""
    own = os.environ.get(ENVIRONMENT, "").split(os.pathsep)
    return [*(Path(folder) for folder in own if folder), builtin_root()]


def _files(kind: str) -> Iterator[Path]:
    for root in roots():
        yield from sorted((root / FOLDERS[kind]).glob("*.yaml"))


def names(kind: str) -> list[str]:
    """Return the names of one kind, in alphabetical order."""
    return sorted({path.stem for path in _files(kind)})


def find(kind: str, name: str) -> Path:
    """Return the file of a name.

    Raises
    ------
    InputError
        There is no such name of this kind.
    """
    found = next((path for path in _files(kind) if path.stem == name), None)
    if found is None:
        is_file = Path(name).is_file()
        fix = f"to name the file, write ./{name}" if is_file else nearest(name, names(kind))
        raise InputError(Problem(f"no {kind} is called '{name}'", "", fix))
    return found


def kinds_of(name: str) -> list[str]:
    """Return the kinds that have a specification of this name."""
    return [kind for kind in KINDS if name in names(kind)]


def is_path(name: str) -> bool:
    """Say whether a reference is a file's path rather than a name: names have neither dots nor slashes.

    Examples
    --------
    >>> is_path("dgx-a100"), is_path("my/site"), is_path("site.yaml"), is_path("-")
    (False, True, True, True)
    """
    return name == "-" or any(mark in name for mark in (".", "/", os.sep))
