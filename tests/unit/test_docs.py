"""README, docs and code tell the same story, and the code keeps to the house rules that the docs state."""

import ast
import re
import shlex
from dataclasses import fields
from functools import cache
from pathlib import Path

import click
import pytest

import capacity
from capacity.cli.lazy import LazyGroup
from capacity.cli.main import COMMANDS, EPILOG, Session, cli, entry
from capacity.inputs.reading.catalogue import FOLDERS, builtin_root
from capacity.measure.metrics import METRICS, REPLAYED
from capacity.measure.outcomes import STATES
from capacity.measure.schedule import ScheduleMetrics
from capacity.registry import ORDERS, PLACEMENTS, TIES
from capacity.scheduling.pools.pool import PoolState
from capacity.simulation.record import NODE_EVENTS, TierReading
from capacity.simulation.storage.full_tiers import TIER_TEXTS
from capacity.statistics.kinds import WAYS
from capacity.study.files.tables import JOB_COLUMNS
from workloads.formats import FORMATS
from workloads.jobtable import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md"))]
CODE = sorted(path for room in ("capacity", "workloads") for path in (ROOT / room).rglob("*.py"))
GENERATED = {"results", "dist", "build", "__pycache__"}
CHEAP = {"list", "units", "validate", "show", "schema"}
PLACEHOLDERS = {"NAME", "KIND", "COMMAND"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text_of(path: Path) -> str:
    return path.read_text("utf-8")


# What stands in a page


def blocks(path: Path, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(path), re.MULTILINE | re.DOTALL)


def without_blocks(path: Path) -> str:
    return re.sub(r"^```.*?^```$", "", text_of(path), flags=re.MULTILINE | re.DOTALL)


def table(path: Path, heading: str) -> list[list[str]]:
    """Rows of the first table after a heading or phrase, without its head; backticks taken off."""
    after = text_of(path).split(heading, 1)[1]
    rows = re.search(r"^\|.*\n\|[-| :]+\|\n((?:\|.*\n)+)", after, re.MULTILINE)
    assert rows, f"{name_of(path)}: no table after {heading!r}"
    lines = (line.strip("|").split("|") for line in rows[1].splitlines())
    return [[cell.strip().strip("`") for cell in cells] for cells in lines]


def calls(line: str) -> list[list[str]]:
    """Every call of ``capacity`` on a shell line, without pipes and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>;&")
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("|<>;&"):
            commands.append([])
        else:
            commands[-1].append(word)
    return [words[1:] for words in commands if words[:1] == ["capacity"]]


def _joined(text):
    """Put the lines of a command that goes on after a backslash on one."""
    return re.sub(r"\\\n\s*", "", text)


def shell_lines() -> list[tuple[str, str]]:
    """Command lines of the pages and of the examples in every command's help."""
    found = []
    for page in PAGES:
        lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
        lines += re.findall(r"`(capacity [a-z][^`]*)`", without_blocks(page))
        found += [(name_of(page), line) for line in lines if line.startswith("capacity ")]
    for name, command in leaves(cli):
        lines = re.findall(r"^ +(capacity .*)$", _joined(command.epilog or ""), re.MULTILINE)
        found += [(f"help of {name}", line) for line in lines]
    return found


def leaves(group: LazyGroup) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name in group.table:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, LazyGroup):
            found += leaves(command)
    return found


def parse(words: list[str]) -> None:
    """Parse a command line as `entry` would, and do nothing."""
    group: click.Command = cli
    context = click.Context(cli, info_name="capacity", obj=Session())
    while words and isinstance(group, click.Group):
        name, command, words = group.resolve_command(context, words)
        assert command is not None
        if words and not isinstance(command, click.Group):  # alone it is only a name
            command.make_context(name, [*words], parent=context)
        group = command
        context = click.Context(command, info_name=name, parent=context, obj=Session())


SHELL_LINES = shell_lines()


@pytest.mark.parametrize(("where", "line"), SHELL_LINES, ids=[f"{w}: {line}"[:80] for w, line in SHELL_LINES])
def test_every_command_line_that_is_shown_parses(where, line):
    found = calls(line)
    assert found, line
    for words in found:
        try:
            parse(words)
        except click.exceptions.Exit as ended:
            assert ended.exit_code == 0, line


