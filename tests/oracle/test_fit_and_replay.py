"""The model fitted to a real log makes months that load the machine as the log does: KTH-SP2, 100 slots."""

import json

import pytest

from capacity.cli.main import entry
from capacity.inputs.reading.loader import load_part
from tests.data import need_data


@pytest.mark.parametrize(
    "months",
    [
        pytest.param(2, id="two months", marks=pytest.mark.slow),
        pytest.param(10, id="ten months", marks=pytest.mark.slow),
    ],
)
def test_kth_sp2(capsys, tmp_path, months):
    log = need_data("swf/KTH-SP2-1996-2.1-cln.swf.gz")
    model = tmp_path / "model.yaml"
    code = entry(
        ["workload", "fit", str(log), "-o", str(model), "--check", "--months", str(months), "--json"]
    )
    captured = capsys.readouterr()
    assert code in (0, 4), captured.err
    rows = {row["metric"]: row for row in json.loads(captured.out)["rows"]}
    assert rows["submission_utilization"]["standing"] != "shown not"
    assert rows["submission_utilization"]["limit"] == pytest.approx(0.70, abs=0.02)
    workload = load_part("workload", model).record
    assert workload.target.slots == 100
    assert workload.target.offered_load == pytest.approx(0.70, abs=0.02)
    days = ("--start", "2024-01-01", "--until", "2024-01-28", "-o", str(tmp_path / "jobs.swf"))
    assert entry(["workload", "generate", str(model), *days]) == 0
    capsys.readouterr()
