"""``capacity.least_regret``: the size that is least regretted over worlds, and what to order later."""

from capacity.face.least_regret.sizing import LeastRegretted, least_regret

__all__ = ["LeastRegretted", "least_regret"]
