"""Every sentence a person reads comes from the catalogue of messages; no code that prints has its own."""

import ast
import re
from pathlib import Path

import pytest

from capacity.report.language import Language
from capacity.study.demand.fitted_yaml import STARTS_ONLY
from capacity.study.replay.recorded import SCORE

ROOT = Path(__file__).parents[3]
WORDS = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
"""Two words of English; a name of a metric, file or option is one, a severity such as ``note:`` too."""
PRINTS = {"echo", "secho", "say_at_the_end", "warn", "note", "add_task", "Col", "right", "TextColumn"}
"""What is called with what a person reads."""


def literals(tree: ast.AST) -> set[str]:
    """Return the texts in an expression, an f-string with a blank for each of its places."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(one.value) if isinstance(one, ast.Constant) else " " for one in node.values)
            found.add("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def called(node: ast.AST) -> str:
    """Return the name of what is called, an empty one if nothing is."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def assigned(function: ast.AST) -> dict[str, list[ast.AST]]:
    """Return what each name of a function is given, by name."""
    found: dict[str, list[ast.AST]] = {}
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.NamedExpr)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for one in (one for target in targets for one in ast.walk(target)):
                if isinstance(one, ast.Name):
                    found.setdefault(one.id, []).append(node.value)
    return found


def sentences(code: str, *, yields: bool) -> list[str]:
    """Return the English that a module prints, directly or by a name that was given it just before.

    With `yields` and ``return`` as well: what blocks of the terminal yield or return is printed as it stands.
    """
    found: set[str] = set()
    module = ast.parse(code)
    for scope in (module, *(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))):
        given = assigned(scope)
        for node in ast.walk(scope):
            printed: list[ast.AST] = []
            if called(node) in PRINTS:
                assert isinstance(node, ast.Call)
                printed = [*node.args, *(one.value for one in node.keywords)]
            elif yields and isinstance(node, (ast.Yield, ast.Return)) and node.value is not None:
                printed = [node.value]
            names = {one.id for part in printed for one in ast.walk(part) if isinstance(one, ast.Name)}
            for part in (*printed, *(value for name in names for value in given.get(name, ()))):
                found |= literals(part)
    return sorted(text for text in found if WORDS.search(text))


@pytest.mark.parametrize(
    ("code", "english"),
    [
        ('click.echo(f"{n} jobs were read", err=True)', True),
        ('click.echo(say.text("log.read", n=n), err=True)', False),
        ('click.echo(f"{title}\\n")', False),
        ('def f():\n    text = "nothing was found"\n    say_at_the_end(text)', True),
        ('def f():\n    yield f"{pool}: of no use"', True),
        ('def f():\n    """Say what is what."""\n    yield say.text("use.none")', False),
        ('columns = [Col("name", "what it is")]', True),
        ('raise InputError("this is no log")', False),
    ],
)
def test_a_sentence_in_code_is_found(code, english):
    assert bool(sentences(code, yields=True)) is english


def test_no_sentence_stands_in_code_that_prints():
    found = []
    for folder in ("cli", "report"):
        for path in sorted((ROOT / "capacity" / folder).rglob("*.py")):
            prose = not {"terminal", "sections"}.isdisjoint(path.parts)
            texts = sentences(path.read_text("utf-8"), yields=prose)
            found += [f"{path.relative_to(ROOT)}: {text}" for text in texts]
    assert found == []


def test_what_also_stands_in_a_file_is_said_in_the_same_words():
    say = Language("en")
    assert say.text("replay.score_definition") == f"{SCORE}."
    assert say.text("fitted.starts_only") == STARTS_ONLY
