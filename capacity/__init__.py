"""Capacity planning for AI and HPC data centres, from the command line (``capacity --help``) and from Python.

The names below are what a notebook uses: ``capacity.simulate("gwangju-plan").findings`` is a pandas frame.
Each is imported when it is first used, so that ``import capacity`` and ``capacity --help`` take no time; see
docs/python.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capacity.face.compare import compare
    from capacity.face.describe import describe
    from capacity.face.fit import fit
    from capacity.face.least_regret import least_regret
    from capacity.face.load import load
    from capacity.face.replay import replay
    from capacity.face.sensitivity import sensitivity
    from capacity.face.simulate import simulate
    from capacity.face.size import size
    from capacity.face.storage import storage
    from capacity.face.sweep import sweep
    from capacity.face.verify import verify
    from capacity.report.page.leave import report

__version__ = "0.1.0"
__all__ = [
    "compare", "describe", "fit", "least_regret", "load", "replay", "report", "sensitivity", "simulate",
    "size", "storage", "sweep", "verify",
]  # fmt: skip


def __getattr__(name: str) -> Any:  # noqa: ANN401 - each name has its own type, said above
    if name == "report":
        return import_module("capacity.report")  # a package that can be called
    if name in __all__:
        return getattr(import_module(f"capacity.face.{name}"), name)
    message = f"module 'capacity' has no attribute '{name}'"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
