"""The rack that a run works on: the rack file, what commands remember together, and what may be done to phones."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.adb.server import AdbServer
    from harness.benchmark.suite import SuiteGates
    from harness.clock import Clock
    from harness.phones.tiers import TierRules
    from harness.rack.controller import Site
    from harness.rack.failure import Failure
    from harness.rack.gather import Seen
    from harness.rack.rackfile import RackFile

#: Controller seconds for which a job waits for a phone that is ill: nobody's desk, and a rack at night.
_DESK_S, _RACK_S = 180.0, 1800.0


@dataclass(frozen=True)
class Unfit:
    """Why a phone takes no job: its health first, then the suite's gates."""

    gates: SuiteGates

    def __call__(self, seen: Seen | None) -> Failure | None:
        from harness.rack.failure import Failure, Kind
        from harness.rack.outcome import of_look

        failure = of_look(seen)
        if failure is not None or seen is None or seen.probe is None:
            return failure
        battery = seen.probe.battery
        why = self.gates.why_not(battery.level_pct, battery.temperature_c, battery.charging)
        return None if why is None else Failure(Kind.UNFIT, why)


def make_site(
    server: AdbServer,
    rules: TierRules,
    clock: Clock,
    gates: SuiteGates,
    rack: RackFile | None,
    phones: Sequence[Seen],
) -> Site:
    """The site of one run.

    Phones that the rack file names, and virtual ones, may be rebooted to heal them; somebody's phone on a desk may not.

    Args:
        rack: None where phones come and go with this command, so that nothing is remembered of them.
        phones: those of the run.
    """
    from harness.rack.controller import Site
    from harness.rack.store import RackStore, who

    records = [s.probe.record for s in phones if s.probe]
    expected = {p.phone_id: frozenset(p.labels) for p in rack.phones if p.expected} if rack else {}
    ours = all(r.provenance == "virtual" or r.phone_id in expected for r in records)
    return Site(
        server,
        rules,
        clock,
        f"{who()}:{os.getpid()}",
        fit=Unfit(gates),
        expected=expected,
        store=RackStore(rack.state_folder) if rack else None,
        patience_s=_RACK_S if ours else _DESK_S,
        full_ladder=ours,
    )


def check_rate(rate: float, phones: Sequence[Seen]) -> None:
    """A fast clock is for virtual phones.

    Raises:
        UsageError: one of the phones is none.
    """
    others = [s.serial for s in phones if s.probe and s.probe.record.provenance != "virtual"]
    if rate != 1.0 and others:
        raise UsageError(f"--rate is for virtual phones, and {others[0]} is none", advice="leave it out")


def named_rack(path: Path | None) -> RackFile:
    """The rack file of --rack, an empty one without."""
    from harness.rack.rackfile import load_rack

    return load_rack(path)