CHEAP_LINES = [(w, line) for w, line in SHELL_LINES if calls(line)[0][0] in CHEAP and calls(line)[0][1:]]


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    """The model that the README fits to a log of one's own; a synthetic log stands for it."""
    folder = tmp_path_factory.mktemp("users")
    log, fitted = str(folder / "log.swf"), folder / "my-users.yaml"
    drawn = ["--model", "lublin", "--slots", "64", "--days", "9", "-o", log]
    assert entry(["workload", "generate", *drawn]) == 0
    assert entry(["workload", "fit", log, "-o", str(fitted)]) == 0
    return fitted


@pytest.fixture
def own_files(tmp_path, monkeypatch, users):
    """The YAML files that the pages show, in a directory of their own."""
    (tmp_path / users.name).write_bytes(users.read_bytes())
    for page in PAGES:
        for block in blocks(page, "yaml"):
            name = re.match(r"# (\S+\.yaml)\n", block)
            if name:
                (tmp_path / name[1]).write_text(block, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("where", "line"), CHEAP_LINES, ids=[f"{w}: {line}"[:80] for w, line in CHEAP_LINES])
def test_the_cheap_ones_do_what_the_page_says(where, line, own_files, capsys):
    if PLACEHOLDERS.intersection(calls(line)[0]):
        pytest.skip("a placeholder, not a name")
    wanted = re.search(r"# exit (\d+)", line)
    expected = int(wanted[1]) if wanted else 3 if "pue=0.9" in line else 0
    assert entry(calls(line)[0]) == expected, capsys.readouterr().err


def test_the_specifications_that_are_shown_are_right(own_files, capsys):
    names = sorted(path.name for path in own_files.glob("*.yaml"))
    assert names
    assert entry(["validate", *names]) == 0, capsys.readouterr().err


# Names, tables and links


def test_the_readme_begins_with_the_two_commands():
    assert blocks(PAGES[0], "sh")[0].split("\n")[:2] == ["make simulate", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_has_every_target_that_is_named(page):
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    lines = "\n".join(blocks(page, "sh")) + "\n" + without_blocks(page)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", lines, re.MULTILINE))
    assert named <= targets


def test_every_command_is_in_the_readme():
    rows = table(PAGES[0], "## The commands")
    assert [row[0].removeprefix("capacity ") for row in rows] == list(commands_in_full())


def commands_in_full() -> list[str]:
    """Names of the commands, those of a group as ``workload generate``."""
    found = []
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        found += [f"{name} {sub}" for sub in command.table] if isinstance(command, LazyGroup) else [name]
    return found


def test_every_metric_is_documented_in_its_words():
    rows = {row[0]: row for row in table(ROOT / "docs/metrics.md", "## Findings of a simulation")}
    wanted = {name: (m.unit, m.labels_text, m.definition) for name, m in METRICS.items()}
    shown = {name: tuple(row[1:4]) for name, row in rows.items()}
    differ = [
        f"| `{n}` | {u} | {by} | {d} |" for n, (u, by, d) in wanted.items() if shown.get(n) != (u, by, d)
    ]
    assert not differ, "docs/metrics.md should say\n" + "\n".join(differ)
    assert list(rows) == list(METRICS)


def test_every_kind_of_metric_is_documented_with_its_interval():
    rows = table(ROOT / "docs/metrics.md", "### How a value varies from one future to the next")
    shown = {row[0]: (row[1], re.match(r"\d+", row[2])[0], re.findall(r"\w+", row[3])) for row in rows}
    of_kind = {kind: [name for name, metric in METRICS.items() if metric.kind == kind] for kind in WAYS}
    differ = [
        f"| {kind} | {way.means} | {way.enough} | {', '.join(f'`{name}`' for name in of_kind[kind])} |"
        for kind, way in WAYS.items()
        if shown.get(kind) != (way.means, str(way.enough), of_kind[kind])
    ]
    assert not differ, "docs/metrics.md should say\n" + "\n".join(differ)
    assert list(shown) == list(WAYS)


def test_every_number_of_a_replay_is_documented():
    rows = table(ROOT / "docs/metrics.md", "## Numbers of a replay")
    wanted = {name: REPLAYED[name] for name in ScheduleMetrics.__dataclass_fields__}
    assert {row[0]: tuple(row[1:]) for row in rows} == {n: (m.unit, m.definition) for n, m in wanted.items()}


def test_every_column_and_level_of_a_run_is_documented():
    page = ROOT / "docs/metrics.md"
    columns = table(page, "### jobs.parquet")
    assert [row[0] for row in columns] == list(JOB_COLUMNS)
    states = next(row[2] for row in columns if row[0] == "state")
    assert re.findall(r"`(\w+)`", f"`{states}`") == list(STATES)
    levels = [f.name for record in (PoolState, TierReading) for f in fields(record) if f.name != "now_s"]
    assert [row[0] for row in table(page, "### series.parquet")] == levels
    kinds = [row[0] for row in table(page, "### events.parquet")]
    assert kinds == ["delivery", "storage_delivery", *NODE_EVENTS, *TIER_TEXTS]


def test_every_exit_code_is_documented_as_help_has_it():
    codes = re.findall(r"^ +(\d+) +(.+)$", EPILOG, re.MULTILINE)
    assert [tuple(row) for row in table(ROOT / "docs/metrics.md", "## Exit codes")] == codes


def test_every_format_and_column_of_a_log_is_documented():
    page = ROOT / "docs/logs.md"
    assert {row[0]: row[3] for row in table(page, "## Formats")} == {
        form.name: "yes" if form.writer else "no" for form in FORMATS.values()
    }
    columns = {row[0]: row[1] for row in table(page, "## What a job is")}
    assert columns == {column.name: column.unit for column in COLUMNS}
    own = [form.name for form in FORMATS.values() if not (form.suffixes or form.writer)]
    described = [row[0] for head in ("## GPU clusters", "## Other schedulers") for row in table(page, head)]
    assert [*described, "table"] == own


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("**Placement** chooses", list(PLACEMENTS)),
        ("## Time and ties", list(TIES)),
        ("## Queue orders", list(ORDERS)),
    ],
)
def test_every_scheduling_rule_is_documented(heading, names):
    rows = table(ROOT / "docs/scheduling.md", heading)
    assert [re.sub(r"`? \(default\)", "", row[0]) for row in rows] == names


