"""``capacity units``: convert or check a quantity."""

import click

from capacity.cli.options.specification import note
from capacity.cli.printing.output import Output, output_options
from capacity.report.terminal.table import Form, titled

EPILOG = """\b
Examples:
  capacity units 107PB
  capacity units "88.5 PFLOPS * 30 day" --to PF-day
  capacity units "107 PB / 88 GB/s" --to day
  capacity units 1-12:00:00 --to h
  capacity units "97.3 KRW/kWh * 2.1 MW * 1 year" --to KRW
"""


@click.command(epilog=EPILOG)
@click.argument("expression", nargs=-1, required=True)
@click.option("--to", metavar="UNIT", help="Print the value in this unit only.")
@output_options
def command(*, expression: tuple[str, ...], to: str | None, output: Output) -> None:
    """Convert or check a quantity EXPRESSION: numbers with units, and + - * / ( ) between them.

    Units: b (bit), B (byte), FLOP and FLOPS with a precision (PFLOPS_fp64_tensor), PF-day, W, Wh, s, min, h,
    day, week, month, year, GPU, node, core, job, %, and the currencies of ISO 4217, such as KRW. Prefixes are
    decimal (k M G T P E) or binary (Ki Mi Gi Ti Pi Ei). Slurm's durations and 억, 조, million, bn are
    understood. What does not go together, such as PFLOPS and PB or fp64 and bf16, is an error that says why.
    """
    from capacity.quantities.conversion import convert
    from capacity.report.language import Language

    say = Language("en")
    text = " ".join(expression)
    result = convert(text, to)
    rows = [{"value": one.value, "unit": one.unit, "note": one.note} for one in result.equivalents]
    forms: dict[str, Form | None] = {"value": "{:.12g}".format, "unit": None}
    if any(row["note"] for row in rows):
        forms["note"] = None
    if to is not None:
        output = Output(output.format, noheader=output.noheader or output.format == "table")
    payload = {"expression": text, "remark": result.remark, "equivalents": rows}
    output.emit(titled(say, "units", forms), rows, json_payload=payload)
    if result.remark and output.format != "json":
        note(result.remark)
