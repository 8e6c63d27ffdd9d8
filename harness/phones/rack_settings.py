"""Settings that a phone of a rack needs to work through a night, each put in place and read back.

An entry in `SETTINGS` is one setting with what it is for. What a maker refuses is told and passed over; where the phone
stops answering in the middle, what was changed is set back. Sources: AOSP's Settings.java (names and values) and what
device farms set (tradefed's DeviceSetup).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.adb.phone import Phone
from harness.adb.quote import quote
from harness.errors import HarnessError

#: What `settings get` prints of one that is not set.
_UNSET = "null"


@dataclass(frozen=True)
class RackSetting:
    """One setting.

    Attributes:
        space, key: as `settings get SPACE KEY` takes them.
        wanted: its value on a rack; `also` are values that do as well.
        why: as the end of "so that …".
        sdk: the first API level that knows it.
        otherwise: a command for a value, where makers refuse `settings put` and let it through.
    """

    space: str
    key: str
    wanted: str
    why: str
    also: tuple[str, ...] = ()
    sdk: int = 0
    otherwise: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For people and for the record of old values."""
        return f"{self.space} {self.key}"


SETTINGS = (
    RackSetting(
        "global",
        "stay_on_while_plugged_in",
        "7",
        "it does not sleep in the middle of a run",
        also=("15",),
        otherwise={"7": "svc power stayon true", "0": "svc power stayon false", _UNSET: "svc power stayon false"},
    ),
    RackSetting("system", "screen_off_timeout", "1800000", "its screen stays on where its port is without power"),
    RackSetting("system", "screen_brightness_mode", "0", "its brightness stays as it is set"),
    RackSetting("system", "screen_brightness", "10", "its screen adds little heat and load", also=("0", "1")),
    RackSetting("global", "low_power", "0", "battery saver does not slow it down"),
    RackSetting("global", "adb_allowed_connection_time", "0", "it never forgets this computer", sdk=30),
    RackSetting("global", "ota_disable_automatic_update", "1", "it installs no system update by itself", sdk=28),
)


@dataclass(frozen=True)
class Applied:
    """What became of one setting. old: as it was, None where it could not be read; refused: why, None where it took."""

    setting: RackSetting
    old: str | None
    refused: str | None = None

    @property
    def changed(self) -> bool:
        """It was another before, and is as wanted now."""
        return self.refused is None and not _is(self.setting, self.old)


def apply_settings(
    phone: Phone,
    sdk: int | None,
    remember: Callable[[Mapping[str, str]], None],
    settings: Sequence[RackSetting] = SETTINGS,
) -> list[Applied]:
    """Put every setting in place that the phone knows.

    Args:
        sdk: the phone's API level; None: settings that newer ones know are tried too.
        remember: given name to old value of all that will be changed, before the first is.

    Raises:
        PhoneTransientError, DeadlineError: it stopped answering; what was changed is set back as far as it lets us.
    """
    known = [s for s in settings if sdk is None or sdk >= s.sdk]
    old = {s.name: _get(phone, s) for s in known}
    remember({s.name: value for s in known if (value := old[s.name]) is not None and not _is(s, value)})
    done: list[Applied] = []
    try:
        for setting in known:
            before = old[setting.name]
            if before is None:
                done.append(Applied(setting, None, "it cannot be read"))
            elif _is(setting, before):
                done.append(Applied(setting, before))
            else:
                done.append(Applied(setting, before, _put(phone, setting, setting.wanted)))
    except HarnessError:
        with contextlib.suppress(HarnessError):
            restore_settings(phone, {a.setting.name: a.old for a in done if a.changed and a.old is not None})
        raise
    return done


def restore_settings(phone: Phone, old: Mapping[str, str]) -> dict[str, str]:
    """Set back what `apply_settings` remembered; what is set back already stays.

    Returns:
        Name to why, of those that could not be set back.

    Raises:
        PhoneTransientError, DeadlineError: the phone stopped answering.
    """
    failed = {}
    for name, value in old.items():
        space, _, key = name.partition(" ")
        setting = next((s for s in SETTINGS if s.name == name), RackSetting(space, key, value, ""))
        if _get(phone, setting) != value and (refused := _put(phone, setting, value)) is not None:
            failed[name] = refused
    return failed


def _is(setting: RackSetting, value: str | None) -> bool:
    return value == setting.wanted or value in setting.also


def _get(phone: Phone, setting: RackSetting) -> str | None:
    result = phone.shell(f"settings get {setting.space} {quote(setting.key)}")
    lines = result.stdout.split()
    return lines[0] if result.exit_code == 0 and len(lines) == 1 else None


def _put(phone: Phone, setting: RackSetting, value: str) -> str | None:
    """Why it did not take, None where it did."""
    place = f"{setting.space} {quote(setting.key)}"
    put = f"settings delete {place}" if value == _UNSET else f"settings put {place} {quote(value)}"
    said = ""
    for command in (put, setting.otherwise.get(value)):
        if command is None:
            continue
        result = phone.shell(command)
        now = _get(phone, setting)
        if now == value or (value == setting.wanted and _is(setting, now)):
            return None
        # Some makers print a refusal and exit with 0; only reading back tells.
        said = said or _last_words(result.stderr or result.stdout) or f"it stayed {now}"
    return said


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if "Exception" in line]
    return lines[0].partition("Exception: ")[2][:160] if lines else ""
