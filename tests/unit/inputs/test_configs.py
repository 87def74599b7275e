"""Every shipped specification loads, says where its numbers come from, and means what the facts say."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from capacity.errors import InputError
from capacity.inputs.hardware.parts import Peaks
from capacity.inputs.policy.accounts import Account
from capacity.inputs.policy.limits import Limits, Qos
from capacity.inputs.policy.policy import Multifactor, Policy
from capacity.inputs.reading.catalogue import FOLDERS, KINDS, builtin_root, names
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.inputs.reading.resolver import RECORDS
from capacity.inputs.reading.schema import text_of
from capacity.inputs.reading.tree import Plain
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.quantities.precision import PRECISIONS
from capacity.registry import (
    BACKFILLING,
    CONSERVATIVE,
    ESTIMATES,
    FAIR_SHARE,
    ORDERS,
    OVERRUN,
    PLACEMENTS,
    ROUTES,
    TIES,
)
from capacity.scheduling.rules import Rules
from capacity.scheduling.site import rules as site_rules
from capacity.scheduling.site.rules import SiteRules
from capacity.simulation.calendar import calendar_of

SHIPPED = [(kind, name) for kind in KINDS for name in names(kind)]


def site(name: str) -> Site:
    record = load_part("site", name).record
    assert isinstance(record, Site)
    return record


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_it_loads_and_is_named_after_its_file(kind: str, name: str) -> None:
    loaded = load_part(kind, name)
    assert loaded.data["name"] == name
    assert set(loaded.origins) >= {("kind",), ("title",)}
    assert RECORDS[kind].model_validate(loaded.data) == loaded.record


def sources(data: Plain, path: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Plain]]]:
    """Yield every mapping that names a source, with its path."""
    if isinstance(data, dict):
        if "source" in data:
            yield ".".join(path), data
        for key, value in data.items():
            yield from sources(value, (*path, key))


@pytest.mark.parametrize(
    ("kind", "name"), [(k, n) for k, n in SHIPPED if k not in {"scenario", "experiment"}]
)
def test_every_number_has_a_source(kind: str, name: str) -> None:
    data = dict(load_part(kind, name).data)
    assert data["source"], "the record's own source holds for every number without one"
    assert data["as_of"]
    for path, entry in sources(data):
        source = str(entry["source"])
        assert len(source) > 8, f"{path}: {source}"
        assert not source.startswith("S["), f"{path}: name the page, not its number in a list"
        if source == "assumption":
            assert entry.get("why"), path


def _nested(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a schema, itself included."""
    if isinstance(schema, dict):
        yield schema
    for item in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _nested(item)


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_sound(kind: str) -> None:
    """Draft 2020-12 in its main points: references lead somewhere, types are known, keys described."""
    text = text_of(kind)
    assert text == text_of(kind), "the same each time"
    schema = json.loads(text)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    known = {f"#/$defs/{name}" for name in schema["$defs"]}
    types = {"string", "number", "integer", "boolean", "object", "array", "null"}
    for part in _nested(schema):
        if isinstance(part.get("$ref"), str):
            assert part["$ref"] in known
        if isinstance(part.get("type"), str | list):
            assert {*([part["type"]] if isinstance(part["type"], str) else part["type"])} <= types
        if isinstance(part.get("required"), list) and isinstance(part.get("properties"), dict):
            assert set(part["required"]) <= set(part["properties"])
        if isinstance(part.get("enum"), list):
            assert len(part["enum"]) == len(set(part["enum"]))
    fields = schema["else"]["properties"]
    assert set(fields) == set(RECORDS[kind].model_fields)
    described = ("description", "$ref", "anyOf")  # a record that says it itself is not said again
    assert all(any(key in field for key in described) for field in fields.values())


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_the_first_line_leads_an_editor_to_the_schema(kind: str, name: str) -> None:
    path = builtin_root() / FOLDERS[kind] / f"{name}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / schema).resolve() == (builtin_root() / "schema" / f"{kind}.json").resolve()


@pytest.mark.parametrize(
    ("name", "peak_pflops", "nodes", "it_mw"),
    [
        ("gwangju-v100", 88.5, 709, 7.1),
        ("gwangju-a100", 88.8, 569, 3.7),
        ("gwangju-h100", 88.8, 166, 1.7),
        ("gwangju-cpu", 88.5, 19_206, 15.4),
        ("gwangju-budget", 57.4, 368, 2.4),
    ],
)
def test_gwangju_adds_up(name: str, peak_pflops: float, nodes: int, it_mw: float) -> None:
    found = site(name)
    assert found.comparable_flops("fp64_tensor") / 1e15 == pytest.approx(peak_pflops, abs=0.05)
    assert found.nodes == nodes
    assert sum(pool.power_max_w for pool in found.pools.values()) / 1e6 == pytest.approx(it_mw, abs=0.05)
    assert found.usable_bytes == pytest.approx(107e15)
    assert all(comparison.agrees for comparison in found.comparisons())


def test_the_split_of_the_plan() -> None:
    pools = site("gwangju-a100").pools
    assert pools["hpc"].peaks["fp64_tensor"] / 1e15 == pytest.approx(20, rel=0.01)
    assert pools["gpu"].peaks["fp64_tensor"] / 1e15 == pytest.approx(68.5, rel=0.01)
    assert (pools["hpc"].slots, pools["gpu"].slots) == (1032, 3520)


