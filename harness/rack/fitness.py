"""Whether a phone may start a job of one run: its health, its charge and heat, and what the suite asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.limits import CareLimits
from harness.phones.care import Decision, GiveUp, Wait, decide
from harness.rack.events import Checked
from harness.rack.failure import Failure, Kind
from harness.rack.gather import Seen
from harness.rack.outcome import of_look

if TYPE_CHECKING:
    from harness.clock import Clock

#: What `decide` judges, which knows for how long a phone may rest.
_CARE = frozenset({Kind.BATTERY_LOW, Kind.TOO_HOT})


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

    def __call__(self, seen: Seen | None) -> Checked:
        """Why it may not start one, if so."""
        failure = of_look(seen, passing=_CARE)
        if failure is not None or seen is None or seen.probe is None:
            return Checked(failure)
        battery, phone_id = seen.probe.battery, seen.probe.record.phone_id
        since, before = self._waits.get(phone_id, (self._clock.now(), None))
        decision = decide(battery, self._limits, self._clock.now() - since, before)
        if isinstance(decision, Wait):
            self._waits[phone_id] = since, decision
            return Checked(Failure(Kind(decision.kinds[0]), decision.reason))
        if isinstance(decision, GiveUp):  # and remembered, so that no second wait begins at the next look
            return Checked(Failure(Kind(decision.kind), decision.reason, final=True), decision.advice)
        self._waits.pop(phone_id, None)
        why = self._gate(battery.level_pct, battery.temperature_c, battery.charging)
        return Checked(None if why is None else Failure(Kind.UNFIT, why))
