"""Sizing without a simulation: what varies, the search against trying everything, and the answer."""

import json
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.errors import InputError, UsageError
from capacity.inputs.fields.steps import MOST_VALUES, STEPS
from capacity.study.requirements import Judgement, read_requirement
from capacity.study.size.answer import SERVES, answer
from capacity.study.size.axes import Axis, describe, ordered_axes, read_axis
from capacity.study.size.demand_served import DATA, JOBS, WIDEST, refusal
from capacity.study.size.search import Found, Search
from capacity.study.size.trial import Trial
from capacity.study.verdict import Verdict

# --- What varies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("p=1..4", ("1", "2", "3", "4")),
        ("p = 1 .. 4 ", ("1", "2", "3", "4")),
        ("p=3..3", ("3",)),
        ("p=-2..1", ("-2", "-1", "0", "1")),
        ("p=1..10:3", ("1", "4", "7", "10")),
        ("p=1..9:3", ("1", "4", "7", "9")),
        ("p=1..2:5", ("1", "2")),
        ("p=0..1:0.25", ("0", "0.25", "0.5", "0.75", "1")),
        ("p=0.1..0.4:0.1", ("0.1", "0.2", "0.3", "0.4")),
        ("p=1e2..3e2:1e2", ("100", "200", "300")),
        ("p=20 PB..21 PB:0.5 PB", ("20 PB", "20.5 PB", "21 PB")),
        ("p=20PB..21PB:1PB", ("20 PB", "21 PB")),
        ("p=10 GB/s..20 GB/s:10 GB/s", ("10 GB/s", "20 GB/s")),
        ("p=10 %..30 %:10 %", ("10 %", "20 %", "30 %")),
        ("p=3,1,2", ("1", "2", "3")),
        ("p=10,9", ("9", "10")),
        ("p=4 h, 30 h", ("4 h", "30 h")),
        ("p=5", ("5",)),
    ],
)
def test_ordered_axes_are_read(text, values):
    assert read_axis(text) == Axis("p", values, ordered=True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("policy.order=fcfs,sjf", ("fcfs", "sjf")),
        ("site=gwangju-gpu", ("gwangju-gpu",)),
        ("p=1,two,3", ("1", "two", "3")),
        ("p=10 PB,9000 TB", ("10 PB", "9000 TB")),
        ("site=../old/site.yaml,../new/site.yaml", ("../old/site.yaml", "../new/site.yaml")),
        ("site=./a.yaml,sites/../b.yaml", ("./a.yaml", "sites/../b.yaml")),
    ],
)
def test_other_lists_are_kept_as_they_are(text, values):
    assert read_axis(text) == Axis(text.partition("=")[0], values, ordered=False)


def test_a_range_of_quantities_goes_by_a_64th():
    values = read_axis("p=1 PB..65 PB").values
    assert len(values) == STEPS + 1
    assert (values[0], values[1], values[-1]) == ("1 PB", "2 PB", "65 PB")
    assert len(read_axis("p=0..0.5").values) == STEPS + 1
    assert read_axis("p=5 PB..5 PB").values == ("5 PB",)


def test_the_most_values_are_allowed():
    assert len(read_axis(f"p=1..{MOST_VALUES}").values) == MOST_VALUES


@pytest.mark.parametrize("text", ["", "p", "p=", "=1..2", " = ", "1..2", "p= "])
def test_no_path_or_no_value_is_misuse(text):
    with pytest.raises(UsageError, match=r"write PATH=LOW\.\.HIGH"):
        read_axis(text)


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("p=4..1", "the range falls", "write 1..4"),
        ("p=a..b", "'a' is no number", "LOW..HIGH"),
        ("p=1..", "'' is no number", "LOW..HIGH"),
        ("p=..5", "'' is no number", "LOW..HIGH"),
        ("p=..", "'' is no number", "LOW..HIGH"),
        ("p=1..5:", "'' is no number", "LOW..HIGH"),
        ("p=1..5:x", "'x' is no number", "LOW..HIGH"),
        ("p=nan..5", "'nan' is no number", ""),
        ("p=1..inf", "'inf' is no number", ""),
        ("p=1..5:0", "the step is not more than 0", ""),
        ("p=1..5:-1", "the step is not more than 0", ""),
        ("p=1 PB..5 TB", "mixes units: PB and TB", "same unit"),
        ("p=1..5 TB", "mixes units: TB and no unit", "same unit"),
        ("p=1 TB..5 TB:1", "mixes units: TB and no unit", "same unit"),
        ("p=1..2..3", "'2..3' is no number", ""),
        ("p=1...3..5", "'.3..5' is no number", ""),
        ("p=5:1..3", "'5:1' is no number", ""),
        ("p=1..1e12", "the range has 1,000,000,000,000 values", "at most 100,000"),
        ("p=1..100001", "the range has 100,001 values", "at most 100,000"),
        ("p=0..1:1e-9", "the range has 1,000,000,001 values", "at most 100,000"),
        ("p=1..1e5000", "1e5000", ""),
        ("p=1..1e999999999", "1e999999999", ""),
        ("p=1e-5000..2", "1e-5000", ""),
        ("p=1..2:1e-999999", "1e-999999", ""),
        ("p=1e99999999999999999999..2", "1e99999999999999999999", ""),
        ("p=1,,2", "a value of the list is empty", "A,B,C"),
        ("p=,", "a value of the list is empty", "A,B,C"),
        ("p=a,b,a", "a value is given twice", ""),
        ("p=1,2,1", "a value is given twice", ""),
    ],
)
def test_bad_ranges_are_refused_with_a_sentence(text, what, fix):
    with pytest.raises(InputError) as caught:
        read_axis(text)
    (problem,) = caught.value.problems
    assert problem.where == f"--vary {text}"
    assert what in problem.what
    assert fix in problem.fix
    assert len(str(problem)) < 300


