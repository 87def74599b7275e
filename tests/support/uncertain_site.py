"""The small site with ranges, and some worlds of it: what is uncertain moves use, waits and storage."""

from capacity.face.simulate import simulate
from tests.support.small_site import write_small

RANGES = (
    "workload.tenants.lab.jobs_per_member={likely: 6 job/user/day, range: [3 job/user/day, 12 job/user/day]}",
    "workload.tenants.firm.members={points: {2021-02-01: 10}}",
    "site.pue={value: 1.5, range: [1.3, 1.8]}",
)
WORLDS = 8


def simulate_worlds(folder, *, worlds=WORLDS, **options):
    """Run worlds of the small site with ranges."""
    path = folder / "small.yaml"
    if not path.exists():
        write_small(folder)
    return simulate(path, set=RANGES, worlds=worlds, **options)
