"""How the run time of one problem changes with the slots it gets: Amdahl's law and communication."""

from dataclasses import dataclass

from capacity.facility.energy import Number


@dataclass(frozen=True, slots=True)
class StrongScaling:
    """Strong scaling of a fixed problem over n equal slots.

    Attributes
    ----------
    serial_frac : float
        Part σ of the time on one slot that no further slot shortens.
    communication_frac : float
        Time κ that exchanging data takes on very many slots, over the time on one slot.

    Notes
    -----
    Run time on n slots over that on one: τ(n) = σ + (1 − σ) / n + κ · (1 − 1/n). The first two terms are
    Amdahl's law (AFIPS 1967, doi:10.1145/1465482.1465560). The third is an all-reduce that is optimal in
    bandwidth: each slot sends and receives 2 (n − 1) / n times the data, however many there are (P. Patarasuk
    and X. Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", Journal of Parallel
    and Distributed Computing 2009, doi:10.1016/j.jpdc.2008.09.002). Latency is not in it.
    """

    serial_frac: float = 0.0
    communication_frac: float = 0.0

    def over_one(self, slots: Number) -> Number:
        """Return the run time on so many slots over that on one.

        Examples
        --------
        >>> StrongScaling(serial_frac=0.5).over_one(2.0)
        0.75
        """
        return self.serial_frac + (1 - self.serial_frac) / slots + self.communication_frac * (1 - 1 / slots)

    def mfu(self, mfu: float, at: float, slots: Number) -> Number:
        """Return the part of peak reached on so many slots, if it is `mfu` on `at` slots.

        Examples
        --------
        >>> round(StrongScaling(serial_frac=0.5).mfu(0.3, 2.0, 1.0), 3)
        0.45
        """
        return mfu * (self.over_one(at) * at) / (self.over_one(slots) * slots)