@given(st.text(max_size=40) | st.from_regex(r"p=[0-9.,:eE+ PBh%-]{1,30}", fullmatch=True))
def test_any_text_is_read_or_refused(text):
    try:
        axis = read_axis(text)
    except (InputError, UsageError) as error:
        assert str(error)
    else:
        assert 1 <= len(axis.values) <= MOST_VALUES
        assert all(axis.values)


@given(st.integers(-1000, 1000), st.integers(0, 500), st.integers(1, 60))
def test_a_range_rises_from_one_end_to_the_other(low, more, step):
    values = [int(value) for value in read_axis(f"p={low}..{low + more}:{step}").values]
    assert values == sorted({*range(low, low + more + 1, step), low + more})


def test_describe_names_the_values_of_a_point():
    axes = (read_axis("a=1..9"), read_axis("b=x,y"))
    assert describe(axes, (3, 1)) == {"a": "4", "b": "y"}


# --- A judge that knows ---------------------------------------------------------------------------


def judgement(standing, text="utilization <= 0.5"):
    one = read_requirement(text)
    found = {"found": 0.4, "low": 0.3, "high": 0.5, "limit": one.limit, "by": 0.4 - one.limit, "n": 4}
    return Judgement(one, Verdict(asked=text, standing=standing, metric=one.metric, **found), 4)


class Fake:
    """Judges by a function of the point; counts how often it is asked."""

    def __init__(self, verdict, cost=lambda point: float(point[0]), at_least=None):
        self.verdict, self.cost, self.lower = verdict, cost, at_least or cost
        self.asked = Counter()

    def trial(self, point):
        self.asked[point] += 1
        return Trial(point, {}, (judgement(self.verdict(point)),), (), 4, self.cost(point))

    def prepare(self, points):
        """Begin with nothing."""

    def at_least(self, point):
        return self.lower(point)


def said(enough):
    return "shown" if enough else "shown not"


def axis(name, count, *, ordered=True):
    return Axis(name, tuple(str(number) for number in range(count)), ordered)


def search(axes, judge, **kwargs):
    """Search, and check what holds of any search."""
    told = []
    found = Search(axes, judge, told=told.append, **kwargs).run()
    assert set(judge.asked.values()) <= {1}, "no candidate is tried twice"
    assert [trial.point for trial in found.trials] == sorted(judge.asked)
    assert sorted(trial.point for trial in told) == sorted(judge.asked)
    if found.best is not None:
        assert found.best in found.trials, "the answer was tried itself"
        assert found.best.standing == "shown"
    return found


@given(st.integers(1, 400), st.data())
def test_one_axis_finds_what_trying_everything_finds(count, data):
    first = data.draw(st.integers(0, count))
    found = search([axis("n", count)], Fake(lambda point: said(point[0] >= first)))
    assert (None if found.best is None else found.best.point) == ((first,) if first < count else None)


@given(st.integers(1, 300), st.integers(1, 12), st.data())
def test_one_axis_that_is_nearly_monotone(count, below, data):
    """From some size on all are enough; of as many sizes below it as are looked at, any may be; then none."""
    first = data.draw(st.integers(0, count - 1))
    odd = data.draw(st.sets(st.integers(max(0, first - below), first)))
    enough = {size for size in range(count) if size >= first} | odd
    found = search([axis("n", count)], Fake(lambda point: said(point[0] in enough)), below=below)
    assert found.best.point == (min(enough),)


