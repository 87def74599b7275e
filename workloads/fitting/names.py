"""Names of the specification for the labels of a log: safe letters only, and no two alike."""

from collections.abc import Sequence

LONGEST = 56
"""Letters of a name before a number that tells it from others; the specification takes 64 in all."""


def names_of(words: Sequence[str], *, nameless: str) -> list[str]:
    """Return a name for each label: lower case letters, digits and hyphens; a number behind what is taken.

    Parameters
    ----------
    words : sequence of str
        The labels, in any script.
    nameless : str
        The name of a label without any letter or digit that a name may have.

    Examples
    --------
    >>> names_of(["Big Jobs", "big-jobs", "", "학습"], nameless="none")
    ['big-jobs', 'big-jobs-2', 'none', 'none-2']
    """
    found: dict[str, None] = {}
    for word in words:
        kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in word.lower())
        name = base = kept.strip("-")[:LONGEST].strip("-") or nameless
        number = 1
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found[name] = None
    return [*found]
