"""A closer look at a phone, for `harness doctor` and `harness probe`: reads what device_scripts/look.sh prints."""

from __future__ import annotations

from dataclasses import dataclass

from harness.adb.phone import Phone
from harness.adb.quote import device_path
from harness.errors import PhoneTransientError
from harness.phones.probe import split_sections
from harness.resources import resource_dir

#: Programs that a run needs on the phone, and those that it can do without.
NEEDED = ("setsid", "nohup", "tar", "sha256sum")
WELCOME = ("taskset", "logcat", "dumpsys", "settings")


@dataclass(frozen=True)
class Look:
    """What the shell user may do on a phone.

    opencl: libraries that a GPU delegate can load; tools: programs found; settings_writable, programs_start: whether
    settings may be changed and our programs be started, with what the phone said where not.
    """

    opencl: tuple[str, ...]
    tools: frozenset[str]
    settings_writable: bool
    settings_said: str
    programs_start: bool
    programs_said: str


def look_sections(phone: Phone, *, timeout_s: float = 60.0) -> dict[str, str]:
    """What look.sh prints on the phone, by section.

    Raises:
        PhoneTransientError: the phone does not answer, or stopped in the middle.
        PhoneError: the script cannot be placed there.
    """
    script = phone.push(resource_dir("device_scripts") / "look.sh")
    sections = split_sections(phone.shell(f"sh {device_path(script.path)}", timeout_s=timeout_s).stdout)
    if "end" not in sections:
        raise PhoneTransientError("the phone stopped answering while it was looked at", serial=phone.serial)
    return sections


def read_look(sections: dict[str, str]) -> Look:
    """Make a look of sections. Pure."""
    settings, programs = _lines(sections, "settings"), _lines(sections, "exec")
    return Look(
        opencl=tuple(_lines(sections, "opencl")),
        tools=frozenset(_lines(sections, "tools")),
        settings_writable="writable" in settings,
        settings_said=next((line for line in settings if line != "writable"), ""),
        programs_start="runs" in programs,
        programs_said=programs[-1] if programs else "nothing",
    )


def _lines(sections: dict[str, str], name: str) -> list[str]:
    return [line.strip() for line in sections.get(name, "").splitlines() if line.strip()]