@given(st.sets(st.integers(0, 60)), st.integers(1, 5))
def test_one_axis_with_any_verdicts_gives_one_that_holds(enough, below):
    """Whatever the verdicts: the answer is enough, and those just below are tried and are not."""
    found = search([axis("n", 61)], Fake(lambda point: said(point[0] in enough)), below=below)
    if 60 not in enough:
        assert found.best is None
        return
    (place,) = found.best.point
    tried = {trial.point[0] for trial in found.trials}
    assert tried >= set(range(max(0, place - below), place))
    assert not enough & set(range(max(0, place - below), place))


def test_one_axis_of_901_values_takes_at_most_13_trials():
    for first in range(902):
        judge = Fake(lambda point, first=first: said(point[0] >= first))
        found = search([axis("n", 901)], judge)
        assert (found.best is None) == (first == 901)
        assert len(judge.asked) <= 13
    assert len(judge.asked) == 1, "if the largest is not enough, none is"


def test_open_is_not_enough():
    """Those up to 9 have failed, 10 to 19 stay open, from 20 on they are enough."""
    judge = Fake(lambda point: "shown not" if point[0] < 10 else "not shown" if point[0] < 20 else "shown")
    found = search([axis("n", 200)], judge)
    assert found.best.point == (20,)
    sizing = answer([axis("n", 200)], found, objective="size", share=0.8, confidence=0.95)
    assert sizing.main.next_smaller.point == (19,)
    low, high = sizing.main.interval
    assert int(low) <= 10 or int(low) - 1 in {trial.point[0] for trial in found.trials}
    assert high == "20"


def test_nothing_but_open_is_no_answer():
    found = search([axis("n", 50)], Fake(lambda point: "not shown"))
    assert found.best is None
    assert len(found.trials) == 1


sides = st.integers(1, 9)


@st.composite
def up_sets(draw, size, *, by=()):
    """Return what is at least as large as one of some points, for each value of the unordered axes."""
    points = draw(st.lists(st.tuples(*[st.integers(0, side - 1) for side in (*size, *by)]), max_size=4))

    def enough(point):
        n = len(size)
        return any(
            all(a <= b for a, b in zip(least[:n], point[:n], strict=True)) and least[n:] == point[n:]
            for least in points
        )

    return enough


prices = st.integers(0, 20)


def cheapest(axes, enough, cost):
    every = [(a, b) for a in range(len(axes[0].values)) for b in range(len(axes[1].values))]
    return min((cost(point) for point in every if enough(point)), default=None)


@given(sides, sides, prices, prices, st.integers(0, 30), st.data())
def test_two_ordered_axes_find_the_cheapest(m, n, a_price, b_price, hidden, data):
    """Also if only a part of the cost is known without a trial."""
    enough = data.draw(up_sets((m, n)))
    axes = [axis("a", m), axis("b", n)]

    def known(point):
        return float(a_price * point[0] + b_price * point[1])

    def cost(point):
        return known(point) + hidden * (point[0] + 2 * point[1])

    judge = Fake(lambda point: said(enough(point)), cost, known)
    found = search(axes, judge)
    assert (None if found.best is None else found.best.objective) == cheapest(axes, enough, cost)


@given(sides, sides, prices, st.lists(prices, min_size=9, max_size=9), st.booleans(), st.data())
def test_an_ordered_and_an_unordered_axis_find_the_cheapest(m, n, price, extras, first, data):
    of_kind = data.draw(up_sets((m,), by=(n,)))
    axes = [axis("a", m), axis("kind", n, ordered=False)]

    def turned(point):
        return point if first else point[::-1]

    if not first:
        axes.reverse()

    def cost(point):
        size, kind = turned(point)
        return float(price * size + extras[kind])

    judge = Fake(lambda point: said(of_kind(turned(point))), cost)
    found = search(axes, judge)
    assert (None if found.best is None else found.best.objective) == cheapest(
        axes, lambda point: of_kind(turned(point)), cost
    )


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_unordered_axes_alone_are_tried_one_by_one(m, n, data):
    enough = data.draw(st.sets(st.tuples(st.integers(0, m - 1), st.integers(0, n - 1))))
    costs = data.draw(st.lists(prices, min_size=m * n, max_size=m * n))
    axes = [axis("a", m, ordered=False), axis("b", n, ordered=False)]

    def cost(point):
        return float(costs[point[0] * n + point[1]])

    found = search(axes, Fake(lambda point: said(point in enough), cost))
    assert (None if found.best is None else found.best.objective) == cheapest(axes, enough.__contains__, cost)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.data())
