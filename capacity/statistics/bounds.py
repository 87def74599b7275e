"""A number of which only one end is known."""


class AtLeast(float):
    """A number of which only the least it can be is known: it counts as itself and says so.

    Examples
    --------
    >>> AtLeast(3.0) + 1, isinstance(AtLeast(3.0), AtLeast)
    (4.0, True)
    """

    __slots__ = ()
