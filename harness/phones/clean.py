"""Removes what the harness put on a phone."""

from __future__ import annotations

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path


def clean_phone(phone: Phone) -> int:
    """End our jobs on the phone, then remove our folder with models, programs and data.

    Returns:
        kB freed.

    Raises:
        PhoneError: the folder could not be removed.
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    root = device_path(DEVICE_ROOT)
    command = (
        f"[ -d {root} ] || {{ echo 0; exit 0; }}; "
        # A pid counts only while its block runs; TERM lets run.sh end its program and restore settings.
        f'for f in {root}/blocks/*/run.pid; do [ -f "$f" ] && [ ! -f "${{f%run.pid}}done" ] && '
        'kill -TERM "$(cat "$f")" 2>/dev/null && sleep 2; done; '
        f"du -sk {root} | cut -f1; rm -rf {root}"
    )
    result = phone.shell(command, timeout_s=120, check=True)
    words = result.stdout.split()
    return int(words[0]) if words and words[0].isdigit() else 0
