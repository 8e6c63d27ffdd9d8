"""Looks at every phone that the adb server names: what it is, its tier, its health, or why it cannot be used."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.phones.health import Finding, check_health
from harness.phones.probe import PhoneProbe, probe_phone
from harness.phones.tiers import TierRules, assign_tier

if TYPE_CHECKING:
    from harness.adb.phone import Phone
    from harness.adb.server import AdbServer

#: What to do about a phone that adb names but will not talk to.
ADVICE = {
    "unauthorized": "unlock the phone and tap Allow on its USB debugging dialog",
    "offline": "unplug the cable and plug it in again, or restart the phone",
    "no permissions": "this user may not open the USB device: add the udev rule for the maker, then plug in again",
    "authorizing": "wait a moment, or unlock the phone",
    "connecting": "wait a moment",
    "recovery": "restart the phone into Android",
    "bootloader": "restart the phone into Android",
    "sideload": "restart the phone into Android",
}


@dataclass(frozen=True)
class Seen:
    """One phone of the adb server. `probe` is None where it could not be asked; `reason` then says why."""

    serial: str
    adb_state: str
    phone: Phone | None
    probe: PhoneProbe | None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None

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

    def look(index: int) -> Seen:
        line = lines[index]
        if line.state != "device":
            advice = next((a for s, a in ADVICE.items() if line.state.startswith(s)), "restart the phone")
            return Seen(line.serial, line.state, None, None, reason=f"{line.state}: {advice}")
        phone = server.phone(line.serial)
        try:
            probe = probe_phone(phone)
        except HarnessError as error:
            return Seen(line.serial, line.state, phone, None, reason=str(error))
        tier, why = assign_tier(probe.record, rules)
        probe = dataclasses.replace(probe, record=dataclasses.replace(probe.record, tier=tier, tier_reason=why))
        return Seen(line.serial, line.state, phone, probe, tuple(check_health(probe)))

    with ThreadPoolExecutor(max_workers=min(at_once, len(lines))) as pool:
        return list(pool.map(look, range(len(lines))))
