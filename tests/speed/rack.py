"""How much the harness adds to what the phones must spend: 16 virtual phones with sessions of known length.

Prints wall time over ideal time, the host process's CPU seconds per 100 sessions, its peak memory, and the bytes pushed by
a second identical run. The rack and the adb server are processes of their own and are not counted.

Usage: python -m tests.speed.rack [PHONES] [SESSIONS] [SECONDS]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.racks import MODELS, rack_server


def run(port: int, out: Path, sessions: int, seconds: float) -> tuple[dict[str, Any], float, float]:
    """One run: its document, the host's CPU seconds and its peak memory in MiB."""
    words = ["bench", str(MODELS / "digits_int8.tflite"), "--delegate", "cpu", "--sessions", str(sessions)]
    words += ["--num-runs", "1", "--min-secs", str(seconds - 1), "--warmup-min-secs", "1", "--out", str(out), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *words],
        env={**os.environ, "ADB_SERVER_SOCKET": f"tcp:localhost:{port}"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the run ended with {process.returncode}")
    return json.loads(text), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Run twice and print the figures."""
    phones, sessions = (int(a) for a in (sys.argv[1:3] or ["16", "4"]))
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 30.0
    with rack_server(phones, "--profile", f"pixel-8-pro:{phones}") as (server, _), tempfile.TemporaryDirectory() as out:
        first, cpu, memory = run(server.port, Path(out), sessions, seconds)
        second, _, _ = run(server.port, Path(out), 1, 2.0)
    done = sum(row["sessions_run"] for row in first["rows"])
    known = sessions * seconds
    print(f"{phones} phones, {sessions} sessions of {seconds:g} s each: {done} sessions")
    print(f"wall over ideal: {first['run']['wall_s'] / first['run']['ideal_s']:.3f}")
    print(f"wall over known length: {first['run']['wall_s'] / known:.3f}")
    print(f"host CPU seconds per 100 sessions: {100 * cpu / done:.2f}")
    print(f"host peak memory: {memory:.0f} MiB")
    print(f"bytes pushed by the second run: {second['run']['bytes_pushed']}")


if __name__ == "__main__":
    main()
