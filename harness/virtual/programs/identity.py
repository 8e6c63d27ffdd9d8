"""id, whoami, getenforce, uname: who the shell user is, and on what."""

from __future__ import annotations

from harness.virtual.nodes.proc import is_32_bit
from harness.virtual.program import Call, program

_GROUPS = {
    1004: "input",
    1007: "log",
    1011: "adb",
    1015: "sdcard_rw",
    1028: "sdcard_r",
    3001: "net_bt_admin",
    3002: "net_bt",
    3003: "inet",
    3006: "net_bw_stats",
    3009: "readproc",
    3011: "uhid",
}
_MOST_NAMES = {"-u": "2000", "-g": "2000", "-un": "shell", "-gn": "shell", "-nu": "shell", "-ng": "shell"}


@program("id")
async def id_(call: Call) -> int:
    """The shell user."""
    wanted = call.argv[1:2]
    if wanted and wanted[0] in _MOST_NAMES:
        await call.out(_MOST_NAMES[wanted[0]] + "\n")
    elif wanted == ["-Z"]:
        await call.out("u:r:shell:s0\n")
    else:
        groups = ",".join(f"{number}({name})" for number, name in _GROUPS.items())
        await call.out(f"uid=2000(shell) gid=2000(shell) groups=2000(shell),{groups} context=u:r:shell:s0\n")
    return 0


@program("whoami")
async def whoami(call: Call) -> int:
    """shell."""
    await call.out("shell\n")
    return 0


@program("getenforce")
async def getenforce(call: Call) -> int:
    """Enforcing, as on every retail phone."""
    await call.out("Enforcing\n")
    return 0


@program("uname")
async def uname(call: Call) -> int:
    """-s, -n, -r, -v, -m, -a."""
    profile = call.phone.profile
    machine = "x86_64" if profile.abis[0] == "x86_64" else "armv8l" if is_32_bit(profile) else "aarch64"
    values = {
        "s": "Linux",
        "n": "localhost",
        "r": profile.kernel,
        "v": "#1 SMP PREEMPT",
        "m": machine,
        "o": "Toybox" if profile.sdk >= 33 else "Android",
    }
    flags = "".join(a[1:] for a in call.argv[1:] if a.startswith("-")) or "s"
    shown = values.values() if "a" in flags else [v for k, v in values.items() if k in flags]
    await call.out(" ".join(shown) + "\n")
    return 0
