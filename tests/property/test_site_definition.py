"""The definition of a site's rules keeps those of its own promises that can be checked from its answer."""

from itertools import pairwise

import pytest

from tests.support.random_site_cases import FEATURES, random_site_case
from tests.support.site_definition import NeverEndsError, SiteDefinition

SEEDS = range(5_000, 5_120)
ALONE = [(seed, (name,)) for name in FEATURES for seed in range(3)]


def answers(seeds=SEEDS):
    for seed, features in [(seed, None) for seed in seeds] + ALONE:
        case = random_site_case(seed, features=features)
        definition = SiteDefinition(case)
        try:
            yield case, definition.run_all(), definition
        except NeverEndsError:
            pytest.fail(f"seed {seed} never ends")


@pytest.fixture(scope="module")
def everything():
    return list(answers())


def spans(answer):
    """(row, pool, start, end, slots, places) of every attempt."""
    for row, attempts in enumerate(answer.attempts):
        for (pool, start, end, slots), places in zip(attempts, answer.places[row], strict=True):
            yield row, pool, start, end, slots, places


def most_at_once(intervals):
    """Largest sum of (start, end, weight) that overlap at some second."""
    changes = sorted([(start, weight) for start, _, weight in intervals if weight]
                     + [(end, -weight) for start, end, weight in intervals if weight],
                     key=lambda change: (change[0], change[1] > 0))  # fmt: skip
    total = highest = 0
    for _, weight in changes:
        total += weight
        highest = max(highest, total)
    return highest


def lasting(answer):
    return [span for span in spans(answer) if span[3] > span[2]]


def test_no_node_has_more_than_its_slots(everything):
    for case, answer, _ in everything:
        for p, spec in enumerate(case.pools):
            used = [span for span in lasting(answer) if span[1] == p]
            if spec.counted:
                whole = spec.most_nodes * spec.slots_per_node
                assert most_at_once([(start, end, slots) for _, _, start, end, slots, _ in used]) <= whole
                continue
            for node in range(spec.most_nodes):
                here = [(start, end, places.get(node, 0)) for _, _, start, end, _, places in used]
                assert most_at_once(here) <= spec.slots_per_node


def outages(case, p, spec):
    """(from, until, node, whether jobs may end there normally) of everything that takes nodes out."""
    last = spec.nodes
    for at, nodes in spec.deliveries:
        yield from ((0, at, node) for node in range(last, last + nodes))
        last += nodes
    for w in case.site.windows:
        if w.pool == p and w.account < 0:
            yield from ((w.start_s, w.end_s, node) for node in range(w.first, w.first + w.nodes))
    failed = {}
    for at, name, args in case.timeline():
        if name == "fail" and args[0] == p:
            failed.setdefault(args[1], at)
        if name == "repair" and args[0] == p and args[1] in failed:
            yield failed.pop(args[1]), at, args[1]
    yield from ((at, 1 << 40, node) for node, at in failed.items())


def test_nothing_runs_on_a_node_out_of_service(everything):
    for case, answer, _ in everything:
        for p, spec in enumerate(case.pools):
            if spec.counted:
                continue
            for begin, until, node in outages(case, p, spec):
                for _, pool, start, end, _, places in lasting(answer):
                    assert pool != p or node not in places or end <= begin or start >= until


def groups_of(case, row):
    """Every group whose running jobs are limited that a job belongs to, by name, with its limits."""
    user, account, qos = (case.column(name)[row] for name in ("user", "account", "qos"))
    yield ("user", user), case.site.user_limits
    if case.site.accounts:
        yield ("account", account), case.site.accounts[account].limits
    if case.site.qos:
        yield ("qos", qos), case.site.qos[qos].limits
        yield ("user of qos", user, qos), case.site.qos[qos].user_limits


