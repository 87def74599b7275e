"""Forecasts of real logs hold what came as often as they say, and people who hold jobs back are told."""

import numpy as np
import pytest

from capacity.study.backtest.coverage import coverage_of
from capacity.study.backtest.forecast import USE, WAITS
from capacity.study.backtest.origins import backtest
from tests.data import need_data
from workloads.fitting.holding import holding_of
from workloads.fitting.level import WEEK_S
from workloads.logs import read_log

KTH, CTC = ("swf/KTH-SP2-1996-2.1-cln.swf.gz", 100), ("swf/CTC-SP2-1996-3.1-cln.swf.gz", 338)
SP2, HPC2N = ("swf/SDSC-SP2-1998-4.2-cln.swf.gz", 128), ("swf/HPC2N-2002-2.2-cln.swf.gz", 240)
ATLAS = ("swf/LLNL-Atlas-2006-2.1-cln.swf.gz", 9216)
FEW = 32


def table_of(path, slots):
    return read_log(need_data(path)).clean(max_slots=slots)


def pooled(logs, weeks):
    found = [backtest(table_of(*log), log[1], horizon_s=weeks * WEEK_S, count=FEW) for log in logs]
    return {one.metric: one for one in coverage_of(one for at in found for o in at for one in o.forecasts)}


@pytest.mark.parametrize(("log", "low", "high"), [
    (ATLAS, 0.9, 1.0), (KTH, 0.3, 0.45), (SP2, 0.1, 0.25), (CTC, 0.03, 0.15), (HPC2N, 0.08, 0.3),
])  # fmt: skip
def test_who_waits_before_submitting_is_seen(log, low, high):
    found = holding_of(table_of(*log), log[1])
    assert low <= found.hold_frac <= high
    assert found.hides_waits == (log is ATLAS)


@pytest.mark.parametrize("log", [KTH, CTC])
def test_one_log_a_month_ahead(log):
    found = pooled([log], 4)
    assert found[USE].count == 8
    for metric in (USE, WAITS[-1]):
        assert found[metric].verdict.standing != "shown not"
    assert found[WAITS[-1]].error < found[WAITS[-1]].last_error


@pytest.mark.slow
@pytest.mark.parametrize(("weeks", "count"), [(4, 79), (13, 23)])
def test_four_logs_pooled(weeks, count):
    """80 % intervals hold 70-90 % of what came; p95 is forecast as well as by the period before."""
    found = pooled([KTH, CTC, SP2, HPC2N], weeks)
    for metric in (USE, WAITS[-1]):
        assert found[metric].count == count
        assert 0.7 <= found[metric].inside / count <= 0.92
    assert found[WAITS[-1]].error_ratio <= 1.05


def test_a_log_without_waits_is_forecast_none():
    """LLNL Atlas: people come when there is room. Without the hold share hours of wait would be forecast."""
    at = backtest(table_of(*ATLAS), ATLAS[1], count=FEW)[0]
    late = next(one for one in at.forecasts if one.metric == WAITS[-1])
    assert (late.came, late.found, late.high) == (0, 0, 0)
    assert np.isfinite(late.hidden)
