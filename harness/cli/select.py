"""Which of the adb server's phones a command works on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.benchmark.selectors import Term
    from harness.benchmark.suite import SuiteGates
    from harness.phones.tiers import TierRules
    from harness.rack.gather import Seen
    from harness.rack.holds import Hold


def usable(
    server: AdbServer,
    rules: TierRules,
    selectors: tuple[str, ...],
    *,
    healthy_only: bool = True,
    gates: SuiteGates | None = None,
    wait_s: float = 0.0,
    healed: Collection[str | None] = (),
    holds: Mapping[str, Hold] = MappingProxyType({}),
    labels: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> list[Seen]:
    """The phones that match any of `selectors` (all, where there are none), can be used now, and meet the gates.

    What is left out is said on stderr, a sentence a phone. Where none can be used and one waits for a person's tap, it
    is waited for, `wait_s` real seconds at most.

    Args:
        healed: phone_ids and serials of phones that the command heals itself; with any, none at all is no fault.
        holds: by phone_id; who is taken out takes no part.
        labels: of the rack file, by phone_id.

    Raises:
        UsageError: a selector cannot be read.
        EnvironmentFault: no phone is left.
    """
    from harness.benchmark.selectors import parse_selectors
    from harness.rack.gather import gather
    from harness.rack.waiting import wait_for_phone

    wanted = parse_selectors(selectors)

    def sort(seen: list[Seen]) -> tuple[list[Seen], list[str]]:
        return _sort(seen, lambda phone: _why_not(phone, wanted, gates, holds, labels, healthy_only), healed)

    seen = gather(server, rules)
    kept, left_out = sort(seen)
    ready = {s.serial for s in seen if s.adb_state == "device"}
    if not kept and not healed and wait_s > 0 and wait_for_phone(server, ready, wait_s, _say_waiting):
        seen = gather(server, rules)
        kept, left_out = sort(seen)
    kept, again = _one_a_phone(kept)
    for line in [*left_out, *again]:
        print(line, file=sys.stderr)
    if kept or healed:
        return kept
    if not seen:
        raise _no_phone()
    raise EnvironmentFault(
        f"none of the {len(seen)} phones can be used" if len(seen) > 1 else "the phone cannot be used",
        advice="see above",
    )


def _sort(
    seen: list[Seen], why_not: Callable[[Seen], str | None], healed: Collection[str | None]
) -> tuple[list[Seen], list[str]]:
    """The phones to use, and a sentence for each of the others."""
    kept, left_out = [], []
    for phone in seen:
        reason = why_not(phone)
        if reason is None:
            kept.append(phone)
        else:
            later = phone.serial in healed or phone.phone_id in healed
            left_out.append(f"{phone.serial} {'is not ready yet' if later else 'is left out'}: {reason}")
    return kept, left_out


def _why_not(
    phone: Seen,
    wanted: list[list[Term]],
    gates: SuiteGates | None,
    holds: Mapping[str, Hold],
    labels: Mapping[str, frozenset[str]],
    healthy_only: bool,
) -> str | None:
    """Why a phone takes no part; None where it does."""
    from harness.benchmark.selectors import why_not

    if phone.probe is None:
        return phone.reason
    record, battery = phone.probe.record, phone.probe.battery
    reason = why_not(wanted, record, labels.get(record.phone_id, frozenset()))
    if reason is None and record.phone_id in holds:
        reason = holds[record.phone_id].words()
    if reason is None and healthy_only and not phone.healthy:
        reason = "; ".join(f"{f.message}: {f.advice}" for f in phone.findings if f.blocking)
    if reason is None and gates is not None:
        reason = gates.why_not(battery.level_pct, battery.temperature_c, battery.charging)
    return reason


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
