"""How much more of something as it stands in YAML: a number, a curve, run times, a share of a whole.

In go plain data and a factor; out come plain data that can be read again.
"""

from collections.abc import Iterable, Mapping
from math import fsum, nan
from typing import Any, Final

from capacity.inputs.fields.numbers import FieldReader, PlainNumber, Quantity
from capacity.inputs.fields.ranges import SHARES_SUM_TOLERANCE
from capacity.inputs.fields.run_time import RunTime
from capacity.inputs.reading.record_paths import Shape
from capacity.inputs.reading.tree import KeyPath

POINTS: Final = "points"
SHARE: Final = "share"


def cannot_scale(raw: object, shape: Shape) -> str:
    """Say why what stands somewhere cannot be multiplied; empty if it can."""
    if isinstance(raw, Mapping) and RunTime in shape.options and "log_scale" in raw:
        return "a log-gamma distribution has nothing to multiply: state another one"
    return "" if scaled(raw, shape, 1.0) is not None else "there is no number with a unit here to multiply"


def scaled(raw: Any, shape: Shape, factor: float) -> Any:  # noqa: ANN401  # plain data of any shape
    """Return so many times what stands somewhere; None if there is nothing to multiply.

    A number is multiplied, and a curve in all its points. In a record everything with a unit other than a
    share is: of run times the median and the mean, not their spread.
    """
    if shape.readers and not (isinstance(raw, Mapping) and not {"value", "likely"} & {*raw}):
        return _number(raw, shape.readers[0], factor)
    if not isinstance(raw, Mapping):
        return None
    changed: dict[str, Any] = {}
    for key, item in raw.items():
        below = shape.step(key)
        if below is None or (POINTS in raw and key != POINTS):
            continue
        found = _points(item, below, factor) if key == POINTS else _with_unit(item, below, factor)
        if found is not None:
            changed[key] = found
    return {**raw, **changed} if changed else None


def _points(raw: Mapping[str, Any], shape: Shape, factor: float) -> dict[str, Any]:
    return {
        key: _number(item, step.readers[0], factor) for key, item in raw.items() if (step := shape.step(key))
    }


def _with_unit(raw: Any, shape: Shape, factor: float) -> Any:  # noqa: ANN401
    if isinstance(raw, Mapping) and not {"value", "likely"} & {*raw}:
        return scaled(raw, shape, factor)
    reader = shape.readers[0] if shape.readers else None
    if reader is None or isinstance(reader, PlainNumber) or not isinstance(reader, FieldReader):
        return None
    if isinstance(reader, Quantity) and reader.dimension in ("fraction", "share_per_s"):
        return None
    return _number(raw, reader, factor)


def _number(raw: Any, reader: FieldReader, factor: float) -> Any:  # noqa: ANN401
    value = reader.read(raw)
    try:
        number = reader.number(value)
    except (TypeError, ValueError):  # a day, a word
        return None
    return reader.with_number(value, number * factor)


def rescaled(whole: Mapping[str, Any], changed: Iterable[str], shape: Shape) -> dict[str, Any]:
    """Return the shares of a whole with those that were not changed made smaller or larger in proportion.

    They are shares themselves, ``{notebook: 20 %, …}``, or records with a ``share``.

    Raises
    ------
    ValueError
        Those that were changed are more than the whole.
    """
    mine = {*changed}
    shares = {key: _share(item, shape.step(key)) for key, item in whole.items()}
    kept = 1.0 - fsum(share for key, share in shares.items() if key in mine)
    others = fsum(share for key, share in shares.items() if key not in mine)
    if kept < 0 or (others == 0 and kept > SHARES_SUM_TOLERANCE):
        raise ValueError(
            f"the shares of {', '.join(sorted(mine))} add up to {100 * (1 - kept):.4g} % of the whole"
        )
    times = kept / others if others else 1.0
    return {
        key: item if key in mine else _with_share(item, shape.step(key), shares[key] * times)
        for key, item in whole.items()
    }


def is_whole_of_shares(whole: Any, shape: Shape) -> bool:  # noqa: ANN401
    """Say whether something is a whole of two or more shares that add up to 100 %."""
    if not isinstance(whole, Mapping) or len(whole) < 2:
        return False
    return abs(fsum(_share(item, shape.step(key)) for key, item in whole.items()) - 1) < SHARES_SUM_TOLERANCE


def _share_reader(raw: Any, shape: Shape | None) -> tuple[FieldReader, bool] | None:  # noqa: ANN401
    """Return what reads the share, and whether it stands under the key ``share``."""
    if shape is None:
        return None
    inside = isinstance(raw, Mapping) and SHARE in raw and "value" not in raw
    step = shape.step(SHARE) if inside else shape
    reader = step.readers[0] if step and step.readers else None
    is_share = isinstance(reader, Quantity) and reader.dimension == "fraction"
    return (reader, inside) if is_share and reader is not None else None


def _share(raw: Any, shape: Shape | None) -> float:  # noqa: ANN401
    """Return a share, NaN where there is none."""
    found = _share_reader(raw, shape)
    return nan if found is None else float(found[0].read(raw[SHARE] if found[1] else raw))


def _with_share(raw: Any, shape: Shape | None, share: float) -> Any:  # noqa: ANN401
    found = _share_reader(raw, shape)
    assert found is not None
    return {**raw, SHARE: found[0].as_written(share)} if found[1] else found[0].as_written(share)


def whole_around(path: KeyPath) -> tuple[KeyPath, str]:
    """Return where the whole of a share would stand, and the share's key there."""
    return (path[:-2], str(path[-2])) if path[-1] == SHARE and len(path) > 1 else (path[:-1], str(path[-1]))
