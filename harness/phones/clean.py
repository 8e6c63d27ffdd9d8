"""Removes what the harness put on a phone."""

from __future__ import annotations

import logging

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path, quote
from harness.phones.app import remove_app
from harness.resources import resource_dir

log = logging.getLogger("harness.phones")


def clean_phone(phone: Phone) -> int:
    """End our jobs on the phone, restore what they changed, then remove our folder with models, programs and
    data, and the benchmark app where we installed it.

    Returns:
        kB freed.

    Raises:
        PhoneError: the folder could not be removed.
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    root = device_path(DEVICE_ROOT)
    if phone.shell(f"[ -d {root} ]").exit_code != 0:
        return 0
    # Models and programs first: where storage is full, not even the script that restores the phone could be placed.
    phone.shell(f"rm -f {root}/files/*", timeout_s=120)
    end_jobs(phone)
    remove_app(phone)
    # Twice, since the host that watched a block may be removing it too.
    command = f"du -sk {root} | cut -f1; rm -rf {root} 2>/dev/null || rm -rf {root}"
    freed = phone.shell(command, timeout_s=120, check=True).stdout.strip()
    return int(freed) if freed.isdecimal() else 0


def end_jobs(phone: Phone, *, but: str = "", timeout_s: float = 120.0) -> None:
    """End our jobs on the phone and restore what they changed; what could not be restored is warned of.

    Those too that died with a boot: what they changed is still changed. Their folders stay, for whoever left them.

    Args:
        but: the name of a block that goes on.

    Raises:
        PhoneError: storage is too full even for the script that does it.
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    ender = device_path(_ender(phone))
    blocks = device_path(f"{DEVICE_ROOT}/blocks")
    command = (
        f'for block in {blocks}/*; do [ -d "$block" ] && [ "${{block##*/}}" != {quote(but)} ] && sh {ender} "$block"; '
        "done; :"
    )
    for note in phone.shell(command, timeout_s=timeout_s, check=True).stdout.splitlines():
        log.warning("%s: %s", phone.serial, note)


def _ender(phone: Phone) -> str:
    return phone.push(resource_dir("device_scripts") / "end.sh").path