def test_every_page_of_the_docs_can_be_found_from_the_readme():
    for page in sorted(ROOT.glob("docs/*.md")):
        assert f"(docs/{page.name})" in text_of(PAGES[0])


def anchors(path: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_within_the_repository_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page)):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page):
    roots = ("capacity", "workloads", "configs", "tests", "benchmarks", "docs", ".ci")
    for name in re.findall(rf"`((?:{'|'.join(map(re.escape, roots))})/[\w./-]*)`", text_of(page)):
        only_in_the_wheel = name == "capacity/configs"
        no_test_yet = name.startswith("tests/") and name.endswith("/")  # git keeps no empty folder
        if not (only_in_the_wheel or no_test_yet or "NAME" in name):
            assert (ROOT / name).exists(), name


def test_the_changelog_is_of_this_version():
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == capacity.__version__


# House rules


def committed_texts() -> list[Path]:
    """Every text file that belongs to the project, wherever the checkout lies."""
    found = []
    for top in sorted(ROOT.iterdir()):
        if top.name in GENERATED or (top.name.startswith(".") and top.name not in {".ci", ".gitignore"}):
            continue
        inside = top.rglob("*") if top.is_dir() else [top]
        found += [p for p in inside if p.is_file() and not GENERATED.intersection(p.relative_to(ROOT).parts)]
    return [path for path in found if path.suffix not in {".pyc", ".gz", ".parquet", ".png", ".so"}]


def test_no_text_names_a_place_on_one_machine():
    places = "|".join(("work", "root", "tmp/venv", "home/[a-z]+"))
    pattern = re.compile(rf"(?<![\w.*/-])/(?:{places})(?=[/\s\"'`),;]|$)", re.MULTILINE)
    texts = {name_of(path): path.read_text("utf-8", errors="replace") for path in committed_texts()}
    assert not [f"{name}: {hit[0]}" for name, text in texts.items() for hit in pattern.finditer(text)]


def test_the_catalogue_is_that_of_this_checkout():
    assert builtin_root() == ROOT / "configs"
    assert all((ROOT / "configs" / folder).is_dir() for folder in FOLDERS.values())


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_code_keeps_to_the_limits(path):
    source = text_of(path)
    assert source.count("\n") <= 500, "no file over 500 lines"
    tree = ast.parse(source)
    assert ast.get_docstring(tree), "a file says why it exists"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 60, f"{node.name} has {lines} lines"
