"""What cannot be right about parts, and about how classes are bound to them: refused where it stands."""

import pytest

from capacity.inputs.reading.loader import load_part
from tests.spec_files import NODE, load, problems
from tests.support.plain_demand import WORKLOAD

ACCELERATOR = """\
kind: accelerator
title: An accelerator
source: a page
as_of: 2021
launched: 2020-01-01
available_from: 2020-06-01
peak: {bf16: 300 TFLOPS, fp32: 20 TFLOPS}
achievable: {bf16: 45 %}
memory: 40 GB
memory_bandwidth: 1.5 TB/s
link_bandwidth: 300 GB/s
power: {idle: 80 W, typical: 200 W, max: 400 W}
"""

PROCESSORS = NODE.lstrip("\n") + (
    "achievable: {fp64: 70 %}\nmemory_bandwidth: 300 GB/s\nnetwork_bandwidth: 25 GB/s\n"
    "local_storage_bandwidth: 3 GB/s\nhost_speed: 1.2\n"
)

BOUND = WORKLOAD.replace("kind: workload\n", "kind: workload\nreference: dgx-a100\n").replace(
    "    limit: 1 day\n",
    "    limit: 1 day\n    precision: bf16\n    bound: {compute: 60 %, memory: 40 %}\n    mfu: 30 %\n"
    "    mfu_at_most: 50 %\n    scaling: {serial: 1 %, communication: 2 %, at: 8}\n",
)


def place(text: str, word: str) -> str:
    """Where a word stands for the first time in a file, as ``line:col``."""
    before = text[: text.index(word)]
    return f"x.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def refused(kind, folder, text, old, new, at, what):
    """Check that with `new` for `old` there is a complaint `what` at the place of the word `at`."""
    assert text.count(old) == 1, old
    wrong = text.replace(old, new)
    found = problems(kind, folder, wrong)
    assert any(what in one and one.startswith(place(wrong, at)) for one in found), (found, place(wrong, at))


# --- Parts ------------------------------------------------------------------------------------------


def test_parts_are_read_in_si(tmp_path):
    part = load("accelerator", tmp_path, ACCELERATOR).record
    assert part.achievable.bf16 == 0.45
    assert (part.link_bandwidth, part.power.typical) == (300e9, 200.0)
    node = load("node", tmp_path, PROCESSORS).record
    assert node.achievable_fracs == pytest.approx({"fp64": 0.7})
    assert (node.slot_memory_bandwidth, node.network_bandwidth, node.host_speed) == (300e9, 25e9, 1.2)
    inside = load_part("node", "dgx-a100").record
    assert inside.slot_memory_bandwidth == inside.accelerator.memory_bandwidth


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("bf16: 45 %", "bf16: 110 %", "110 %", "too large"),
        ("bf16: 45 %", "bf16: 0 %", "0 %", "more than 0"),
        ("bf16: 45 %", "bf16: -5 %", "-5 %", "negative"),
        ("bf16: 45 %", "fp8: 45 %", "45 %", "there is no peak at fp8 to reach a part of"),
        ("bf16: 45 %", "fp61: 45 %", "fp61", "fp64"),
        ("300 GB/s", "0 GB/s", "0 GB/s", "more than 0"),
        ("1.5 TB/s", "0 TB/s", "0 TB/s", "more than 0"),
        ("300 GB/s", "300", "300\n", "no unit"),
        ("300 GB/s", "300 GB", "300 GB", "an amount of data"),
        ("typical: 200 W", "typical: 20 W", "20 W", "typical (20 W) is not between idle"),
        ("typical: 200 W", "typical: 500 W", "500 W", "typical (500 W) is not between idle"),
    ],
)
def test_an_accelerator_that_cannot_be_is_refused(tmp_path, old, new, at, what):
    refused("accelerator", tmp_path, ACCELERATOR, old, new, at, what)


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("fp64: 70 %", "fp64: 101 %", "101 %", "too large"),
        ("fp64: 70 %", "bf16: 70 %", "70 %", "there is no peak at bf16"),
        ("25 GB/s", "0 MB/s", "0 MB/s", "more than 0"),
        ("300 GB/s", "0 B/s", "0 B/s", "more than 0"),
        ("storage_bandwidth: 3 GB/s", "storage_bandwidth: -3 GB/s", "-3 GB/s", "negative"),
        ("host_speed: 1.2", "host_speed: -0.5", "-0.5", "negative"),
        ("host_speed: 1.2", "host_speed: 0.0", "0.0", "more than 0"),
    ],
)
def test_a_node_that_cannot_be_is_refused(tmp_path, old, new, at, what):
    refused("node", tmp_path, PROCESSORS, old, new, at, what)


@pytest.mark.parametrize("word", ["achievable: {bf16: 50 %}", "memory_bandwidth: 300 GB/s"])
def test_what_belongs_to_the_accelerator_is_stated_there(tmp_path, word):
    text = PROCESSORS.split("achievable")[0].replace("peak: {fp64: 2 TFLOPS}", "accelerator: v100-sxm2-32")
    name = word.split(":", maxsplit=1)[0]
    (found,) = problems("node", tmp_path, f"{text}accelerators: 4\n{word}\n")
    assert f"'{name}' belongs to a node of processors alone" in found
    assert f"state '{name}' of the accelerator inside" in found


