"""What we left running on the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.phones.clean import end_jobs
from harness.phones.recovery.proof import our_pids
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock

_END_S = 60.0


class EndLeftovers(Climb):
    """Ends our jobs, restoring what they changed, and then whatever else of ours still runs.

    Not for a phone that somebody else holds: it ends their job too.
    """

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        phone = target.server.phone(target.serial)
        before = our_pids(target, waits)
        end_jobs(phone, timeout_s=_END_S)
        if left := our_pids(target, waits):
            phone.shell(f"kill -9 {' '.join(left)}", timeout_s=waits.shell_s)
        return f"{len(before)} of our processes ran on it and were ended" if before else "nothing of ours ran on it"
