"""A site in numbers: what it computes, stores, draws and costs, and whether it could be bought in time.

`site_facts` gives plain data in SI units, which is what JSON carries; `print_site` prints the same as tables.
"""

from typing import TYPE_CHECKING, Any

import click

from capacity.cli.printing.output import Col, Output
from capacity.quantities.precision import PRECISIONS, Precision
from capacity.quantities.writing import format_bytes, format_si

if TYPE_CHECKING:
    from capacity.inputs.site import Site

Facts = dict[str, Any]


def site_facts(site: "Site") -> Facts:
    """Return the sums and checks of a site, complete as planned.

    Returns
    -------
    dict
        Plain data with the unit at the end of each name. A peak of None means that a pool lacks the
        precision, a price of None that a part has none.
    """
    return {
        "name": site.name,
        "title": site.title,
        "nodes": site.nodes,
        "slots": site.slots,
        "usable_bytes": site.usable_bytes,
        "raw_bytes": site.raw_bytes,
        "it_power_max_w": site.it_power_max_w,
        "power_max_w": site.power_max_w,
        "price_krw": site.price_krw,
        "budget_krw": site.budget,
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
    from capacity.inputs.bandwidth import read_rate
    from capacity.simulation.hardware import slot_rates

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
    return [
        {
            "place": name,
            "part": pool.node.name,
            "nodes": pool.nodes,
            "slots": pool.slots,
            "power_max_w": pool.power_max_w,
            "power_held_w": pool.nodes * pool.node.power.held,
            "price_krw": pool.price_krw(site.exchange_rate),
        }
        for name, pool in site.pools.items()
    ]


def _tiers(site: "Site") -> list[Facts]:
    return [
        {
            "place": name,
            "part": tier.product.name,
            "usable_bytes": tier.usable_bytes,
            "raw_bytes": tier.raw_bytes,
            "power_max_w": tier.power_w,
            "price_krw": tier.price_krw(site.exchange_rate),
        }
        for name, tier in site.storage.items()
    ]


def print_site(facts: Facts, output: Output) -> None:
    """Print the facts as tables, each under a heading."""
    rows = [{"what": title, "value": text} for title, text in _totals(facts)]
    output.emit([Col("what", f"site {facts['name']}"), Col("value", facts["title"])], rows)
    _section("Dense peak when complete, by precision", _PEAK_COLUMNS, _peak_rows(facts), output)
    _section("What one slot gets, beside its peak", _RATE_COLUMNS, _rate_rows(facts), output)
    _section("Parts", _PART_COLUMNS, facts["parts"], output)
    _section("Declared totals against the sum of the parts", _DECLARED_COLUMNS, _declared_rows(facts), output)
    _section("Could the parts be had in time?", _AVAILABILITY_COLUMNS, _until_in_time(facts), output)


def _section(title: str, columns: list[Col], rows: list[Facts], output: Output) -> None:
    if rows:
        click.echo(f"\n{title}")
        output.emit(columns, rows)


def _totals(facts: Facts) -> list[tuple[str, str]]:
    price, budget = facts["price_krw"], facts["budget_krw"]
    totals = [
        ("nodes", f"{facts['nodes']:,}"),
        ("slots", f"{facts['slots']:,}"),
        ("usable storage", format_bytes(facts["usable_bytes"], both=True)),
        ("raw storage", format_bytes(facts["raw_bytes"], both=True)),
        ("power of IT at full load", format_si(facts["it_power_max_w"], "watt")),
        ("power of the site at full load", format_si(facts["power_max_w"], "watt")),
        ("price of the parts", "not known for all parts" if price is None else format_si(price, "krw")),
    ]
    if budget is not None:
        over = "" if price is None else f", {'exceeded' if price > budget else 'kept'}"
        totals.append(("budget", format_si(budget, "krw") + over))
    return totals


def _declared_rows(facts: Facts) -> list[Facts]:
    """Give rates and sizes one pair of columns."""
    return [
        {
            **row,
            "declared": format_si(row[f"declared_{dimension}"], dimension),
            "parts": format_si(row[f"parts_{dimension}"], dimension),
        }
        for row in facts["declared"]
        for dimension in ("flops", "bytes")
        if f"declared_{dimension}" in row
    ]


def _until_in_time(facts: Facts) -> list[Facts]:
    """Leave out the deliveries after the first for which a part could be had: they are later still."""
    settled: set[str] = set()
    rows = []
    for row in facts["availability"]:
        if row["place"] not in settled:
            rows.append(row)
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


def _yes(value: bool) -> str:
    return "yes" if value else "NO"


_PEAK_COLUMNS = [
    Col("precision", "precision"),
    Col("site", "site", align="right"),
    Col("pools", "pools"),
    Col("lacking", "lacking in"),
]

_RATE_COLUMNS = [
    Col("place", "pool"),
    Col("memory_bytes_per_s", "memory", align="right", format=_bandwidth),
    Col("link_bytes_per_s", "links", align="right", format=_bandwidth),
    Col("network_bytes_per_s", "network", align="right", format=_bandwidth),
    Col("local_storage_bytes_per_s", "own drives", align="right", format=_bandwidth),
    Col("storage_bytes_per_s", "shared storage", align="right", format=_bandwidth),
    Col("host_speed", "host", align="right", format="{:.2f}".format),
    Col("achievable", "well-tuned codes reach"),
]

_PART_COLUMNS = [
    Col("place", "pool or tier"),
    Col("part", "part"),
    Col("nodes", "nodes", align="right", format="{:,}".format),
    Col("slots", "slots", align="right", format="{:,}".format),
    Col("usable_bytes", "usable", align="right", format=format_bytes),
    Col("raw_bytes", "raw", align="right", format=format_bytes),
    Col("power_held_w", "power held", align="right", format=lambda watts: format_si(watts, "watt")),
    Col("power_max_w", "at most", align="right", format=lambda watts: format_si(watts, "watt")),
    Col("price_krw", "price", align="right", format=lambda price: format_si(price, "krw")),
]

_DECLARED_COLUMNS = [
    Col("what", "what"),
    Col("declared", "declared", align="right"),
    Col("parts", "parts make", align="right"),
    Col("gap_frac", "gap", align="right", format="{:+.1%}".format),
    Col("agrees", "within 1 %", format=_yes),
]

_AVAILABILITY_COLUMNS = [
    Col("place", "pool or tier"),
    Col("part", "part"),
    Col("available_from", "to be had from"),
    Col("in_service_on", "in service on"),
    Col("delivery", "delivery"),
    Col("in_time", "in time", format=_yes),
]