def test_three_ordered_axes_find_the_cheapest(a, b, c, data):
    enough = data.draw(up_sets((a, b, c)))
    weights = data.draw(st.tuples(prices, prices, prices))

    def cost(point):
        return float(sum(w * p for w, p in zip(weights, point, strict=True)))

    axes = [axis("a", a), axis("b", b), axis("c", c)]
    found = search(axes, Fake(lambda point: said(enough(point)), cost))
    every = [(x, y, z) for x in range(a) for y in range(b) for z in range(c)]
    expected = min((cost(point) for point in every if enough(point)), default=None)
    assert (None if found.best is None else found.best.objective) == expected


def test_two_axes_try_far_fewer_than_all():
    """40 by 60 candidates with a slanted edge."""
    judge = Fake(
        lambda point: said(2 * point[0] + point[1] >= 70), lambda point: 3.0 * point[0] + 2.0 * point[1]
    )
    found = search([axis("a", 40), axis("b", 60)], judge)
    every = [(a, b) for a in range(40) for b in range(60) if 2 * a + b >= 70]
    assert found.best.objective == min(3.0 * a + 2.0 * b for a, b in every)
    assert len(judge.asked) < 70


def test_axes_that_do_not_hang_together_take_little_more_than_each_alone():
    """901 by 65 by 300 candidates, each axis with a requirement of its own: bisections and a corner."""
    judge = Fake(
        lambda point: said(point[0] >= 425 and point[1] >= 20 and point[2] >= 7),
        lambda point: 3.0 * point[0] + 20.0 * point[1] + point[2],
    )
    found = search([axis("a", 901), axis("b", 65), axis("c", 300)], judge)
    assert found.best.point == (425, 20, 7)
    assert len(judge.asked) <= 10 + 7 + 9 + 5


def test_what_costs_more_than_the_best_is_not_tried():
    """The first kind is enough at 1; the second costs more even at its smallest."""
    judge = Fake(lambda point: said(point[0] >= 1), lambda point: point[0] + 100.0 * point[1])
    found = search([axis("a", 50), axis("kind", 2, ordered=False)], judge)
    assert found.best.point == (1, 0)
    assert {point[1] for point in judge.asked} == {0}


# --- The answer -----------------------------------------------------------------------------------


def trial(point, *verdicts, refused=(), objective=None):
    judgements = tuple(
        judgement(verdict, f"utilization <= 0.{place + 5}") for place, verdict in enumerate(verdicts)
    )
    value = float(point[0]) if objective is None else objective
    return Trial(point, {"n": str(point[0])}, judgements, refused, 4, value)


N = Axis("n", tuple(str(10 * number) for number in range(1, 31)), ordered=True)


def sized(*trials, best=None, axes=(N,)):
    return answer(
        axes,
        Found(best, tuple(sorted(trials, key=lambda one: one.point))),
        objective="size",
        share=0.8,
        confidence=0.9,
    )


def test_the_answer_with_open_candidates_below():
    best, between, small = trial((9,), "shown"), trial((7,), "not shown"), trial((4,), "shown not")
    found = sized(small, between, best, trial((29,), "shown"), best=best)
    assert (found.main.next_smaller, found.main.too_small) == (between, small)
    assert found.main.interval == ("60", "100"), "40 was shown not to be enough, 50 is the next"
    assert found.binding == between.binding == between.judgements
    assert [one.point[0] for one in found.main.curve] == [4, 7, 9, 29]
    assert (found.verdict.standing, found.verdict.metric, found.verdict.found) == ("shown", "size", 9.0)
    assert (found.verdict.asked, found.verdict.binds) == ("utilization <= 0.5", ("utilization <= 0.5",))
    assert found.not_monotone == ()


def test_the_answer_beside_one_that_has_failed_is_exact():
    best, small = trial((9,), "shown"), trial((8,), "shown not")
    found = sized(small, best, best=best)
    assert found.main.interval == ("100", "100")


def test_the_smallest_candidate_has_none_below():
    best = trial((0,), "shown", "shown")
    found = sized(best, best=best)
    assert (found.main.next_smaller, found.main.too_small) == (None, None)
    assert found.main.interval == ("10", "10")
    assert found.binding == (best.judgements[0],), "the one with the least room"


def test_with_no_failed_candidate_the_interval_begins_at_the_smallest():
    best = trial((9,), "shown")
    assert sized(trial((8,), "not shown"), best, best=best).main.interval == ("10", "100")


