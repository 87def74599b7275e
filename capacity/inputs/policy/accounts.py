"""Who shares the machine with whom: the account tree above the tenants of the workload."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import Field

from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.quantities import Factor, Name
from capacity.inputs.fields.record import SourcedPart
from capacity.inputs.policy.limits import Limits


class Account(SourcedPart):
    """A tenant's account, or a group of accounts; users are leaves below their tenant, one share each."""

    shares: Factor = 1.0
    """Shares of the machine among its siblings."""
    parent: Name | None = None
    """The group it belongs to; directly below the root if not given."""
    limits: Limits = Field(default_factory=Limits)
    """Of all its own users together, not of accounts below it."""


def parents_first(accounts: Mapping[str, Account]) -> list[str]:
    """Return the names so that every parent stands before its children; a circle ends where it closes."""
    found: dict[str, None] = {}
    for name in accounts:
        line = [name]
        while (parent := accounts[line[-1]].parent if line[-1] in accounts else None) not in (None, *line):
            line.append(str(parent))
        found.update(dict.fromkeys(reversed(line)))
    return list(found)


def with_tenants(
    accounts: Mapping[str, Account], own: Iterable[str], groups: Mapping[str, str]
) -> dict[str, Account]:
    """Return the accounts of a policy with the own ones of all tenants.

    Groups are those of an account in the words of its tenant; the policy goes before.
    """
    found = dict(accounts)
    for name in own:
        account = found.get(name) or Account()
        if account.parent is None and name in groups:
            account = account.model_copy(update={"parent": groups[name]})
            found.setdefault(groups[name], Account())
        found[name] = account
    return found


def circle_complaints(accounts: Mapping[str, Account]) -> Iterator[Complaint]:
    """Say which accounts are above themselves."""
    for name in accounts:
        line = [name]
        while (parent := accounts[line[-1]].parent if line[-1] in accounts else None) is not None:
            if parent == name:
                what = f"above itself: {' → '.join([*line, name])}"
                yield Complaint(what, "a group cannot belong to itself", ("accounts", name, "parent"))
            if parent in line:
                break
            line.append(parent)
