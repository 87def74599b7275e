"""The EASY schedules published with the SC'15 paper on four logs: every wait, to the second."""

import pytest

from capacity.scheduling.rules import Rules
from tests.support.published import assert_same_starts, figures, read_oracle, replay

LOGS = {
    # file: processors, jobs, mean wait [s], mean bounded slowdown
    "oracle/KTH-SP2.easy.swf.gz": (100, 28_481, 6836.8721, 92.5765),
    "oracle/SDSC-SP2.easy.swf.gz": (128, 54_006, 20497.7610, 87.8703),
    "oracle/CTC-SP2.easy.swf.gz": (338, 77_199, 14272.5945, 49.5713),
    "swf/CEA-Curie-predictsim-easy-295k.swf.gz": (80_640, 295_540, 6369.1019, 202.1332),
}


@pytest.mark.parametrize("file", LOGS)
def test_every_wait_is_the_published_one(file):
    slots, count, mean_wait, mean_slowdown = LOGS[file]
    published = read_oracle(file, slots)
    assert len(published.start_s) == count
    start = replay(published, Rules("fcfs", "easy", "pyss"))
    assert_same_starts(start, published.start_s)
    wait, slowdown = figures(published.jobs, start)
    assert round(wait, 4) == mean_wait
    assert round(slowdown, 4) == mean_slowdown