def test_no_answer():
    last = trial((29,), "shown not", "shown", "not shown")
    found = sized(last)
    assert (found.best, found.main, found.binding, found.by_axis) == (None, None, (), ())
    assert last.standing == "shown not"
    assert [one.verdict.standing for one in last.binding] == ["shown not", "not shown"]
    said_of = found.to_json()
    assert (said_of["standing"], said_of["answer"], said_of["by_axis"]) == ("shown not", None, [])
    assert said_of["found"] is None
    assert sized(last, trial((28,), "not shown")).verdict.standing == "not shown"


def test_a_larger_one_that_failed_is_told():
    best, large = trial((9,), "shown"), trial((12,), "shown not")
    found = sized(trial((8,), "shown not"), best, large, trial((29,), "shown"), best=best)
    assert found.not_monotone == ((best, large),)
    opened = sized(best, trial((12,), "not shown"), best=best)
    assert opened.not_monotone == (), "that it is not shown says nothing"


def test_the_longest_ordered_axis_comes_first():
    few, names = axis("few", 3), axis("names", 99, ordered=False)
    assert ordered_axes([few, N, names]) == [1, 0]
    assert ordered_axes([names]) == []


def test_along_each_axis_what_has_more_of_the_others_counts():
    """The answer is 100 of n with 1 of few: less of n fails even with 2 of few, less of few with 300 of n."""
    few, names = axis("few", 3), axis("names", 99, ordered=False)
    best = trial((1, 9, 5), "shown", "shown")
    of_n = [
        trial((2, 8, 5), "shown not", "shown"),
        trial((2, 4, 5), "shown not", "shown"),
        trial((2, 19, 5), "shown", "shown"),
    ]
    of_few = [trial((0, 29, 5), "shown", "shown not"), trial((1, 29, 5), "shown", "shown")]
    others = [trial((0, 8, 5), "shown not", "shown not"), trial((1, 8, 4), "shown", "shown")]
    found = sized(best, *of_n, *of_few, *others, best=best, axes=(few, N, names))
    n_line, few_line = found.by_axis
    assert (n_line.axis, n_line.next_smaller, n_line.interval) == (N, of_n[0], ("100", "100"))
    assert [one.point for one in n_line.curve] == [(2, 4, 5), (2, 8, 5), (2, 19, 5)], "where most were tried"
    assert (few_line.axis, few_line.next_smaller, few_line.interval) == (few, of_few[0], ("1", "1"))
    assert few_line.curve == (of_few[0], of_few[1])
    assert [one.requirement.text for one in found.binding] == ["utilization <= 0.5", "utilization <= 0.6"]
    closer = trial((1, 8, 5), "not shown", "shown")
    nearer = sized(best, closer, *of_n, *of_few, *others, best=best, axes=(few, N, names)).main
    assert (nearer.next_smaller, nearer.too_small) == (closer, of_n[0])


def test_enough_with_more_of_the_others_is_no_next_smaller():
    few = axis("few", 3)
    best, dearer = trial((0, 9), "shown"), trial((2, 4), "shown")
    found = sized(best, dearer, trial((2, 3), "shown not"), best=best, axes=(few, N))
    assert found.main.next_smaller.point == (2, 3)
    assert found.main.interval == ("50", "100")


def test_unordered_axes_have_no_interval():
    names = axis("names", 4, ordered=False)
    best = trial((2,), "shown")
    found = sized(trial((1,), "shown not"), best, best=best, axes=(names,))
    assert (found.main, found.by_axis) == (None, ())
    assert found.binding == (best.judgements[0],)


def test_a_refused_trial_has_failed():
    refused = trial((1,), refused=(refusal(WIDEST, 64, 20, n=0),))
    assert refused.standing == "shown not"
    assert refused.binding == ()
    assert trial((1,), "shown", refused=(refusal(JOBS, 3, 2, n=6),)).binding == (), "what is required is met"
    assert trial((1,), "shown", refused=(refusal(JOBS, 3, 2, n=6),)).standing == "shown not"
    assert trial((1,)).standing == "not shown", "nothing was judged"


def test_what_binds_is_that_the_demand_is_served():
    best = trial((9,), "shown")
    found = sized(trial((8,), "shown", refused=(refusal(DATA, 2e12, 0.0, n=6),)), best, best=best)
    assert (found.binding, found.binds) == ((), (SERVES,))
    assert found.to_json()["binds"] == [SERVES]
    both = sized(trial((8,), "shown not", refused=(refusal(JOBS, 3, 0, n=6),)), best, best=best)
    assert both.binds == ("utilization <= 0.5", SERVES)


def test_json_has_no_nan():
    best = trial((9,), "shown", objective=math.nan)
    text = json.dumps(sized(best, best=best).to_json(), allow_nan=False)
    assert json.loads(text)["answer"]["objective"] is None
