"""What is wrong in a file is said with file, line, column, path, sentence and remedy, all of it at once."""

from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import kind_of, load_part, load_scenario
from tests.spec_files import NODE, SITE, problems, write, write_site


def test_the_place_the_path_the_sentence_and_the_remedy(tmp_path: Path) -> None:
    write_site(tmp_path)
    said = problems("site", tmp_path, "kind: site\nextends: ./site.yaml\npools:\n  main:\n    noeds: 12\n")
    assert said == ["x.yaml:5:5: site.pools.main.noeds: unknown key\n    did you mean 'nodes'?"]


def test_all_problems_of_all_kinds_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    write_site(tmp_path)
    said = problems(
        "site",
        tmp_path,
        """
        kind: site
        extends: ./site.yaml
        pue: 0.9
        electricity_price: 97.3
        timezone: Asia/Soul
        pools:
          main: {node: dgx-a1000, nodes: -4}
        storage:
          disk: {capacity: {usable: 8 PFLOPS}, fill_limit: 120 %}
        deliveries:
          rest: {date: 2022-13-01, share: 100 %}
        """,
    )
    assert [line.split(": ")[0] for line in said] == [
        f"x.yaml:{at}" for at in ("3:6", "4:20", "5:11", "7:16", "7:34", "9:29", "9:52", "11:16")
    ]
    text = "\n".join(said)
    for part in (
        "0.9 is too small\n    must be at least 1",
        "'97.3' has no unit",
        "did you mean 'Asia/Seoul'?",
        "did you mean 'dgx-a100'?",
        "-4 is negative",
        "sizes are written PB",
        "'120 %' is too large",
        "'2022-13-01' is no day",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("pue: .nan", "not a finite number"),
        ("pue: .inf", "not a finite number"),
        ("pue: 1" + "0" * 400, "not a finite number"),
        ("pue: '1.2'", "'1.2' is no plain number"),
        ("pue: true", "true where a number belongs"),
        ("pue: [1]", "a list where a number belongs"),
        ("timezone: null", "missing"),
        ("budget: -5 KRW", "negative"),
        ("budget: 5 GB", "an amount of data, not an amount of money"),
        ("electricity_price: 97.3 KRW/kW", "not a price of energy"),
        ("exchange_rates: {USD: 0 KRW/USD}", "must be more than 0"),
        ("as_of: someday", "'someday' is no date"),
        ("title: ''", "must not be empty"),
        ("title: [a]", "a list where text belongs"),
        ("pools: {}", None),
        ("pools: 7", "7 where keys and values belong"),
        ("storage: [1, 2]", "a list where keys and values belong"),
        ("timezone: ../../etc/passwd", "unknown time zone"),
        ("source: assumption", "needs a reason"),
        ("name: My Site", "'My Site' is no name"),
        ("pools: {main: {nodes: 1.5}}", "1.5 is not a whole number"),
        ("pools: {main: {nodes: 99999999999}}", "must be at most 2,147,483,647"),
        ("pools: {main: {counted: maybe}}", "'maybe' is neither true nor false"),
        ("pools: {main: {node: {extends: ./node.yaml, power: {idle: 900 W}}}}", "is more than max"),
        ("pools: {Main pool: {node: ./node.yaml, nodes: 1}}", "is no name"),
        ("declared: {precision: fp65}", "did you mean 'fp64'?"),
        ("declared: {precision: fp64, peak: 5 PFLOPS_bf16}", "PFLOPS_bf16"),
        ("storage: {disk: {capacity: {raw: 9 PB}}}", "an inherited one goes with 'usable: null'"),
        ("storage: {disk: {capacity: {usable: 9 PB_raw}}}", "raw and usable capacity differ"),
        (
            "deliveries: {first: {date: 2022-06-01, share: 5 %}, rest: {date: 2022-01-01, share: 100 %}}",
            "2022-01-01 is not after delivery 'first' on 2022-06-01",
        ),
        (
            "deliveries: {first: {date: 2021-01-01, share: 9 %}, rest: {date: 2022-01-01, share: 5 %}}",
            "less is in service than after delivery 'first': main, disk",
        ),
        (
            "deliveries: {rest: {date: 2022-01-01, share: 9 %, pools: {mian: 5 %}}}",
            "there is no 'mian' in pools\n    did you mean 'main'?",
        ),
        ("deliveries: {rest: {date: 1066-10-14, share: 9 %}}", "outside 1950 to 2199"),
        ("pue: {value: 1.2}", "needs a source"),
        ("pue: {value: 1.2, source: assumption}", "needs a reason"),
        ("pue: {valeu: 1.2, source: x}", "did you mean 'value'?"),
        ("pue: {value: 1.2, source: x, why: a, b}", "unknown key"),
        ("pue: {value: 1.2, source: x, why: one, or two}", "put quotes around text that holds a comma"),
    ],
)
def test_one_wrong_line(tmp_path: Path, line: str, sentence: str | None) -> None:
    write_site(tmp_path)
    text = f"kind: site\nextends: ./site.yaml\n{line}\n"
    if sentence is None:
        load_part("site", write(tmp_path, "x.yaml", text))
        return
    said = problems("site", tmp_path, text)
    assert len(said) == 1
    assert sentence in said[0]
    assert said[0].startswith(("x.yaml:3:", "site.yaml:12:")) or "missing" in said[0]


