"""Experiments as one writes them: what can be wrong without a look at the scenario, all said at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.errors import InputError
from capacity.inputs.experiment import MOST_RUNS
from capacity.inputs.fields.steps import amount_of, between, stepped
from capacity.inputs.reading.loader import load_part

HEAD = "kind: experiment\ntitle: A try\nscenario: gwangju-plan\n"


@pytest.fixture
def load(tmp_path):
    def loading(text):
        path = tmp_path / "one.yaml"
        path.write_text(HEAD + text)
        return load_part("experiment", path)

    return loading


@pytest.mark.parametrize(
    ("text", "cases", "runs"),
    [
        ("axes: {a.b: [1, 2, 3]}", 3, 3),
        ("axes: {a.b: {from: 1, to: 5}, c: {from: 1 PB, to: 2 PB, count: 3}}\nreplications: 4", 15, 60),
        ("axes: {a: {from: 0.1, to: 1, step: 0.1}}", 10, 10),
        ("samples: {count: 8, ranges: {a: [1, 2], b: [3 h, 4 h]}}\naxes: {c: [x, y]}", 16, 16),
        ("samples: {method: grid, count: 3, ranges: {a: [1, 2], b: [3, 4]}}", 9, 9),
    ],
)
def test_cases_and_runs_are_counted(load, text, cases, runs):
    record = load(text).record
    assert (record.cases, record.runs) == (cases, runs)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing varies"),
        ("axes: {a: []}", "no value is given"),
        ("axes: {a: [1, 1]}", "given twice"),
        ("axes: {a: 5}", "is no axis"),
        ("axes: {a: {from: 1}}", "is no axis"),
        ("axes: {a: {from: 1, to: 2, by: 1}}", "is no axis"),
        ("axes: {a: {from: 1, to: 2, step: 1, count: 2}}", "two ways"),
        ("axes: {a: {from: 1, to: 2, count: 0}}", "count is"),
        ("axes: {a: {from: 2, to: 1}}", "the range falls"),
        ("axes: {a: {from: 1 PB, to: 2 TB}}", "mixes units"),
        ("axes: {a: {from: 1, to: 2, step: 0}}", "not more than 0"),
        ("axes: {a: {from: 1, to: 10000000}}", "10,000,000 values"),
        ("axes: {a: {from: 2021-01-01, to: 2021-02-01}}", "is no number"),
        ("axes: {a=b: [1]}", "a=b"),
        ("samples: {count: 4, ranges: {}}", "ranges"),
        ("samples: {count: 4, ranges: {a: [1]}}", "is no range"),
        ("samples: {count: 4, ranges: {a: [2, 1]}}", "the range falls"),
        ("samples: {count: 4, ranges: {a: [2, 2]}}", "the range is empty"),
        ("samples: {count: 4, ranges: {a: [2 h, 1 d]}}", "mixes units"),
        ("samples: {count: 0, ranges: {a: [1, 2]}}", "0 is too small"),
        ("samples: {method: grid, count: 1, ranges: {a: [1, 2]}}", "a grid of one value"),
        ("samples: {method: lattice, count: 4, ranges: {a: [1, 2]}}", "lattice"),
        ("axes: {a: [1]}\nsamples: {count: 4, ranges: {a: [1, 2]}}", "varies twice"),
        ("axes: {a: [1]}\nmetrics: 5", "names no metrics"),
        ("axes: {a: [1]}\nmetrics: []", "names no metrics"),
        ("axes: {a: {from: 1, to: 100000}, b: {from: 1, to: 10000}}", "1,000,000,000 runs"),
        ("axes: {a: [1, 2]}\nreplications: 2000000000", "4,000,000,000 runs"),
    ],
)
def test_what_is_wrong_is_said(load, text, said):
    with pytest.raises(InputError) as caught:
        load(text)
    assert said in str(caught.value)
    assert all(problem.where for problem in caught.value.problems)


def test_as_many_runs_as_are_allowed_are_allowed(load):
    assert load(f"axes: {{a: [1]}}\nreplications: {MOST_RUNS}").record.runs == MOST_RUNS


@pytest.mark.parametrize(("count", "warned"), [(8, False), (64, False), (63, True), (10, True)])
def test_sobol_points_that_are_not_even_are_warned_of(load, count, warned):
    found = load(f"samples: {{method: sobol, count: {count}, ranges: {{a: [1, 2]}}}}")
    assert bool(found.warnings) == warned


ends = st.tuples(st.integers(-1000, 1000), st.integers(0, 500)).map(lambda pair: (pair[0], sum(pair)))


@given(ends=ends, count=st.integers(2, 50), unit=st.sampled_from(["", " PB", " %"]))
def test_equal_steps_begin_and_end_where_they_should_and_rise(ends, count, unit):
    low, high = (amount_of(f"{end}{unit}") for end in ends)
    found = [amount_of(text) for text in stepped(low, high, count=count)]
    assert (found[0].number, found[-1].number) == ends
    assert {one.unit for one in found} == {low.unit}
    numbers = [one.number for one in found]
    assert numbers == sorted(set(numbers)), "rising, each once"
    whole = [amount_of(text).number for text in stepped(low, high, count=count, whole=True)]
    assert all(number == int(number) for number in whole)
    assert (whole[0], whole[-1]) == ends


@given(ends=ends, part=st.floats(0, 1, exclude_max=True))
def test_what_lies_between_lies_between(ends, part):
    low, high = (amount_of(f"{end} TB") for end in ends)
    assert low.number <= amount_of(between(low, high, part)).number <= high.number
    whole = amount_of(between(low, high, part, whole=True)).number
    assert whole == int(whole)
    assert low.number <= whole <= high.number


def test_each_whole_number_has_an_equal_part():
    low, high = amount_of("1"), amount_of("4")
    found = [between(low, high, (n + 0.5) / 100, whole=True) for n in range(100)]
    assert {value: found.count(value) for value in found} == dict.fromkeys("1234", 25)
