"""Looks at every phone that the adb server names: what it is, its tier, its health, or why it cannot be used."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.adb.usb import usb_name
from harness.errors import HarnessError
from harness.logs import log_context
from harness.phones.health import Finding, check_health
from harness.phones.probe import BatteryState, PhoneProbe, probe_phone
from harness.phones.states import advice, short
from harness.phones.tiers import TierRules, assign_tier
from harness.records import PhoneRecord

if TYPE_CHECKING:
    from harness.adb.phone import Phone
    from harness.adb.server import AdbServer, DeviceLine


#: Stands for adb's word where it does not name a phone.
ABSENT = "absent"


@dataclass(frozen=True)
class Seen:
    """One phone of the adb server. `probe` is None where it could not be asked; `reason` then says why.

    adb_state: adb's word. name: what a person calls it, as far as anything says so. error: why it did not answer.
    usb: the port that it is plugged into, None over TCP.
    """

    serial: str
    adb_state: str
    name: str
    phone: Phone | None
    probe: PhoneProbe | None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    error: HarnessError | None = None
    usb: str | None = None

    @property
    def phone_id(self) -> str | None:
        """Its own serial number, where it said it."""
        return self.probe.record.phone_id if self.probe else None

    @property
    def healthy(self) -> bool:
        """True where it answered and nothing was found that stands in the way of a run."""
        return self.probe is not None and not any(f.blocking for f in self.findings)


def gather(server: AdbServer, rules: TierRules, *, at_once: int = 16) -> list[Seen]:
    """Probe every phone, several at once; never raises for one phone's fault.

    Args:
        server: the adb server to ask.
        rules: tier rules.
        at_once: how many phones are asked at the same time.

    Returns:
        One entry per phone in the order of their serials.
    """
    lines = sorted(server.devices(), key=lambda line: line.serial)
    if not lines:
        return []
    with ThreadPoolExecutor(max_workers=min(at_once, len(lines))) as pool:
        return tell_apart(list(pool.map(lambda line: look_at(server, line, rules), lines)))


def look_at(server: AdbServer, line: DeviceLine, rules: TierRules) -> Seen:
    """Probe one phone that the server names; never raises for the phone's fault."""
    name = (usb_name(line.usb) if line.usb else None) or f"the phone {line.serial}"
    if line.state != "device":
        state = short(line.state)
        return Seen(line.serial, state, name, None, None, reason=f"{state}: {advice(line.state)}")
    phone = server.phone(line.serial)
    try:
        with log_context(serial=line.serial):
            probe = probe_phone(phone)
    except HarnessError as error:
        return Seen(line.serial, line.state, name, phone, None, reason=str(error), error=error, usb=line.usb)
    tier, why = assign_tier(probe.record, rules)
    probe = dataclasses.replace(probe, record=dataclasses.replace(probe.record, tier=tier, tier_reason=why))
    name = probe.record.model or name
    return Seen(line.serial, line.state, name, phone, probe, tuple(check_health(probe)), usb=line.usb)


def remembered(record: PhoneRecord) -> Seen:
    """A phone that is not there, as it was when it was last looked at; nothing of it is known for now."""
    probe = PhoneProbe(record, BatteryState(None, None, None, False))
    return Seen(record.serial, ABSENT, record.model or record.serial, None, probe, reason="it is not there")


def tell_apart(seen: list[Seen]) -> list[Seen]:
    """Phones that give the same serial number and are not one phone get adb's address as their phone_id.

    Makers ship whole series with one number. One phone on two links has one boot; what does not say its boot counts as
    the same phone.
    """
    boots: dict[str, set[str]] = defaultdict(set)
    for phone in seen:
        if phone.probe and phone.probe.boot_id:
            boots[phone.probe.record.phone_id].add(phone.probe.boot_id)
    found = []
    for phone in seen:
        if phone.probe and len(boots[phone.probe.record.phone_id]) > 1:
            record = phone.probe.record
            reasons = {**record.reasons, "phone_id": f"another phone says that it is {record.phone_id} too"}
            record = dataclasses.replace(record, phone_id=phone.serial, reasons=reasons)
            phone = dataclasses.replace(phone, probe=dataclasses.replace(phone.probe, record=record))
        found.append(phone)
    return found
