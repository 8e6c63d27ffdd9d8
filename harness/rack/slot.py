"""One phone as the controller holds it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.benchmark.session import Surroundings
from harness.phones.lease import Lease
from harness.rack.status import PhoneStatus
from harness.records import PhoneRecord


@dataclass
class Slot:
    """A phone of a run; changed by the controller's deciding thread only.

    Attributes:
        record: what it was when the run was planned; its `serial` follows the phone to another address.
        status: its state.
        around: what a session needs to know of it, as last seen.
        known: False where `record` holds no more than its id and address.
        expected: the rack file names it.
        usb: the port that it is plugged into, None over TCP.
        lease: under which this run holds it.
        holder: who else holds it, in words; until then (controller's clock) it is theirs to heal.
        look_again_s: when a phone that somebody else holds is looked at again, on the controller's clock.
        job: the job that runs on it.
        changed: why it is no longer the phone that the run was planned for, in words.
        climbing: a ladder of recovery is being climbed for it.
        free_kb, battery_pct: as last seen.
    """

    record: PhoneRecord
    status: PhoneStatus
    around: Surroundings
    known: bool = True
    expected: bool = False
    usb: str | None = None
    lease: Lease | None = None
    holder: str | None = None
    holder_until_s: float = 0.0
    look_again_s: float = 0.0
    job: str | None = None
    climbing: bool = False
    changed: str | None = None
    free_kb: int | None = None
    battery_pct: float | None = None

    @property
    def phone_id(self) -> str:
        """The phone's own serial number."""
        return self.record.phone_id

    @property
    def serial(self) -> str:
        """adb's address of it."""
        return self.record.serial

    @property
    def about(self) -> dict[str, str]:
        """Whom a log record is about, as `extra` takes it."""
        return {"serial": self.serial, "phone_id": self.phone_id}
