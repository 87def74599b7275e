"""What is said of a requirement before anything runs: that it speaks of nothing there is, or asks nothing."""

import re
from collections.abc import Collection, Iterable

from capacity.errors import InputError, nearest
from capacity.inputs.scenario import Scenario
from capacity.measure.metrics import CURRENCY, UNITS
from capacity.study.requirements import ANY, Requirement


def check_places(requirement: Requirement, scenario: Scenario) -> None:
    """Refuse, before anything is simulated, a requirement on what the scenario does not have.

    Raises
    ------
    InputError
        A label names a pool, tier, class or tenant that is not there, or a month outside the horizon; or the
        limit is in another currency than the site reports in.
    """
    first, last = f"{scenario.start:%Y-%m}", f"{scenario.until:%Y-%m}"
    known: dict[str, Collection[str]] = {
        "pool": scenario.site.pools, "tier": scenario.site.storage, "job_class": scenario.workload.classes,
        "tenant": scenario.workload.tenants, "qos": scenario.policy.qos,
    }  # fmt: skip
    where = f"--require {requirement.text}"
    currency = scenario.site.reporting_currency
    if UNITS.get(requirement.metric) == CURRENCY and currency and requirement.unit != currency:
        what = f"a limit in {requirement.unit}, and the site reports in {currency}"
        raise InputError(what, where=where, fix=f"give it in {currency}")
    for name, value in requirement.where:
        if name in known and value != ANY and value not in known[name]:
            what = f"the scenario has no {name.replace('_', ' ')} '{value}'"
            raise InputError(what, where=where, fix=nearest(value, list(known[name])))
        if (
            name == "month"
            and value not in {ANY, "all"}
            and not (re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) and first <= value <= last)
        ):
            fix = f"a month from {first} to {last}, all for the whole horizon, * for each"
            raise InputError(f"'{value}' is no month of the scenario", where=where, fix=fix)


def always_met(requirements: Iterable[Requirement], scenario: Scenario) -> list[str]:
    """Return a warning for each requirement that every site meets: a tier stops taking data at its limit.

    Parameters
    ----------
    requirements : iterable of Requirement
        Those that `check_places` lets pass.
    scenario : Scenario
        What they speak of.
    """
    said = []
    for one in requirements:
        if one.metric != "storage_used_frac" or not one.at_most:
            continue
        asked = dict(one.where).get("tier", ANY)
        tiers = {name: tier for name, tier in scenario.site.storage.items() if asked in {ANY, name}}
        if tiers and all(tier.fill_limit <= one.limit for tier in tiers.values()):
            limit_frac = max(tier.fill_limit for tier in tiers.values())
            names = " and ".join(tiers)
            said.append(
                f"--require {one.text} is met by any site: {names} turns data away from its fill_limit of "
                f"{limit_frac:.4g} on; require less, or storage_refused_bytes[tier={asked}] <= 0 B"
            )
    return said
