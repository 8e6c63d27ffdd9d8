"""A closer look at a phone, for `harness doctor` and `harness probe`: reads what device_scripts/look.sh prints."""

from __future__ import annotations

from dataclasses import dataclass

#: The script that prints what `read_look` reads; see `harness.phones.probe.run_sections`.
SCRIPT = "look.sh"
#: Programs that a run needs on the phone, and those that it can do without.
NEEDED = ("setsid", "nohup", "tar", "sha256sum")
WELCOME = ("taskset", "logcat", "dumpsys", "settings")


@dataclass(frozen=True)
class Look:
    """What the shell user may do on a phone.

    opencl: libraries that a GPU delegate can load; tools: programs found; settings_writable: whether settings may be
    changed, with what the phone said where not.
    """

    opencl: tuple[str, ...]
    tools: frozenset[str]
    settings_writable: bool
    settings_said: str


def read_look(sections: dict[str, str]) -> Look:
    """Make a look of sections. Pure."""
    settings = _lines(sections, "settings")
    return Look(
        opencl=tuple(_lines(sections, "opencl")),
        tools=frozenset(_lines(sections, "tools")),
        settings_writable="writable" in settings,
        settings_said=next((line for line in settings if line != "writable"), ""),
    )


def _lines(sections: dict[str, str], name: str) -> list[str]:
    return [line.strip() for line in sections.get(name, "").splitlines() if line.strip()]
