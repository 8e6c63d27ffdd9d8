"""What changes on a virtual phone: power, heat, clocks, battery, settings, log; and the files that show it.

One `PhoneState` belongs to one event loop: nothing here is locked. Time is the phone's clock; the physics advance
to it at ticks and at each change of load, exactly, however seldom ticks come.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from harness.virtual.batteryservice import BatteryService
from harness.virtual.files import LiveFiles
from harness.virtual.log import LogRing
from harness.virtual.nodes import cpu, gpu, proc, supplies, system, thermal
from harness.virtual.physics.cpufreq import Pinned, busy_shares, capacity, cores_of, strongest
from harness.virtual.physics.ledger import Ledger
from harness.virtual.physics.machine import Machine
from harness.virtual.physics.power import Kind
from harness.virtual.profile import Profile
from harness.virtual.props import MARK, properties
from harness.virtual.settings_table import SettingsTable

#: Phone seconds between rewrites of the files; /proc/uptime is written at every tick.
_FILES_EVERY_S = 0.1


class Clock(Protocol):
    """What the state needs of a clock (see clock.py)."""

    @property
    def rate(self) -> float:
        """Phone seconds per real second."""

    def now_s(self) -> float:
        """Seconds since boot."""

    def wall_s(self) -> float:
        """Seconds since 1970."""

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back."""


#: Android's fixed performance mode, among the settings for the ledger; a boot ends it.
_FIXED = ("virtual", "fixed_performance_mode")
#: System time beside user time, as /proc/stat counts it too.
_SYSTEM_SHARE = 0.05


@dataclass
class Process:
    """A program of ours on the phone, for what its /proc, `dumpsys meminfo` and `dumpsys gpu` say; may be changed.

    Attributes:
        cpus: cores that it is kept to, None where it may run on all.
        threads: that work when it does.
        cpu_s: CPU time so far.
    """

    name: str
    resident_mb: float = 0.0
    gpu_mb: float = 0.0
    cpus: frozenset[int] | None = None
    threads: int = 1
    cpu_s: float = 0.0


@dataclass(frozen=True)
class _Load:
    kind: Kind
    share: float
    process: Process | None = None


