"""Findings as tables, figures and files. The package can be called: ``capacity.report(run)`` writes a report.

A subpackage takes the place of any other attribute of its name, and this one is imported by all that prints:
so the verb `capacity.report.page.leave.report` is what calling the package does.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """A package that can be called; see Python's data model, "Customizing module attribute access"."""

    def __call__(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - those of the verb
        """Write a report; see `capacity.report.page.leave.report`."""
        return import_module("capacity.report.page.leave").report(*args, **options)


sys.modules[__name__].__class__ = _Verb