def test_running_limits_hold_at_all_times(everything):
    for case, answer, _ in everything:
        groups = {}
        for row, _, start, end, slots, _ in lasting(answer):
            for name, limits in groups_of(case, row):
                groups.setdefault(name, (limits, []))[1].append((start, end, slots))
        for limits, used in groups.values():
            assert most_at_once(used) <= limits.running_slots
            assert most_at_once([(start, end, 1) for start, end, _ in used]) <= limits.running_jobs


def test_arrays_and_singletons(everything):
    for case, answer, _ in everything:
        used = lasting(answer)
        for number, most in enumerate(case.array_limit):
            mine = [
                (start, end, 1) for row, _, start, end, _, _ in used if case.column("array")[row] == number
            ]
            assert most_at_once(mine) <= most
        for number in set(case.singleton) - {-1}:
            rows = [row for row, of in enumerate(case.singleton) if of == number]
            mine = [(start, end, 1) for row, _, start, end, _, _ in used if row in rows]
            assert most_at_once(mine) <= 1
            firsts = [answer.fates[row].start_s for row in rows if answer.fates[row].start_s >= 0]
            assert firsts == sorted(firsts) or case.later is not None


def test_dependencies(everything):
    for case, answer, _ in everything:
        for row, other in enumerate(case.column("after")):
            mine, theirs = answer.fates[row], answer.fates[other]
            if other < 0 or mine.start_s < 0:
                continue
            assert theirs.end_s <= mine.start_s
            assert theirs.end_s >= 0 or theirs.cancelled or theirs.rejected
            if case.after_ok[row]:
                assert not (theirs.killed or theirs.cancelled or theirs.rejected or theirs.node_fail)


def test_only_a_higher_qos_preempts(everything):
    for case, answer, _ in everything:
        by_command = {args[0] for _, name, args in case.commands if name == "preempt"}
        for at, row, what in answer.story:
            if "preempted" in what and row not in by_command:
                mine = case.qos[row]
                above = [other for other, qos in enumerate(case.site.qos) if mine in qos.preempts]
                there = [o for o, qos in enumerate(case.qos) if qos in above and case.submit[o] <= at]
                assert there


def test_time_adds_up(everything):
    for case, answer, definition in everything:
        for row, fate in enumerate(answer.fates):
            attempts = answer.attempts[row]
            assert fate.attempts == len(attempts)
            assert fate.ran_s == sum(end - start for _, start, end, _ in attempts)
            assert 0 <= fate.lost_s <= fate.ran_s
            assert all(end <= start for (_, _, end, _), (_, start, _, _) in pairwise(attempts))
            if attempts:
                assert case.submit[row] <= attempts[0][1] == fate.start_s
                assert attempts[-1][2] <= fate.end_s
            if case.rules.overrun == "kill" and case.rules.estimates == "requested":
                assert all(end - start <= definition.asked(row, p) for p, start, end, _ in attempts)


def test_a_completed_job_has_done_its_work(everything):
    """Time held, less what was lost and what restarts took, is the run time on equally fast pools."""
    for case, answer, definition in everything:
        for row, fate in enumerate(answer.fates):
            if definition.completed[row] and not case.pool_factor:
                assert fate.ran_s - fate.lost_s - fate.restart_s == case.run[row]


def test_the_cases_have_what_they_are_for(everything):
    """Every feature shows up somewhere: a rule nobody feels is not tested."""
    told = {what.split(" by ")[0] for _, answer, _ in everything for _, _, what in answer.story}
    for words in (
        "is requeued: preempted", "is requeued: its node failed", "is requeued: maintenance",
        "is cancelled: preempted", "is cancelled: waited too long",
        "is cancelled: what it depends on did not complete", "ends with its node",
        "is killed at its limit", "is rejected: too large", "is rejected: too many submitted",
        "is rejected: waited too long",
    ):  # fmt: skip
        assert words in told
    assert any("is told" in words for words in told)
    fates = [fate for _, answer, _ in everything for fate in answer.fates]
    assert any(fate.attempts > 2 for fate in fates)
    assert any(0 < fate.lost_s < fate.ran_s for fate in fates)
