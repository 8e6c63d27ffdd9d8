"""State knobs: what a phone is held at while a block runs. One class a knob, one registration. Pure.

Nothing here needs root. Locked clocks and switched-off cores do, and the harness has no knob for them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import UsageError
from harness.phones.state.awake import Awake
from harness.phones.state.fixed_performance import FixedPerformance
from harness.phones.state.knob import Knob, Step, Where
from harness.phones.state.quiet import AutoTime, BatterySaver, Doze
from harness.phones.state.radios import Radios
from harness.phones.state.screen import Screen

_AWAKE = Awake()
#: Every knob that can be asked for, in the order in which they are put in place: radios last, since they take longest.
KNOBS: dict[str, Knob] = {
    knob.name: knob for knob in (FixedPerformance(), BatterySaver(), Doze(), AutoTime(), Screen(), Radios())
}


@dataclass(frozen=True)
class StatePlan:
    """What a block does about the phone's state.

    Attributes:
        files: name in the block's folder to text, for device_scripts/lib/state.sh.
        refused: knob to why it is not even tried.
    """

    files: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def parse_state(text: str) -> dict[str, str]:
    """`fixed_performance=on,screen=dim` as knob to value.

    Raises:
        UsageError: an unknown knob or value, with what is known, or one given twice.
    """
    found: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, value = part.partition("=")
        knob = KNOBS.get(name)
        if knob is None:
            near = difflib.get_close_matches(name, KNOBS, 1)
            advice = f"did you mean {near[0]}?" if near else f"choose from {', '.join(KNOBS)}"
            raise UsageError(f"there is no state knob {name!r}", advice=advice)
        if value not in knob.values:
            raise UsageError(f"{name} cannot be held at {value!r}", advice=f"use {' or '.join(knob.values)}")
        if name in found:
            raise UsageError(f"{name} is given twice", advice="leave one out")
        found[name] = value
    return found


def over_wifi(serial: str, plugged: tuple[str, ...] | None) -> bool:
    """Whether adb reaches a phone over one of its radios.

    An address on a network counts as one, also where a cable carries it: nobody can tell. Behind an address of this
    computer stands an emulator, or a forwarded port: there only what runs without a plug counts.
    """
    if ":" not in serial and "._adb" not in serial:
        return False
    host = serial.rpartition(":")[0]
    return not (host in ("127.0.0.1", "localhost", "[::1]") and bool(plugged))


def plan_state(wanted: Mapping[str, str], where: Where) -> StatePlan:
    """The files that hold a phone at `wanted` (knob to value, as KNOBS allow them), and what it cannot be held at."""
    refused = {name: why for name, value in wanted.items() if (why := KNOBS[name].why_not(value, where)) is not None}
    held: list[tuple[Knob, str]] = [] if wanted.get("screen") == "off" and "screen" not in refused else [(_AWAKE, "on")]
    held += [(knob, wanted[name]) for name, knob in KNOBS.items() if name in wanted and name not in refused]
    steps = [step.script(knob.name, value) for knob, value in held for step in knob.steps(value, where)]
    files = {f"state/{number:02d}": text for number, text in enumerate(steps)}
    files["state/refused"] = "".join(f"{name} {why}\n" for name, why in sorted(refused.items()))
    return StatePlan(files, refused)


__all__ = ["KNOBS", "Knob", "StatePlan", "Step", "Where", "over_wifi", "parse_state", "plan_state"]
