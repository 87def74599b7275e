"""Whatever becomes of jobs, the sentence that counts them adds up, in both languages."""

import math
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.inputs.reading.loader import load_scenario
from capacity.report.language import Language
from capacity.report.terminal.simulation import jobs
from capacity.report.words import whole_parts
from capacity.study.run import run
from tests.support.small_site import write_small

MAY_HAPPEN = (
    "site.pools.gpu.failures={per_1000_node_days: 200, repair: 12 h}",
    "policy.qos={normal: {}, high: {preempts: [normal]}, cut: {mode: cancel}}",
    "workload.classes.small.patience=1 h",
    "workload.classes.large.start_deadline=6 h",
    "workload.classes.small.depends={share: 40 %}",
    "workload.classes.large.requested={longest: 0 %, too_short: 30 %}",
    "policy.requeue=false",
    "policy.user_limits={submitted_jobs: 3}",
)
COUNT = re.compile(r"([\d,]+)(?:건| (?:submitted|completed|failed|killed|ended|rejected|never|still))")


def test_a_case_has_every_fate(tmp_path):
    """The words of the test above: a job under all of it gives up, is turned away, fails and is cut."""
    said = counted(tmp_path, MAY_HAPPEN, 1, "en")[1]
    for word in ("completed", "failed by themselves", "killed", "rejected", "never started", "at the end"):
        assert word in said


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(MAY_HAPPEN)), st.integers(1, 3), st.sampled_from(["en", "ko"]))
def test_every_job_is_counted_once(tmp_path, overrides, replications, lang):
    submitted, said = counted(tmp_path, overrides, replications, lang)
    first, *others = (int(number.replace(",", "")) for number in COUNT.findall(said))
    assert first == sum(others) == round(submitted), said


def counted(folder, overrides, replications, lang):
    """Return how many jobs were submitted in the mean, and the sentence that counts them."""
    loaded = load_scenario(
        write_small(folder), overrides=["until=2021-02-10", "workload.tenants.lab.brings={}", *overrides]
    )
    result = run(loaded, replications=replications)
    pools = list(loaded.scenario.site.pools)
    submitted = sum(result.look.value("jobs_submitted", pool=pool, month="all") for pool in pools)
    return submitted, jobs(loaded.scenario, result.look, pools, Language(lang))


@given(st.lists(st.floats(0, 1e9)))
def test_whole_parts_add_up_and_none_is_far_off(parts):
    whole = whole_parts(parts)
    assert sum(whole) == round(math.fsum(parts))
    assert all(abs(one - part) < 1 for one, part in zip(whole, parts, strict=True))


def test_a_steady_site_says_that_its_rates_add_up_only_nearly(tmp_path):
    loaded = load_scenario(write_small(tmp_path), overrides=["regime=steady", "until=2021-02-01"])
    result = run(loaded, replications=1)
    said = jobs(loaded.scenario, result.look, ["gpu", "hpc"], Language("en"))
    assert "add up only nearly" in said
    assert "nan" not in said
