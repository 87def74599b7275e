"""A site in numbers: what it computes, stores, draws and costs, and whether it could be bought in time.

`site_facts` gives plain data in SI units, which is what JSON carries; `site_blocks` gives the same as tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from capacity.inputs.bandwidth import read_rate
from capacity.quantities.precision import PRECISIONS, Precision
from capacity.quantities.writing import format_bytes, format_si
from capacity.report.language import Language
from capacity.report.terminal.table import Block, Col, Form, TextTable, titled
from capacity.report.words import count
from capacity.simulation.hardware import slot_rates

if TYPE_CHECKING:
    from capacity.inputs.site import Site

Facts = dict[str, Any]


def site_facts(site: "Site") -> Facts:
    """Return the sums and checks of a site, complete as planned.

    Returns
    -------
    dict
        Plain data with the unit at the end of each name. A peak of None means that a pool lacks the
        precision, a price of None that a part has none, a power of None that a node has none, or the site no
        PUE. Prices are in `currency`, an ISO code.
    """
    return {
        "name": site.name,
        "title": site.title,
        "nodes": site.nodes,
        "slots": site.slots,
        "usable_bytes": site.usable_bytes,
        "raw_bytes": site.raw_bytes,
        "it_power_max_w": site.it_power_max_w,
        "pue": site.pue,
        "power_max_w": site.power_max_w,
        "currency": site.reporting_currency,
        "price": site.price,
        "budget": site.amount(site.budget),
        "in_time": all(part.ok for part in site.availability()),
        "peaks": [_peak(site, precision) for precision in PRECISIONS],
        "slot_rates": [_slot_rates(site, name) for name in site.pools],
        "parts": [*_pools(site), *_tiers(site)],
        "declared": [
            {
                "what": f"{one.what} {one.kind}".rstrip(),
                f"declared_{one.dimension}": one.declared,
                f"parts_{one.dimension}": one.computed,
                "gap_frac": one.gap_frac,
                "agrees": one.agrees,
            }
            for one in site.comparisons()
        ],
        "availability": [
            {
                "place": one.place,
                "part": one.part,
                "available_from": one.available_from,
                "delivery": one.delivery,
                "in_service_on": one.day,
                "in_time": one.ok,
            }
            for one in site.availability()
        ],
    }


def _peak(site: "Site", precision: Precision) -> Facts:
    pools = {name: pool.peaks.get(precision) for name, pool in site.pools.items()}
    return {
        "precision": precision,
        "peak_flops": site.peak_flops(precision),
        "pools": pools,
        "lacking": site.lacking(precision),
    }


def _slot_rates(site: "Site", pool: str) -> Facts:
    """Return what one slot of a pool gets, beside its peak; None where a part does not state it."""
    rates = slot_rates(site.pools[pool].node, storage=read_rate(site, pool))
    return {
        "place": pool,
        "slots_per_node": rates.slots_per_node,
        "achievable_frac": dict(rates.achievable),
        "memory_bytes_per_s": rates.memory,
        "link_bytes_per_s": rates.link,
        "network_bytes_per_s": rates.network,
        "local_storage_bytes_per_s": rates.local_storage,
        "storage_bytes_per_s": rates.storage,
        "host_speed": rates.host,
    }


def _pools(site: "Site") -> list[Facts]:
    prices, currency = site.prices(), site.reporting_currency
    return [
        {
            "place": name,
            "part": pool.node.name,
            "nodes": pool.nodes,
            "slots": pool.slots,
            "power_max_w": pool.power_max_w,
            "power_held_w": None if (power := pool.node.power) is None else pool.nodes * power.held,
            "price": prices[name],
            "currency": None if prices[name] is None else currency,
        }
        for name, pool in site.pools.items()
    ]


def _tiers(site: "Site") -> list[Facts]:
    prices, currency = site.prices(), site.reporting_currency
    return [
        {
            "place": name,
            "part": tier.product.name,
            "usable_bytes": tier.usable_bytes,
            "raw_bytes": tier.raw_bytes,
            "power_max_w": tier.power_w,
            "price": prices[name],
            "currency": None if prices[name] is None else currency,
        }
        for name, tier in site.storage.items()
    ]


def site_blocks(facts: Facts, say: Language) -> Iterator[Block]:
    """Yield the facts as tables, each under a heading."""
    totals = [{"what": say.text(f"site.{name}"), "value": text} for name, text in _totals(facts, say)]
    title = say.text("site.title", name=facts["name"])
    yield TextTable([Col("what", title), Col("value", facts["title"])], totals)
    tables: list[tuple[str, Sequence[Facts], Mapping[str, Form | None]]] = [
        ("peaks", _peak_rows(facts), {"precision": None, "site": str, "pools": None, "lacking": None}),
        (
            "rates",
            _rate_rows(facts),
            {"place": None, **_RATES, "host_speed": "{:.2f}".format, "achievable": None},
        ),
        ("parts", facts["parts"], {**_PARTS, "price": say.money, "currency": None}),
        ("declared", _declared_rows(facts, say), _DECLARED),
        ("availability", _until_in_time(facts, say), dict.fromkeys(_AVAILABILITY)),
    ]
    for name, rows, forms in tables:
        if rows:
            yield "\n" + say.text(f"site.{name}.heading")
            yield TextTable(titled(say, f"site.{name}", forms), rows)


def _totals(facts: Facts, say: Language) -> Iterator[tuple[str, str]]:
    price, budget, currency = facts["price"], facts["budget"], facts["currency"]
    power_w = facts["power_max_w"]
    yield "nodes", count(facts["nodes"])
    yield "slots", count(facts["slots"])
    yield "usable", format_bytes(facts["usable_bytes"], both=True)
    yield "raw", format_bytes(facts["raw_bytes"], both=True)
    unknown, it_power_w = say.text("site.power_unknown"), facts["it_power_max_w"]
    yield "it_power", unknown if it_power_w is None else format_si(it_power_w, "watt")
    without = say.text("site.no_pue") if facts["pue"] is None else unknown
    yield "power", without if power_w is None else format_si(power_w, "watt")
    yield "price", say.text("site.price_unknown") if price is None else say.money(price, currency)
    if budget is not None:
        key = (
            "site.budget_only" if price is None else f"site.budget_{'exceeded' if price > budget else 'kept'}"
        )
        yield "budget", say.text(key, amount=(budget, currency))


def _declared_rows(facts: Facts, say: Language) -> list[Facts]:
    """Give rates and sizes one pair of columns."""
    return [
        {
            **row,
            "what": say.translated(row["what"]),
            "declared": format_si(row[f"declared_{dimension}"], dimension),
            "parts": format_si(row[f"parts_{dimension}"], dimension),
            "agrees": say.text("site.yes" if row["agrees"] else "site.no"),
        }
        for row in facts["declared"]
        for dimension in ("flops", "bytes")
        if f"declared_{dimension}" in row
    ]


def _until_in_time(facts: Facts, say: Language) -> list[Facts]:
    """Leave out the deliveries after the first for which a part could be had: they are later still."""
    settled: set[str] = set()
    rows = []
    for row in facts["availability"]:
        if row["place"] not in settled:
            rows.append({**row, "in_time": say.text("site.yes" if row["in_time"] else "site.no")})
        if row["in_time"]:
            settled.add(row["place"])
    return rows


def _peak_rows(facts: Facts) -> list[Facts]:
    """Write out each peak; operations on integers are OPS, not FLOPS."""
    return [
        {
            "precision": row["precision"],
            "site": None if row["peak_flops"] is None else _rate(row["peak_flops"], row["precision"]),
            "pools": ", ".join(
                f"{name} {_rate(peak, row['precision'])}" for name, peak in row["pools"].items() if peak
            ),
            "lacking": ", ".join(row["lacking"]),
        }
        for row in facts["peaks"]
    ]


def _rate_rows(facts: Facts) -> list[Facts]:
    """Write out the part of peak that well-tuned codes reach, where it is stated."""
    return [
        {
            **row,
            "achievable": ", ".join(f"{name} {part:.0%}" for name, part in row["achievable_frac"].items()),
        }
        for row in facts["slot_rates"]
    ]


def _rate(flops: float, precision: Precision) -> str:
    text = format_si(flops, "flops")
    return text.replace("FLOPS", "OPS") if precision.startswith("int") else text


def _bandwidth(rate: float) -> str:
    return format_si(rate, "bytes_per_s")


def _watts(power: float) -> str:
    return format_si(power, "watt")


_RATES: Final[Mapping[str, Form]] = {
    f"{part}_bytes_per_s": _bandwidth for part in ("memory", "link", "network", "local_storage", "storage")
}
_PARTS: Final[Mapping[str, Form | None]] = {
    "place": None, "part": None, "nodes": "{:,}".format, "slots": "{:,}".format, "usable_bytes": format_bytes,
    "raw_bytes": format_bytes, "power_held_w": _watts, "power_max_w": _watts,
}  # fmt: skip
_DECLARED: Final[Mapping[str, Form | None]] = {
    "what": None, "declared": str, "parts": str, "gap_frac": "{:+.1%}".format, "agrees": None,
}  # fmt: skip
_AVAILABILITY: Final = ("place", "part", "available_from", "in_service_on", "delivery", "in_time")
