"""What can go wrong with a job on a phone, as a few kinds. Pure.

Every decision (try again, recover the phone and how, stop the job everywhere) looks at the kind, never at text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of failure, from the outside in: this machine, the link, the phone, the job."""

    SERVER_LOST = "server_lost"  #: the adb server does not answer
    LINK_LOST = "link_lost"  #: adb does not name the phone, or the link broke
    OFFLINE = "offline"  #: adb names it `offline`, or it is stuck in connecting
    UNAUTHORIZED = "unauthorized"  #: somebody must tap Allow
    NO_ANSWER = "no_answer"  #: adb says `device`, but its shell does not answer in time
    NOT_BOOTED = "not_booted"  #: it answers and does not finish booting
    REBOOTED = "rebooted"  #: it booted while a job ran
    JOB_DIED = "job_died"  #: run.sh is gone without a reboot: adbd was restarted, or something killed it
    JOB_HUNG = "job_hung"  #: run.sh lives and gives no sign of life
    LEASE_LOST = "lease_lost"  #: somebody else took the phone
    STORAGE_FULL = "storage_full"
    BATTERY_LOW = "battery_low"
    TOO_HOT = "too_hot"
    UNFIT = "unfit"  #: another finding of its health that stands in the way
    POISON = "poison"  #: the job killed phones, and is not tried again
    CANNOT = "cannot"  #: the job cannot run there, and never will (wrong ABI, program does not start)
    HOST = "host"  #: a stable fault of this machine (disk full)
    INTERRUPTED = "interrupted"  #: it was ended by hand


@dataclass(frozen=True)
class Failure:
    """A typed failure and one sentence for people, without the phone's name. final: waiting any longer is no use."""

    kind: Kind
    message: str
    final: bool = False
