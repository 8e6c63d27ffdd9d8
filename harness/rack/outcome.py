"""What an error, the end of a block or a look at a phone means as a typed failure. Pure; looks at classes, not text."""

from __future__ import annotations

from harness.benchmark.session import BlockReport
from harness.benchmark.watch import Ending
from harness.errors import (
    DeadlineError,
    EnvironmentFault,
    HarnessError,
    HostTransientError,
    PhoneTransientError,
    StorageFullError,
    Where,
)
from harness.phones.lease import LeaseHeldError
from harness.rack.failure import Failure, Kind
from harness.rack.gather import Seen

#: The first class that fits counts.
_CLASSES: tuple[tuple[type[HarnessError], Kind], ...] = (
    (LeaseHeldError, Kind.LEASE_LOST),
    (StorageFullError, Kind.STORAGE_FULL),
    (DeadlineError, Kind.NO_ANSWER),
    (PhoneTransientError, Kind.LINK_LOST),
    (HostTransientError, Kind.SERVER_LOST),
    (EnvironmentFault, Kind.SERVER_LOST),
)
_ENDINGS = {
    Ending.INTERRUPTED: Kind.JOB_DIED,
    Ending.GONE: Kind.JOB_DIED,
    Ending.REBOOTED: Kind.REBOOTED,
    Ending.DIED: Kind.JOB_DIED,
    Ending.HUNG: Kind.JOB_HUNG,
    Ending.FENCED: Kind.LEASE_LOST,
    Ending.FULL: Kind.STORAGE_FULL,
    Ending.HOT: Kind.TOO_HOT,
    Ending.LOW: Kind.BATTERY_LOW,
    Ending.EARLY: Kind.JOB_DIED,
    Ending.COMPLETE: Kind.JOB_DIED,
}


def of_error(error: HarnessError) -> Failure:
    """The failure that an error on the way to a phone, or on it, means."""
    kind = next((kind for kind_of, kind in _CLASSES if isinstance(error, kind_of)), None)
    if kind is None:
        kind = Kind.CANNOT if error.where is Where.PHONE else Kind.HOST
    advice = f"; {error.advice}" if error.advice else ""
    return Failure(kind, f"{error.message}{advice}")


def of_report(report: BlockReport, planned: int, *, stopped: bool) -> Failure | None:
    """The failure that the end of a block means; None where every session has ended.

    Args:
        planned: sessions that were to run.
        stopped: it was to be interrupted.
    """
    if not report.missing:
        return None
    kind = Kind.INTERRUPTED if stopped and report.ending is Ending.INTERRUPTED else _ENDINGS[report.ending]
    return Failure(kind, f"{len(report.missing)} of {planned} sessions did not run: {report.ending.value}")


def of_look(seen: Seen | None, *, passing: frozenset[Kind] = frozenset()) -> Failure | None:
    """Why no job may start on a phone that was looked at; None where one may.

    Args:
        seen: None where adb does not name the phone.
        passing: findings of these kinds do not count.
    """
    if seen is None:
        return Failure(Kind.LINK_LOST, "adb does not name it")
    if seen.error is not None:
        return of_error(seen.error)
    if seen.probe is None:
        return Failure(Kind.OFFLINE, seen.reason or seen.adb_state)
    blocking = [f for f in seen.findings if f.blocking and Kind(f.kind) not in passing]
    if not blocking:
        return None
    return Failure(Kind(blocking[0].kind), "; ".join(f"{f.message}: {f.advice}" for f in blocking))
