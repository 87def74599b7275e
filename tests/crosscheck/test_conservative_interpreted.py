"""The core for conservative backfilling, run as plain Python, gives what its machine code gives."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.crosscheck.test_interpreted import CUTS, plain_stories
from tests.support.cases import stops
from tests.support.conservative_rules import drawn, under
from tests.support.profile_check import Profile
from tests.support.random_cases import random_case
from tests.support.run_plain import story


def test_plain_python_and_machine_code_agree(tmp_path):
    rng = np.random.default_rng(11)
    cases = []
    for number in range(24):
        base = random_case(
            number, 110, nodes=6, slots_per_node=4, load=2.5, longest=60, deliveries=((30, 1), (80, 2))
        )
        cases.append(drawn(rng, base))
    for case, plain in zip(cases, plain_stories(cases, tmp_path), strict=True):
        assert json.loads(json.dumps(story(case, CUTS))) == plain, case


@pytest.mark.slow
def test_many_blocks_agree(tmp_path):
    """Enough reservations for the blocks of the profile to split, merge and be added to as a whole."""
    base = random_case(3, 400, nodes=150, slots_per_node=2, load=15, longest=3_000, wide=0.05)
    cases = [replace(under(base, {}), conservative=kind, ties="event") for kind in ("sticky", "replan")]
    blocks = [Profile(pool, cases[0]).own_scalar("STEP_BLOCKS") for pool, _ in stops(cases[0], [500, 900])]
    assert max(blocks) > 3
    plain = plain_stories(cases, tmp_path, [500, 900])
    assert [json.loads(json.dumps(story(case, [500, 900]))) for case in cases] == plain
