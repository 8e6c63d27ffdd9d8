"""Leases: who holds a phone. The truth lies on the phone, so that all users, commands and hosts see the same.

`DEVICE_ROOT/leases/NUMBER/held` holds one lease; the highest number counts. A number is taken by one atomic mkdir, so
of two that try one wins; numbers only rise. run.sh compares number and key before and after each session.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Phone seconds after its deadline, or after a boot, for which the run that held a phone may still come back.
GRACE_S = 300.0


@dataclass(frozen=True)
class Lease:
    """One lease.

    Attributes:
        number: the fencing number.
        key: random; a session counts only where number and key are the same before and after it.
        owner: user@host:pid of the command.
        run_id: the run it belongs to.
        boot_id, deadline_uptime_s: it ends at this uptime of this boot.
        released: it was given back.
    """

    number: int
    key: str
    owner: str
    run_id: str
    boot_id: str
    deadline_uptime_s: float
    released: bool = False

    def free(self, boot_id: str, uptime_s: float, grace_s: float = GRACE_S) -> bool:
        """True where somebody else may take the phone now."""
        if self.released:
            return True
        return uptime_s > (self.deadline_uptime_s + grace_s if boot_id == self.boot_id else grace_s)
