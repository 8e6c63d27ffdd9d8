"""A folder that looks like a phone to the device scripts: real shells and tools, made-up files and services."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from harness.phones.state import Where, plan_state
from harness.resources import resource_dir

SCRIPTS = resource_dir("device_scripts")
SHELLS = [name for name in ("mksh", "dash") if shutil.which(name)]
_TOOLS = "cat chmod cp cut date df echo false grep head kill ls mkdir mv ps rm sed setsid sh sleep sort tail taskset touch tr true wc"

NODES = {
    "battery.current_now": "/sys/class/power_supply/battery/current_now",
    "battery.status": "/sys/class/power_supply/battery/status",
    "zone.skin": "/sys/class/thermal/thermal_zone0/temp",
    "gone": "/sys/none",
}

_DUMPSYS = """#!/bin/sh
case $1 in
battery) plugged=false status=3
  [ -f "${PHONE_ROOT}/state/plugged" ] && plugged=true status=2
  printf '  AC powered: false\\n  USB powered: %s\\n  status: %s\\n  voltage: 4000\\n' $plugged $status
  echo "  level: $(cat "${PHONE_ROOT}/state/level")"
  echo "  temperature: $(cat "${PHONE_ROOT}/state/tenths")" ;;
power) echo "  mWakefulness=$(cat "${PHONE_ROOT}/state/wakefulness")" ;;
thermalservice) printf 'Thermal Status: 0\\nCurrent temperatures from HAL:\\n' ;;
esac
"""
#: A setting whose file cannot be written is one that the maker refuses.
_SETTINGS = """#!/bin/sh
file="${PHONE_ROOT}/state/$3"
[ "$3" = stay_on_while_plugged_in ] && file="${PHONE_ROOT}/state/stayon"
case $1 in
get) if [ -f "$file" ]; then cat "$file"; else echo null; fi ;;
put) if [ -f "$file.refused" ]; then cat "$file.refused" >&2; exit 255; fi; echo "$4" >"$file" ;;
delete) rm -f "$file" ;;
esac
"""
#: The limits of clocks move with the mode where state/wired says to what.
_CMD = """#!/bin/sh
echo "$*" >>"${PHONE_ROOT}/state/cmd.args"
cap="${PHONE_ROOT}/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq"
case "$*" in
"power set-fixed-performance-mode-enabled true") [ ! -f "${PHONE_ROOT}/state/wired" ] || cat "${PHONE_ROOT}/state/wired" >"$cap" ;;
"power set-fixed-performance-mode-enabled false") echo 1800000 >"$cap" ;;
esac
"""
_INPUT = """#!/bin/sh
case $2 in 223) echo Asleep ;; 224) echo Awake ;; esac >"${PHONE_ROOT}/state/wakefulness"
"""
_SVC = """#!/bin/sh
case $3 in true) n=7 ;; usb) n=2 ;; ac) n=1 ;; *) n=0 ;; esac
echo $n >"${PHONE_ROOT}/state/stayon"
"""
_LOGCAT = """#!/bin/sh
echo "$*" >>"${PHONE_ROOT}/state/logcat.args"
cat "${PHONE_ROOT}/state/log"
"""
# Knows no voltage where state/old is there; its daemon writes down that it was asked to end.
_PERFETTO = """#!/bin/sh
[ "$*" = "--txt -c - -o $5 -d" ] || exit 9
config=$(cat)
echo "$config" >>"${PHONE_ROOT}/state/configs"
case $config in *VOLTAGE*) [ -f "${PHONE_ROOT}/state/old" ] && exit 1 ;; esac
echo traced >"$5"
setsid sh -c 'exec 3>>"$1"; trap "echo ended >&3; exit" TERM; while :; do sleep 0.05; done' - "$5" >/dev/null 2>&1 </dev/null &
echo $!
"""


class Box:
    """One made-up phone below `root`, and one block on it."""

    def __init__(self, root: Path, shell: str) -> None:
        self.root = root
        self.shell = shell
        self.block = root / "data/local/tmp/harness/blocks/b1"
        self.sh = str(root / "system/bin/sh")
        self.environment = {"PATH": str(root / "system/bin"), "PHONE_ROOT": str(root)}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._tools()
        for name, text in {
            "proc/sys/kernel/random/boot_id": "11111111-2222-3333-4444-555555555555\n",
            "proc/stat": "cpu  100 0 50 8000 10 0 5 0 0 0\n",
            "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq": "1800000\n",
            "sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq": "600000\n",
            "sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq": "1800000\n",
            "sys/devices/system/cpu/cpufreq/policy0/stats/time_in_state": "600000 10\n1800000 20\n",
            "sys/class/power_supply/battery/current_now": "-250000\n",
            "sys/class/power_supply/battery/status": "Not charging\n",
            "sys/class/thermal/thermal_zone0/temp": "31000\n",
            "state/tenths": "300\n",
            "state/level": "80\n",
            "state/stayon": "0\n",
            "state/log": "",
            "data/misc/perfetto-traces/keep": "",
            "state/wakefulness": "Asleep\n",
            "state/screen_brightness_mode": "1\n",
            "state/screen_brightness": "102\n",
            "state/screen_off_timeout": "30000\n",
            "state/auto_time": "1\n",
        }.items():
            self.write(name, text)
        (root / "proc/uptime").symlink_to("/proc/uptime")

    def write(self, name: str, text: str) -> Path:
        """A file below the root."""
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def read(self, name: str) -> str:
        """A file of the block."""
        return (self.block / name).read_text()

    def plan(self, commands: list[str], state: dict[str, str] | None = None, **settings: object) -> None:
        """Write a block as harness/benchmark/block.py lays it out."""
        values: dict[str, object] = {
            "thermal_service": 1,
            "period": "0.1",
            "deadline_s": 20,
            "idle_s": 0,
            "cooldown_s": 5,
            "cool_above_tenths": 20,
        }
        values.update(settings)
        base = "data/local/tmp/harness/blocks/b1"
        self.write(f"{base}/settings", "".join(f"{k}={v}\n" for k, v in values.items()))
        self.write(f"{base}/nodes", "".join(f"{n} {p}\n" for n, p in NODES.items()))
        self.write(f"{base}/plan", "".join(f"{i:04d} timing\n" for i in range(len(commands))))
        for script in (SCRIPTS / "lib").iterdir():
            self.write(f"{base}/lib/{script.name}", script.read_text())
        for name, text in plan_state(state or {}, Where(34, plugged=True)).files.items():
            self.write(f"{base}/{name}", text)
        for index, command in enumerate(commands):
            self.write(f"{base}/s/{index:04d}/cmd", command + "\n")

    def start(self) -> subprocess.Popen[bytes]:
        """Start run.sh on the block, detached as the host does it."""
        process = subprocess.Popen(
            [self.sh, *(str(p) for p in (SCRIPTS / "run.sh", self.block, SCRIPTS / "sampler.sh", SCRIPTS / "end.sh"))],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=(self.root / "run.log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def run(self, timeout_s: float = 30.0) -> None:
        """Run the block to its end."""
        assert self.start().wait(timeout_s) == 0, (self.root / "run.log").read_text()

    def end(self, mode: str = "end") -> str:
        """Run end.sh on the block; what it printed."""
        command = [self.sh, str(SCRIPTS / "end.sh"), str(self.block), mode]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30).stdout

    def setting(self, name: str) -> str | None:
        """One of Android's settings as it is now; None where it is not set."""
        place = self.root / "state" / name
        return place.read_text().strip() if place.exists() else None

    def markers(self) -> list[list[str]]:
        """The markers, without their times."""
        return [line.split()[1:] for line in self.read("markers").splitlines()]

    def close(self) -> None:
        """End what is left."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.wait()

    def _tools(self) -> None:
        folder = self.root / "system/bin"
        folder.mkdir(parents=True)
        toybox = shutil.which("toybox")
        offered = subprocess.run([toybox], capture_output=True, text=True).stdout.split() if toybox else []
        for name in _TOOLS.split():
            source = toybox if toybox and name in offered else shutil.which(name)
            if source and name != "sh":
                (folder / name).symlink_to(source)
        found = shutil.which(self.shell)
        assert found
        (folder / "sh").symlink_to(found)
        services = {"dumpsys": _DUMPSYS, "settings": _SETTINGS, "svc": _SVC, "cmd": _CMD, "input": _INPUT}
        for name, text in {**services, "logcat": _LOGCAT, "perfetto": _PERFETTO}.items():
            place = self.write(f"system/bin/{name}", text)
            place.chmod(0o755)


def running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def until(condition: object, timeout_s: float = 10.0) -> None:
    """Wait until a callable is true."""
    assert callable(condition)
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail("it did not happen in time")
        time.sleep(0.02)
