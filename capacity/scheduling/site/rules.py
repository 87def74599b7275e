"""The rules real sites add to a queue: shares, QOS and preemption, limits, windows, requeueing.

Plain records of numbers in SI; indices point into the tuples beside them. `capacity.scheduling.batch` hands
them to the site core, which is the only one that knows them.
"""

from dataclasses import dataclass, field
from typing import Final

from capacity.errors import InputError, Problem

FOREVER_S: Final = (1 << 39) - 2
"""Later than any job event, and the end of a window that nobody expects to end. [s]"""

UNLIMITED: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class LimitNumbers:
    """What may be in the system at once; a job beyond a running limit is passed over, not blocked on.

    Attributes
    ----------
    running_slots, running_jobs, submitted_jobs : int
        Slots and jobs running, and jobs waiting or running; `UNLIMITED` for no limit.
    """

    running_slots: int = UNLIMITED
    running_jobs: int = UNLIMITED
    submitted_jobs: int = UNLIMITED


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """A node of the account tree; tenants are accounts, users are leaves below them.

    Attributes
    ----------
    name, shares : str, float
        Its name, and its shares among its siblings.
    parent : int
        Index of the parent account, which comes earlier; -1 below the root.
    limits : LimitNumbers
        Of all its own users together (not of accounts below it).
    """

    name: str
    shares: float = 1.0
    parent: int = -1
    limits: LimitNumbers = LimitNumbers()


@dataclass(frozen=True, slots=True)
class QosNumbers:
    """A quality of service.

    Attributes
    ----------
    name, priority : str, float
        Its name, and the QOS factor of the multifactor order, 0 to 1.
    preempts : tuple of int
        Indices of the QOS whose running jobs it may preempt.
    mode : str
        What happens to a job of *this* QOS that is preempted: ``requeue`` or ``cancel``.
    grace_s, min_run_s : int
        How long such a job still runs after it was told, and runs before it may be preempted. [s]
    limits, user_limits : LimitNumbers
        Of all its jobs together, and of each user's jobs in it.
    """

    name: str
    priority: float = 0.0
    preempts: tuple[int, ...] = ()
    mode: str = "requeue"
    grace_s: int = 0
    min_run_s: int = 0
    limits: LimitNumbers = LimitNumbers()
    user_limits: LimitNumbers = LimitNumbers()


@dataclass(frozen=True, slots=True)
class WindowNumbers:
    """Nodes out of use, or held for a tenant, from one time to another; known from the start.

    Attributes
    ----------
    pool : int
        Index of the pool.
    start_s, end_s : int
        From, until; `FOREVER_S` for a removal. [s]
    first, nodes : int
        The nodes; on a counted pool only their number matters.
    account : int
        Index of the tenant for whom they are held; -1 for maintenance.
    requeue : bool
        Jobs may start that will not have ended by the window; it requeues them (``drain: requeue``).
        Otherwise nothing starts on the nodes that is not expected to end before.
    """

    pool: int
    start_s: int
    end_s: int
    first: int
    nodes: int
    account: int = -1
    requeue: bool = False


@dataclass(frozen=True, slots=True)
class MultifactorNumbers:
    """Weights of the priority, larger first, as Slurm's priority/multifactor plugin.

    Source: https://slurm.schedmd.com/priority_multifactor.html,
    https://slurm.schedmd.com/classic_fair_share.html and https://slurm.schedmd.com/fair_tree.html.

    Attributes
    ----------
    age, size, qos, pool, fair_share : float
        Weight of each factor; a factor is between 0 and 1.
    max_age_s, half_life_s : int
        Wait at which the age factor is 1, and time in which past usage loses half its weight. [s]
    damping : float
        Divisor of the exponent of the classic fair-share factor.
    fair_share_rule : str
        ``classic`` or ``fair-tree``.
    favor_small : bool
        Small jobs have the large size factor.
    pool_factors : tuple of float
        Pool factor, 0 to 1, by pool; empty for 0 everywhere.
    """

    age: float = 1000.0
    size: float = 0.0
    qos: float = 0.0
    pool: float = 0.0
    fair_share: float = 0.0
    max_age_s: int = 7 * 86_400
    half_life_s: int = 7 * 86_400
    damping: float = 1.0
    fair_share_rule: str = "classic"
    favor_small: bool = False
    pool_factors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Restarts:
    """What becomes of a job whose node fails.

    Attributes
    ----------
    requeue : bool
        It runs again; otherwise its state is ``node_fail``.
    delay_s : int
        It is back in the queue so long after, at least 1 s. [s]
    max_attempts : int
        A job whose node fails in its last attempt is not requeued.
    max_futile : int
        Nor is one whose node failed in so many attempts in a row of which nothing was saved: a job that
        can never reach its next checkpoint would go on for ever.
    """

    requeue: bool = True
    delay_s: int = 1
    max_attempts: int = UNLIMITED
    max_futile: int = 10

    def __post_init__(self) -> None:
        for name in ("max_attempts", "max_futile"):
            if getattr(self, name) < 1:
                raise InputError(Problem(f"{name} is {getattr(self, name)}", fix="at least 1"))


@dataclass(frozen=True, slots=True)
class SiteRules:
    """All of it; the defaults change nothing.

    Attributes
    ----------
    accounts : tuple of AccountNumbers
        The account tree; index 0 is used for jobs when it is empty.
    qos : tuple of QosNumbers
        Qualities of service.
    user_limits : LimitNumbers
        Of each user.
    multifactor : MultifactorNumbers
        Used by the order ``multifactor``.
    windows : tuple of WindowNumbers
        Maintenance, removals and advance reservations.
    route : str
        How a job that may use several pools chooses; `capacity list routes`.
    restarts : Restarts
        What becomes of a job whose node fails; those that are preempted are back after its delay, too.
    """

    accounts: tuple[AccountNumbers, ...] = ()
    qos: tuple[QosNumbers, ...] = ()
    user_limits: LimitNumbers = LimitNumbers()
    multifactor: MultifactorNumbers = field(default_factory=MultifactorNumbers)
    windows: tuple[WindowNumbers, ...] = ()
    route: str = "preferred"
    restarts: Restarts = Restarts()

    def __post_init__(self) -> None:
        for index, account in enumerate(self.accounts):
            if not -1 <= account.parent < index:
                raise InputError(Problem(f"account {account.name}: its parent must come before it"))
        for window in self.windows:
            if window.end_s <= window.start_s or window.nodes < 1 or window.first < 0:
                raise InputError(Problem(f"a window from {window.start_s} s to {window.end_s} s is empty"))
