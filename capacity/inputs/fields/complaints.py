"""How a record says what is wrong with a value, so that the loader can add the place and the remedy."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from capacity.errors import nearest

REFUSED = "refused"
UNKNOWN_KEY = "unknown key"


class Complaint(NamedTuple):
    """What is wrong, what would be right, and where below the value that was read."""

    what: str
    fix: str = ""
    at: tuple[str | int, ...] = ()


def refusal(*complaints: Complaint) -> PydanticCustomError:
    """Pack complaints into the error that pydantic collects.

    Raise the result from a validator; every complaint is reported, each with its own place.
    """
    text = "; ".join(f"{'.'.join(map(str, c.at))}: {c.what}" if c.at else c.what for c in complaints)
    return PydanticCustomError(REFUSED, "{text}", {"text": text, "complaints": complaints})


def below(at: tuple[str | int, ...], complaints: Iterable[Complaint]) -> Iterator[Complaint]:
    """Hand on the complaints about a part, each at its place in the whole."""
    return (complaint._replace(at=(*at, *complaint.at)) for complaint in complaints)


def unknown(what: str, name: str, known: Collection[str], *at: str | int) -> Iterator[Complaint]:
    """Say that a name is none of those known, and which of them is the nearest."""
    if name not in known:
        yield Complaint(f"{what} '{name}'", nearest(name, list(known)), at)


def two_ways(record: object, first: str, second: str) -> Iterator[Complaint]:
    """Say that two fields are given of which one alone says it all."""
    if getattr(record, first) is not None and getattr(record, second) is not None:
        fix = f"remove one, with '{first}: null' where another file gives it"
        yield Complaint(f"'{first}' and '{second}' are two ways to say one thing", fix, (second,))


def one_alone(record: object, first: str, second: str, **means: str) -> Iterator[Complaint]:
    """Say that of two fields that belong together one is missing, and what that one means."""
    lacks = [word for word in (first, second) if getattr(record, word) is None]
    if len(lacks) == 1:
        given, other = (first, second) if lacks == [second] else (second, first)
        fix = f"add '{other}: …'" + (f", {means[other]}" if other in means else "")
        yield Complaint(f"'{given}' without '{other}'", fix, (given,))


def unknown_key_remedy(key: str, allowed: Sequence[str]) -> str:
    """Say which key was meant; a key of several words is text that was cut at a comma.

    Examples
    --------
    >>> unknown_key_remedy("noeds", ["node", "nodes"])
    "did you mean 'nodes'?"
    """
    return 'put quotes around text that holds a comma: "…"' if " " in key else nearest(key, allowed)


def shorten(value: object, *, limit: int = 40) -> str:
    """Show a value in an error without letting it fill the screen.

    Examples
    --------
    >>> shorten("700 W")
    "'700 W'"
    """
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def describe(value: object) -> str:
    """Name the sort of thing a person wrote.

    Examples
    --------
    >>> describe(None), describe([1]), describe("700")
    ('nothing', 'a list', "'700'")
    """
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return shorten(value)
    except ValueError:  # Python refuses to print integers of more than 4,300 digits
        return "a very long number"
