"""Proofs that a phone is well; adb's word alone is none, since it names phones `device` that answer nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.adb.quote import DEVICE_ROOT, device_path
from harness.dumps.df import df
from harness.errors import HarnessError, PhoneError, PhoneTransientError
from harness.phones.health.storage import Storage
from harness.phones.recovery.target import RecoveryTarget, Waits
from harness.phones.states import short

if TYPE_CHECKING:
    from harness.adb.phone import Phone

#: Free storage that a run needs at least, kB.
ENOUGH_KB = Storage.least_kb
#: Our processes, by what they were started with. The brackets keep the search from finding itself.
_OURS = 'grep -al "tmp/[h]arness/" "${PHONE_ROOT}"/proc/[0-9]*/cmdline 2>/dev/null; :'
_BOOT_ID = "/proc/sys/kernel/random/boot_id"

#: Raises a HarnessError that says what is still wrong.
Proof = Callable[[RecoveryTarget, Waits], None]


def answers(target: RecoveryTarget, waits: Waits) -> None:
    """Its shell answers."""
    state = adb_state(target)
    if state != "device":
        raise PhoneTransientError("adb does not name it" if state is None else f"adb says that it is {short(state)}")
    said = _phone(target).shell("echo well", timeout_s=waits.shell_s).stdout.strip()
    if said != "well":
        raise PhoneTransientError(f"its shell answers {said[:40]!r} to echo well")


def booted(target: RecoveryTarget, waits: Waits) -> None:
    """It answers and has finished booting."""
    answers(target, waits)
    if _phone(target).shell("getprop sys.boot_completed", timeout_s=waits.shell_s).stdout.strip() != "1":
        raise PhoneTransientError("it has not finished booting")


def idle(target: RecoveryTarget, waits: Waits) -> None:
    """It answers and nothing of ours runs on it."""
    answers(target, waits)
    left = our_pids(target, waits)
    if left:
        raise PhoneTransientError(f"{len(left)} of our processes cannot be ended")


def roomy(target: RecoveryTarget, waits: Waits) -> None:
    """It answers and has storage for a run."""
    answers(target, waits)
    free = free_kb(target, waits)
    if free is None or free < ENOUGH_KB:
        raise PhoneError("it does not say how much storage is free" if free is None else f"{free // 1024} MiB are free")


def adb_state(target: RecoveryTarget) -> str | None:
    """adb's word for it; None where it does not name it."""
    return next((line.state for line in target.server.devices() if line.serial == target.serial), None)


def our_pids(target: RecoveryTarget, waits: Waits) -> list[str]:
    """Processes of ours that run on it."""
    return re.findall(r"/proc/(\d+)/cmdline", _phone(target).shell(_OURS, timeout_s=waits.shell_s).stdout)


def free_kb(target: RecoveryTarget, waits: Waits) -> int | None:
    """What may be written; None where it does not say."""
    folder = device_path(DEVICE_ROOT.rpartition("/")[0])
    rows = df(_phone(target).shell(f"df -k {folder}", timeout_s=waits.shell_s).stdout)["rows"]
    found: int | None = rows[-1]["available_kb"] if rows else None
    return found


def boot_id(target: RecoveryTarget, waits: Waits) -> str | None:
    """Which boot this is, read without its shell, which may hang; None where it does not say."""
    try:
        return _phone(target).read(_BOOT_ID, timeout_s=waits.shell_s).decode("ascii", "replace").strip() or None
    except HarnessError:
        return None


def _phone(target: RecoveryTarget) -> Phone:
    return target.server.phone(target.serial)