def test_the_budget_site_spends_the_budget() -> None:
    found = site("gwangju-budget")
    assert found.price is not None
    assert found.budget is not None
    assert (found.reporting_currency, found.budget.currency) == ("KRW", "KRW")
    assert 0.995 * found.budget.amount < found.price <= found.budget.amount


def test_only_the_h100_came_too_late() -> None:
    late = {name: not all(a.ok for a in site(name).availability()) for name in names("site")}
    assert late == dict.fromkeys(names("site"), False) | {"gwangju-h100": True}


def test_the_plan_runs_through_2022_and_what_was_built_through_2024() -> None:
    plan, built = load_scenario("gwangju-plan").scenario, load_scenario("gwangju-as-built").scenario
    assert calendar_of(plan).start_time.isoformat() == "2020-07-01T00:00:00+09:00"
    assert calendar_of(plan).horizon_s == 914 * 86_400
    assert (str(plan.until), str(built.until)) == ("2022-12-31", "2024-12-31")
    steps = {step.name: str(step.day) for step in built.site.schedule(first_day=built.start)}
    assert steps == {"lease": "2021-05-01", "half": "2023-07-01", "full": "2023-11-01"}
    lease = plan.site.schedule(first_day=plan.start)[0]
    assert sum(lease.nodes.values()) == 57
    assert sum(lease.usable_bytes.values()) == pytest.approx(10.7e15)


def test_scenarios_to_compare_differ_in_the_site_alone() -> None:
    def rest(scenario: Scenario) -> str:
        return scenario.model_dump_json(exclude={"name", "title", "question", "site"})

    compared = ("gwangju-v100", "gwangju-a100", "gwangju-h100", "gwangju-cpu", "gwangju-budget")
    assert len({rest(load_scenario(name).scenario) for name in compared}) == 1


def test_the_hash_follows_the_content_and_not_its_spelling() -> None:
    plain = load_scenario("gwangju-plan").sha256
    assert len(plain) == 64
    same = load_scenario(
        "gwangju-plan", overrides=["site.storage.disk.capacity.usable=88000 TB", "site.pue=1.350"]
    )
    assert same.sha256 == plain
    assert load_scenario("gwangju-plan", overrides=["seed=1"]).sha256 != plain


def test_defaults_are_shown_as_such() -> None:
    loaded = load_scenario("gwangju-plan")
    assert loaded.origins["policy", "ties"] == "default"
    assert "gwangju-plan.yaml:" in loaded.origins["policy", "order"]
    json.dumps(loaded.data)


def test_the_words_of_a_policy_are_those_of_the_batch_system() -> None:
    wanted = {
        "order": [*ORDERS],
        "backfill": [*BACKFILLING],
        "backfill_order": ["queue", *(name for name in ORDERS if name != "multifactor")],
        "ties": [*TIES],
        "placement": [*PLACEMENTS],
        "conservative": [*CONSERVATIVE],
        "estimates": [*ESTIMATES],
        "overrun": [*OVERRUN],
        "route": [*ROUTES],
    }
    schema = Policy.model_json_schema()
    assert {key: part["enum"] for key, part in schema["properties"].items() if "enum" in part} == wanted
    assert schema["$defs"]["Multifactor"]["properties"]["fair_share_rule"]["enum"] == [*FAIR_SHARE]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("policy.order=sfj", "policy.order: 'sfj' is not allowed\n    did you mean 'sjf'?"),
        ("policy.backfill=esay", "policy.backfill: 'esay' is not allowed\n    did you mean 'easy'?"),
        ("policy.backfill_order=multifactor", "policy.backfill_order: 'multifactor' is not allowed"),
        ("policy.ties=[event]", "policy.ties: a list is not allowed"),
    ],
)
def test_other_words_are_refused_with_the_nearest(override: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario("gwangju-plan", overrides=[override])
    assert said in str(caught.value)


def test_every_rule_of_the_batch_system_can_be_written() -> None:
    """Fields have the same names, but for the unit, which a person writes behind the number."""
    apart = {"seed", "windows", "qos", "multifactor", "accounts", "restarts"}
    written_so = {"delay": "requeue_delay", "max_futile": "max_futile_attempts"}
    for record, spec in (
        (Rules, Policy),
        (SiteRules, Policy),
        (site_rules.Restarts, Policy),
        (site_rules.QosNumbers, Qos),
        (site_rules.AccountNumbers, Account),
        (site_rules.LimitNumbers, Limits),
        (site_rules.MultifactorNumbers, Multifactor),
    ):
        names = {field.name.removesuffix("_s") for field in fields(record)} - apart - {"name"}
        assert {written_so.get(name, name) for name in names} - set(spec.model_fields) == set(), record


def test_the_fields_of_peaks_are_the_precisions() -> None:
    assert tuple(Peaks.model_fields) == PRECISIONS


def test_nothing_else_lies_in_configs() -> None:
    known = {builtin_root() / FOLDERS[kind] / f"{name}.yaml" for kind, name in SHIPPED}
    assert {Path(p) for p in builtin_root().rglob("*.y*ml")} == known
