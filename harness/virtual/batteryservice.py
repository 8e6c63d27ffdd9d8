"""What Android's battery service believes: a cached reading, or what `dumpsys battery set` pretends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.virtual.nodes.supplies import online
from harness.virtual.physics.machine import Machine

#: A phone that is awake refreshes its cached reading this often, and at once where level, status or plug change.
_REFRESH_S = 60.0
_TEMPERATURE_STEP_DC = 10
STATUS = {"Charging": 2, "Discharging": 3, "Not charging": 4, "Full": 5}


@dataclass(frozen=True)
class BatteryReading:
    """One reading, in the units of `dumpsys battery`: µAh, mV, tenths of a degree, mA out of the battery."""

    ac: int
    usb: int
    wireless: int
    counter: int
    status: int
    present: int
    level: int
    voltage: int
    temp: int
    current_ma: float


class BatteryService:
    """The cached reading of one phone. `stopped`: values are pretended and stay as they are until `reset`."""

    #: Keys that `set` takes.
    SETTABLE = ("ac", "usb", "wireless", "present", "level", "status", "counter", "temp")

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._taken_s = 0.0
        self.stopped = False
        self.reading = self._read()

    def refresh(self, now_s: float) -> None:
        """Take a new reading where it is time for one."""
        if self.stopped:
            return
        new, old = self._read(), self.reading
        events = (new.ac, new.usb, new.level, new.status) != (old.ac, old.usb, old.level, old.status)
        warmer = abs(new.temp - old.temp) >= _TEMPERATURE_STEP_DC
        if events or warmer or not 0 <= now_s - self._taken_s < _REFRESH_S:
            self.reading, self._taken_s = new, now_s

    def set(self, key: str, value: int) -> None:
        """Pretend a value; everything else stays as it was last read.

        Raises:
            KeyError: a key that the service does not know.
        """
        if key not in self.SETTABLE:
            raise KeyError(key)
        self.stopped = True
        self.reading = replace(self.reading, **{key: value})

    def unplug(self) -> None:
        """Pretend that nothing powers the phone."""
        self.stopped = True
        self.reading = replace(self.reading, ac=0, usb=0, wireless=0)

    def reset(self) -> None:
        """Pretend no more."""
        self.stopped = False
        self.reading = self._read()

    def _read(self) -> BatteryReading:
        machine = self._machine
        plugged = {p: any(online(machine.profile, p).values()) and machine.plugged == p for p in ("ac", "usb")}
        return BatteryReading(
            ac=int(plugged["ac"]),
            usb=int(plugged["usb"]),
            wireless=0,
            counter=machine.gauge.counter_uah,
            status=STATUS[machine.flow.status],
            present=1,
            level=machine.level,
            voltage=round(machine.flow.voltage_v * 1000),
            temp=round(machine.temperatures.battery_c * 10),
            current_ma=machine.gauge.shown_ma,
        )
