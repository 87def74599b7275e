"""``--set PATH=VALUE`` reaches everything, and says what it cannot reach."""

from datetime import date
from pathlib import Path

import pytest

from capacity.errors import InputError, UsageError
from capacity.inputs.reading.loader import load_part, load_scenario
from tests.spec_files import write_site


def test_one_value_deep_inside(tmp_path: Path) -> None:
    loaded = load_part("site", write_site(tmp_path), overrides=["pools.main.node.power.max=1 kW", "pue=1.1"])
    assert loaded.record.it_power_max_w == pytest.approx(100 * 1000 + 8000)  # type: ignore[attr-defined]
    assert loaded.origins["pue",] == "--set pue=1.1"
    assert loaded.origins["pools", "main", "node", "power", "max"] == "--set pools.main.node.power.max=1 kW"


def test_a_reference_can_be_replaced_and_then_changed(tmp_path: Path) -> None:
    sets = ["pools.main.node=dgx-a100", "pools.main.node.accelerators=4", "pools.main.nodes=10"]
    loaded = load_part("site", write_site(tmp_path), overrides=sets)
    assert loaded.record.slots == 40  # type: ignore[attr-defined]


def test_an_override_can_mend_a_broken_reference(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    (tmp_path / "node.yaml").unlink()
    with pytest.raises(InputError, match="no such file"):
        load_part("site", path)
    assert load_part("site", path, overrides=["pools.main.node=dgx-2"])


def test_values_are_typed_by_what_belongs_there(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    loaded = load_part("site", path, overrides=["title=2022", "pools.main.counted=true", "deliveries=null"])
    assert (loaded.data["title"], loaded.record.deliveries) == ("2022", {})  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"--set pue=high: site\.pue: 'high' is no plain number"):
        load_part("site", path, overrides=["pue=high"])


def test_plain_values_may_be_added_records_may_not(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    loaded = load_part("site", path, overrides=["deliveries.first.pools.main=10 %"])
    assert loaded.record.deliveries["first"].pools == {"main": 0.1}  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="there is no 'mian' in pools\n    did you mean 'main'"):
        load_part("site", path, overrides=["pools.mian.nodes=3"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pol.main.nodes=1", "there is no 'pol'"),
        ("pools.main.noeds=1", "there is no 'noeds' in pools.main\n    did you mean 'nodes'?"),
        ("pue.value=1", "pue is a single value"),
        ("extends=gwangju-a100", "there is no 'extends'"),
        ("pue=[1", "--set pue=[1: not YAML"),
        ("pue=*x", "alias"),
        ("pools.main.node=dgx-a1000", "did you mean 'dgx-a100'?"),
    ],
)
def test_what_cannot_be_set(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        load_part("site", write_site(tmp_path), overrides=[text])
    assert str(caught.value).startswith(f"--set {text}: ")
    assert sentence in str(caught.value)


def test_several_wrong_ones_are_said_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_part("site", write_site(tmp_path), overrides=["pux=1", "pue=1.2", "budgit=1 KRW"])
    assert [problem.fix for problem in caught.value.problems] == [
        "did you mean 'pue'?",
        "did you mean 'budget'?",
    ]


@pytest.mark.parametrize("text", ["pue", "=1", "a..b=1", ".a=1", ""])
def test_what_is_no_override_is_a_mistake_of_the_command_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="write PATH=VALUE"):
        load_part("site", write_site(tmp_path), overrides=[text])


def test_another_site_and_another_end() -> None:
    loaded = load_scenario(
        "gwangju-plan", site="gwangju-h100", until=date(2021, 12, 31), overrides=["site.pue=1.2"]
    )
    assert loaded.scenario.site.name == "gwangju-h100"
    assert loaded.scenario.until == date(2021, 12, 31)
    assert loaded.origins["until",] == "--until 2021-12-31"
    assert loaded.scenario.site.pue == 1.2
    with pytest.raises(InputError, match="--site gwangju-x100: no site is called 'gwangju-x100'"):
        load_scenario("gwangju-plan", site="gwangju-x100")
