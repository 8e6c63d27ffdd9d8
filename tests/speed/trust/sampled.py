"""Phones for the energy table: the physics of a virtual phone, sampled as sampler.sh would. No adb, no clock."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.measure.around import supply_online
from harness.measure.energy.answer import LoadStep
from harness.measure.energy.session import SessionEnergy, session_energy
from harness.measure.energy.window import Window
from harness.measure.gauge import GaugeFacts, describe_gauges
from harness.measure.rules.heat import THROTTLED_PCT
from harness.measure.sampler import SamplerLog, parse_sampler
from harness.virtual.nodes import supplies
from harness.virtual.physics.machine import Machine
from harness.virtual.physics.power import Kind
from harness.virtual.profile import Profile, profiles

Busy = Mapping[Kind, float]
#: What the phone does besides, between sessions and before the first.
_REST_S = 30.0
_COLUMNS = ("current_now", "voltage_now", "charge_counter", "status")


@dataclass(frozen=True)
class Load:
    """What runs: how busy it keeps the units, and milliseconds of one inference."""

    name: str
    busy: Busy
    inference_ms: float


@dataclass(frozen=True)
class Plan:
    """One session: seconds of the load and of each idle window; the sampler's period."""

    load_s: float = 75.0
    idle_s: float = 60.0
    period_s: float = 0.5


@dataclass
class SimulatedPhone:
    """One phone from boot on. hidden: names of columns that the shell user cannot read."""

    profile: Profile
    seed: int
    hidden: frozenset[str] = frozenset()
    now_s: float = 0.0
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.machine = Machine(self.profile, seed=self.seed)
        self.random = random.Random(f"sampler {self.seed}")
        self.idle_w = self.machine.power_w
        self._rest(_REST_S)

    def session(
        self, load: Load, plan: Plan, known: tuple[GaugeFacts, ...] = (), plugged: tuple[float, float] | None = None
    ) -> tuple[SessionEnergy, float]:
        """One session as production measures it, and the true energy of one inference over the idle phone, mJ.

        Args:
            plugged: from and to which second of the load a charger is in.
        """
        self._rest(_REST_S)
        lines: list[str] = []
        caps: list[float] = []
        self._watch(plan.idle_s, {}, plan.period_s, lines, caps)
        start = self.now_s
        for until, on in _parts(plan.load_s, plugged):
            before = self.machine.plugged
            self.machine.plugged = "usb" if on else before
            self._watch(until - (self.now_s - start), load.busy, plan.period_s, lines, caps)
            self.machine.plugged = before
        end = self.now_s
        self._watch(plan.idle_s, {}, plan.period_s, lines, caps)
        runs = max(1, round(plan.load_s * 1000 / load.inference_ms))
        true_mj = (self.machine.ledger.energy_mj(start, end) - 1000 * self.idle_w * (end - start)) / runs
        window = Window(start, end, start + 0.5, plan.idle_s, runs)
        log = self._log(lines, plan.period_s)
        charging = "charging over USB" if self.machine.plugged != "none" else supply_online(log)
        lowest = min(caps)
        throttled = f"a CPU cluster was capped at {lowest:.0f} % of its clock" if lowest < THROTTLED_PCT else None
        return session_energy(log, window, known=known, charging=charging, throttled=throttled), true_mj

    def probed(self, idle_s: float, spin_s: float) -> tuple[GaugeFacts, ...]:
        """What `harness probe` would learn of the gauge: idle, all cores busy, idle."""
        lines: list[str] = []
        self._watch(idle_s, {}, 0.1, lines, [])
        start = self.now_s
        self._watch(spin_s, {"cpu": 1.0}, 0.1, lines, [])
        end = self.now_s
        self._watch(idle_s, {}, 0.1, lines, [])
        charging = "charging over USB" if self.machine.plugged != "none" else None
        return tuple(describe_gauges(self._log(lines, 0.1), charging, LoadStep(start, end, idle_s)))

    def _rest(self, seconds: float) -> None:
        self.machine.set_busy({})
        self.now_s += seconds
        self.machine.advance(self.now_s, seconds)

    def _watch(self, seconds: float, busy: Busy, period_s: float, lines: list[str], caps: list[float]) -> None:
        machine = self.machine
        machine.set_busy(busy)
        end = self.now_s + seconds
        while self.now_s < end - 1e-9:
            lines.append(f"S 0 {self.now_s:.2f} {' '.join(map(str, self._values()))}")
            most = [c.khz[-1] for c in self.profile.clusters]
            caps.append(min(100 * now / full for now, full in zip(machine.max_khz(), most, strict=True)))
            step = min(period_s * self.random.uniform(1.0, 1.06), end - self.now_s)
            self.now_s += step
            machine.advance(self.now_s, step)

    def _values(self) -> list[str]:
        shown: dict[str, Any] = {}
        for path, text in supplies.live(self.machine):
            shown["/".join(path.split("/")[-2:])] = text.split()[0]
        battery = supplies.battery_name(self.profile)
        values = [shown[f"{battery}/{name}"] for name in _COLUMNS] + [shown["usb/online"]]
        return ["NA" if name in self.hidden else v for name, v in zip((*_COLUMNS, "online"), values, strict=True)]

    def _log(self, lines: list[str], period_s: float) -> SamplerLog:
        names = " ".join(f"battery.{name}" for name in _COLUMNS)
        head = f"#v1 period={period_s} boot_id=b\n#cols seq boot_s {names} usb.online\n"
        return parse_sampler(head + "\n".join(lines) + "\nE 0 0 why=stopped\n")


def phone_of(
    gauge: Mapping[str, Any],
    battery: Mapping[str, Any],
    seed: int,
    hidden: frozenset[str] = frozenset(),
    base: str = "redmi-6a",
) -> SimulatedPhone:
    """A phone of a shipped profile with another gauge and battery."""
    data = profiles()[base].model_dump()
    data["gauge"] = {**data["gauge"], **gauge}
    data["battery"] = {**data["battery"], "plugged": "none", **battery}
    return SimulatedPhone(Profile.model_validate(data), seed, hidden)


def _parts(load_s: float, plugged: tuple[float, float] | None) -> list[tuple[float, bool]]:
    if plugged is None:
        return [(load_s, False)]
    return [(plugged[0], False), (plugged[1], True), (load_s, False)]
