"""Which of the adb server's phones a command works on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.benchmark.selectors import Term
    from harness.benchmark.suite import SuiteGates
    from harness.phones.tiers import TierRules
    from harness.rack.gather import Seen


def usable(
    server: AdbServer,
    rules: TierRules,
    selectors: tuple[str, ...],
    *,
    healthy_only: bool = True,
    gates: SuiteGates | None = None,
    wait_s: float = 0.0,
    needed: bool = True,
) -> list[Seen]:
    """The phones that match any of `selectors` (all, where there are none), can be used now, and meet the gates.

    What is left out is said on stderr, a sentence a phone. Where none can be used and one waits for a person's tap, it
    is waited for, `wait_s` real seconds at most.

    Args:
        needed: none at all is a fault.

    Raises:
        UsageError: a selector cannot be read.
        EnvironmentFault: no phone is left, and one is needed.
    """
    from harness.benchmark.selectors import parse_selectors
    from harness.rack.gather import gather
    from harness.rack.waiting import wait_for_phone

    wanted = parse_selectors(selectors)
    seen = gather(server, rules)
    kept, left_out = _sort(seen, wanted, gates, healthy_only=healthy_only)
    ready = {s.serial for s in seen if s.adb_state == "device"}
    if not kept and needed and wait_s > 0 and wait_for_phone(server, ready, wait_s, _say_waiting):
        seen = gather(server, rules)
        kept, left_out = _sort(seen, wanted, gates, healthy_only=healthy_only)
    kept, again = _one_a_phone(kept)
    for line in [*left_out, *again]:
        print(line, file=sys.stderr)
    if kept or not needed:
        return kept
    if not seen:
        raise _no_phone()
    raise EnvironmentFault(
        f"none of the {len(seen)} phones can be used" if len(seen) > 1 else "the phone cannot be used",
        advice="see above",
    )


def _sort(
    seen: list[Seen], wanted: list[list[Term]], gates: SuiteGates | None, *, healthy_only: bool
) -> tuple[list[Seen], list[str]]:
    """The phones to use, and a sentence for each of the others."""
    from harness.benchmark.selectors import why_not

    kept, left_out = [], []
    for phone in seen:
        reason = phone.reason
        if phone.probe is not None:
            reason = why_not(wanted, phone.probe.record)
            if reason is None and healthy_only and not phone.healthy:
                reason = "; ".join(f"{f.message}: {f.advice}" for f in phone.findings if f.blocking)
            if reason is None and gates is not None:
                battery = phone.probe.battery
                reason = gates.why_not(battery.level_pct, battery.temperature_c, battery.charging)
        if reason is None:
            kept.append(phone)
        else:
            left_out.append(f"{phone.serial} is left out: {reason}")
    return kept, left_out


def _say_waiting(serial: str, state: str, port: str | None) -> None:
    from harness.adb.usb import usb_name
    from harness.phones.states import waits_for

    name = usb_name(port) if port else None
    print(f"{name or f'The phone {serial}'} {waits_for(state)}", file=sys.stderr)


def _no_phone() -> EnvironmentFault:
    """What a newcomer needs to read; what this machine sees on its USB ports comes first."""
    from harness.adb.usb import usb_phones
    from harness.phones import states

    for phone in usb_phones():
        print(f"{phone.name} is plugged in, but {states.unseen(phone.debugging)}", file=sys.stderr)
    if sys.platform == "linux":
        print(f"On Linux, {states.NO_PHONE_LINUX}", file=sys.stderr)
    return EnvironmentFault("no phone is connected", advice=f"{states.NO_PHONE}; {states.WITHOUT_PHONE}")


def _one_a_phone(found: list[Seen]) -> tuple[list[Seen], list[str]]:
    """A phone on USB and on Wi-Fi is one phone: it is used over USB, and the other way is said."""
    by_id: dict[str, Seen] = {}
    again = []
    for phone in sorted(found, key=lambda s: (":" in s.serial or "._adb" in s.serial, s.serial)):
        assert phone.probe is not None
        first = by_id.setdefault(phone.probe.record.phone_id, phone)
        if first is not phone:
            again.append(f"{phone.serial} is left out: it is the phone of {first.serial}")
    return [s for s in found if s in by_id.values()], again
