"""The columns of ``capacity list`` for each kind of specification, and how a record fills them."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from capacity.cli.printing.output import Col
from capacity.errors import InputError
from capacity.inputs.hardware.parts import Accelerator, Node
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.loader import load_part
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.inputs.storage.tiers import StorageProduct
from capacity.quantities.precision import Precision
from capacity.quantities.writing import format_bytes, format_si

Row = dict[str, Any]


def _si(key: str, title: str, dimension: str) -> Col:
    return Col(key, title, align="right", format=lambda value: format_si(value, dimension))


def _count(key: str, title: str) -> Col:
    return Col(key, title, align="right", format="{:,}".format)


_NAME, _TITLE, _SINCE = Col("name", "name"), Col("title", "title"), Col("available_from", "to be had from")
# Three of the eight precisions: the two in which sites are announced, and the one in which most models train
# and which every accelerator has. `capacity show` prints all.
_LISTED: tuple[Precision, ...] = ("fp64", "fp64_tensor", "fp16")
_PEAKS = tuple(_si(f"peak_{precision}_flops", precision, "flops") for precision in _LISTED)
_POWER = _si("power_max_w", "power", "watt")

COLUMNS: Mapping[str, tuple[Col, ...]] = {
    "accelerator": (_NAME, _SINCE, *_PEAKS, _si("memory_bytes", "memory", "bytes"), _POWER, _TITLE),
    "node": (_NAME, _SINCE, _count("slots", "slots"), *_PEAKS, _POWER, _TITLE),
    "storage-product": (
        _NAME,
        _SINCE,
        Col("media", "media"),
        _si("usable_frac", "usable/raw", "fraction"),
        _TITLE,
    ),
    "site": (
        _NAME,
        _count("nodes", "nodes"),
        _count("slots", "slots"),
        *_PEAKS,
        Col("usable_bytes", "usable", align="right", format=format_bytes),
        _POWER,
        _si("price_krw", "price", "krw"),
        Col("in_time", "in time", format=lambda ok: "yes" if ok else "NO"),
        _TITLE,
    ),
    "workload": (_NAME, _TITLE),
    "reference": (_NAME, _count("facts", "facts"), _TITLE),
    "scenario": (
        _NAME,
        Col("start", "from"),
        Col("until", "through"),
        Col("site", "site"),
        Col("workload", "workload"),
        Col("policy", "policy"),
        _TITLE,
    ),
}


def rows_of(kind: str) -> list[Row]:
    """Return a row for each name of a kind; a file that is wrong is named on stderr and keeps its row."""
    return [_row(kind, name) for name in catalogue.names(kind)]


def _row(kind: str, name: str) -> Row:
    try:
        record = load_part(kind, name).record
    except InputError as error:
        click.echo(f"warning: {kind} {name} cannot be used: {error.problems[0]}", err=True)
        return {"name": name, "title": "invalid, see capacity validate"}
    return {"name": name, "title": getattr(record, "title", None), **_FILL[kind](record)}


def _peaks(peak_at: Callable[[Precision], float | None]) -> Row:
    return {f"peak_{precision}_flops": peak_at(precision) for precision in _LISTED}


def _accelerator(record: Accelerator) -> Row:
    return {
        "available_from": record.available_from,
        **_peaks(record.peak.by_precision().get),
        "memory_bytes": record.memory,
        "power_max_w": record.power.max,
    }


def _node(record: Node) -> Row:
    return {
        "available_from": record.buyable_from,
        "slots": record.slots,
        **_peaks(record.peaks.get),
        "power_max_w": record.power.max,
    }


def _storage_product(record: StorageProduct) -> Row:
    return {"available_from": record.available_from, "media": record.media, "usable_frac": record.usable_frac}


def _site(record: Site) -> Row:
    return {
        "nodes": record.nodes,
        "slots": record.slots,
        **_peaks(record.peak_flops),
        "usable_bytes": record.usable_bytes,
        "power_max_w": record.power_max_w,
        "price_krw": record.price_krw,
        "in_time": all(part.ok for part in record.availability()),
    }


def _scenario(record: Scenario) -> Row:
    return {
        "start": record.start,
        "until": record.until,
        "site": record.site.name,
        "workload": record.workload.name,
        "policy": f"{record.policy.order}/{record.policy.backfill}",
    }


_FILL: Mapping[str, Callable[[Any], Row]] = {
    "accelerator": _accelerator,
    "node": _node,
    "storage-product": _storage_product,
    "site": _site,
    "workload": lambda _record: {},
    "reference": lambda record: {"facts": len(record.facts)},
    "scenario": _scenario,
}
