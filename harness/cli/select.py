"""Which of the adb server's phones a command works on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
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
) -> list[Seen]:
    """The phones that match any of `selectors` (all, where there are none), can be used now, and meet the gates.

    What is left out is said on stderr, a sentence a phone.

    Raises:
        UsageError: a selector cannot be read.
        EnvironmentFault: no phone is left.
    """
    from harness.benchmark.selectors import parse_selectors, why_not
    from harness.rack.gather import gather

    wanted = parse_selectors(selectors)
    seen = gather(server, rules)
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
    kept, again = _one_a_phone(kept)
    for line in [*left_out, *again]:
        print(line, file=sys.stderr)
    if kept:
        return kept
    if not seen:
        raise EnvironmentFault(
            "no phone is connected",
            advice="plug one in with a data cable and switch on USB debugging, or add --virtual 2 for virtual phones",
        )
    raise EnvironmentFault(f"none of the {len(seen)} phones can be used", advice="see the reasons above")


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