def test_a_missing_key_says_what_it_is(tmp_path: Path) -> None:
    said = problems("node", tmp_path, NODE.replace("cpu_cores: 64\n", ""))
    assert said == ["x.yaml:1:1: node.cpu_cores: missing\n    Cores of the host processors."]


def test_a_node_computes_in_one_way(tmp_path: Path) -> None:
    both = NODE + "accelerator: a100-sxm4-40\naccelerators: 8\n"
    assert "accelerators or with its own peak" in problems("node", tmp_path, both)[0]
    assert "belong together" in problems("node", tmp_path, NODE + "accelerators: 8\n")[0]
    assert "no peak is given" in problems("node", tmp_path, NODE.replace("{fp64: 2 TFLOPS}", "{}"))[0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title: x\n", "x.yaml:1:1: missing key 'kind'\n    add 'kind: site'"),
        ("kind: node\n", "x.yaml:1:7: kind is 'node', and a site is needed here"),
        ("kind: stie\n", "x.yaml:1:7: kind is 'stie', and a site is needed here\n    did you mean 'site'?"),
        ("kind: [site]\n", "x.yaml:1:7: kind is a list, and a site is needed here"),
    ],
)
def test_a_file_of_another_kind(tmp_path: Path, text: str, sentence: str) -> None:
    assert problems("site", tmp_path, text)[0].startswith(sentence)


def test_names_that_do_not_exist() -> None:
    with pytest.raises(
        InputError, match="no scenario is called 'gwangju-plam'\n    did you mean 'gwangju-plan'"
    ):
        load_scenario("gwangju-plam")
    with pytest.raises(InputError, match="nothing is called 'dgx-a1000'\n    did you mean 'dgx-a100'"):
        kind_of("dgx-a1000")
    with pytest.raises(InputError, match="is a directory"):
        load_scenario(".")


def test_a_file_that_is_there_but_was_not_named_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "plan", "kind: scenario\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"to name the file, write \./plan"):
        load_scenario("plan")


def test_kind_of_a_file_and_of_a_name(tmp_path: Path) -> None:
    assert kind_of(write(tmp_path, "x.yaml", SITE)) == "site"
    assert kind_of("dgx-a100") == "node"
    assert kind_of("gwangju-a100") == "scenario"  # there is a site of this name too; the question comes first
    with pytest.raises(InputError, match="does not say what it is"):
        kind_of(write(tmp_path, "y.yaml", "kind: stie\n"))


def test_a_horizon_before_the_start_and_a_demand_that_does_not_fit_the_site(tmp_path: Path) -> None:
    said = problems(
        "scenario",
        tmp_path,
        """
        kind: scenario
        extends: gwangju-plan
        until: 2019-01-01
        policy: {order: fcsf}
        """,
    )
    assert said == ["x.yaml:4:17: policy.order: 'fcsf' is not allowed\n    did you mean 'fcfs'?"]
    said = problems(
        "scenario",
        tmp_path,
        "kind: scenario\nextends: gwangju-plan\nuntil: 2019-01-01\n",
        "site.pools.gpu=null",
    )
    assert any("x.yaml:3:8: until: 2019-01-01 is before the start, 2020-07-01" in line for line in said)
    assert any("the site has no pool 'gpu'" in line for line in said)
