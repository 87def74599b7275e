"""Names that people can add to: ours, those of installed packages, and what is refused."""

import pytest

from tests.cli.test_plug_ins import install
from workloads.errors import LogError
from workloads.registry import Named, Registry, loaded_as

OURS = [Named("one", "the first", "os:sep"), Named("two", "the second", "os:nothing_here")]
GROUP = "capacity.tests"


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Return a function that installs a package with names of our kind."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def add(name, points, module="thing = 3\n"):
        install(tmp_path, module, {GROUP: points}, name=name)
        return Registry("kind of thing", OURS, group=GROUP, reserved=("all",))

    return add


def test_ours_come_first_and_are_found_without_looking_for_others(monkeypatch):
    names = Registry("kind of thing", OURS, group=GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: pytest.fail("looked for plug-ins"))
    assert "one" in names
    assert names["one"].line == "the first"
    assert names.resolve("one") in "/\\"


def test_names_of_packages_are_added_and_loaded_when_used(packages):
    names = packages("parts", {"three": "parts:thing", "four": "parts:no_such_thing"})
    assert list(names) == ["one", "two", "three", "four"]
    assert names["three"] == Named("three", "from parts 0.1", "parts:thing")
    assert names.resolve("three") == 3
    with pytest.raises(
        LogError, match=r"kind of thing 'four' from parts 0.1 cannot be used: .*no_such_thing"
    ):
        names.resolve("four")


def test_an_unknown_name_is_told_the_nearest(packages):
    names = packages("parts", {"three": "parts:thing"})
    with pytest.raises(LogError, match=r"unknown kind of thing 'tree'\n.*did you mean 'three'"):
        names.resolve("tree")
    with pytest.raises(LogError, match="allowed: one, two, three"):
        assert names["xyz"]
    assert "xyz" not in names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("one", "is there twice: os:sep and parts:thing"),
        ("all", "cannot be such a name"),
        ("Ab", "cannot be such a name"),
        ("a+b", "cannot be such a name"),
    ],
)
def test_names_that_would_be_confused_are_refused(packages, name, said):
    names = packages("parts", {name: "parts:thing"})
    with pytest.raises(LogError, match=f"from parts 0.1.* {said}"):
        list(names)
    assert names.resolve("one"), "ours still works"


def test_two_packages_cannot_have_one_name(packages):
    packages("parts", {"three": "parts:thing"})
    names = packages("more", {"three": "more:thing"})
    with pytest.raises(LogError, match=r"'three' from .* is there twice"):
        list(names)


def test_an_entry_point_may_name_a_record(packages):
    module = "from workloads.registry import Named\nthree = Named('x', 'the third', 'os:sep')\nfour = 4\n"
    packages("records", {"three": "records:three"}, module)
    names = Registry("kind of thing", OURS, group=GROUP, plugged=loaded_as(Named))
    assert names["three"] == Named("three", "the third", "os:sep")
    packages("wrong", {"four": "records:four"})
    wrong = Registry("kind of thing", OURS, group=GROUP, plugged=loaded_as(Named))
    with pytest.raises(LogError, match=r"'four' from wrong 0\.1 cannot be used: records:four is no Named"):
        list(wrong)
