"""The files that show a virtual phone's state: /proc, /sys and what stands in /system and /data at first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from harness.virtual.profile import Cluster

if TYPE_CHECKING:
    from harness.virtual.state import PhoneState

_CPU = "sys/devices/system/cpu"
_DIRECTORIES = (
    "data/local/tmp data/tombstones data/misc/perfetto-traces dev/socket mnt proc sdcard/Download sys/class/thermal "
    "sys/class/power_supply system/bin system/etc vendor/lib64 etc"
).split()
_LINKS = {"bin": "/system/bin", "storage/self/primary": "/sdcard", "d": "/sys/kernel/debug"}


class LiveFiles:
    """Writes files in place: they may be bound into the phone's namespace, so no inode is ever replaced."""

    def __init__(self, state: PhoneState, root: Path) -> None:
        self._state = state
        self._root = root
        self._open: dict[str, int] = {}
        self._written: dict[str, str] = {}
        self._ticks: list[dict[int, float]] = [dict.fromkeys(c.khz, 0.0) for c in state.profile.clusters]
        self._jiffies = [0.0, 0.0]

    def populate(self) -> None:
        """Make the tree of a phone that was just set up."""
        for name in _DIRECTORIES:
            (self._root / name).mkdir(parents=True, exist_ok=True)
        for name, target in _LINKS.items():
            place = self._root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.is_symlink():
                place.symlink_to(target)
        profile = self._state.profile
        self._once("system/build.prop", "".join(f"{k}={v}\n" for k, v in sorted(self._state.props.items())))
        self._once("proc/cpuinfo", cpuinfo(profile.clusters, profile.soc_model or profile.board))
        self._once("proc/version", f"Linux version {profile.kernel} (build@virtual) #1 SMP PREEMPT\n")
        self._populate_cpus()
        self._populate_supplies()
        self._populate_thermal()
        if profile.speed.gpu and "Adreno" in profile.speed.gpu.renderer:
            self._once("sys/class/kgsl/kgsl-3d0/gpu_model", profile.speed.gpu.renderer.replace(" (TM) ", "") + "\n")
            self._once("sys/class/kgsl/kgsl-3d0/gpuclk", "587000000\n", mode=0o000)
        for name in profile.denied:
            self._once(name.lstrip("/"), "0\n", mode=0o000)
        self.write_uptime(0.0)
        self._put("proc/sys/kernel/random/boot_id", "\n")
        self.write_all()
        for name in ("system/etc", "system", "vendor/lib64", "vendor", "sys", "etc"):
            (self._root / name).chmod(0o555)
        (self._root / "data/tombstones").chmod(0o000)

    def new_boot(self, digits: str) -> None:
        """A new boot_id from 32 hexadecimal digits, and counters at zero."""
        d = digits
        self._put("proc/sys/kernel/random/boot_id", f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}\n")
        for ticks in self._ticks:
            for khz in ticks:
                ticks[khz] = 0.0
        self._jiffies = [0.0, 0.0]

    def close(self) -> None:
        """Close what is held open."""
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()

    def write_uptime(self, now_s: float) -> None:
        """Show the clock."""
        self._put("proc/uptime", f"{now_s:.2f} {now_s * 0.9:.2f}\n")

    def count_time(self, dt_s: float) -> None:
        """Add to time_in_state and to the busy and idle time of /proc/stat."""
        for index in range(len(self._ticks)):
            self._ticks[index][self._khz(index)] += dt_s * 100
        busy = self._state.busy("cpu") * 0.9 + 0.02
        self._jiffies[0] += dt_s * 100 * busy
        self._jiffies[1] += dt_s * 100 * (1 - busy)

    def write_all(self) -> None:
        """Show everything that moves slower than the clock."""
        state = self._state
        cores = sum(c.cores for c in state.profile.clusters)
        busy = state.busy("cpu")
        self._put("proc/loadavg", f"{busy * 4 + 0.3:.2f} {busy * 3 + 0.3:.2f} 0.40 1/1800 4242\n")
        user, idle = (round(j) for j in self._jiffies)
        lines = [f"cpu  {user * cores} 0 {user // 8} {idle * cores} 0 0 0 0 0 0"]
        lines += [f"cpu{n} {user} 0 {user // 8} {idle} 0 0 0 0 0 0" for n in range(cores)]
        self._put("proc/stat", "\n".join(lines) + "\nctxt 1000\nbtime 1\nprocesses 5000\n")
        self._put("proc/meminfo", meminfo(state.profile.ram_kb, state.mem_available_kb))
        for index, cluster in enumerate(state.profile.clusters):
            folder = f"{_CPU}/cpufreq/policy{self._first(index)}"
            self._put(f"{folder}/scaling_cur_freq", f"{self._khz(index)}\n")
            self._put(f"{folder}/scaling_max_freq", f"{self._cap_khz(cluster)}\n")
            if state.profile.time_in_state:
                rows = "".join(f"{khz} {round(t)}\n" for khz, t in self._ticks[index].items())
                self._put(f"{folder}/stats/time_in_state", rows)
        self._write_supplies()
        self._write_thermal()

    def _first(self, index: int) -> int:
        return sum(c.cores for c in self._state.profile.clusters[:index])

    def _cap_khz(self, cluster: Cluster) -> int:
        allowed = cluster.khz[-1] * self._state.cap
        return max((k for k in cluster.khz if k <= allowed), default=cluster.khz[0])

    def _khz(self, index: int) -> int:
        cluster = self._state.profile.clusters[index]
        if self._state.busy("cpu") > 0 and (index == len(self._ticks) - 1 or self._state.busy("cpu") > 0.5):
            return self._cap_khz(cluster)
        return cluster.khz[0]

    def _populate_cpus(self) -> None:
        total = sum(c.cores for c in self._state.profile.clusters)
        for name in ("online", "possible", "present"):
            self._once(f"{_CPU}/{name}", f"0-{total - 1}\n")
        for index, cluster in enumerate(self._state.profile.clusters):
            first = self._first(index)
            members = range(first, first + cluster.cores)
            folder = f"{_CPU}/cpufreq/policy{first}"
            values = {
                "related_cpus": " ".join(map(str, members)),
                "affected_cpus": " ".join(map(str, members)),
                "cpuinfo_max_freq": cluster.khz[-1],
                "cpuinfo_min_freq": cluster.khz[0],
                "scaling_min_freq": cluster.khz[0],
                "scaling_governor": "schedutil",
                "scaling_available_frequencies": " ".join(map(str, cluster.khz)),
            }
            for name, value in values.items():
                self._once(f"{folder}/{name}", f"{value}\n")
            self._once(f"{folder}/cpuinfo_cur_freq", f"{cluster.khz[0]}\n", mode=0o000)
            for cpu in members:
                self._once(f"{_CPU}/cpu{cpu}/cpu_capacity", f"{cluster.capacity}\n")
                link = self._root / _CPU / f"cpu{cpu}/cpufreq"
                if not link.is_symlink():
                    link.symlink_to(f"../cpufreq/policy{first}")

    def _populate_supplies(self) -> None:
        gauge = self._state.profile.gauge
        self._write_supplies()
        if gauge.node and not gauge.readable:
            for place in (self._root / gauge.node.lstrip("/")).iterdir():
                place.chmod(0o000)

    def _write_supplies(self) -> None:
        state, gauge = self._state, self._state.profile.gauge
        online = {"usb": state.plugged == "usb", "ac": state.plugged == "ac"}
        for name, on in online.items():
            self._put(f"sys/class/power_supply/{name}/online", f"{int(on)}\n")
        if not gauge.node:
            return
        status = "Discharging" if state.plugged == "none" else "Full" if state.level >= 100 else "Charging"
        values = {
            "current_now": round(state.current_shown),
            "voltage_now": state.voltage_mv * 1000,
            "charge_counter": state.charge_counter_uah,
            "capacity": state.level,
            "status": status,
            "temp": round(state.temperatures.battery_c * 10),
            "health": "Good",
            "present": 1,
            "technology": "Li-ion",
        }
        for name, value in values.items():
            self._put(f"{gauge.node.lstrip('/')}/{name}", f"{value}\n")

    def _populate_thermal(self) -> None:
        thermal = self._state.profile.thermal
        for index, kind in enumerate(thermal.zones):
            self._once(f"sys/class/thermal/thermal_zone{index}/type", f"{kind}\n")
        self._write_thermal()
        if not thermal.zones_readable:
            for index in range(len(thermal.zones)):
                for name in ("type", "temp"):
                    (self._root / f"sys/class/thermal/thermal_zone{index}/{name}").chmod(0o000)

    def _write_thermal(self) -> None:
        thermal = self._state.profile.thermal
        scale = {"mc": 1000, "c": 1, "dc": 10}[thermal.zone_unit]
        for index, kind in enumerate(thermal.zones):
            self._put(f"sys/class/thermal/thermal_zone{index}/temp", f"{round(self.zone_c(kind) * scale)}\n")

    def zone_c(self, kind: str) -> float:
        """Temperature of a sensor, degrees Celsius, from its name."""
        temperatures, state = self._state.temperatures, self._state
        if "batt" in kind:
            return temperatures.battery_c
        if "cpu" in kind.lower() or "soc" in kind.lower() or "tsens" in kind:
            return temperatures.skin_c + 4 + 22 * state.busy("cpu")
        if "gpu" in kind.lower():
            return temperatures.skin_c + 3 + 18 * state.busy("gpu")
        return temperatures.skin_c

    def _once(self, name: str, text: str, *, mode: int = 0o444) -> None:
        place = self._root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_text(text)
            place.chmod(mode)

    def _put(self, name: str, text: str) -> None:
        if self._written.get(name) == text:
            return
        self._written[name] = text
        fd = self._open.get(name)
        if fd is None:
            place = self._root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            fd = self._open[name] = os.open(place, os.O_WRONLY | os.O_CREAT, 0o444)
        data = text.encode()
        os.pwrite(fd, data, 0)
        os.ftruncate(fd, len(data))


def cpuinfo(clusters: list[Cluster], hardware: str) -> str:
    """/proc/cpuinfo of an ARM phone."""
    text, number = "", 0
    for cluster in clusters:
        for _ in range(cluster.cores):
            text += (
                f"processor\t: {number}\nBogoMIPS\t: 38.40\n"
                "Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimddp\n"
                f"CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: {cluster.part}\n"
                "CPU revision\t: 0\n\n"
            )
            number += 1
    return f"{text}Hardware\t: {hardware}\n"


def meminfo(total_kb: int, available_kb: int) -> str:
    """/proc/meminfo with the lines that matter."""
    rows = {
        "MemTotal": total_kb,
        "MemFree": available_kb // 3,
        "MemAvailable": available_kb,
        "Buffers": 3000,
        "Cached": available_kb // 2,
        "SwapCached": 1000,
        "SwapTotal": total_kb // 2,
        "SwapFree": total_kb // 4,
    }
    return "".join(f"{name + ':':<16}{value:>8} kB\n" for name, value in rows.items())
