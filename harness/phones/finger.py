"""What only a finger can do on a phone of a rack. Pure but for the one question that `ask_lock` puts to the phone."""

from __future__ import annotations

from collections.abc import Sequence

from harness.adb.phone import Phone
from harness.phones.look import Look
from harness.phones.rack_settings import Applied
from harness.records import PhoneRecord

#: Makers whose phones refuse settings to the shell until a switch in Developer options is on (scrcpy 2612, 4021).
_SECURITY_SETTINGS = ("xiaomi", "redmi", "poco")
_PERMISSION_MONITORING = ("oppo", "oneplus", "realme")


def ask_lock(phone: Phone) -> bool | None:
    """Whether the phone has no lock screen at all; None where it does not say (`locksettings`, Android 9).

    Raises:
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    said = phone.shell("locksettings get-disabled").stdout.strip()
    return {"true": True, "false": False}.get(said)


def by_finger(record: PhoneRecord, look: Look, applied: Sequence[Applied], unlocked: bool | None) -> list[str]:
    """Sentences, each something to do on the phone itself.

    Args:
        unlocked: as `ask_lock` says.
    """
    todo = []
    if unlocked is not True:
        known = "" if unlocked is False else " (it does not say what it is now)"
        todo.append(
            f"set its screen lock to None in Settings, Security, so that a reboot ends in a usable phone{known}"
        )
    if not look.settings_writable or any(a.refused for a in applied):
        todo.append(f"{_switch(record)} in Developer options, then adopt it again: it refuses settings")
    if record.provenance == "real":
        todo.append("switch off automatic updates of apps in its store, so that none is installed during a run")
    return todo


def _switch(record: PhoneRecord) -> str:
    maker = (record.manufacturer or "").lower()
    if maker in _SECURITY_SETTINGS:
        return 'switch on "USB debugging (Security settings)"'
    if maker in _PERMISSION_MONITORING:
        return 'switch on "Disable permission monitoring"'
    return 'switch on "USB debugging (Security settings)" or "Disable permission monitoring"'
