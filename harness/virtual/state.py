"""What changes on a virtual phone: power, heat, clocks, battery, settings, log."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from harness.virtual.files import LiveFiles
from harness.virtual.physics import GaugeReading, Ledger, Temperatures, status, throttle
from harness.virtual.profile import Profile
from harness.virtual.props import properties

Kind = Literal["cpu", "gpu", "npu"]
#: Real seconds between rewrites of the files; /proc/uptime is written at every tick.
_FILES_EVERY_S = 0.2


class Clock(Protocol):
    """What the state needs of a clock (see clock.py)."""

    rate: float

    def now_s(self) -> float:
        """Seconds since boot."""

    def wall_s(self) -> float:
        """Seconds since 1970."""


@dataclass(frozen=True)
class LogLine:
    """One line of the log; `wall_s` since 1970."""

    wall_s: float
    pid: int
    priority: str
    tag: str
    text: str
    buffer: str = "main"


class PhoneState:
    """State of one phone; advanced by `tick`, which also rewrites the files that show it.

    Attributes:
        ledger: what was truly drawn, for tests to compare with what was measured.
        free_kb: what /data still holds when empty of our files.
        fake_battery: values that `dumpsys battery set` pretends; empty where updates run.
    """

    def __init__(self, profile: Profile, clock: Clock, root: Path, *, seed: int, serialno: str) -> None:
        self.profile = profile
        self.clock = clock
        self.random = random.Random(seed)
        self.props = properties(profile, serialno)
        self.settings: dict[tuple[str, str], str] = {
            ("system", "screen_brightness"): "102",
            ("system", "screen_brightness_mode"): "1",
            ("system", "screen_off_timeout"): "30000",
            ("global", "stay_on_while_plugged_in"): "0",
            ("global", "low_power"): "0",
            ("global", "airplane_mode_on"): "0",
        }
        self.temperatures = Temperatures(profile.heat)
        self.ledger = Ledger()
        self.free_kb = int(profile.storage_kb * 0.4)
        self.mem_available_kb = int(profile.ram_kb * (0.35 if profile.low_ram else 0.5))
        self.fake_battery: dict[str, int] = {}
        self.log_lines: deque[LogLine] = deque(maxlen=5000)
        self.boots = 0
        self._loads: dict[int, tuple[Kind, float]] = {}
        self._load_ids = 0
        self._gauge = GaugeReading(profile.gauge, random.Random(seed + 1))
        self._charge_mah = profile.battery.capacity_mah * profile.battery.level / 100
        self._last_s: float | None = None
        self._files_at = 0.0
        self._files = LiveFiles(self, root)
        self._lock = threading.Lock()

    def populate(self) -> None:
        """Write the whole tree, and boot."""
        self._files.populate()
        self.boot()

    def boot(self) -> None:
        """A new boot: new boot_id, no load; temperatures and charge go on."""
        self.boots += 1
        self._loads.clear()
        self._last_s = None
        self.fake_battery.clear()
        self._files.new_boot(f"{self.random.getrandbits(128):032x}")
        self.log("I", "boot_progress", "boot completed", pid=1)
        self.tick()

    def close(self) -> None:
        """Let the open files go."""
        self._files.close()

    @contextlib.contextmanager
    def load(self, kind: Kind, share: float) -> Iterator[None]:
        """While inside, that unit is busy with `share` (0 to 1) of what it can draw."""
        self._load_ids += 1
        number = self._load_ids
        self._loads[number] = (kind, share)
        self.tick()
        try:
            yield
        finally:
            self._loads.pop(number, None)

    def busy(self, kind: Kind) -> float:
        """Share of a unit that is in use now, 0 to 1."""
        return min(1.0, sum(share for k, share in self._loads.values() if k == kind))

    @property
    def cap(self) -> float:
        """Share of the maximum clock that heat allows now."""
        return throttle(self.profile.heat, self.temperatures.skin_c)

    def speed(self, kind: Kind) -> float:
        """Speed now as a share of the cool speed; shared units get slower by what others use."""
        others = max(0.0, sum(share for k, share in self._loads.values() if k == kind) - 1.0)
        return self.cap / (1.0 + others)

    @property
    def power_w(self) -> float:
        """What the phone draws now."""
        heat, cap = self.profile.heat, self.cap
        # Dynamic power falls faster than the clock, since the voltage falls with it.
        busy = self.busy("cpu") * heat.cpu_w + self.busy("gpu") * heat.gpu_w + self.busy("npu") * heat.npu_w
        return heat.idle_w + busy * cap**2

    @property
    def thermal_status(self) -> int:
        """0 to 3 as `dumpsys thermalservice` names it."""
        return status(self.profile.heat, self.temperatures.skin_c)

    @property
    def plugged(self) -> str:
        """ "usb", "ac" or "none"."""
        return self.profile.battery.plugged

    @property
    def level(self) -> int:
        """Charge in percent."""
        return max(0, min(100, round(100 * self._charge_mah / self.profile.battery.capacity_mah)))

    @property
    def voltage_mv(self) -> int:
        """Battery voltage; sags a little under load."""
        return round(self.profile.battery.voltage_mv - 12 * self.power_w)

    @property
    def charge_counter_uah(self) -> int:
        """Charge left, µAh."""
        return round(self._charge_mah * 1000)

    @property
    def current_shown(self) -> float:
        """What the gauge's node shows, in its unit and with its sign."""
        return self._gauge.shown

    def tick(self) -> None:
        """Advance to the clock's time and rewrite the files that show it."""
        with self._lock:
            now = self.clock.now_s()
            dt = 0.0 if self._last_s is None else max(0.0, now - self._last_s)
            self._last_s = now
            power = self.power_w
            self.temperatures.advance(dt, power)
            self.ledger.add(now, dt, power)
            volts = self.profile.battery.voltage_mv / 1000
            # A plugged phone runs from its supply, and what is left of 7 W goes into the battery.
            draw_ma = 1000 * (power if self.plugged == "none" else -max(0.0, 7.0 - power)) / volts
            self._charge_mah = min(self.profile.battery.capacity_mah, self._charge_mah - draw_ma * dt / 3600)
            self._gauge.advance(now, dt, draw_ma)
            self._files.write_uptime(now)
            self._files.count_time(dt)
            if time.monotonic() - self._files_at >= _FILES_EVERY_S:
                self._files_at = time.monotonic()
                self._files.write_all()

    def log(self, priority: str, tag: str, text: str, *, pid: int = 1000, buffer: str = "main") -> None:
        """Append to the log that `logcat` shows."""
        self.log_lines.append(LogLine(self.clock.wall_s(), pid, priority, tag, text, buffer))
