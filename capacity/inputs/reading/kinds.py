"""Which record belongs to which kind of file."""

from capacity.inputs.demand.reference import Reference
from capacity.inputs.demand.workload import Workload
from capacity.inputs.fields.record import Record
from capacity.inputs.hardware.parts import Accelerator, Node
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.inputs.storage.tiers import StorageProduct

RECORDS: dict[str, type[Record]] = {
    "reference": Reference,
    "accelerator": Accelerator,
    "node": Node,
    "storage-product": StorageProduct,
    "site": Site,
    "workload": Workload,
    "scenario": Scenario,
}
