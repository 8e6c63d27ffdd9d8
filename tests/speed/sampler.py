"""What the sampler costs a tick: CPU time of device_scripts/sampler.sh under mksh and dash, for 12 and for 60 nodes.

Measured as the kernel counts it (/proc/PID/stat: own time, and that of ended children) over some hundred ticks, beside a
loop that reads the same nodes by forking `cat` for each. A `sleep` is forked here; Android's mksh has its own. The cost
on a phone is in each session's report (`activity.sampler_cpu_pct`): its cores are others.

Usage: python -m tests.speed.sampler [TICKS]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.resources import resource_dir

SHELLS = [name for name in ("mksh", "dash") if shutil.which(name)]
SIZES = (12, 60)
_PERIOD = "0.004"
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_FORKING = """
while read -r name path; do paths="$paths $path"; done <"$2"
while :; do
  line=S
  for path in $paths; do line="$line $(cat "${PHONE_ROOT}$path")"; done
  echo "$line" >>"$1"
  sleep 0.004
done
"""


@dataclass(frozen=True)
class Cost:
    """CPU time a tick, milliseconds: of the shell itself, and of what it started."""

    own_ms: float
    children_ms: float
    ticks: int


def tree(root: Path, nodes: int) -> Path:
    """A phone's files below `root`; gives the list of nodes."""
    for name, text in {"proc/sys/kernel/random/boot_id": "b\n", "pid": f"{os.getpid()} 0\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "proc/uptime").symlink_to("/proc/uptime")
    (root / f"proc/{os.getpid()}").symlink_to(f"/proc/{os.getpid()}")
    (root / "sys").mkdir()
    for number in range(nodes):
        (root / f"sys/node{number}").write_text(f"{1_000_000 + number}\n")
    listed = root / "nodes"
    listed.write_text("".join(f"node.{n} /sys/node{n}\n" for n in range(nodes)))
    return listed


def measure(shell: str, nodes: int, ticks: int, *, forking: bool = False) -> Cost:
    """Run it for that many ticks and ask the kernel what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        listed, out = tree(root, nodes), root / "out"
        script = root / "forking.sh"
        script.write_text(_FORKING)
        sampler = str(resource_dir("device_scripts") / "sampler.sh")
        command = [shell, str(script), str(out), str(listed)]
        if not forking:
            command = [shell, sampler, str(out), _PERIOD, "600", str(root / "pid"), str(listed)]
        process = subprocess.Popen(command, env={**os.environ, "PHONE_ROOT": folder}, stdin=subprocess.DEVNULL)
        try:
            while _ticks(out) < ticks:
                if process.poll() is not None:
                    raise SystemExit(f"the loop ended with {process.returncode}")
                time.sleep(0.05)
            spent = _spent(process.pid)
            done = _ticks(out)
        finally:
            process.kill()
            process.wait()
        return Cost(1000 * spent[0] / done, 1000 * spent[1] / done, done)


def _ticks(out: Path) -> int:
    return sum(line.startswith(b"S") for line in out.read_bytes().splitlines()) if out.exists() else 0


def _spent(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, and of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, child_user, child_system = (int(w) * _TICK_S for w in fields[11:15])
    return user + system, child_user + child_system


def rows(ticks: int) -> Iterator[list[str]]:
    """A row a shell and size."""
    for shell in SHELLS:
        for nodes in SIZES:
            ours = measure(shell, nodes, ticks)
            forking = measure(shell, nodes, max(20, ticks // 20), forking=True)
            whole, other = ours.own_ms + ours.children_ms, forking.own_ms + forking.children_ms
            at_2_hz = 2 * ours.own_ms / 10
            yield [
                shell, str(nodes), str(ours.ticks), f"{ours.own_ms:.3f}", f"{whole:.3f}", f"{at_2_hz:.3f}",
                f"{other:.2f}", f"{other / max(ours.own_ms, 1e-3):.0f}",
            ]  # fmt: skip


HEAD = [
    "shell", "nodes", "ticks", "own ms a tick", "with its sleep", "% of a core at 2 Hz", "forking ms a tick",
    "forking over own",
]  # fmt: skip


def main() -> None:
    """Print the table."""
    ticks = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    table = [HEAD, *rows(ticks)]
    widths = [max(len(row[n]) for row in table) for n in range(len(HEAD))]
    for row in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


if __name__ == "__main__":
    main()
