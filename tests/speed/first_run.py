"""How long a newcomer waits: from `harness bench --sample` to the last line, on one virtual phone, everything cached.

Prints that time over what the phone itself had to spend, and its parts. The first, uncached run makes the model.

Usage: python -m tests.speed.first_run
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from tests.racks import harness, rack_server


def run(env: dict[str, str], out: str) -> tuple[float, dict[str, float]]:
    """Wall seconds of one run, and its run.json."""
    started = time.monotonic()
    done = harness("bench", "--sample", "--out", out, env=env)
    wall = time.monotonic() - started
    if done.code != 0:
        raise SystemExit(done.err)
    return wall, json.loads((Path(done.out.splitlines()[-1]) / "run.json").read_text())


def main() -> None:
    """Run twice, and print the second."""
    with rack_server(1, "--profile", "pixel-8-pro") as (server, _), tempfile.TemporaryDirectory() as folder:
        env = {
            "ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}",
            "HARNESS_CACHE": os.path.join(folder, "cache"),  # noqa: PTH118
        }
        first, _ = run(env, folder)
        wall, meta = run(env, folder)
    phone, job = meta["ideal_s"], meta["wall_s"]
    print(f"from the command to the last line, over the sessions themselves: {wall / phone:.2f}")
    print(
        f"of that, the job with dumps and collection: {job / phone:.2f}; before and after it: {(wall - job) / phone:.2f}"
    )
    print(f"uncached over cached: {first / wall:.2f}")


if __name__ == "__main__":
    main()
