"""Which record belongs to which kind of file."""

from capacity.spec.base import Record
from capacity.spec.demand import Workload
from capacity.spec.hardware import Accelerator, Node
from capacity.spec.reference import Reference
from capacity.spec.scenario import Scenario
from capacity.spec.site import Site
from capacity.spec.storage import StorageProduct

RECORDS: dict[str, type[Record]] = {
    "reference": Reference,
    "accelerator": Accelerator,
    "node": Node,
    "storage-product": StorageProduct,
    "site": Site,
    "workload": Workload,
    "scenario": Scenario,
}
