"""A run directory is there whole or not at all, and nothing else is ever overwritten."""

import json
import os
import threading

import pytest

from capacity.errors import InputError
from capacity.study.files.run_directory import MANIFEST, staged, write_json

RUN = {"versions": {"hpc-capacity": "0.1"}}


def leave(target, *, force=False, **files):
    with staged(target, force=force) as stage:
        for name, text in {"jobs": "new", **files}.items():
            (stage / name).write_text(text)
        write_json(stage / MANIFEST, RUN)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def refusal(target, *, force=False):
    with pytest.raises(InputError) as caught, staged(target, force=force):
        pytest.fail("was let in")
    return str(caught.value)


def test_it_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "a" / "b" / "run"
    with staged(target, force=False) as stage:
        (stage / "jobs").write_text("x")
        assert not target.exists()
        assert stage.parent == target.parent
    assert names(target) == ["jobs"]
    assert names(target.parent) == ["run"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, OSError, MemoryError])
def test_it_does_not_appear_when_the_block_fails(tmp_path, error):
    with pytest.raises(error), staged(tmp_path / "run", force=False) as stage:
        (stage / "jobs").write_text("x")
        raise error
    assert names(tmp_path) == []


def test_an_existing_run_needs_force(tmp_path):
    target = tmp_path / "run"
    leave(target, old="x")
    assert "--force" in refusal(target)
    leave(target, force=True, jobs="newer")
    assert names(target) == ["jobs", MANIFEST]
    assert (target / "jobs").read_text() == "newer"
    assert names(tmp_path) == ["run"]


def test_an_existing_run_survives_a_run_that_fails(tmp_path):
    target = tmp_path / "run"
    leave(target)
    with pytest.raises(ZeroDivisionError), staged(target, force=True) as stage:
        (stage / "jobs").write_text("half")
        raise ZeroDivisionError
    assert (target / "jobs").read_text() == "new"
    assert names(tmp_path) == ["run"]


def test_an_empty_directory_may_be_used(tmp_path):
    (tmp_path / "run").mkdir()
    leave(tmp_path / "run")
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "manifest",
    [
        None,
        "{}",
        '{"name": "A web page", "icons": []}',
        '{"versions": {"npm": "9"}}',
        "not JSON",
        "[1]",
        '"x"',
        "1",
    ],
)
def test_what_is_no_run_directory_is_never_overwritten(tmp_path, force, manifest):
    target = tmp_path / "precious"
    target.mkdir()
    (target / "thesis.tex").write_text("years")
    if manifest is not None:
        (target / MANIFEST).write_text(manifest)
    assert "not a run directory" in refusal(target, force=force)
    assert (target / "thesis.tex").read_text() == "years"


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_not_overwritten(tmp_path, force):
    target = tmp_path / "notes.txt"
    target.write_text("mine")
    assert "not a directory" in refusal(target, force=force)
    assert "cannot write here" in refusal(target / "run", force=force)
    assert target.read_text() == "mine"


def test_a_link_to_a_directory_stays_a_link(tmp_path):
    real, link = tmp_path / "disk" / "run", tmp_path / "link"
    leave(real)
    link.symlink_to(real)
    leave(link, force=True, jobs="newer")
    assert link.is_symlink()
    assert (real / "jobs").read_text() == "newer"
    assert names(tmp_path) == ["disk", "link"]
    assert names(tmp_path / "disk") == ["run"]


def test_a_link_to_nowhere_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert "not a directory" in refusal(tmp_path / "link")


@pytest.mark.parametrize("where", [".", "..", "../here", "../.."])
def test_the_directory_one_stands_in_is_not_replaced(tmp_path, monkeypatch, where):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "where you are" in refusal(type(tmp_path)(where), force=True)


def test_a_run_that_came_meanwhile_is_not_overwritten(tmp_path):
    target = tmp_path / "run"
    with pytest.raises(InputError, match="exists already"), staged(target, force=False) as stage:
        write_json(stage / MANIFEST, RUN)
        other = threading.Thread(target=leave, args=(tmp_path / "other",))
        other.start()
        other.join()
        (tmp_path / "other").rename(target)
    assert (target / "jobs").read_text() == "new"
    assert names(tmp_path) == ["run"]


def test_what_a_killed_run_left_does_not_look_like_a_run(tmp_path):
    """The stage has another name, hidden, until everything is in it."""
    with staged(tmp_path / "run", force=False) as stage:
        assert stage.name.startswith(".run.partial-")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot write here" in refusal(tmp_path / "run")


def test_json_is_written_readably(tmp_path):
    write_json(tmp_path / "x.json", {"site": "광주", "b": [1.5, None]})
    text = (tmp_path / "x.json").read_text("utf-8")
    assert "광주" in text
    assert text.endswith("}\n")
    assert json.loads(text) == {"site": "광주", "b": [1.5, None]}
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "y.json", {"a": float("nan")})
