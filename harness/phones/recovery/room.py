"""Storage that we filled ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.adb.quote import DEVICE_ROOT, device_path
from harness.errors import PhoneError
from harness.phones.recovery.proof import free_kb, our_pids
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock

_REMOVE_S = 90.0


class MakeRoom(Climb):
    """Removes models, programs and scripts, which are pushed again when they are needed; results stay."""

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        before = free_kb(target, waits)
        if our_pids(target, waits):
            raise PhoneError("a job is at work on it and needs its files")
        store = device_path(f"{DEVICE_ROOT}/files")
        # The half-written ones of broken pushes begin with a dot.
        target.server.phone(target.serial).shell(f"rm -f {store}/* {store}/.[!.]*", timeout_s=_REMOVE_S)
        after = free_kb(target, waits)
        freed = "" if before is None or after is None else f", {max(0, after - before) // 1024} MiB"
        return f"our models and programs were removed from it{freed}"
