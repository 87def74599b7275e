"""YAML that is broken, hostile or merely careless gives one clear sentence with its place."""

import io
from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import kind_of, load_part
from capacity.inputs.reading.tree import Origin
from capacity.inputs.reading.yaml_reader import parse, read_file, scalar

HERE = Origin("x.yaml", Path())


def said(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(text, HERE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a:\n\tb: 1\n", "x.yaml:2:1:", "indent with spaces"),
        ("a: 1\na: 2\n", "x.yaml:2:1:", "key 'a' is given twice\n    first at x.yaml:1:1"),
        ("a: &x 1\nb: *x\n", "x.yaml:2:4:", "alias '*x'"),
        (
            "a: !!python/object:os.system x\n",
            "x.yaml:1:4:",
            "tag 'tag:yaml.org,2002:python/object:os.system'",
        ),
        ("a: [1, 2\n", "x.yaml:2:1:", "never closed"),
        ("a: 'x\n", "x.yaml:2:1:", "never closed"),
        ("a: b: c\n", "x.yaml:1:5:", "mapping values are not allowed"),
        ("a: 1\n  b: 2\n", "x.yaml:2:4:", "check the indentation"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2:1:", "a second document"),
        ("[a]: 1\n", "x.yaml:1:1:", "a collection as a key"),
        ("a: @home\n", "x.yaml:1:4:", "put quotes"),
        ("a: \x00\n", "x.yaml:1:4:", "unprintable character U+0000"),
        ("a: \x1b[31m\n", "x.yaml:1:4:", "unprintable character U+001B"),
        ("[" * 3000, "x.yaml:1:42:", "nested deeper than 40 levels"),
        ('a: "\\UFFFFFFFF"\n', "x.yaml:", "not YAML"),
    ],
)
def test_what_is_no_proper_yaml_is_said_with_its_place(text: str, place: str, sentence: str) -> None:
    message = said(text)
    assert message.startswith(place)
    assert sentence in message


def test_all_problems_that_can_be_passed_over_come_at_once() -> None:
    assert said("a: 1\na: 2\nb: *x\nc: !t 1\n").count("x.yaml:") == 4  # three problems, one 'first at'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-3", -3), ("0x10", 16), ("0o17", 15), ("1.5e3", 1500.0), ("true", True), ("~", None),
        ("", None), ("yes", "yes"), ("24:00:00", "24:00:00"), ("2021-05-01", "2021-05-01"),
        ("1_000", "1_000"), ("700 W", "700 W"), ("1.2.3", "1.2.3"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema_and_nothing_older(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_an_integer_of_many_digits_is_read_without_a_fuss() -> None:
    assert scalar("9" * 5000) == float("inf")


def test_keys_and_values_know_their_places() -> None:
    tree = parse("site:\n  pue: 1.2\n  list: [a, b]\n", HERE)
    assert {path: str(leaf.place) for path, leaf in tree.leaves()} == {
        ("site", "pue"): "x.yaml:2:8",
        ("site", "list", 0): "x.yaml:3:10",
        ("site", "list", 1): "x.yaml:3:13",
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"# nothing but this\n", "the file is empty"),
        (b"- a\n- b\n", "keys and values at its top level"),
        (b"just words", "keys and values at its top level"),
        (b"a: 1\nb: \xff\xfe\n", "x.yaml:2:4: not UTF-8 text"),
        (bytes(range(256)) * 10, "not UTF-8 text"),
        (b"\x1f\x8b\x08\x00", "not UTF-8 text"),
        (b"a: 1\n" * 500_000, "larger than 2 MB"),
    ],
)
def test_files_that_are_no_specification(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_file(path)
    assert "x.yaml" in str(caught.value)
    assert sentence in str(caught.value)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_file(path).plain() == {"a": 1}


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("a: 1\n")
    with pytest.raises(InputError, match=r"no such file\n    did you mean 'plan\.yaml'"):
        read_file(tmp_path / "plam.yaml")
    with pytest.raises(InputError, match="is a directory"):
        read_file(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_file(tmp_path / ("x" * 5000))
    with pytest.raises(InputError, match="cannot be read"):
        read_file(Path("a\0b"))


def test_a_file_one_may_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            read_file(path)
    else:
        pytest.skip("this user may read everything")


def test_standard_input_can_be_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"kind: node\nextends: dgx-a100\ntitle: Mine\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert kind_of("-") == "node"
    loaded = load_part("node", "-")
    assert loaded.data["name"] == "stdin"
    assert loaded.origins["title",] == "stdin:3:8"
