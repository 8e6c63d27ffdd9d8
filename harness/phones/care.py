"""When a phone may start a job, and when it has to charge or cool down first. Pure.

Asked at each look at a phone before a job (harness/rack/machine/checking.py says how often): a phone that is low or hot
between two jobs rests on its charger, and one that rests goes on only when it is well within the limits, so that it
does not stop again at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.limits import CareLimits
from harness.phones.probe import BatteryState

#: A phone on a charger that has lost this much after this long gains nothing from waiting on.
_LOST_PCT, _LOST_AFTER_S = 2.0, 900.0
#: Values of harness/rack/failure.py.
LOW, HOT = "battery_low", "too_hot"


@dataclass(frozen=True)
class Ready:
    """The job may start."""


@dataclass(frozen=True)
class Wait:
    """The phone rests.

    Attributes:
        kinds: what it waits for, `LOW`, `HOT` or both.
        reason: the same, as the rest of a sentence about the phone.
        left_s: phone seconds for which it may go on waiting.
        from_pct: the charge when the wait began, where it was known.
    """

    kinds: tuple[str, ...]
    reason: str
    left_s: float
    from_pct: float | None = None


@dataclass(frozen=True)
class GiveUp:
    """The job cannot run here now.

    Attributes:
        kind: `LOW` or `HOT`.
        reason: as the rest of a sentence about the phone.
        advice: what to do, one clause.
    """

    kind: str
    reason: str
    advice: str


Decision = Ready | Wait | GiveUp


def decide(
    battery: BatteryState, limits: CareLimits, waited_s: float = 0.0, before: Decision | None = None
) -> Decision:
    """Whether a phone may start a job.

    Args:
        battery: as it is now; what is unknown does not hold a phone up.
        limits: of the suite.
        waited_s: phone seconds that this job has waited for charge or cold already.
        before: what was decided for this job last, None the first time.

    Returns:
        Never Ready below `start_pct`, and so never below the floor, nor above `max_start_c`. After a Wait Ready from
        `resume_pct` or `resume_c` on, whichever it waited for, or earlier where the battery takes no more charge or the
        time is up. No Wait from `wait_s` on, nor where nothing charges a low phone, or its charger gives less than it
        draws.
    """
    waited_for = before.kinds if isinstance(before, Wait) and waited_s < limits.wait_s else ()
    charging_ends = battery.status in ("full", "not charging")
    low = _low(battery, limits.resume_pct if LOW in waited_for and not charging_ends else limits.start_pct)
    hot = _hot(battery, limits.resume_c if HOT in waited_for else limits.max_start_c)
    if low is not None and battery.plugged == ():
        return GiveUp(LOW, f"{low}, and nothing charges it", "charge it")
    kinds = tuple(kind for kind, reason in ((LOW, low), (HOT, hot)) if reason is not None)
    if not kinds:
        return Ready()
    from_pct = before.from_pct if isinstance(before, Wait) else battery.level_pct
    if low is not None and waited_s >= _LOST_AFTER_S and (lost := _lost(from_pct, battery.level_pct)) is not None:
        return GiveUp(LOW, f"{lost} in {waited_s / 60:.0f} minutes on a charger", "give it a stronger charger or hub")
    reason = "; ".join(r for r in (low, hot) if r is not None)
    if waited_s >= limits.wait_s:
        advice = "see whether its charger works" if kinds[0] == LOW else "give it air, and take it off the charger"
        return GiveUp(kinds[0], f"{reason}, after a wait of {limits.wait_s / 60:.3g} minutes", advice)
    return Wait(kinds, reason, limits.wait_s - waited_s, from_pct)


def _low(battery: BatteryState, wanted_pct: float) -> str | None:
    level = battery.level_pct
    if level is None or level >= wanted_pct:
        return None
    return f"its battery is at {level:.0f} % and charges to {wanted_pct:g} % first"


def _hot(battery: BatteryState, wanted_c: float) -> str | None:
    celsius = battery.temperature_c
    if celsius is None or celsius <= wanted_c:
        return None
    return f"its battery is at {celsius:.1f} °C and cools down to {wanted_c:g} °C first"


def _lost(from_pct: float | None, level_pct: float | None) -> str | None:
    if from_pct is None or level_pct is None or from_pct - level_pct < _LOST_PCT:
        return None
    return f"its battery fell from {from_pct:.0f} to {level_pct:.0f} %"
