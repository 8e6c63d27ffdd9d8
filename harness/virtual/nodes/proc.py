"""/proc: cpuinfo, version, meminfo, stat, loadavg, uptime, boot_id, pressure."""

from __future__ import annotations

from collections.abc import Iterator

from harness.virtual.nodes import DENIED, Node
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import Profile

#: Features that 64-bit cores name, by the generation of the fastest core.
_ARMV8 = "fp asimd evtstrm aes pmull sha1 sha2 crc32"
_ARMV8_2 = f"{_ARMV8} atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
_ARMV9 = f"{_ARMV8_2} sha3 sm3 sm4 sha512 sve sve2 i8mm bf16 bti"
_ARMV7 = "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt lpae evtstrm aes pmull sha1 sha2 crc32"
_FIRST_ARMV9, _OLD = 0xD46, {0xD03, 0xD04, 0xD08, 0xD09}
_CLOCK_TICKS = 100


def is_32_bit(profile: Profile) -> bool:
    """Whether the phone runs programs of 32 bits only."""
    return not any("64" in abi for abi in profile.abis)


def features(profile: Profile) -> str:
    """The `Features` line of /proc/cpuinfo: what all cores share."""
    if is_32_bit(profile):
        return _ARMV7
    parts = [int(c.part, 16) for c in profile.clusters]
    if any(p in _OLD for p in parts):
        return _ARMV8
    return _ARMV9 if min(parts) >= _FIRST_ARMV9 else _ARMV8_2


def fixed(profile: Profile) -> Iterator[Node]:
    """What a boot does not change."""
    yield Node("proc/cpuinfo", cpuinfo(profile))
    yield Node(
        "proc/version",
        f"Linux version {profile.kernel} (build-user@build-host) (Android clang) #1 SMP PREEMPT {_BUILT}\n",
    )
    yield Node("proc/cmdline", "\n", DENIED)
    yield Node("proc/sys/vm/drop_caches", "0\n", DENIED)
    samsung = profile.manufacturer == "samsung"
    for name in ("cpu", "memory", "io"):
        text = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
        # Samsung's policy grants the shell user these, others' does not.
        yield Node(f"proc/pressure/{name}", text, 0o444 if samsung else DENIED)


_BUILT = "Mon Sep 2 04:11:08 UTC 2024"


def cpuinfo(profile: Profile) -> str:
    """/proc/cpuinfo of an ARM phone; 32-bit ones name a model, and old kernels the hardware at the end."""
    lines, number = [], 0
    for cluster in profile.clusters:
        for _ in range(cluster.cores):
            lines.append(f"processor\t: {number}")
            if is_32_bit(profile):
                lines.append("model name\t: ARMv7 Processor rev 4 (v7l)")
            lines += [
                "BogoMIPS\t: 26.00",
                f"Features\t: {features(profile)}",
                "CPU implementer\t: 0x41",
                f"CPU architecture: {7 if is_32_bit(profile) else 8}",
                f"CPU variant\t: {'0x0' if int(cluster.part, 16) in _OLD else '0x1'}",
                f"CPU part\t: {cluster.part}",
                f"CPU revision\t: {4 if int(cluster.part, 16) in _OLD else 0}",
                "",
            ]
            number += 1
    if profile.sdk < 31:
        lines.append(f"Hardware\t: {profile.soc_model or profile.hardware.upper()}")
    return "\n".join(lines) + "\n"


def boot_id(digits: str) -> str:
    """/proc/sys/kernel/random/boot_id from 32 hexadecimal digits."""
    d = digits
    return f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}\n"


def uptime(now_s: float, cores: int) -> str:
    """/proc/uptime: seconds since boot, and idle seconds summed over cores."""
    return f"{now_s:.2f} {now_s * cores * 0.9:.2f}\n"


def load_average(machine: Machine) -> float:
    """Threads that run or wait: of the last minute on a phone, of this moment here."""
    return 0.4 + machine.busy["cpu"] * sum(c.cores for c in machine.profile.clusters)


def live(machine: Machine, now_s: float, boot_wall_s: float, available_kb: int) -> Iterator[tuple[str, str]]:
    """Load, counters and memory."""
    load = load_average(machine)
    yield "proc/loadavg", f"{load:.2f} {load * 0.9:.2f} {load * 0.8:.2f} {round(load + 0.6)}/1843 6021\n"
    yield "proc/stat", stat(machine, now_s, boot_wall_s)
    yield "proc/meminfo", meminfo(machine.profile, available_kb)


def stat(machine: Machine, now_s: float, boot_wall_s: float) -> str:
    """/proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice in ticks."""
    rows: list[list[int]] = []
    for cluster, busy_s in zip(machine.profile.clusters, machine.cluster_busy_s, strict=True):
        user = int((busy_s + 0.02 * now_s) * _CLOCK_TICKS)
        system = int((0.05 * busy_s + 0.01 * now_s) * _CLOCK_TICKS)
        idle = max(0, int(now_s * _CLOCK_TICKS) - user - system)
        rows += [[user, 0, system, idle, 0, 0, 0, 0, 0, 0]] * cluster.cores
    total = [sum(column) for column in zip(*rows, strict=True)]
    lines = [f"cpu  {' '.join(map(str, total))}"]
    lines += [f"cpu{number} {' '.join(map(str, row))}" for number, row in enumerate(rows)]
    lines += [
        f"ctxt {int(now_s * 9000)}",
        f"btime {int(boot_wall_s)}",
        f"processes {6000 + int(now_s)}",
        "procs_running 1",
        "procs_blocked 0",
    ]
    return "\n".join(lines) + "\n"


def meminfo(profile: Profile, available_kb: int) -> str:
    """/proc/meminfo; lines that a harness reads move with what is available."""
    total = profile.ram_kb
    cached = min(total // 3, available_kb * 2 // 3)
    anonymous = max(0, total - available_kb) * 6 // 10
    rows = {
        "MemTotal": total,
        "MemFree": max(0, available_kb - cached),
        "MemAvailable": available_kb,
        "Buffers": 2948,
        "Cached": cached,
        "SwapCached": total // 400,
        "Active": anonymous // 2 + cached // 2,
        "Inactive": anonymous // 2 + cached // 2,
        "Unevictable": 3172,
        "Mlocked": 3172,
        "SwapTotal": total // 2,
        "SwapFree": total // 4,
        "Dirty": 120,
        "Writeback": 0,
        "AnonPages": anonymous,
        "Mapped": cached // 2,
        "Shmem": 18244,
        "Slab": total // 24,
        "KernelStack": 38112,
        "PageTables": 61420,
        "CommitLimit": total,
        "Committed_AS": total * 9,
        "VmallocTotal": 263061440,
    }
    return "".join(f"{name + ':':<16}{value:>8} kB\n" for name, value in rows.items())
