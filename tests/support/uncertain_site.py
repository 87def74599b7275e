"""Some worlds of the small site: how much people ask for and bring moves use, waits and storage."""

from pathlib import Path

from capacity.face.storage import StorageRun, storage
from tests.support.small_site import write_small

RANGES = (
    "workload.tenants.lab.jobs_per_member={likely: 6 job/user/day, range: [3 job/user/day, 12 job/user/day]}",
    "workload.tenants.lab.brings.camera.per_source={likely: 1 TB/day, range: [0.3 TB/day, 6 TB/day]}",
    "site.pue={value: 1.5, range: [1.3, 1.8], follows: energy, strength: 0.5}",
    "site.electricity_price={value: 100 KRW/kWh, range: [80 KRW/kWh, 150 KRW/kWh], follows: energy}",
    "site.storage.lake.lead_time=30 day",
)
WORLDS = 8


def run_worlds_of_the_small_site(folder: Path) -> StorageRun:
    """Run them, storage followed beyond the horizon, and leave the directory ``run``."""
    return storage(write_small(folder), set=RANGES, worlds=WORLDS, output=folder / "run")
