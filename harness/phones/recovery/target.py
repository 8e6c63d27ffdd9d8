"""What a ladder is climbed for, and how long each rung waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.hubs.hub import HubPort


@dataclass(frozen=True)
class RecoveryTarget:
    """A phone that is not well, and what may be done for it.

    Attributes:
        server: its adb server.
        serial: adb's address of it; host:port for one on TCP.
        phone_id: its own serial number.
        hub: the port that it is plugged into, where one that switches power is known.
        allow_server_restart: asked just before the adb server is restarted, which costs every phone its link for a
            moment; the caller lets one ladder at a time through. False: not now.
        several: other phones of this server are in the same trouble, so that the server itself is suspected.
        moved: the phone came back under another address meanwhile, and this one leads nowhere.
        gentle: it is somebody's phone and not the rack's: it is neither rebooted nor switched off.
    """

    server: AdbServer
    serial: str
    phone_id: str
    hub: HubPort | None = None
    allow_server_restart: Callable[[], bool] = lambda: False
    several: bool = False
    gentle: bool = False
    moved: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Waits:
    """How long the phone may take to be well after a rung.

    Attributes:
        shell_s: real seconds for an answer of its shell.
        link_s: real seconds until adb names it again.
        rest_s: real seconds without any link, for a daemon that must first see the old one die.
        off_s: phone seconds without power on its port.
        power_s: phone seconds until it is back after that.
        boot_s: phone seconds until it has booted.
    """

    shell_s: float = 10.0
    link_s: float = 15.0
    rest_s: float = 3.0
    off_s: float = 5.0
    power_s: float = 60.0
    boot_s: float = 240.0

    @classmethod
    def at(cls, rate: float) -> Waits:
        """The usual patience; less of it where the phones' clock is fast, so that they are virtual and a real second is
        long for them.
        """
        return cls() if rate <= 1 else cls(shell_s=4.0, link_s=4.0, rest_s=0.5)