class PhoneState:
    """State of one phone.

    Attributes:
        machine: the physics; its `plugged` and `screen_on` may be set at any time.
        props, settings: system properties; settings by (namespace, key).
        pids: programs of ours that run, by process id.
        battery_service: what Android believes of the battery, `dumpsys battery set` included.
        front: the activity that has the screen, None for the home screen.
        keyguard, pin: whether the lock screen is shown, and what opens it; without a PIN a swipe does.
        apps: paths of what was installed, by the name of the package.
        thermal_override: the status that `cmd thermalservice override-status` pretends, or None.
        random: the seeded source of everything that this phone draws by lot.
        background: share of the CPU that other programs have all the time; set before it boots.
        free_kb: what /data still holds when empty of our files.
        boots, boot_id: how often it has booted, and the name of this boot.
        first_outputs: what the first run of a model gave, by its path and the size of its outputs.
    """

    def __init__(self, profile: Profile, clock: Clock, root: Path, seed: int = 0, serialno: str = "VIRTUAL0") -> None:
        self.profile = profile
        self.clock = clock
        self.machine = Machine(profile, seed=seed)
        self.props = properties(profile, serialno)
        self.settings = SettingsTable(system.SETTINGS)
        if clock.rate != 1.0:
            # Whoever compares its clock must know that it runs away by right.
            self.props[f"{MARK}.rate"] = f"{clock.rate:g}"
        self.pids: dict[int, Process] = {}
        self.battery_service = BatteryService(self.machine)
        self.thermal_override: int | None = None
        self.front: str | None = None
        self.keyguard = False
        self.pin: str | None = None
        self.apps: dict[str, str] = {}
        self.free_kb = int(profile.storage_kb * 0.4)
        self.first_outputs: dict[tuple[str, int], bytes] = {}
        self.boots = 0
        self.boot_id = ""
        self.random = random.Random(seed)
        self._log = LogRing()
        self._loads: dict[object, _Load] = {}
        self.background = 0.0
        self._idle_available_kb = int(profile.ram_kb * (0.35 if profile.low_ram else 0.5))
        self._suspended = False
        self._awake_screen = True
        self._advanced_s = 0.0
        self._files_s = float("-inf")
        self._boot_wall_s = 0.0
        self._cores = sum(c.cores for c in profile.clusters)
        self._capacity = capacity(profile.clusters)
        self._files = LiveFiles(root)

    def populate(self) -> None:
        """Write the whole tree, denied nodes included, and boot."""
        profile, files = self.profile, self._files
        for name in system.FOLDERS:
            files.folder(name)
        for module in (system, cpu, supplies):
            for name, target in module.links(profile):
                files.link(name, target)
        for module in (cpu, proc, supplies, thermal, gpu):
            for node in module.fixed(profile):
                files.once(node)
        for node in system.fixed(profile, self.props):
            files.once(node)
        files.put("proc/sys/kernel/random/boot_id", "\n")
        self.boot()
        for folder in [*supplies.denied(profile), *thermal.denied(profile)]:
            files.deny(folder)
        system.protect(self._files)

    def boot(self) -> None:
        """A new boot at the clock's time: new boot_id, nothing runs; heat, charge, settings and files stay."""
        self.boots += 1
        if self._suspended:
            self._wake()
        self._loads.clear()
        self.pids.clear()
        self.settings.pop(_FIXED, None)
        self._advanced_s = self.clock.now_s()
        self.machine.boot(self._advanced_s)
        self._count_loads()
        self.battery_service.reset()
        self.thermal_override = None
        self.front = None
        self.keyguard = self.pin is not None
        self._log.clear(["all"])
        self._files_s = float("-inf")
        self._boot_wall_s = self.clock.wall_s() - self._advanced_s
        text = proc.boot_id(f"{self.random.getrandbits(128):032x}")
        self.boot_id = text.strip()
        self._files.put("proc/sys/kernel/random/boot_id", text)
        self.log("I", "boot_progress", "boot completed", pid=1, buffer="system")
        self.tick()

    def suspend(self) -> None:
        """Nothing works and the screen is dark, until `resume` or a boot."""
        self._advance()
        self._awake_screen = self.machine.screen_on
        self.machine.screen_on = False
        self._suspended = True
        self._count_loads()

    def resume(self) -> None:
        """What was busy goes on."""
        if self._suspended:
            self._advance()
            self._wake()

    def _wake(self) -> None:
        self._suspended = False
        self.machine.screen_on = self._awake_screen
        self._count_loads()

    def jump_clock(self, seconds: float) -> None:
        """Set the wall clock forward or back."""
        self.clock.jump(seconds)
        self._boot_wall_s += seconds

    def set_level(self, percent: float) -> None:
        """Put the battery to a charge."""
        self._advance()
        self.machine.set_level(percent)
        self._files_s = float("-inf")

    def set_plugged(self, plugged: Literal["usb", "ac", "none"]) -> None:
        """What powers it from now on."""
        self._advance()
        self.machine.plugged = plugged
        self._files_s = float("-inf")

    def set_heat(self, celsius: float) -> None:
        """Put skin and battery to a temperature."""
        self._advance()
        self.machine.temperatures.skin_c = self.machine.temperatures.battery_c = celsius
        self._files_s = float("-inf")

    def update(self, props: dict[str, str]) -> None:
        """Other properties, as after an update of the system."""
        self.props.update(props)
        for node in system.fixed(self.profile, self.props):
            if node.path == system.BUILD_PROP:
                self._files.replace(node)

    def close(self) -> None:
        """Let the open files go."""
        self._files.close()

    @contextlib.contextmanager
    def load(self, kind: Kind, share: float, pid: int | None = None) -> Iterator[None]:
        """While inside, that unit is busy with `share` (0 to 1) of what it can do; loads of one unit add up.

        pid: of the process that it is counted for; one that is kept to some cores has `share` of what these can do.
        """
        key = object()
        self._advance()
        self._loads[key] = _Load(kind, share, self.pids.get(pid) if pid is not None else None)
        self._count_loads()
        try:
            yield
        finally:
            self._advance()
            # A reboot may have ended it already.
            self._loads.pop(key, None)
            self._count_loads()

    def wanted(self, kind: Kind) -> float:
        """Sum of the loads of a unit; over 1 they share it. Those of the CPU that are kept to cores count by these."""
        return sum(self._weight(load) for load in self._loads.values() if load.kind == kind) + (
            self.background if kind == "cpu" else 0.0
        )

    def speed(self, kind: Kind, pid: int | None = None) -> float:
        """Speed that one load gets now, as a share of a cool and idle phone's: throttling, sharing, and its cores."""
        self._advance()
        process = self.pids.get(pid) if pid is not None else None
        if kind != "cpu" or process is None or process.cpus is None:
            return self.machine.clock(kind) / max(1.0, self.wanted(kind))
        clusters, cores = self.profile.clusters, cores_of(self.profile.clusters, process.cpus)
        mine = [load for load in self._loads.values() if load.process and load.process.cpus == process.cpus]
        free = busy_shares(clusters, self._free_cpu())
        others = sum(b * n for b, n in zip(free, cores, strict=True)) / max(1, sum(cores))
        wanted = sum(load.share for load in mine) + others
        placed = strongest(clusters, process.threads, cores) / strongest(clusters, process.threads)
        return max(1e-3, self.machine.clock("cpu", cores) * placed) / max(1.0, wanted)

    def set_fixed_performance(self, *, on: bool) -> None:
        """Switch Android's fixed performance mode."""
        self._advance()
        if on:
            self.settings[_FIXED] = "1"
        else:
            self.settings.pop(_FIXED, None)
        self.machine.fixed_performance = on
        self._files_s = float("-inf")

    @property
    def ledger(self) -> Ledger:
        """What was truly drawn since boot, up to now."""
        self._advance()
        return self.machine.ledger

    @contextlib.contextmanager
    def process(self, pid: int, name: str, cpus: frozenset[int] | None = None) -> Iterator[Process]:
        """While inside, that process is known to `dumpsys meminfo`, `dumpsys gpu` and /proc; fill in what it holds."""
        self.pids[pid] = Process(name, cpus=cpus)
        try:
            yield self.pids[pid]
        finally:
            self.pids.pop(pid, None)

    @property
    def mem_available_kb(self) -> int:
        """MemAvailable with our programs running."""
        held = sum(p.resident_mb + p.gpu_mb for p in self.pids.values()) * 1024
        return max(self.profile.ram_kb // 50, self._idle_available_kb - round(held))

    @property
    def gpu_memory_bytes(self) -> int:
        """Graphics memory of our programs."""
        return round(sum(p.gpu_mb for p in self.pids.values()) * (1 << 20))

    @property
    def thermal_status(self) -> int:
        """The status that Android shows."""
        return self.machine.thermal_status if self.thermal_override is None else self.thermal_override

    def log(self, priority: str, tag: str, text: str, pid: int = 1, *, buffer: str = "main") -> None:
        """Append to the log that `logcat` shows. priority: one of V D I W E F."""
        self._log.add(self.clock.wall_s(), priority, tag, text, pid=pid, buffer=buffer)

    @property
    def log_ring(self) -> LogRing:
        """The log."""
        return self._log

    def tick(self) -> None:
        """Advance to the clock's time and rewrite, in place, the files that show it."""
        now = self.clock.now_s()
        self._files.put("proc/uptime", proc.uptime(now, self._cores))
        # The physics lose nothing by waiting: between changes of load they advance in one exact leap.
        if now - self._files_s < _FILES_EVERY_S:
            return
        self._files_s = now
        self._advance()
        self.battery_service.refresh(now)
        machine = self.machine
        for name, text in (
            *cpu.live(machine),
            *proc.live(machine, now, self._boot_wall_s, self.mem_available_kb),
            *supplies.live(machine),
            *thermal.live(machine),
            *gpu.live(machine, now, self.gpu_memory_bytes),
        ):
            self._files.put(name, text)

    def _advance(self) -> None:
        now = self.clock.now_s()
        if now > self._advanced_s:
            self._count_cpu_time(now - self._advanced_s)
            self.machine.advance(now, now - self._advanced_s)
            self._advanced_s = now

    def _count_loads(self) -> None:
        if self._suspended:
            self.machine.set_busy({})
            return
        busy: Counter[Kind] = Counter()
        pinned = []
        for load in self._loads.values():
            if (cores := self._kept_to(load)) is not None:
                pinned.append(Pinned(load.share, cores))
            elif load.kind != "cpu":
                busy[load.kind] += load.share  # type: ignore[assignment]
        busy["cpu"] = self._free_cpu()  # type: ignore[assignment]
        self.machine.set_busy(busy, pinned)

    def _kept_to(self, load: _Load) -> tuple[int, ...] | None:
        """Cores of each cluster that a load is kept to; None where it may run on all."""
        cpus = load.process.cpus if load.process and load.kind == "cpu" else None
        return None if cpus is None else cores_of(self.profile.clusters, cpus)

    def _free_cpu(self) -> float:
        loads = self._loads.values()
        return self.background + sum(load.share for load in loads if load.kind == "cpu" and self._kept_to(load) is None)

    def _weight(self, load: _Load) -> float:
        cores = self._kept_to(load)
        return load.share if cores is None else load.share * capacity(self.profile.clusters, cores) / self._capacity

    def _count_cpu_time(self, dt_s: float) -> None:
        clusters = self.profile.clusters
        for load in self._loads.values() if not self._suspended else ():
            if load.process is None or load.kind != "cpu":
                continue
            cores = self._kept_to(load)
            busy = busy_shares(clusters, load.share) if cores is None else [load.share] * len(clusters)
            counts = [c.cores for c in clusters] if cores is None else cores
            used = sum(min(1.0, b) * n for b, n in zip(busy, counts, strict=True))
            load.process.cpu_s += dt_s * used * (1 + _SYSTEM_SHARE)
