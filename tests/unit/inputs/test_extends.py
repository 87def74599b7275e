"""`extends` and references: what is laid over what, and where names lead."""

from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part
from capacity.inputs.site import Site
from tests.spec_files import NODE, load, problems, write, write_site


def site_of(folder: Path, text: str) -> Site:
    record = load("site", folder, text).record
    assert isinstance(record, Site)
    return record


def test_mappings_merge_deeply_and_values_replace(tmp_path: Path) -> None:
    write_site(tmp_path)
    site = site_of(
        tmp_path,
        "kind: site\nextends: ./site.yaml\npools: {main: {nodes: 7}, more: {node: ./node.yaml, nodes: 2}}\n",
    )
    assert {name: pool.nodes for name, pool in site.pools.items()} == {"main": 7, "more": 2}
    assert site.pools["main"].node.name == "node"
    assert site.title == "A site"


def test_a_file_is_named_after_itself_and_not_after_what_it_extends(tmp_path: Path) -> None:
    write_site(tmp_path)
    path = write(tmp_path, "My Other Site.yaml", "kind: site\nextends: ./site.yaml\n")
    assert load_part("site", path).record.name == "my-other-site"  # type: ignore[attr-defined]


def test_null_removes_what_would_be_inherited(tmp_path: Path) -> None:
    write_site(tmp_path)
    site = site_of(tmp_path, "kind: site\nextends: ./site.yaml\nstorage: {disk: null}\ndeliveries: null\n")
    assert not site.storage
    assert not site.deliveries


def test_a_new_value_is_never_shown_under_an_old_source(tmp_path: Path) -> None:
    write_site(tmp_path)
    write(
        tmp_path,
        "b.yaml",
        "kind: site\nextends: ./site.yaml\npue: {value: 1.3, source: a book, why: said so}\n",
    )
    loaded = load("site", tmp_path, "kind: site\nextends: ./b.yaml\npue: {value: 1.2, source: a meter}\n")
    assert loaded.data["pue"] == {"value": 1.2, "source": "a meter"}


def test_changes_laid_over_a_reference_change_the_record_referred_to(tmp_path: Path) -> None:
    write_site(tmp_path)
    changes = "pools: {main: {node: {price: 5 USD, cpu_cores: 3}}}"
    node = site_of(tmp_path, f"kind: site\nextends: ./site.yaml\n{changes}\n").pools["main"].node
    assert (node.price.amount if node.price else None, node.cpu_cores, node.memory) == (5.0, 3, 512e9)
    assert node.name == "node"


def test_a_mapping_with_its_own_extends_starts_anew(tmp_path: Path) -> None:
    write_site(tmp_path)
    write(
        tmp_path,
        "b.yaml",
        "kind: site\nextends: ./site.yaml\npools: {main: {node: {extends: ./node.yaml, cpu_cores: 3}}}\n",
    )
    site = site_of(
        tmp_path, "kind: site\nextends: ./b.yaml\npools: {main: {node: {extends: epyc-7742-2s}}}\n"
    )
    assert site.pools["main"].node.cpu_cores == 128


def test_a_record_with_a_name_of_its_own_inherits_nothing(tmp_path: Path) -> None:
    write_site(tmp_path)
    inline = " ".join(f"{line}," for line in NODE.strip().splitlines()).rstrip(",")
    text = f"kind: site\nextends: ./site.yaml\npools: {{main: {{node: {{name: mine, {inline}}}}}}}\n"
    node = site_of(tmp_path, text.replace("price: 10000 USD,", "")).pools["main"].node
    assert (node.name, node.price) == ("mine", None)


def test_relative_names_start_at_the_file_they_stand_in(tmp_path: Path) -> None:
    write_site(tmp_path / "deep")
    site = site_of(tmp_path, "kind: site\nextends: deep/site.yaml\n")
    assert site.pools["main"].node.cpu_cores == 64
    write(tmp_path, "node.yaml", NODE.replace("cpu_cores: 64", "cpu_cores: 8"))
    site = site_of(tmp_path, "kind: site\nextends: deep/site.yaml\npools: {main: {node: ./node.yaml}}\n")
    assert site.pools["main"].node.cpu_cores == 8


def test_circles_are_found(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "kind: site\nextends: ./b.yaml\n")
    write(tmp_path, "b.yaml", "kind: site\nextends: ./x.yaml\n")
    assert problems("site", tmp_path, "kind: site\nextends: a.yaml\n") == [
        "b.yaml:2:10: extends itself: x → a → b → x"
    ]
    assert "extends itself: x → x" in problems("site", tmp_path, "kind: site\nextends: ./x.yaml\n")[0]


@pytest.mark.parametrize("value", ["[a, b]", "{a: b}", "7", "null"])
def test_extends_takes_one_name(tmp_path: Path, value: str) -> None:
    said = problems("site", tmp_path, f"kind: site\nextends: {value}\n")
    assert said[0].startswith("x.yaml:2:10: extends ")
    assert "name one site, or the path of a file" in said[0]


def test_a_problem_in_another_file_is_said_there(tmp_path: Path) -> None:
    write_site(tmp_path)
    write(tmp_path, "node.yaml", NODE.replace("memory: 512 GB", "memory: 512"))
    said = problems("site", tmp_path, "kind: site\nextends: ./site.yaml\n")
    assert said[0].startswith("node.yaml:6:9: site.pools.main.node.memory: '512' has no unit")


def test_a_reference_to_the_wrong_kind(tmp_path: Path) -> None:
    write_site(tmp_path)
    said = problems(
        "site", tmp_path, "kind: site\nextends: ./site.yaml\npools: {main: {node: ./product.yaml}}\n"
    )
    assert said == ["product.yaml:1:7: kind is 'storage-product', and a node is needed here"]


def test_own_folders_come_before_the_built_in_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "hardware/nodes/dgx-a100.yaml", NODE)
    write(tmp_path, "hardware/nodes/mine.yaml", NODE)
    monkeypatch.setenv("CAPACITY_CONFIG_PATH", str(tmp_path))
    assert load_part("node", "mine").record.title == "A node"  # type: ignore[attr-defined]
    assert load_part("node", "dgx-a100").record.title == "A node"  # type: ignore[attr-defined]
    assert "dgx-2" in str(load_part("node", "dgx-2").data["name"])


def test_an_unreadable_own_folder_is_simply_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPACITY_CONFIG_PATH", "/nonexistent:")
    with pytest.raises(InputError, match="no node is called 'mine'"):
        load_part("node", "mine")
