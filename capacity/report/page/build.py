"""From a run directory to a page: which sections a run, a comparison and a sizing have."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from capacity.registry import SECTIONS
from capacity.report.language import Language
from capacity.report.page.model import Page, Section
from capacity.report.sections import answer as lead
from capacity.report.sections import compare as comparing
from capacity.report.sections import method
from capacity.report.sections import size as sizing
from capacity.report.sections.common import Source
from capacity.report.terminal.size import binding_words, size_lines
from capacity.study.compare.comparison import Comparison
from capacity.study.conformance.check import Done
from capacity.study.files.saved import Saved
from capacity.study.run import Result
from capacity.study.size.answer import Sizing
from capacity.study.size.files import read_sizing

MakeSection: TypeAlias = Callable[[Source], Section | None]
"""Makes a section from a result; None if it has nothing to say."""


@dataclass(frozen=True, slots=True)
class Conformance:
    """Checks that were run for a report, and when; none if they were not."""

    checked: Sequence[Done] | None = None
    day: str = ""


NOT_CHECKED = Conformance()


def page_of(saved: Saved, lang: str, conformance: Conformance = NOT_CHECKED) -> Page:
    """Return the report of a run directory.

    Parameters
    ----------
    saved : Saved
        A run, a comparison or a sizing.
    lang : {"en", "ko"}
        Language of the report; texts of the scenario stay as they are.
    conformance : Conformance
        Checks that were run for it.

    Raises
    ------
    InputError
        A file of the directory is missing or broken.
    """
    say = Language(lang)
    if saved.kind == "comparison":
        return _comparison(Comparison.of(saved.results), say, saved.manifest["versions"], conformance)
    if saved.kind == "sizing":
        return _sizing(read_sizing(saved.folder), saved, say, conformance)
    source = Source(saved.results[0], say)
    return _run(source, saved.manifest["versions"], conformance)


def _run(source: Source, versions: Mapping[str, str], conformance: Conformance) -> Page:
    scenario = source.scenario
    return Page(
        source.say.lang,
        scenario.title,
        scenario.question,
        lead.answer(source),
        lead.cards(source),
        lead.binds(source),
        method.main_assumptions(source),
        _warnings([source.result], source.say),
        [*_sections(source), *_closing(source, "run", conformance)],
        method.facts(source, versions, source.say),
    )


def _warnings(results: Iterable[Result], say: Language) -> list[str]:
    """Return what is odd about the scenarios, each once, in the reader's language."""
    found = dict.fromkeys(text for result in results for text in result.loaded.warnings)
    return [say.translated(text) for text in found]


def _sections(source: Source) -> list[Section]:
    """Return what all sections, those of other packages too, have to say of a result."""
    made = (cast(MakeSection, SECTIONS.resolve(name))(source) for name in SECTIONS)
    return [section for section in made if section is not None]


def _closing(source: Source, kind: str, conformance: Conformance) -> list[Section]:
    return [
        method.method(source, kind=kind),
        method.conformance(source, conformance.checked, conformance.day),
        method.scenario_in_full(source),
    ]


def _comparison(
    found: Comparison, say: Language, versions: Mapping[str, str], conformance: Conformance
) -> Page:
    base = Source(found.results[0], say)
    sections = [
        comparing.verdicts(found, say),
        comparing.pareto(found, say),
        comparing.side_by_side(found, say),
        comparing.months_of_all(found, say),
    ]
    return Page(
        say.lang,
        say.text("compare.page_title", names=say.listed(found.names)),
        say.text("compare.page_question", baseline=found.names[0]),
        comparing.answer(found, say),
        comparing.cards(found, say),
        "",
        method.main_assumptions(base),
        _warnings(found.results, say),
        [*sections, *_closing(base, "comparison", conformance)],
        method.facts(base, versions, say),
    )


def _sizing(found: Sizing, saved: Saved, say: Language, conformance: Conformance) -> Page:
    sections = [*sizing.curves(found, say), sizing.trials_table(found, say)]
    source = Source(saved.results[0], say) if saved.results else None
    if source is not None:
        sections += [*_sections(source), *_closing(source, "sizing", conformance)]
    lines = size_lines(found, say, binds=False)
    binding = binding_words(found, say)
    title = (
        saved.results[0].loaded.scenario.title
        if saved.results
        else Path(str(saved.manifest.get("log_name", ""))).name
    )
    return Page(
        say.lang,
        say.text("size.page_title", title=title),
        sizing.question(found, say),
        lines,
        sizing.cards(found, say),
        binding,
        None if source is None else method.main_assumptions(source),
        () if source is None else _warnings([source.result], say),
        sections,
        method.facts_of_log(saved.manifest, say)
        if source is None
        else method.facts(source, saved.manifest["versions"], say),
    )
