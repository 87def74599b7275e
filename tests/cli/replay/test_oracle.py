"""The command line replays published schedules: every job to the second, and the published means."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from capacity.cli.main import entry
from tests.data import need_data
from workloads.readers.swf.reader import read_swf

PUBLISHED = {
    "KTH-SP2": (100, 28_481, 6836.8721, 92.5765),
    "SDSC-SP2": (128, 54_006, 20497.7610, 87.8703),
    "CTC-SP2": (338, 77_199, 14272.5945, 49.5713),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_schedule_comes_out_of_the_command(capsys, tmp_path, name):
    slots, jobs, mean_wait_s, slowdown = PUBLISHED[name]
    log = need_data(f"oracle/{name}.easy.swf.gz")
    options = [
        "--slots",
        str(slots),
        "--policy",
        "easy",
        "--ties",
        "pyss",
        "--json",
        "-o",
        str(tmp_path / "run"),
    ]
    assert entry(["replay", str(log), *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["jobs"] == jobs
    assert not found["dropped"]
    assert found["mean_wait_s"] == pytest.approx(mean_wait_s, abs=5e-5)
    assert found["mean_bounded_slowdown"] == pytest.approx(slowdown, abs=5e-5)
    assert found["recorded_mean_wait_s"] == found["mean_wait_s"]
    columns = pq.read_table(tmp_path / "run" / "jobs.parquet", columns=["job_id", "wait_s"])
    published = read_swf(log)
    ids, waits = published.numbers("job_id"), published.numbers("wait_s")
    order = np.argsort(columns["job_id"].to_numpy())
    assert np.array_equal(columns["job_id"].to_numpy()[order], np.sort(ids))
    assert np.array_equal(columns["wait_s"].to_numpy()[order], waits[np.argsort(ids)])


def test_a_smaller_machine_gives_longer_waits(capsys):
    log = str(need_data("swf/KTH-SP2-1996-2.1-cln.swf.gz"))
    waits = []
    for slots in ("100", "128"):
        assert entry(["replay", log, "--slots", slots, "--json"]) == 0
        waits.append(json.loads(capsys.readouterr().out)["mean_wait_s"])
    assert waits[0] > waits[1] > 0
