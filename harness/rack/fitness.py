"""Whether a phone may start a job of one run: its health, its charge and heat, and what the suite asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.limits import CareLimits
from harness.phones.care import Decision, GiveUp, Wait, decide
from harness.rack.failure import Failure, Kind
from harness.rack.gather import Seen
from harness.rack.outcome import of_look

if TYPE_CHECKING:
    from harness.clock import Clock


class Fitness:
    """Asked at every look at a phone; remembers for how long each has been waiting to charge or cool down.

    Args:
        gate: (level, temperature, why it counts as charging) to why the suite does not take the phone.
        clock: the phones'.
    """

    def __init__(
        self, limits: CareLimits, gate: Callable[[float | None, float | None, str | None], str | None], clock: Clock
    ) -> None:
        self._limits, self._gate, self._clock = limits, gate, clock
        self._waits: dict[str, tuple[float, Decision]] = {}

    def __call__(self, seen: Seen | None) -> Failure | None:
        """Why it may not start one, None where it may. What passes by itself has a kind of its own."""
        failure = of_look(seen)
        if failure is not None or seen is None or seen.probe is None:
            return failure
        battery, phone_id = seen.probe.battery, seen.probe.record.phone_id
        why = self._gate(battery.level_pct, battery.temperature_c, battery.charging)
        if why is not None:
            return Failure(Kind.UNFIT, why)
        since, before = self._waits.get(phone_id, (self._clock.now(), None))
        decision = decide(battery, self._limits, self._clock.now() - since, before)
        if isinstance(decision, Wait):
            self._waits[phone_id] = since, decision
            return Failure(Kind(decision.kinds[0]), decision.reason)
        self._waits.pop(phone_id, None)
        return Failure(Kind.UNFIT, decision.reason) if isinstance(decision, GiveUp) else None
