"""A part that does not say what codes reach of its peak runs as its family does, and that is said."""

from math import fsum

import pytest

from capacity.inputs.reading import catalogue
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.inputs.reading.resolved import as_yaml, scenario_of
from capacity.simulation.hardware import slot_rates
from tests.spec_files import write

CARD = """
kind: accelerator
title: A card
source: a page
as_of: 2021
launched: 2020-01-01
available_from: 2020-06-01
peak: {bf16: 312 TFLOPS, fp64_tensor: 20 TFLOPS}
memory: 40 GB
memory_bandwidth: 1.5 TB/s
power: {idle: 80 W, max: 400 W}
"""


def parts(kind):
    return [load_part(kind, name).record for name in catalogue.names(kind)]


def card(folder, *lines):
    return load_part("accelerator", write(folder, "card.yaml", CARD + "\n".join(lines) + "\n"))


def test_what_is_not_stated_is_the_mean_of_the_family(tmp_path):
    loaded = card(tmp_path, "family: nvidia", "achievable: {fp64_tensor: 50 %}")
    theirs = [one for one in parts("accelerator") if one.family == "nvidia" and one.achievable.bf16]
    mean = fsum(one.achievable.bf16 for one in theirs) / len(theirs)
    assert loaded.record.achievable.bf16 == pytest.approx(mean, abs=1e-4)
    assert loaded.record.achievable.fp64_tensor == 0.5
    names = ", ".join(one.name for one in theirs)
    assert loaded.warnings == (
        "accelerator card: it does not state what codes reach of its peak: taken as "
        f"bf16 {100 * mean:.3g} % (mean of nvidia: {names})",
    )
    assert loaded.origins["achievable", "bf16", "value"] == "mean of its family"


def test_without_a_family_it_is_the_mean_of_all(tmp_path):
    loaded = card(tmp_path)
    theirs = [one.achievable.bf16 for one in parts("accelerator") if one.achievable.bf16]
    assert loaded.record.achievable.bf16 == pytest.approx(sum(theirs) / len(theirs), abs=1e-4)
    assert "mean of all accelerators" in loaded.warnings[0]


def test_no_part_of_the_catalogue_needs_it():
    for kind in ("accelerator", "node"):
        for name in catalogue.names(kind):
            assert not [text for text in load_part(kind, name).warnings if "does not state" in text], name


def test_a_site_of_such_nodes_is_as_fast_as_its_family_and_a_kept_run_can_be_read_again(tmp_path):
    write(tmp_path, "card.yaml", CARD + "family: nvidia\n")
    node = f"{{extends: dgx-a100, accelerator: {tmp_path}/card.yaml}}"
    loaded = load_scenario("gwangju-plan", overrides=[f"site.pools.gpu.node={node}"])
    assert any(text.startswith("accelerator card: it does not state") for text in loaded.warnings)
    part = loaded.scenario.site.pools["gpu"].node
    assert slot_rates(part).compute("bf16") == pytest.approx(312e12 * part.accelerator.achievable.bf16)
    assert part.accelerator.achievable.bf16 < 0.6
    again = scenario_of(loaded.data, where="here")
    assert again.site.pools["gpu"].node.accelerator.achievable == part.accelerator.achievable
    assert "mean of nvidia" in as_yaml(loaded.data)
