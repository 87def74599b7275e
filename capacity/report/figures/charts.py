"""What `--plot` of commands draws: the charts of the report, in an SVG file of their own."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from capacity.report.charts import standalone
from capacity.report.language import Language
from capacity.report.page.model import Block, Figure
from capacity.report.sections.common import Source
from capacity.report.sections.compare import side_by_side, verdicts
from capacity.report.sections.influence import influence_figure
from capacity.report.sections.storage import storage
from capacity.study.compare.comparison import Comparison
from capacity.study.run import Result
from capacity.study.uncertainty.draws import Draws
from capacity.study.uncertainty.influence import Moved


def draw_storage(result: Result, path: Path, say: Language) -> None:
    """Draw what each tier of a run holds, when it is full, and what and whose it is; a run with tiers."""
    section = storage(Source(result, say))
    assert section is not None, "there are no tiers"
    n = len(result.futures_of_their_own)
    key = "futures.plot" if result.futures else "plot.one" if n == 1 else "plot.several"
    runs = say.text(key, n=n)
    _draw(say.text("plot.storage", title=result.loaded.scenario.title, runs=runs), section.blocks, path)


def draw_comparison(found: Comparison, path: Path, say: Language) -> None:
    """Draw all metrics of a comparison, and for each case how it differs from the first."""
    blocks = [*side_by_side(found, say).blocks]
    if found.replications > 1:
        blocks += verdicts(found, say).blocks
    key = "plot.compare" if found.results[0].futures is None else "futures.plot_compare"
    title = say.text(key, names=", ".join(found.names), n=found.replications)
    _draw(title, blocks, path)


def draw_influence(moved: Sequence[Moved], draws: Draws, title: str, path: Path, say: Language) -> None:
    """Draw what moves each answer, one tornado each."""
    blocks = [influence_figure(one, draws, number, say) for number, one in enumerate(moved)]
    _draw(say.text("influence.plot", title=title, runs=moved[0].runs), blocks, path)


def _draw(title: str, blocks: Iterable[Block], path: Path) -> None:
    charts = [(one.caption, one.note, one.svg) for one in blocks if isinstance(one, Figure)]
    path.write_text(standalone(title, charts), "utf-8")
