"""What ``capacity list`` says of each kind of specification: its columns, and how a record fills them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from capacity.errors import InputError
from capacity.inputs.hardware.parts import Accelerator, Node
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.loader import load_part
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.inputs.storage.tiers import StorageProduct
from capacity.quantities.precision import Precision
from capacity.quantities.writing import format_bytes, format_si
from capacity.report.language import Language
from capacity.report.terminal.table import Col, Form, titled

Row = dict[str, Any]

# Three of the eight precisions: the two in which sites are announced, and the one in which most models train
# and which every accelerator has. `capacity show` prints all.
_LISTED: Final[tuple[Precision, ...]] = ("fp64", "fp64_tensor", "fp16")
_PEAKS: Final = tuple(f"peak_{precision}_flops" for precision in _LISTED)
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "accelerator": ("available_from", *_PEAKS, "memory_bytes", "power_max_w"),
    "node": ("available_from", "slots", *_PEAKS, "power_max_w"),
    "storage-product": ("available_from", "media", "usable_frac"),
    "site": ("nodes", "slots", *_PEAKS, "usable_bytes", "power_max_w", "price", "currency", "in_time"),
    "workload": (),
    "reference": ("facts",),
    "scenario": ("start", "until", "site", "workload", "policy"),
    "experiment": ("scenario", "cases", "runs"),
}


def catalogue_columns(kind: str, say: Language) -> list[Col]:
    """Return what is told of each name of a kind."""

    def si(dimension: str) -> Form:
        return lambda value: format_si(value, dimension)

    numbers: dict[str, Form] = {
        **dict.fromkeys(_PEAKS, si("flops")),
        **dict.fromkeys(("nodes", "slots", "facts", "cases", "runs"), "{:,}".format),
        "memory_bytes": si("bytes"), "usable_bytes": format_bytes, "usable_frac": si("fraction"),
        "power_max_w": si("watt"), "price": say.money,
    }  # fmt: skip
    columns = titled(say, "catalogue", {key: numbers.get(key) for key in ("name", *_COLUMNS[kind], "title")})
    yes_or_no = {True: say.text("site.yes"), False: say.text("site.no")}
    return [replace(col, format=yes_or_no.__getitem__) if col.key == "in_time" else col for col in columns]


def catalogue_rows(kind: str, say: Language) -> tuple[list[Row], list[str]]:
    """Return a row for each name of a kind, and what is wrong with files that have only a name then."""
    rows: list[Row] = []
    wrong = []
    for name in catalogue.names(kind):
        try:
            record = load_part(kind, name).record
        except InputError as error:
            wrong.append(say.text("catalogue.unusable", kind=kind, name=name, why=error.problems[0]))
            rows.append({"name": name, "title": say.text("catalogue.invalid")})
        else:
            rows.append({"name": name, "title": getattr(record, "title", None), **_FILL[kind](record)})
    return rows, wrong


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
        "power_max_w": None if record.power is None else record.power.max,
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
        "price": record.price,
        "currency": record.reporting_currency,
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
    "experiment": lambda record: {key: getattr(record, key) for key in _COLUMNS["experiment"]},
}
