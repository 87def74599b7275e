"""The blocks of a delimited log joined to whole columns, with remarks on what was bent in reading."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workloads.jobtable import Tally, label_column
from workloads.readers.delimited.block import BlockPlan, Part


def joined(parts: Sequence[Part], plan: BlockPlan) -> tuple[dict[str, Any], list[Tally]]:
    """Return the columns of all parts one behind the other; the parts give up theirs."""
    filled = [part for part in parts if part.columns]
    columns: dict[str, Any] = {}
    for field in plan.fields.values():
        pieces = [part.columns.pop(field.name) for part in filled]
        if field.kind == "label":
            columns[field.name] = _label(pieces, plan.layout.missing)
        elif field.kind == "text":
            columns[field.name] = pa.chunked_array([chunk for piece in pieces for chunk in piece.chunks])
        else:
            columns[field.name] = np.concatenate(pieces)
    return columns, [*_remarks(parts)]


def _label(pieces: Sequence[pa.ChunkedArray], missing: tuple[str, ...]) -> pd.Categorical:
    """Return one label column, its words in order, blanks around them cut off, no value as no word."""
    chunks = [chunk for piece in pieces for chunk in piece.chunks]
    merged = pa.chunked_array(chunks).unify_dictionaries()
    words = [word.strip() for word in merged.chunk(0).dictionary.to_pylist()]
    words = ["" if word in missing else word for word in words]
    unique, place = np.unique(np.array(words, dtype=object), return_inverse=True)
    codes = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in merged.chunks])
    return label_column(place[codes], [*unique])


def _remarks(parts: Sequence[Part]) -> Iterator[Tally]:
    lines = [line for part in parts for line in part.other_encoding]
    if lines:
        yield Tally("not UTF-8: read as CP949", len(lines), tuple(f"line {line}" for line in lines[:3]))
    heads = sum(part.heads for part in parts)
    if heads:
        yield Tally("the header line again: no job", heads)
    names = dict.fromkeys(name for part in parts for name in part.rounded)
    for name in names:
        yield Tally(f"{name} rounded to whole numbers", sum(part.rounded.get(name, 0) for part in parts))
