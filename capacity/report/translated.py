"""English of the floors below, such as why a job was left out, in the words of another language.

Those floors know no language: a reason, a title or a remark of theirs is an English text. Here it is looked
up as it stands, then by the patterns among the texts: ``{name}`` in one stands for any words, translated too
where they can be, ``{N}`` for a number. What is not known, such as a name or the text of a plug-in, stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from ruamel.yaml import YAML

_PLACE = re.compile(r"\{(\w+)\}")


@lru_cache
def translations(lang: str) -> Mapping[str, str]:
    """Return the English texts with their places, and what they are in a language; none for English."""
    folder = files("capacity.report").joinpath("messages").joinpath("from_english").joinpath(lang)
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else ():
        texts = {str(key): str(text) for key, text in YAML(typ="safe").load(file.read_text("utf-8")).items()}
        if twice := found.keys() & texts.keys():
            message = f"in two files for '{lang}': {', '.join(sorted(twice))}"
            raise ValueError(message)
        found |= texts
    return found


@lru_cache
def _patterns(lang: str) -> Sequence[tuple[re.Pattern[str], str]]:
    return [(_pattern(text), said) for text, said in translations(lang).items() if _PLACE.search(text)]


def _pattern(text: str) -> re.Pattern[str]:
    """Return what matches a text with any words at its places."""
    return re.compile("".join(_parts(text)), re.DOTALL)


def _parts(text: str) -> Iterator[str]:
    for place, part in enumerate(_PLACE.split(text)):
        words = r"[\d.,]+" if part.isupper() else ".*?"
        yield f"(?P<{part}>{words})" if place % 2 else re.escape(part)


@lru_cache(maxsize=4096)
def translated(text: str, lang: str) -> str:
    """Return a text that a floor below wrote, in a language; as it is if nobody translated it.

    Examples
    --------
    >>> translated("no run time: job left out", "ko"), translated("no run time", "en")
    ('실행 시간 없음, 작업을 뺌', 'no run time')
    """
    if (found := translations(lang).get(text)) is not None:
        return found
    for pattern, said in _patterns(lang):
        if match := pattern.fullmatch(text):
            return said.format(**{name: translated(part, lang) for name, part in match.groupdict().items()})
    return text
