"""YKUSH hubs, by their maker's program ykushcmd.

Source: the maker's reference and the print-outs of the program; it ends with code 0 whatever happened, so only what it
prints counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from harness.errors import EnvironmentFault, HostError
from harness.hubs.program import run_program

_FROM = "https://github.com/Yepkit/ykush"
_STATE = re.compile(r"port\b.*\bis (ON|OFF)", re.IGNORECASE)
#: What comes before the options, by board; the board with one port takes no port's number.
Board = Literal["ykush", "ykush3", "ykushxs"]
_PREFIX: dict[Board, list[str]] = {"ykush": [], "ykush3": ["ykush3"], "ykushxs": ["ykushxs"]}


@dataclass(frozen=True)
class YkushHub:
    """The board with that serial number."""

    serial: str
    board: Board = "ykush"

    def power(self, port: str, on: bool) -> None:
        """Switch a port and see that it took."""
        self._run("-u" if on else "-d", port)
        if self.state(port) is (not on):
            raise HostError(f"port {port} of the {self.board} {self.serial} did not switch {'on' if on else 'off'}")

    def state(self, port: str) -> bool | None:
        """Whether a port gives power; None where this program does not say."""
        found = _STATE.search(self._run("-g", port))
        return found[1].upper() == "ON" if found else None

    def _run(self, option: str, port: str) -> str:
        number = [] if self.board == "ykushxs" else [port]
        _, text = run_program(["ykushcmd", *_PREFIX[self.board], "-s", self.serial, option, *number], _FROM)
        if "nable to" in text:
            raise EnvironmentFault(
                f"the {self.board} {self.serial} cannot be opened",
                advice="ykushcmd -l lists the boards; it may need a udev rule or sudo",
            )
        return text
