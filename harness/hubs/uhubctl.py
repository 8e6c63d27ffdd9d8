"""Hubs that follow the USB standard for switching ports, by the program uhubctl (Linux, macOS, Windows).

Source of the output's form: print-outs in uhubctl's README and issues. A hub of USB 3 shows as two hubs, and its
port is off where both are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import EnvironmentFault, HostError
from harness.hubs.program import run_program

_FROM = "apt install uhubctl, or https://github.com/mvp/uhubctl"
_HUB = re.compile(r"^(Current|New) status for hub (\S+)")
_PORT = re.compile(r"^\s+Port (\d+): ([0-9a-f]{4})([^\[]*)")


@dataclass(frozen=True)
class UhubctlHub:
    """A hub at `location`, as uhubctl and the kernel name it (`1-1.4`)."""

    location: str

    def power(self, port: str, on: bool) -> None:
        """Switch a port and see that it took."""
        text = self._run(port, "-a", "on" if on else "off")
        states = _states(text, port, "New") or _states(text, port, "Current")
        wrong = not any(states) if on else any(states)
        if not states or wrong:
            raise HostError(
                f"port {port} of the hub at {self.location} did not switch {'on' if on else 'off'}",
                advice="not every hub that says so can; see the list of uhubctl",
            )

    def state(self, port: str) -> bool | None:
        """Whether a port gives power."""
        states = _states(self._run(port), port, "Current")
        return any(states) if states else None

    def _run(self, port: str, *action: str) -> str:
        code, text = run_program(["uhubctl", "-l", self.location, "-p", port, *action], _FROM)
        if _states(text, port, "Current"):
            return text
        if "ermission" in text:
            raise EnvironmentFault(
                f"this user may not open the hub at {self.location}", advice="add the udev rule that uhubctl asks for"
            )
        if code != 0:
            raise EnvironmentFault(
                f"there is no hub at {self.location} that switches its ports one by one",
                advice="uhubctl lists those that do",
            )
        raise EnvironmentFault(f"the hub at {self.location} has no port {port}", advice="uhubctl lists its ports")


def _states(text: str, port: str, when: str) -> list[bool]:
    """Whether each of the hub's halves gives power on the port, of the current or the new status."""
    found, counts = [], False
    for line in text.splitlines():
        if hub := _HUB.match(line):
            counts = hub[1] == when
        elif counts and (row := _PORT.match(line)) and row[1] == port:
            found.append("power" in row[3].split())
    return found
