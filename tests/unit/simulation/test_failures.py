"""Nodes and groups in a world: what is away when, spares, overlapping causes, and long-run availability."""

from itertools import chain, count, repeat
from types import SimpleNamespace

import numpy as np
import pytest
import simpy

from capacity.scheduling.pools.pool import PoolSpec
from capacity.simulation.failures.reliability import Failure, GroupOutages, Hazards, NodeFailures, Reliability

NEVER = 10**12


class Machine:
    """Remembers which nodes are in service, and for how long they were away."""

    def __init__(self, env, *specs):
        self.env, self.specs, self.away, self.away_s = env, specs, {}, 0
        self.log = []

    def states(self):
        return {spec.name: SimpleNamespace(capacity_slots=0) for spec in self.specs}

    def fail(self, pool, node):
        assert (pool, node) not in self.away
        self.away[pool, node] = self.env.now
        self.log.append((self.env.now, "fail", pool, node))

    def repair(self, pool, node):
        self.away_s += self.env.now - self.away.pop((pool, node))
        self.log.append((self.env.now, "repair", pool, node))


def run(hazards, *specs, end_s=1000):
    env = simpy.Environment()
    machine, notes = Machine(env, *specs), []
    note = lambda kind, place, amount, text: notes.append((env.now, kind, place, amount, text))  # noqa: E731
    Reliability(env, machine, note, end_s).start(hazards)
    env.run(until=end_s)
    return machine, notes


def once(*failures):
    return lambda node: chain(failures if node == 0 else (), repeat(Failure(NEVER, 1)))


def group(*outages, nodes=((0, 0, 2),), name="rack"):
    return GroupOutages(name, nodes, lambda: chain(outages, repeat((NEVER, 1))))


def test_a_node_fails_and_is_repaired_again_and_again():
    machine, notes = run(
        Hazards([NodeFailures(0, once(Failure(10.4, 5), Failure(20, 7, returned=True)))]), PoolSpec("gpu", 2)
    )
    assert machine.log == [(10, "fail", 0, 0), (15, "repair", 0, 0), (35, "fail", 0, 0), (42, "repair", 0, 0)]
    assert [note[1] for note in notes] == ["node_failure", "node_repair"] * 2
    assert notes[2][4] == "gpu: node 0 fails, and goes back to the maker"


def test_a_node_counts_from_its_delivery():
    pool = PoolSpec("gpu", 0, deliveries=((100, 1), (5000, 1)))
    machine, _ = run(Hazards([NodeFailures(0, lambda node: repeat(Failure(50, 10)))]), pool, end_s=200)
    assert machine.log == [(150, "fail", 0, 0), (160, "repair", 0, 0)]


def test_a_node_is_back_when_the_last_of_its_causes_ends():
    hazards = Hazards([NodeFailures(0, once(Failure(10, 30)))], [group((20, 5), (5, 40))])
    machine, notes = run(hazards, PoolSpec("gpu", 2))
    of_first = [(time, word) for time, word, _, node in machine.log if node == 0]
    assert of_first == [(10, "fail"), (70, "repair")]
    assert [(time, word) for time, word, _, node in machine.log if node == 1] == [
        (20, "fail"), (25, "repair"), (30, "fail"), (70, "repair"),
    ]  # fmt: skip
    assert (20, "outage_start", "rack", 2, "rack: outage of all 2 nodes of gpu") in notes
    assert (25, "outage_end", "rack", 2, "rack: outage of all 2 nodes of gpu is over") in notes


def test_an_outage_strikes_only_what_was_delivered():
    pool = PoolSpec("gpu", 1, deliveries=((20, 1), (500, 2)))
    machine, notes = run(Hazards((), [group((20, 5), (100, 5), nodes=((0, 0, 4),))]), pool)
    assert [entry[0] for entry in machine.log if entry[1] == "fail"] == [20, 125, 125]
    assert [note[3] for note in notes] == [1, 1, 2, 2]
    assert "nodes 0 to 1 of gpu" in notes[2][4]
    nothing, silence = run(Hazards((), [group((20, 5))]), PoolSpec("gpu", 0, deliveries=((500, 2),)))
    assert (nothing.log, silence) == ([], [])


def test_a_spare_takes_the_place_and_the_unit_becomes_a_spare():
    draw = lambda node: chain([Failure(10 + node, 100)], repeat(Failure(NEVER, 1)))  # noqa: E731
    machine, notes = run(Hazards([NodeFailures(0, draw, spares=1, swap_s=3)]), PoolSpec("gpu", 3))
    back = {node: time for time, word, _, node in machine.log if word == "repair"}
    assert back == {0: 13, 1: 113, 2: 114}  # the units of nodes 0 and 1 come back at 110 and 111
    assert notes[1][4] == "gpu: node 1 fails" or "node 0 is replaced by a spare" in notes[3][4]


def test_nothing_happens_from_the_end_on():
    machine, notes = run(
        Hazards([NodeFailures(0, once(Failure(990, 10)))], [group((1000, 1))]), PoolSpec("gpu", 2)
    )
    assert [entry[1] for entry in machine.log] == ["fail"]
    assert len(notes) == 1


def exponential(rng, mean_s, repair_s):
    return (Failure(rng.exponential(mean_s), max(1, round(rng.exponential(repair_s)))) for _ in count())


def test_availability_is_that_of_the_closed_form():
    rng, nodes, end_s = np.random.default_rng(1), 200, 2_000_000
    machine, _ = run(
        Hazards([NodeFailures(0, lambda _: exponential(rng, 20_000, 5_000))]),
        PoolSpec("gpu", nodes),
        end_s=end_s,
    )
    machine.away_s += sum(end_s - since for since in machine.away.values())
    assert 1 - machine.away_s / nodes / end_s == pytest.approx(20 / 25, abs=0.005)


@pytest.mark.parametrize("spares", [0, 2])
def test_waits_for_spares_are_those_of_the_machine_repair_model(spares):
    """n places, s spares, as many repairmen as units, a negligible swap: a birth-death chain."""
    rng, nodes, end_s = np.random.default_rng(2), 5, 40_000_000
    up_s, repair_s = 10_000.0, 4_000.0
    weight = [1.0]
    for broken in range(nodes + spares):
        running = nodes - max(0, broken - spares)
        weight.append(weight[-1] * running / up_s / ((broken + 1) / repair_s))
    missing = np.array([max(0, broken - spares) for broken in range(nodes + spares + 1)])
    expected = np.dot(weight, missing) / sum(weight) / nodes
    machine, _ = run(
        Hazards([NodeFailures(0, lambda _: exponential(rng, up_s, repair_s), spares=spares, swap_s=1)]),
        PoolSpec("gpu", nodes),
        end_s=end_s,
    )
    machine.away_s += sum(end_s - since for since in machine.away.values())
    assert machine.away_s / nodes / end_s == pytest.approx(expected, rel=0.05)
