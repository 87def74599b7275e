"""Whatever stands in a file, the loader answers with a record or with an error that says where."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.errors import CapacityError
from capacity.inputs.reading.catalogue import builtin_root
from capacity.inputs.reading.loader import load_part
from capacity.inputs.reading.tree import Origin
from capacity.inputs.reading.yaml_reader import parse, read_file

HERE = Origin("x.yaml", Path())
SITE = (builtin_root() / "sites" / "gwangju-a100.yaml").read_text(encoding="utf-8")
YAML_PIECES = st.sampled_from(
    ["a", "b: ", "- ", "\n", "  ", "\t", "{", "}", "[", "]", ",", ": ", "'", '"', "|", ">", "&x ", "*x",
     "!t ", "#", "%YAML 1.2\n", "---\n", "...\n", "? ", "~", "<<: ", "\\u", "0x", "1e999", ".nan", "é",
     "\u2028", "@", "`"]
)  # fmt: skip


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    try:
        read_file(path)
    except CapacityError as error:
        assert "x.yaml" in str(error)


@given(st.lists(YAML_PIECES, max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_of_yaml_pieces(text: str) -> None:
    try:
        parse(text, HERE)
    except CapacityError as error:
        assert "x.yaml" in str(error)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_real_file_with_one_line_spoilt(tmp_path: Path, seed: int) -> None:
    luck = random.Random(seed)
    lines = SITE.splitlines()
    at = luck.randrange(len(lines))
    lines[at] = luck.choice(
        [
            lines[at][luck.randrange(5) :],
            lines[at].replace(":", " "),
            lines[at] + " x",
            "",
            lines[at][:-1],
            lines[at] * 2,
        ]
    )
    path = tmp_path / "x.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        load_part("site", path)
    except CapacityError as error:
        assert "x.yaml" in str(error)


@pytest.mark.parametrize(
    "value", ["null", "[]", "{}", "''", "-1", "1e400", "true", "x", "[{}]", "{value: {}}"]
)
@pytest.mark.parametrize(
    "path",
    [
        "pools", "pools.gpu", "pools.gpu.node", "pools.gpu.nodes", "storage.disk.capacity",
        "deliveries.half.date", "declared.peak", "timezone", "pue", "kind", "name",
    ],
)  # fmt: skip
def test_any_value_anywhere(path: str, value: str) -> None:
    try:
        load_part("site", "gwangju-a100", overrides=[f"{path}={value}"])
    except CapacityError as error:
        assert str(error)
