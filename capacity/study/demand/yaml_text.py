"""Numbers as a person would write them in a specification: shares that add up, times in handy units."""

from collections.abc import Mapping, Sequence
from math import exp, isfinite

from workloads.synthetic import distributions as d
from workloads.synthetic.distributions import Distribution

Text = str | Mapping[str, "Text"]
UNITS = ((86400, "day"), (3600, "h"), (60, "min"), (1, "s"))
HUNDREDTH_THOUSANDTHS = 100_000


def duration_text(seconds: float) -> str:
    """Return a time in the largest unit that shows it exactly, or with four digits.

    Examples
    --------
    >>> duration_text(14400), duration_text(90), duration_text(4000.37)
    ('4 h', '90 s', '66.67 min')
    """
    if float(seconds).is_integer():
        for size, unit in UNITS[:-1]:
            if seconds >= size and seconds % size == 0:
                return f"{int(seconds // size)} {unit}"
        return f"{int(seconds)} s"
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= 2 * size), (1, "s"))
    return f"{number_text(seconds / size)} {unit}"


def number_text(value: float) -> str:
    """Return a number with four significant digits and no needless zeros.

    Examples
    --------
    >>> number_text(1.23456), number_text(120.0), number_text(0.00012)
    ('1.235', '120', '0.00012')
    """
    assert isfinite(value)
    text = f"{value:.4g}"
    return text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")


def percent_text(fraction: float) -> str:
    """Return a share in percent, exact to a hundred-thousandth.

    Examples
    --------
    >>> percent_text(0.125), percent_text(1.0), percent_text(0.00217)
    ('12.5 %', '100 %', '0.217 %')
    """
    return f"{fraction * 100:.4f}".rstrip("0").rstrip(".") + " %"


def shares_text(shares: Sequence[float]) -> list[str]:
    """Return shares in percent that add up to exactly 100 %, by largest remainders.

    Examples
    --------
    >>> shares_text([1 / 3, 1 / 3, 1 / 3])
    ['33.334 %', '33.333 %', '33.333 %']
    """
    total = sum(shares)
    exact = [share / total * HUNDREDTH_THOUSANDTHS for share in shares]
    whole = [int(value) for value in exact]
    missing = HUNDREDTH_THOUSANDTHS - sum(whole)
    order = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])
    for place in order[:missing]:
        whole[place] += 1
    return [percent_text(value / HUNDREDTH_THOUSANDTHS) for value in whole]


def table_text(shares: Mapping[str, float]) -> dict[str, str]:
    """Return shares by key, without those too small to be seen."""
    texts = shares_text([*shares.values()])
    return {key: text for key, text in zip(shares, texts, strict=True) if text != "0 %"}


def distribution_text(kind: Distribution) -> dict[str, Text]:
    """Return a distribution by the keys of `capacity.inputs.fields.run_time.RunTime`.

    Raises
    ------
    TypeError
        The specification has no words for it.
    """
    match kind:
        case d.Constant():
            return {"always": duration_text(kind.value_s)}
        case d.Lognormal():
            return {"median": duration_text(kind.median_s), "spread": number_text(exp(kind.sigma))}
        case d.Weibull():
            return {"scale": duration_text(kind.scale_s), "shape": number_text(kind.shape)}
        case d.Pareto():
            return {"minimum": duration_text(kind.minimum_s), "exponent": number_text(kind.shape)}
        case d.Gamma():
            return {"mean": duration_text(kind.mean_s), "cv": number_text(kind.shape**-0.5)}
        case d.LogUniform():
            return {"shortest": duration_text(kind.shortest_s), "longest": duration_text(kind.longest_s)}
        case d.LogGamma():
            return {"log_shape": number_text(kind.shape), "log_scale": number_text(kind.scale)}
        case d.Empirical():
            return {"quantiles": _quantiles_text(kind)}
        case d.Mixture():
            return {"mixture": _mixture_text(kind)}
        case d.Tailed():
            above, share = duration_text(kind.above_s), percent_text(kind.share_frac)
            tail = {"above": above, "exponent": number_text(kind.exponent), "share": share}
            return {**distribution_text(kind.body), "tail": tail}
        case _:
            message = f"no words for {type(kind).__name__}"
            raise TypeError(message)


def _quantiles_text(kind: d.Empirical) -> dict[str, Text]:
    """Return quantiles in order, also where rounding in two units would turn two of them round."""
    texts: dict[str, Text] = {}
    highest_s, last = 0.0, ""
    for fraction, value_s in kind.quantiles:
        text = duration_text(value_s)
        said_s = _seconds(text)
        if said_s >= highest_s:
            highest_s, last = said_s, text
        texts[percent_text(fraction)] = last
    return texts


def _seconds(text: str) -> float:
    """Return a time that `duration_text` wrote [s]."""
    number, unit = text.split(" ")
    return float(number) * next(size for size, name in UNITS if name == unit)


def _mixture_text(kind: d.Mixture) -> dict[str, Text]:
    """Return the parts of a mixture, the shortest first, called short and long where there are two."""
    parts = sorted(kind.parts, key=lambda part: float(part[1].quantile(0.5)))
    names = {2: ("short", "long"), 3: ("short", "middle", "long")}.get(
        len(parts), tuple(f"part-{number}" for number in range(1, len(parts) + 1))
    )
    shares = shares_text([share for share, _ in parts])
    return {
        name: {"share": share, **distribution_text(part)}
        for name, share, (_, part) in zip(names, shares, parts, strict=True)
    }


def flow_text(value: Text) -> str:
    """Return a mapping on one line, as YAML writes it in braces.

    Examples
    --------
    >>> flow_text({"median": "4 min", "tail": {"share": "2 %"}})
    '{median: 4 min, tail: {share: 2 %}}'
    """
    if isinstance(value, str):
        return value
    return "{" + ", ".join(f"{key}: {flow_text(entry)}" for key, entry in value.items()) + "}"
