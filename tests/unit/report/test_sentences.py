"""Every sentence a person reads comes from the catalogue of messages; no code that prints has its own."""

import ast
import re
from collections.abc import Collection
from pathlib import Path

import pytest

from capacity.measure.metrics import METRICS
from capacity.registry import KINDS, SPECIFICATIONS
from capacity.report.language import Language
from capacity.report.translated import translated, translations
from capacity.study.conformance.catalogue import all_checks
from capacity.study.demand.fitted_yaml import STARTS_ONLY
from capacity.study.replay.groups import LENGTHS
from capacity.study.replay.recorded import SCORE
from workloads.describe import measures
from workloads.describe.distances import DISTRIBUTIONS, PROFILES

ROOT = Path(__file__).parents[3]
WORDS = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
"""Two words of English; a name of a metric, file or option is one, a severity such as ``note:`` too."""
PRINTS = {"echo", "secho", "say_at_the_end", "warn", "note", "add_task", "Col", "right", "TextColumn"}
"""What is called with what a person reads."""
TELLS = {"Tally", "_tally", "_tallies", "drop", "leave_out", "refuse", "remark", "tell", "Measure"}
"""What floors that know no language call with a reason or a remark."""


def literals(tree: ast.AST) -> set[str]:
    """Return the texts in an expression, an f-string with a blank for each of its places."""
    found, parts = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(one) for one in node.values}
            found.add(
                "".join(str(one.value) if isinstance(one, ast.Constant) else " " for one in node.values)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            found.add(node.value)
    return found


def called(node: ast.AST) -> str:
    """Return the name of what is called, an empty one if nothing is."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def assigned(scope: ast.AST) -> dict[str, list[ast.AST]]:
    """Return what names are given, by name; a function within is given what it returns."""
    found: dict[str, list[ast.AST]] = {}
    for node in ast.walk(scope):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.iter if isinstance(node, ast.For) else node.value
            for one in (one for target in targets for one in ast.walk(target)):
                if isinstance(one, ast.Name) and value is not None:
                    found.setdefault(one.id, []).append(value)
        elif isinstance(node, ast.FunctionDef) and node is not scope:
            returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
            found.setdefault(node.name, []).extend(returned)
    return found


def sentences(code: str, *, yields: bool, calls: Collection[str] = PRINTS) -> list[str]:
    """Return the English that a module hands to `calls`, directly or by names that were given it.

    With `yields` and ``return`` as well: what blocks of the terminal yield or return is printed as it stands.
    """
    found: set[str] = set()
    module = ast.parse(code)
    outside = ast.Module([one for one in module.body if not isinstance(one, ast.FunctionDef)], [])
    of_module = assigned(outside)
    for scope in (outside, *(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))):
        given = of_module | assigned(scope)
        for node in ast.walk(scope):
            printed: list[ast.AST] = []
            if called(node) in calls:
                assert isinstance(node, ast.Call)
                reasons = node.args[: 1 if called(node) == "Tally" else None]  # behind it stand examples
                printed = [*reasons, *(one.value for one in node.keywords)]
            elif yields and isinstance(node, (ast.Yield, ast.Return)) and node.value is not None:
                printed = [node.value]
            names: set[str] = set()
            for part in printed:  # with what its names were given, which may be names again
                found |= literals(part)
                new = {one.id for one in ast.walk(part) if isinstance(one, ast.Name)} - names
                names |= new
                printed += [value for name in sorted(new) for value in given.get(name, ())]
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


def told_below() -> list[str]:
    """Return what floors that know no language say, and a command prints."""
    folders = ROOT / "workloads", ROOT / "capacity" / "study" / "replay"
    modules = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    tallies = [
        one for path in modules for one in sentences(path.read_text("utf-8"), yields=False, calls=TELLS)
    ]
    described = [*measures.SECTIONS.values(), *DISTRIBUTIONS.values(), *PROFILES.values()]
    described += [text for one in measures.METRICS.values() for text in (one.title, one.unit)]
    named = [one.line for _, registry in KINDS.values() for one in registry.values()]
    named += (
        [text for text, _ in KINDS.values()]
        + [text for _, text in SPECIFICATIONS.values()]
        + [one.definition for one in METRICS.values()]
    )
    return [
        *tallies,
        *described,
        *named,
        *(one.source for one in all_checks()),
        *(name for _, name in LENGTHS),
    ]


def test_what_the_floors_below_say_has_a_translation():
    assert {text for text in told_below() if WORDS.search(translated(text, "ko"))} == set()
    assert len({text for text in told_below() if text in translations("ko")}) > 200


def test_a_translation_is_of_something_that_is_said():
    paths = [path for folder in ("capacity", "workloads") for path in (ROOT / folder).rglob("*.py")]
    texts = {text for path in paths for text in literals(ast.parse(path.read_text("utf-8")))} | {
        *told_below()
    }
    said = " ".join(sorted(texts))
    plain = [text for text in translations("ko") if "{" not in text]
    assert [text for text in plain if text not in said] == []


def test_translations_have_the_places_of_their_text():
    for english, korean in translations("ko").items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", korean)), english


def test_what_also_stands_in_a_file_is_said_in_the_same_words():
    say = Language("en")
    assert say.text("replay.score_definition") == f"{SCORE}."
    assert say.text("fitted.starts_only") == STARTS_ONLY


WARNS = re.compile(r"(^|_)(warnings|sentences?|always_met|with_means)$")
"""What specifications say of themselves stands in functions of these names."""
PARTS = {"class  :  : its jobs  are  ", "never started", "tenant  : its quota is  : it does not bind"}
"""Pieces of such sentences, which stand in the translation of the whole."""


def test_every_warning_of_a_specification_has_a_translation():
    """A blank stands for each place, and what it is filled with is a name, a date or a number."""
    patterns = [
        re.compile("".join(".*?" if place % 2 else re.escape(part) for place, part in enumerate(parts)))
        for parts in (re.split(r"({\w+})", text) for text in translations("ko"))
    ]
    known = [re.sub(r"{\w+}", " ", text) for text in translations("ko")]
    missing = []
    for folder in ("inputs", "study"):
        for path in sorted((ROOT / "capacity" / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and WARNS.search(node.name):
                    said = {one for part in node.body[1:] for one in literals(part) if WORDS.search(one)}
                    missing += [
                        f"{path.name}: {text}" for text in said - PARTS
                        if not any(text.strip(" :") in one for one in known)
                        and not any(pattern.fullmatch(text) for pattern in patterns)
                    ]  # fmt: skip
    assert missing == []


def test_the_warnings_of_a_scenario_reach_a_korean_reader_in_korean():
    said = (
        "workload lab: people live by the clock of Asia/Seoul, the site by that of Europe/Paris: they submit "
        "at the hours of the former; without 'timezone' of the workload, at those of the site",
        "site plan: the parts cost 140 bn KRW, 52 % more than the budget of 92.3 bn KRW",
        "workload lab: nobody works on class 'old'",
        "class wide: gpu has 8 slots: its jobs of 40 slots (3 %) are never started",
        "tenant lab: its quota is 30 PB of lake, which has 20 PB when complete: it does not bind",
        "h100 (gpu) is to be ordered by 2024-01-01 (first), before the plan begins on 2024-06-01",
    )
    assert [text for text in said if not re.search("[가-힣]", translated(text, "ko"))] == []
    assert "사용자" in translated(said[0], "ko") and "예산" in translated(said[1], "ko")
