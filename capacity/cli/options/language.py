"""``--lang en|ko`` for commands that print what a person reads."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from capacity.report.words import LANGUAGES

R = TypeVar("R")


def language_option(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command ``--lang``, passed to it as a `Language` called ``say``."""

    @click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="Language of what is written for people; names, CSV and JSON stay as they are.",
    )
    @wraps(command)
    def with_language(*args: Any, lang: str, **kwargs: Any) -> R:  # noqa: ANN401
        from capacity.report.language import Language

        return command(*args, say=Language(lang), **kwargs)

    return with_language
