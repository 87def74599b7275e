"""The EASY schedules published with the SC'15 paper on four logs: every wait, to the second.

On one of them also EASY that tries the shortest first and knows the run times, and EASY++.
"""

import pytest

from capacity.scheduling.rules import Rules
from tests.support.published import assert_same_starts, figures, read_oracle, replay

EASY = Rules("fcfs", "easy", "pyss")
EXACT_SJBF = Rules("fcfs", "easy-sjbf", "pyss", estimates="exact")
PREDICTED = Rules("fcfs", "easy++", "pyss")

SCHEDULES = {
    # file: rules, processors, jobs, mean wait [s], mean bounded slowdown
    "oracle/KTH-SP2.easy.swf.gz": (EASY, 100, 28_481, 6836.8721, 92.5765),
    "oracle/SDSC-SP2.easy.swf.gz": (EASY, 128, 54_006, 20497.7610, 87.8703),
    "oracle/CTC-SP2.easy.swf.gz": (EASY, 338, 77_199, 14272.5945, 49.5713),
    "swf/CEA-Curie-predictsim-easy-295k.swf.gz": (EASY, 80_640, 295_540, 6369.1019, 202.1332),
    "oracle/KTH-SP2.easy-sjbf-clairvoyant.swf.gz": (EXACT_SJBF, 100, 28_481, 5436.0208, 49.8477),
    "oracle/KTH-SP2.easy-plus-plus.swf.gz": (PREDICTED, 100, 28_481, 6235.8539, 63.5007),
}


@pytest.mark.parametrize("file", SCHEDULES)
def test_every_wait_is_the_published_one(file):
    rules, slots, count, mean_wait, mean_slowdown = SCHEDULES[file]
    published = read_oracle(file, slots)
    assert len(published.start_s) == count
    start = replay(published, rules)
    assert_same_starts(start, published.start_s)
    wait, slowdown = figures(published.jobs, start)
    assert round(wait, 4) == mean_wait
    assert round(slowdown, 4) == mean_slowdown
