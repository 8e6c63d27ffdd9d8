"""Runs a suite to its end through any number of SIGKILLs."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import HarnessError
from harness.results.folder import META, load_run
from tests.soak.rig import Rig

#: Real seconds that a command may take in all.
_LONGEST_S = 3600.0


@dataclass
class Driven:
    """How a run came to its end. folder: its run folder; codes: exit codes, None where it was killed."""

    folder: Path
    codes: list[int | None] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How often the controller was killed."""
        return self.codes.count(None)


def drive(
    rig: Rig,
    suite: Path,
    out: Path,
    *,
    kills: int = 0,
    rng: random.Random,
    longest_s: float = 10.0,
    between: Callable[[], None] = lambda: None,
) -> Driven:
    """Run `suite`, kill the controller `kills` times at random moments, go on each time, and see it end.

    Args:
        longest_s: real seconds after its start by which the controller is killed at the latest.
        between: called after each kill.
    """
    log = out.parent / f"{out.name}.log"
    codes: list[int | None] = []
    while True:
        folder = next(iter(sorted(p.parent for p in out.glob(f"*/{META}"))), None)
        resume = () if folder is None else ("--resume", str(folder))
        process = rig.start("run", str(suite), "--out", str(out), "--rate", str(rig.rate), *resume, log=log)
        # Most of the moments early: there the phones are asked, leases taken, files pushed.
        wait_s = rng.uniform(0.3, longest_s) if codes.count(None) < kills else _LONGEST_S
        try:
            process.communicate(timeout=wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            codes.append(None)
            between()
            continue
        codes.append(process.returncode)
        folder = next(iter(sorted(p.parent for p in out.glob(f"*/{META}"))), None)
        if folder is not None and (codes.count(None) >= kills or finished(folder)):
            return Driven(folder, codes)
        if codes.count(None) >= kills:
            raise AssertionError(f"the run did not start: {log.read_text()[-2000:]}")


def finished(folder: Path) -> bool:
    """Whether a run says of itself that it is over."""
    try:
        return bool(load_run(folder).meta.get("finished"))
    except HarnessError:
        return False
