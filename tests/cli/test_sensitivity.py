"""``capacity sensitivity`` and ``--worlds`` on the command line: printed in both languages, and refused."""

import json
from pathlib import Path

import pytest

from capacity.cli.main import entry
from tests.support.erlang_site import write_erlang

SCALE = (
    "scale: {likely: 0.8, range: [0.5, 1.1], title: How much people ask for, source: assumption, why: Nobody"
    " knows.}\n"
)
USE = "utilization[pool=gpu,month=2024-01]"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return two weeks of ten slots under a load that is not known."""
    path = write_erlang(tmp_path_factory.mktemp("sensitive"))
    work = path.parent / "work.yaml"
    work.write_text(work.read_text("utf-8") + SCALE, "utf-8")
    path.write_text(path.read_text("utf-8").replace("2024-03-31", "2024-01-14"), "utf-8")
    return str(path)


def test_what_moves_an_answer_is_named_with_its_ends(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["sensitivity", scenario, "--worlds", "16", "--answer", USE, "-j", "1"]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("How much people ask for"))
    assert "0.5" in row
    assert "1.1" in row
    assert "To find out first: How much people ask for." in out


def test_the_same_as_json_and_in_korean(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sensitivity", scenario, "--worlds", "16", "--answer", USE, "-j", "1"]
    assert entry([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first = found["answers"][0]["inputs"][0]
    assert (first["name"], first["shown"]) == ("workload.scale", True)
    assert found["assumptions"][0]["source"] == "assumption"
    assert entry([*asked, "--lang", "ko"]) == 0
    assert "먼저 알아볼 것: How much people ask for" in capsys.readouterr().out


def test_a_picture_is_drawn_whole(scenario: str, tmp_path: Path) -> None:
    picture = tmp_path / "tornado.svg"
    asked = ["sensitivity", scenario, "--worlds", "16", "--answer", USE, "-j", "1", "--plot", str(picture)]
    assert entry(asked) == 0
    assert "How much people ask for" in picture.read_text("utf-8")
    assert entry(asked) == 3  # it is there already


def test_runs_are_counted_before_any_is_made(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["sensitivity", scenario, "--method", "sobol", "--worlds", "64", "--dry-run"]) == 0
    assert "sobol: 192 runs" in capsys.readouterr().out


def test_worlds_say_what_is_luck_and_what_assumption(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["simulate", scenario, "--worlds", "32", "-j", "1"]) == 0
    out = capsys.readouterr().out
    assert "luck alone" in out
    assert "It hangs on 'How much people ask for'" in out
    assert "--world " in out


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (["simulate", "--worlds", "8", "-r", "3"], 2, "leave out -r"),
        (["simulate", "--worlds", "8", "--world", "8"], 3, "there is no world 8"),
        (
            ["simulate", "--worlds", "8", "--set", "workload.scale=1"],
            3,
            "nothing in this scenario is uncertain",
        ),
        (["sensitivity", "--answer", "utilisation[pool=gpu]"], 3, "utilization"),
        (["sensitivity", "--method", "morris", "--require", f"{USE} <= 50 %"], 2, "judged over worlds"),
        (["sensitivity", "--set", "workload.scale={value: 1, range: [2, 1]}"], 3, "reversed"),
    ],
)
def test_what_does_not_go_is_refused(
    asked: list[str], code: int, words: str, scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry([asked[0], scenario, *asked[1:]]) == code
    assert words in capsys.readouterr().err
