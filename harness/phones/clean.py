"""Removes what the harness put on a phone."""

from __future__ import annotations

import logging

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path
from harness.resources import resource_dir

log = logging.getLogger("harness.phones")


def clean_phone(phone: Phone) -> int:
    """End our jobs on the phone, restore what they changed, then remove our folder with models, programs and data.

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
    ender = device_path(_ender(phone))
    command = (
        f'for block in {root}/blocks/*; do [ -d "$block" ] && sh {ender} "$block"; done; '
        # Twice, since the host that watched the block may be removing it too.
        f"du -sk {root} | cut -f1; rm -rf {root} 2>/dev/null || rm -rf {root}"
    )
    *notes, freed = phone.shell(command, timeout_s=120, check=True).stdout.splitlines()
    for note in notes:
        log.warning("%s: %s", phone.serial, note)
    return int(freed) if freed.isdecimal() else 0


def _ender(phone: Phone) -> str:
    return phone.push(resource_dir("device_scripts") / "end.sh").path
