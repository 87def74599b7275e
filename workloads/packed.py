"""How packed files are called; `readers/compressed.py` reads them. Nothing is imported for a name."""

from typing import Final

ENDINGS: Final = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""What stands behind the name of a file that is packed: ``log.swf.xz``."""


def without_ending(name: str) -> str:
    """Return the name that a file has when it is unpacked.

    Examples
    --------
    >>> without_ending("log.swf.xz"), without_ending("log.swf")
    ('log.swf', 'log.swf')
    """
    return name.removesuffix(next((ending for ending in ENDINGS if name.endswith(ending)), ""))
