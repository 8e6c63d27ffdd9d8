"""Reads the ledger of a virtual rack (ledger.py): which sessions truly ran, what disturbed them, what is left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.virtual.physics.ledger import Ledger

#: A phone of one start of a rack: (rack, phone index).
Place = tuple[str, int]


@dataclass(frozen=True)
class TrueRun:
    """One run of a benchmark program.

    Attributes:
        number: counted on its phone of its rack.
        block, session: name of the block's folder and of the session's below it (`s/0003`); None outside of a block.
        how: `exit`, `signal`, `killed`, `rack_end`; None where the rack itself was killed under it.
        faults: kinds of all faults that were there meanwhile, in their order; `disturbed` has those that spoil figures.
    """

    rack: str
    phone_id: str
    number: int
    model: str | None
    block: str | None
    session: str | None
    argv: tuple[str, ...]
    boot_id: str
    begin_uptime_s: float
    end_uptime_s: float | None = None
    how: str | None = None
    code: int | None = None
    signal: int | None = None
    faults: tuple[str, ...] = ()
    disturbed: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """It ended by itself with exit code 0."""
        return self.how == "exit" and self.code == 0


@dataclass(frozen=True)
class TrueFault:
    """One fault that struck. `runs`: the numbers of the runs under way then; `over`: what it did has ended."""

    rack: str
    phone_id: str
    number: int
    kind: str
    disturbs: bool
    boot_id: str
    uptime_s: float
    runs: tuple[int, ...]
    over: bool = False


@dataclass(frozen=True)
class TrueState:
    """How a phone stood when it was last asked, at the latest when its rack ended.

    Attributes:
        settings: those that differ from the first boot's, as "namespace/key" to (first, now).
        faked: "battery" and "thermal" where somebody pretends values of these services.
        running: command lines of what still ran; None where the phone was down.
        files: bytes by path below the harness's folder; leases: contents by path.
        power: what it truly drew since its last boot.
    """

    rack: str
    phone_id: str
    settings: dict[str, tuple[str | None, str | None]]
    screen_on: bool
    faked: tuple[str, ...]
    running: tuple[str, ...] | None
    files: dict[str, int]
    leases: dict[str, str]
    power: Ledger


@dataclass
class RackLedger:
    """Everything that a ledger says. `events`: every line as it stands; `states`: the last one a phone_id."""

    events: list[dict[str, Any]] = field(default_factory=list)
    runs: list[TrueRun] = field(default_factory=list)
    faults: list[TrueFault] = field(default_factory=list)
    states: dict[str, TrueState] = field(default_factory=dict)

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [e for e in self.events if e["event"] == event]

    def sessions(self) -> dict[tuple[str, str, str], list[TrueRun]]:
        """Runs that belong to a session, by (phone_id, block, session) in their order."""
        found: dict[tuple[str, str, str], list[TrueRun]] = {}
        for run in self.runs:
            if run.block and run.session:
                found.setdefault((run.phone_id, run.block, run.session), []).append(run)
        return found


def read_ledger(path: Path) -> RackLedger:
    """Read a ledger.

    Raises:
        ValueError: a line is none of a ledger; a last line that was cut short is left out.
    """
    found = RackLedger()
    text = path.read_text()
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not line.endswith("\n"):
            break
        try:
            found.events.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}: line {number} is no JSON: {error}") from None
    runs: dict[tuple[Place, int], TrueRun] = {}
    faults: dict[tuple[Place, int], TrueFault] = {}
    for event in found.events:
        if "phone" in event:
            _add(found, runs, faults, event)
    found.runs, found.faults = list(runs.values()), list(faults.values())
    return found


def _add(
    found: RackLedger,
    runs: dict[tuple[Place, int], TrueRun],
    faults: dict[tuple[Place, int], TrueFault],
    event: dict[str, Any],
) -> None:
    place = (event["rack"], event["phone"])
    match event["event"]:
        case "run_begin":
            run = _run(event)
            for number in event["faults"]:
                run = _touched(run, faults[place, number])
            runs[place, event["run"]] = run
        case "run_end":
            key = (place, event["run"])
            ended = {"how": event["how"], "code": event["code"], "signal": event["signal"]}
            runs[key] = replace(runs[key], end_uptime_s=event["uptime_s"], **ended)
        case "fault":
            fault = faults[place, event["fault"]] = _fault(event)
            for number in event["runs"]:
                runs[place, number] = _touched(runs[place, number], fault)
        case "fault_end":
            key = (place, event["fault"])
            faults[key] = replace(faults[key], over=True)
        case "state":
            found.states[event["phone_id"]] = _state(event)


def _touched(run: TrueRun, fault: TrueFault) -> TrueRun:
    disturbed = (*run.disturbed, fault.kind) if fault.disturbs else run.disturbed
    return replace(run, faults=(*run.faults, fault.kind), disturbed=disturbed)


def _run(event: dict[str, Any]) -> TrueRun:
    return TrueRun(
        rack=event["rack"],
        phone_id=event["phone_id"],
        number=event["run"],
        model=event["model"],
        block=event["cwd"].rpartition("/")[2] if event["session"] else None,
        session=event["session"],
        argv=tuple(event["argv"]),
        boot_id=event["boot_id"],
        begin_uptime_s=event["uptime_s"],
    )


def _fault(event: dict[str, Any]) -> TrueFault:
    return TrueFault(
        rack=event["rack"],
        phone_id=event["phone_id"],
        number=event["fault"],
        kind=event["kind"],
        disturbs=event["disturbs"],
        boot_id=event["boot_id"],
        uptime_s=event["uptime_s"],
        runs=tuple(event["runs"]),
    )


def _state(event: dict[str, Any]) -> TrueState:
    running = event["running"]
    return TrueState(
        rack=event["rack"],
        phone_id=event["phone_id"],
        settings={name: (old, new) for name, (old, new) in event["settings"].items()},
        screen_on=event["screen_on"],
        faked=tuple(w for w in ("battery", "thermal") if event[f"{w}_faked"]),
        running=None if running is None else tuple(p["command"] for p in running),
        files=event["files"],
        leases=event["leases"],
        power=_power(event["true_mw"], event["uptime_s"]),
    )


def _power(series: list[tuple[float, float]], now_s: float) -> Ledger:
    ledger = Ledger()
    for (start, mw), end in zip(series, [s for s, _ in series[1:]] + [now_s], strict=True):
        ledger.add(end, end - start, mw)
    return ledger
