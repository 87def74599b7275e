"""Looks at how a file begins, to tell one comma separated layout from another."""

from workloads.readers.text import decode

MISSING = ("NaN", "nan", "NaT", "None", "NULL", "Unknown")
"""What stands for nothing in such logs."""


def first_row(head: bytes) -> list[str]:
    r"""Return the cells of the first line that is neither blank nor a comment, in lower case.

    Parameters
    ----------
    head : bytes
        The first bytes of the file, plain and without byte order mark; the last line may be cut.

    Examples
    --------
    >>> first_row(b"# from the web\nJob_ID, user\n1,lee\n")
    ['job_id', 'user']
    """
    for line in head.splitlines():
        if line.strip() and not line.startswith(b"#"):
            return [cell.strip().strip('"').lower() for cell in decode(line).split(",")]
    return []


def has_columns(head: bytes, *names: str) -> bool:
    """Return whether the header row names all of these columns, written in lower case."""
    return {*names} <= {*first_row(head)}
