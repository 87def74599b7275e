"""Rules of storage tiers in days, also those that no file may say because they do nothing."""

from math import inf

from capacity.inputs.storage.tiers import Migrate, Purge

DAY_S = 86_400


def purge_rule(unread_days=inf, when_full_days=inf):
    return Purge.model_construct(unread=seconds(unread_days), when_full=seconds(when_full_days))


def migrate_rule(to, unread_days=inf, above=None, down_to=None):
    return Migrate.model_construct(to=to, unread=seconds(unread_days), above=above, down_to=down_to)


def seconds(days):
    return None if days == inf else days * DAY_S
