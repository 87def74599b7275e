"""The slot with the most memory that one can buy, to tell what a site lacks from what nobody has."""

from functools import cache

from capacity.inputs.hardware.parts import Node
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.loader import load_part


@cache
def largest_slot() -> tuple[str, float]:
    """Return the node of the catalogue whose slots have the most memory, and how much that is [B]."""
    nodes = [load_part("node", name).record for name in catalogue.names("node")]
    largest = max((n for n in nodes if isinstance(n, Node)), key=lambda node: node.slot_memory_bytes)
    return largest.name, largest.slot_memory_bytes
