"""Storage without simulating jobs: growth in closed form, trends recovered, and files that are wrong."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.study.storage.history import History, read_history
from capacity.study.storage.projection import Growing, first_full, fit, years_to_grow

FIRST = date(2014, 1, 1)


def test_nersc_grew_by_45_percent_a_year():
    """3.5 to 146 PiB in ten years: 45 %, though the release says 30 (which would end at 48)."""
    assert years_to_grow(3.5, 146, 0.4521) == pytest.approx(10, abs=0.01)
    assert pytest.approx(48, abs=0.5) == 3.5 * 1.3**10


@pytest.mark.parametrize(("rate", "years"), [(0.30, 8.8), (0.45, 6.2), (0.70, 4.3)])
def test_from_the_lease_to_the_whole_plan(rate, years):
    growing = Growing(date(2021, 5, 1), 10.7e15, rate)
    full = first_full(growing, [(date(2021, 5, 1), 107e15)])
    assert (full - growing.start).days / 365 == pytest.approx(years, abs=0.05)
    assert growing.at(full) >= 107e15 > growing.at(full - timedelta(days=1))


def test_a_step_that_comes_in_time_puts_off_the_day():
    growing = Growing(date(2021, 1, 1), 50.0, 1.0)
    late = [(date(2021, 1, 1), 80.0), (date(2021, 12, 1), 200.0)]
    in_time = [(date(2021, 1, 1), 80.0), (date(2021, 6, 1), 200.0)]
    assert first_full(growing, late).year == 2021
    assert first_full(growing, in_time) == first_full(growing, late, last=True) == date(2023, 1, 1)


def test_what_shrinks_or_stands_still_is_never_full():
    for rate in (0.0, -0.2):
        assert first_full(Growing(FIRST, 10.0, rate), [(FIRST, 20.0)]) is None
    assert first_full(Growing(FIRST, 30.0, -0.2), [(FIRST, 20.0)]) == FIRST


def history(values, step=30):
    days = tuple(FIRST + timedelta(days=step * n) for n in range(len(values)))
    return History("", days, tuple(map(float, values)))


def test_an_exponential_past_is_recovered():
    rng = np.random.default_rng(3)
    months = np.arange(60)
    values = 1e15 * 1.4 ** (months * 30 / 365) * np.exp(rng.normal(0, 0.02, 60))
    best = fit(history(values))[0]
    assert best.shape == "exponential"
    assert best.per_year_frac == pytest.approx(0.4, abs=0.02)
    full = best.reaches(20e15, FIRST)
    expected = FIRST + timedelta(days=365 * years_to_grow(1e15, 20e15, 0.4))
    assert abs((full - expected).days) < 60
    assert best.reaches(20e15, FIRST, quantile=0.975) < full < best.reaches(20e15, FIRST, quantile=0.025)


def test_a_linear_past_is_recovered():
    rng = np.random.default_rng(4)
    values = 5e15 + 2e13 * np.arange(60) * 30 + rng.normal(0, 2e13, 60)
    best = fit(history(values))[0]
    assert best.shape == "linear"
    assert best.slope == pytest.approx(2e13, rel=0.01)


def test_prediction_intervals_cover_what_they_say():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        values = 100 + 0.5 * np.arange(21) + rng.normal(0, 2, 21)
        trend = next(t for t in fit(history(values[:20], step=1)) if t.shape == "linear")
        low, high = (float(trend.at(np.array([20.0]), quantile=q)[0]) for q in (0.025, 0.975))
        inside += low <= values[20] <= high
    assert 0.92 <= inside / 400 <= 0.98


# --- Files ----------------------------------------------------------------------------------------


def write(tmp_path, text, name="held.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_csv_by_tier_with_units_in_header_or_cells(tmp_path):
    text = "date,tier,used_TiB\n" + "".join(f"2021-0{m}-01,{t},{m}\n" for m in (1, 2, 3) for t in ("a", "b"))
    a, b = read_history(write(tmp_path, text))
    assert (a.name, b.name) == ("a", "b")
    assert a.used_bytes == (2**40, 2 * 2**40, 3 * 2**40)
    text = "date,used\n2021-01-01,1 PB\n2021-02-01,1.5 PB\n2021-03-01,2 PiB\n"
    (cells,) = read_history(write(tmp_path, text))
    assert cells.used_bytes == (1e15, 1.5e15, 2 * 2**50)


def test_xdmod_sums_users_by_day_and_resource(tmp_path):
    records = [
        {
            "resource": "lake",
            "mountpoint": "/home",
            "user": user,
            "pi": "pi",
            "dt": f"2021-01-0{day}T00:00:00",
            "file_count": 1,
            "physical_usage": day * 10**12,
        }
        for day in (1, 2, 3)
        for user in ("ann", "bob")
    ]
    (found,) = read_history(write(tmp_path, json.dumps(records), "usage.json"))
    assert found.name == "lake"
    assert found.used_bytes == (2e12, 4e12, 6e12)
    records[1]["user"] = "ann"
    with pytest.raises(InputError, match=r"\[1\]\.dt: user 'ann' has /home twice"):
        read_history(write(tmp_path, json.dumps(records), "usage.json"))


def test_gaps_and_decreases_are_said(tmp_path):
    days = ["2021-01-01", "2021-01-08", "2021-01-15", "2021-06-01", "2021-06-08"]
    text = "date,used_TB\n" + "".join(f"{day},{10 - n}\n" for n, day in enumerate(days))
    (found,) = read_history(write(tmp_path, text))
    gap, falls = found.warnings
    assert "no reading for 137 days after 2021-01-15" in gap
    assert "less is held than before on 4 days, first on 2021-01-08" in falls


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "held.csv: ", "no reading"),
        ("day,used_PB\n2021-01-01,1\n", "held.csv:1:1", "the columns are day, used_PB"),
        ("date,used\n2021-01-01,1\n", "held.csv:2:12", "PB or PiB"),
        ("date,used_PB\n2021-13-01,1\n", "held.csv:2:1", "is not a day"),
        ("date,used_PB\n2021-01-01,nan\n", "held.csv:2:12", "no amount of data"),
        ("date,used_PB\n2021-01-01,-1\n", "held.csv:2:12", "negative"),
        ("date,used_parsec\n2021-01-01,1\n", "held.csv:2:12", "no amount of data"),
        ("date,used_PB\n2021-01-01,1\n2021-01-01,2\n", "held.csv:3:1", "is there twice"),
        ("date,used_PB\n2021-01-01,1\n2021-02-01\n", "held.csv:3:1", "1 cells, and the header has 2"),
        ("date,used_PB\n2021-01-01,1\n2021-02-01,2\n", "held.csv: ", "needs 3 or more"),
        ("[{", "held.csv:1:", "no JSON"),
        ('[{"dt": "2021-01-01"}]', "held.csv: [0]", "no 'dt' and 'physical_usage'"),
        ('[{"dt": "2021-01-01", "physical_usage": "1 PB"}]', "physical_usage", "no amount of data"),
    ],
)
def test_wrong_files_are_refused_with_their_place(tmp_path, text, where, what):
    with pytest.raises(InputError) as caught:
        read_history(write(tmp_path, text))
    assert where in str(caught.value)
    assert what in str(caught.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_history(tmp_path / "nowhere.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_history(tmp_path / "binary.csv")
