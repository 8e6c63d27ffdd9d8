"""What every hub can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Hub(Protocol):
    """A hub whose ports can be switched.

    Raises (from every method):
        HarnessError: it cannot be done, in one sentence: the program is missing, the hub is not there or cannot switch
            its ports one by one, the port does not exist.
    """

    def power(self, port: str, on: bool) -> None:
        """Switch a port's power and see that it took."""

    def state(self, port: str) -> bool | None:
        """Whether a port gives power; None where the hub does not say."""


@dataclass(frozen=True)
class HubPort:
    """One port of one hub. spec: as the rack file names it."""

    hub: Hub
    port: str
    spec: str

    def power(self, on: bool) -> None:
        """Switch it."""
        self.hub.power(self.port, on)

    def state(self) -> bool | None:
        """Whether it gives power; None where the hub does not say."""
        return self.hub.state(self.port)
