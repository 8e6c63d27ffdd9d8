"""Faults of the phone's shell."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from harness.virtual.faults.fault import Switched, fault

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class ShellHang(Switched):
    """A shell opens and never answers; pushes and `adb reboot` still work."""

    kind = "shell_hang"
    until: Literal["time", "reconnect", "power", "reboot"] = Field(
        default="reboot", description="what ends it before its time: each of these also does what follows it"
    )

    @classmethod
    def draw(cls, rng: random.Random) -> ShellHang:
        """For a while, or until the transport is restarted or the phone reboots."""
        return cls(for_s=rng.uniform(20, 120), until=rng.choice(("time", "reconnect", "reboot")))

    async def begin(self, phone: VirtualPhone) -> None:
        """Hang all that opens from now on."""
        phone.links.hang_shells(self.kind, new_too=self.until != "reconnect")

    async def undo(self, phone: VirtualPhone) -> None:
        """Let them run."""
        phone.links.free_shells(self.kind)