# --- Classes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("memory: 40 %", "memory: 30 %", "{compute", "the shares add up to 90.0%, not to 100 %"),
        ("memory: 40 %", "memory: 60 %", "{compute", "the shares add up to 120.0%"),
        ("memory: 40 %", "memroy: 40 %", "memroy", "did you mean 'memory'"),
        ("    mfu: 30 %", "    mfu: 130 %", "130 %", "too large"),
        ("    mfu: 30 %", "    mfu: 0 %", "0 %\n    mfu_at_most", "more than 0"),
        ("mfu_at_most: 50 %", "mfu_at_most: 101 %", "101 %", "too large"),
        ("mfu_at_most: 50 %", "mfu_at_most: 0", "0\n    scaling", "more than 0"),
        ("mfu_at_most: 50 %", "mfu_at_most: 20 %", "30 %", "mfu (0.3) is above mfu_at_most (0.2)"),
        ("mfu_at_most: 50 %", "mfu_at_most: 31 %", "30 %", "are 36.3% at 1, above 31.0%"),
        ("serial: 1 %", "serial: 101 %", "101 %", "too large"),
        ("serial: 1 %", "serial: -1 %", "-1 %", "negative"),
        ("serial: 1 %", "serial: 98 %", "98 %", "100% together"),
        ("at: 8", "at: 0", "0}", "too small"),
        ("at: 8", "at: 1.5", "1.5}", "not a whole number"),
        ("precision: bf16", "precision: bf61", "bf61", "bf16"),
        ("    precision: bf16\n", "", "{compute", "'bound' without 'precision'"),
        ("    bound: {compute: 60 %, memory: 40 %}\n", "", "bf16", "'precision' without 'bound'"),
        ("    mfu: 30 %\n", "", "50 %", "'mfu_at_most' without 'mfu'"),
        ("reference: dgx-a100\n", "", "bf16", "need the node they hold for"),
        ("reference: dgx-a100", "reference: epyc-7742-2s", "epyc", ""),
        ("reference: dgx-a100", "reference: h100-sxm5-80", "h100", "it is inside hgx-h100"),
        ("    run: {median: 10 min, mean: 1 h}\n", "", "title: Work", "how long do its jobs run?"),
        ("    mfu: 30 %", "    work: {always: 1 EFLOP}\n    mfu: 30 %", "{always", "say one thing twice"),
    ],
)
def test_a_class_that_does_not_fit_together_is_refused(tmp_path, old, new, at, what):
    if what:
        refused("workload", tmp_path, BOUND, old, new, at, what)
    else:  # BF16 work on processors: FP32 stands in
        load("workload", tmp_path, BOUND.replace(old, new))


WORK = BOUND.replace("run: {median: 10 min, mean: 1 h}", "work: {median: 3 EFLOP_bf16, mean: 20 EFLOP}")


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("3 EFLOP_bf16", "3 EFLOP_fp16", "3 EFLOP_fp16", "in FLOP_fp16, and the class computes at bf16"),
        ("20 EFLOP}", "20 EFLOP_fp64}", "20 EFLOP_fp64", "in FLOP_fp64, and the class computes at bf16"),
        ("20 EFLOP}", "20 EFLOPS}", "20 EFLOPS", "a rate of operations"),
        ("20 EFLOP}", "20}", "20}", "has no unit"),
        ("20 EFLOP}", "2 EFLOP}", "2 EFLOP}", "is not more than median"),
        ("3 EFLOP_bf16", "0 EFLOP_bf16", "0 EFLOP_bf16", "more than 0"),
        (", mean: 20 EFLOP}", "}", "{median", "median is no distribution"),
        (", mean: 20 EFLOP}", ", spread: 0.5}", "0.5}", "not between 1 and"),
        ("    mfu: 30 %\n", "", "{median", "'work' without 'mfu'"),
        ("reference: dgx-a100\n", "", "bf16\n", "need the node they hold for"),
    ],
)
def test_work_that_nobody_could_turn_into_time_is_refused(tmp_path, old, new, at, what):
    refused("workload", tmp_path, WORK, old, new, at, what)


def test_a_reference_without_the_precision_or_a_stand_in_is_refused(tmp_path):
    """A part with BF16 alone cannot do work at FP64: it would lose accuracy."""
    node = "kind: node\ntitle: N\nsource: a page\nas_of: 2021\naccelerator: ./accelerator.yaml\n"
    node += "accelerators: 4\ncpu_cores: 64\nmemory: 1 TB\npower: {idle: 1 kW, max: 3 kW}\n"
    (tmp_path / "accelerator.yaml").write_text(ACCELERATOR)
    (tmp_path / "node.yaml").write_text(node + "available_from: 2020-06-01\n")
    text = BOUND.replace("dgx-a100", "./node.yaml").replace("bf16", "fp64")
    (found,) = problems("workload", tmp_path, text)
    assert found.startswith(place(text, "fp64"))
    assert "node, for which run times hold, cannot compute at fp64" in found
    assert "it has fp32, bf16" in found


def test_a_class_may_leave_out_all_of_it(tmp_path):
    work = load("workload", tmp_path, WORKLOAD).record.classes["work"]
    assert work.precision is work.bound is work.mfu is work.scaling is work.work is None


def test_what_is_left_out_is_shown_as_the_default_and_can_be_read_again(tmp_path):
    loaded = load("workload", tmp_path, WORK)
    assert loaded.data["classes"]["work"]["bound"]["host"] == 0.0
    assert loaded.data["classes"]["work"]["work"]["median"] == "3 EFLOP_bf16"
