"""Everything of a virtual phone that follows the laws of physics, advanced together. Pure: time and loads come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from harness.virtual.physics.battery import Cell, Flow
from harness.virtual.physics.cpufreq import (
    Pinned,
    Residency,
    capacity,
    capped_khz,
    chosen_khz,
    speed_factor,
    with_pinned,
)
from harness.virtual.physics.gauge import GaugeReading
from harness.virtual.physics.heat import Temperatures, die_c, status, throttle
from harness.virtual.physics.ledger import Ledger
from harness.virtual.physics.power import KINDS, Kind, total_w, unit_w
from harness.virtual.profile import Place, Profile

#: Longest step of the model: throttling answers heat within this time; below it only the battery drifts.
_HOT_STEP_S, _COOL_STEP_S = 0.5, 5.0
#: A jump of hours is taken in no more steps than this.
_MOST_STEPS = 2000
#: Clocks of GPU and NPU move in this many steps.
_ACCELERATOR_STEPS = 10


class Machine:
    """Heat, clocks, power, battery and gauge of one phone.

    Attributes:
        plugged: "usb", "ac" or "none"; may be set, as a hub that cuts the supply does.
        screen_on: may be set.
        ledger: the truth since boot.
        busy: share of each unit that is in use now (0 to 1); pinned: what of the CPU's is kept to some cores.
        fixed_performance: Android's mode of that name is on; where the profile wires it, it lowers every clock.
        cluster_busy_s, gpu_busy_s: seconds of full use since boot.
        rail_mj: energy of each power rail since boot.
    """

    def __init__(self, profile: Profile, *, seed: int) -> None:
        self.profile = profile
        self.plugged = profile.battery.plugged
        self.screen_on = True
        self.temperatures = Temperatures(profile.heat)
        self.cell = Cell(profile.battery)
        self.gauge = GaugeReading(profile.gauge, seed=seed, charge_mah=self.cell.charge_mah)
        self.ledger = Ledger()
        self.residency = Residency(profile.clusters)
        self.busy: dict[Kind, float] = dict.fromkeys(KINDS, 0.0)
        self.pinned: tuple[Pinned, ...] = ()
        self.free_cpu = 0.0
        self.fixed_performance = False
        self.cluster_busy_s = [0.0] * len(profile.clusters)
        self.gpu_busy_s = 0.0
        self.rail_mj = dict.fromkeys(profile.rails, 0.0)
        self.flow = self._flow()
        self.gauge.restart(0.0, self.flow.current_ma)

    def boot(self, now_s: float) -> None:
        """Counters since boot start again; heat and charge go on."""
        self.ledger = Ledger()
        self.residency = Residency(self.profile.clusters)
        self.cluster_busy_s = [0.0] * len(self.profile.clusters)
        self.gpu_busy_s = 0.0
        self.rail_mj = dict.fromkeys(self.profile.rails, 0.0)
        self.set_busy({})
        self.fixed_performance = False
        self.flow = self._flow()
        self.gauge.restart(now_s, self.flow.current_ma)

    def set_busy(self, busy: Mapping[Kind, float], pinned: Sequence[Pinned] = ()) -> None:
        """What is in use from now on; the CPU's share beside what is kept to some of its cores."""
        self.free_cpu, self.pinned = min(1.0, max(0.0, busy.get("cpu", 0.0))), tuple(pinned)
        if pinned:
            clusters = self.profile.clusters
            used = zip(self.cluster_busy(), clusters, strict=True)
            busy = {**busy, "cpu": sum(b * c.cores * c.capacity for b, c in used) / capacity(clusters)}
        self.busy = {kind: min(1.0, max(0.0, busy.get(kind, 0.0))) for kind in KINDS}
        self.flow = self._flow()

    def set_level(self, percent: float) -> None:
        """Put the battery to a charge."""
        self.cell.set_level(percent)
        self.gauge.set_charge(self.cell.charge_mah)
        self.flow = self._flow()

    @property
    def cap(self) -> float:
        """Share of the maximum clock that heat and the fixed performance mode allow now."""
        fixed = self.profile.fixed_performance if self.fixed_performance else None
        return min(1.0 if fixed is None else fixed, throttle(self.profile.heat, self.temperatures.skin_c))

    def clock(self, kind: Kind, cores: Sequence[int] | None = None) -> float:
        """Clock of a unit at work now, as a share of its full clock; never rises with heat. cores: of the CPU's."""
        if kind == "cpu":
            return speed_factor(self.profile.clusters, self.cap, cores)
        # Rounded first: 0.7 * 10 is a hair under 7.
        return int(round(self.cap * _ACCELERATOR_STEPS, 6)) / _ACCELERATOR_STEPS

    def cluster_busy(self) -> list[float]:
        """How busy each cluster is."""
        return with_pinned(self.profile.clusters, self.free_cpu, self.pinned)

    def khz(self) -> list[int]:
        """Clock of each cluster now."""
        cap = self.cap
        return [
            chosen_khz(cluster, busy, cap)
            for cluster, busy in zip(self.profile.clusters, self.cluster_busy(), strict=True)
        ]

    def max_khz(self) -> list[int]:
        """What heat allows each cluster now (`scaling_max_freq`)."""
        return [capped_khz(cluster, self.cap) for cluster in self.profile.clusters]

    def unit_w(self, kind: Kind) -> float:
        """What a unit draws now."""
        return unit_w(self.profile.heat, kind, self.busy[kind], self.clock(kind))

    @property
    def power_w(self) -> float:
        """What the phone draws now."""
        return total_w(self.profile.heat, {k: self.unit_w(k) for k in KINDS}, screen_on=self.screen_on)

    @property
    def thermal_status(self) -> int:
        """0 to 6; stays 0 on phones that publish no thresholds."""
        return status(self.profile.heat, self.temperatures.skin_c) if self.profile.thermal.thresholds else 0

    def temperature_c(self, place: Place) -> float:
        """What a sensor at that place feels."""
        skin, battery = self.temperatures.skin_c, self.temperatures.battery_c
        if place in KINDS:
            return die_c(skin, self.unit_w(place))
        return {"skin": skin, "battery": battery, "usb": (skin + battery) / 2}[place]

    @property
    def level(self) -> int:
        """Charge in percent."""
        return round(self.cell.share * 100)

    def advance(self, now_s: float, dt_s: float) -> None:
        """Let the `dt_s` seconds up to `now_s` pass with what is in use now."""
        if dt_s <= 0:
            return
        at = now_s - dt_s
        while at < now_s:
            power = self.power_w
            self.flow = self._flow(power)
            step = max(self._longest_step_s(power), dt_s / _MOST_STEPS)
            part = min(step, now_s - at)
            at = now_s if part < step else at + part
            self._step(at, part, power)

    def _longest_step_s(self, power_w: float) -> float:
        heat = self.profile.heat
        target_c = heat.ambient_c + heat.skin_c_per_w * (power_w + self.flow.loss_w)
        hottest_c = max(self.temperatures.skin_c, target_c)
        return _HOT_STEP_S if hottest_c > heat.throttle_skin_c else _COOL_STEP_S

    def _step(self, at_s: float, dt_s: float, power: float) -> None:
        self.residency.add(dt_s, self.khz())
        for index, busy in enumerate(self.cluster_busy()):
            self.cluster_busy_s[index] += dt_s * busy
        self.gpu_busy_s += dt_s * self.busy["gpu"]
        self.ledger.add(at_s, dt_s, power * 1000)
        for name, part in self.profile.rails.items():
            self.rail_mj[name] += dt_s * self._rail_w(part) * 1000
        self.gauge.advance(at_s, dt_s, self.flow.current_ma)
        self.cell.advance(dt_s, self.flow.current_ma)
        self.temperatures.advance(dt_s, power + self.flow.loss_w)

    def _rail_w(self, part: Kind | Literal["screen"]) -> float:
        if part == "screen":
            return self.profile.heat.screen_w if self.screen_on else 0.0
        return self.unit_w(part)

    def _flow(self, power_w: float | None = None) -> Flow:
        battery = self.profile.battery
        supply = {"usb": battery.usb_w, "ac": battery.ac_w, "none": 0.0}[self.plugged]
        return self.cell.flow(self.power_w if power_w is None else power_w, supply)
