"""Our reading and cleaning of the archive's logs equals the inputs of the published reference schedules."""

import numpy as np
import pandas as pd
import pytest

from tests.data import need_data
from workloads.readers.swf.reader import read_swf

LOGS = {
    "KTH-SP2": ("KTH-SP2-1996-2.1-cln", 100),
    "SDSC-SP2": ("SDSC-SP2-1998-4.2-cln", 128),
    "CTC-SP2": ("CTC-SP2-1996-3.1-cln", 338),
    "HPC2N": ("HPC2N-2002-2.2-cln", 240),
    "Theta": ("theta_walltime", 4392),
    "lublin_256": ("lublin_256", 256),
}


@pytest.mark.parametrize("name", LOGS)
def test_every_job_and_every_number_is_the_reference_input(name):
    file, size = LOGS[name]
    expected = pd.read_csv(need_data(f"reference/{name}.jobs.csv.gz"))
    jobs = read_swf(need_data(f"swf/{file}.swf.gz"), ties="file").clean()
    assert jobs.max_slots == size
    ours = {
        "job_id": "job_id",
        "submit": "submit_s",
        "run": "run_s",
        "procs": "slots",
        "requested": "requested_s",
    }
    for theirs, column in ours.items():
        np.testing.assert_array_equal(jobs.numbers(column), expected[theirs].to_numpy())


@pytest.mark.parametrize(
    ("name", "kept"),
    [("RICC-2010-2", 447_782), ("LLNL-Atlas-2006-2.1-cln", 31_248), ("NASA-iPSC-1993-3.1-cln", 18_066)],
)
def test_other_logs_keep_the_jobs_their_readme_counts(name, kept):
    log = read_swf(need_data(f"swf/{name}.swf.gz"))
    clean = log.clean()
    assert len(clean) == kept
    assert len(log) == kept + sum(tally.count for tally in clean.dropped)


@pytest.mark.parametrize(("name", "jobs"), [("KTH-SP2", 28_481), ("SDSC-SP2", 54_006), ("CTC-SP2", 77_199)])
def test_published_schedules_are_read_whole(name, jobs):
    clean = read_swf(need_data(f"oracle/{name}.easy.swf.gz")).clean()
    assert len(clean) == jobs
    assert not clean.dropped
    assert (clean.numbers("wait_s") >= 0).all()
    ids, submit = clean.numbers("job_id"), clean.numbers("submit_s")
    assert (np.diff(ids)[np.diff(submit) == 0] > 0).all()
