"""Writes specifications for tests and collects what the loader says of them."""

import textwrap
from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import Loaded, load_part


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file with the indentation of the test taken off."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def load(kind: str, folder: Path, text: str, *overrides: str) -> Loaded:
    """Load a specification from its text."""
    return load_part(kind, write(folder, "x.yaml", text), overrides=overrides)


def problems(kind: str, folder: Path, text: str, *overrides: str) -> list[str]:
    """Return what the loader says of a wrong specification: place without the folder, sentence and remedy."""
    with pytest.raises(InputError) as caught:
        load(kind, folder, text, *overrides)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


NODE = """
kind: node
title: A node
source: a page
as_of: 2021
cpu_cores: 64
memory: 512 GB
peak: {fp64: 2 TFLOPS}
power: {idle: 200 W, max: 800 W}
price: 10000 USD
available_from: 2020-01-01
"""

PRODUCT = """
kind: storage-product
title: A product
source: a page
as_of: 2021
media: disk
available_from: 2020-01-01
redundancy: {data: 8, parity: 2, spare: 0 %, filesystem: 0 %}
read_bandwidth: 6 GB/s/PB
write_bandwidth: 6 GB/s/PB
power: 1 W/TB
price: 50 USD/TB
"""

SITE = """
kind: site
title: A site
source: a page
as_of: 2021
timezone: Asia/Seoul
pools:
  main: {node: ./node.yaml, nodes: 100}
storage:
  disk: {product: ./product.yaml, capacity: {usable: 8 PB}, fill_limit: 85 %}
deliveries:
  first: {date: 2021-01-01, share: 25 %}
  rest: {date: 2022-01-01, share: 100 %}
pue: 1.5
electricity_price: 100 KRW/kWh
currency: KRW
exchange_rates: {USD: 1000 KRW/USD}
"""


def write_site(folder: Path, text: str = SITE) -> Path:
    """Write a small site with its node and storage product."""
    write(folder, "node.yaml", NODE)
    write(folder, "product.yaml", PRODUCT)
    return write(folder, "site.yaml", text)
