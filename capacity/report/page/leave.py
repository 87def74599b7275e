"""``capacity.report``: a run, a comparison or a sizing as one HTML file that can be signed."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from capacity.report.page.build import NOT_CHECKED, Conformance, page_of
from capacity.report.page.render import csv_files, html, markdown
from capacity.scheduling.compiled import load_core
from capacity.study.conformance.catalogue import all_checks
from capacity.study.conformance.check import run_checks
from capacity.study.files.saved import read_saved
from capacity.study.files.whole_file import check_file, whole_file


class Saveable(Protocol):
    """A result that can leave a run directory."""

    def save(self, directory: str | Path, *, force: bool = False) -> Path:
        """Leave it."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where a report is.

    Attributes
    ----------
    html, markdown, figures : Path
        The report, its findings as text, and the folder with the numbers of each figure as CSV.
    """

    html: Path
    markdown: Path
    figures: Path


def report(
    run: str | Path | Saveable,
    output: str | Path | None = None,
    *,
    lang: str = "en",
    verify: bool = True,
    force: bool = False,
) -> Report:
    """Write the report of a run: one HTML file without any reference to the network, and what is beside it.

    Parameters
    ----------
    run : str, Path or result
        A directory that simulate, storage, compare or size left, or what one of them returned.
    output : str or Path, optional
        Where the HTML goes. Default: ``report.html`` in the directory, or here for a result.
    lang : {"en", "ko"}
        Language of the report; one in another language goes beside the first.
    verify : bool
        Check this installation for the report, which takes some seconds.
    force : bool
        Overwrite a report that exists.

    Returns
    -------
    Report
        The files.

    Raises
    ------
    InputError
        It is no run directory, something in it is broken, or the file exists or cannot be written.
    """
    if not isinstance(run, str | Path):
        target = Path("report.html") if output is None else Path(output)
        check_file(target, force=force)
        with TemporaryDirectory() as place:
            return report(run.save(Path(place) / "run"), target, lang=lang, verify=verify, force=force)
    suffix = "" if lang == "en" else f".{lang}"
    run = Path(run)
    file = run / f"report{suffix}.html" if output is None else Path(output)
    saved = read_saved(run)
    check_file(file, force=force)
    page = page_of(saved, lang, _conformance() if verify else NOT_CHECKED)
    folder = file.resolve().parent
    findings = folder / ("findings" + suffix + ".md" if output is None else f"{file.stem}.md")
    figures = folder / ("figures" if output is None else f"{file.stem}-figures")
    figures.mkdir(exist_ok=True)
    for name, text in csv_files(page):
        _write(figures / name, text)
    _write(findings, markdown(page))
    _write(file, html(page))
    return Report(file, findings, figures)


def _write(path: Path, text: str) -> None:
    with whole_file(path, force=True) as part:
        part.write_text(text, "utf-8")


def _conformance() -> Conformance:
    """Run the quick checks."""
    load_core("queue")
    return Conformance(list(run_checks(all_checks(quick=True))), date.today().isoformat())
