"""Faults of adb's access: links that come up and are of no use."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness.virtual.faults.fault import Switched, fault

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class Offline(Switched):
    """Links are lost, and new ones are taken and never greeted: adb says offline."""

    kind = "offline"

    @classmethod
    def draw(cls, rng: random.Random) -> Offline:
        """For a while, or until the phone boots or its port is power-cycled."""
        return cls(for_s=rng.uniform(5, 40), until="power")

    async def begin(self, phone: VirtualPhone) -> None:
        """Greet nobody."""
        phone.links.hush(self.kind)
        await phone.links.drop()

    async def undo(self, phone: VirtualPhone) -> None:
        """Greet again, those that wait too."""
        phone.links.speak(self.kind)


@fault
class Unauthorized(Switched):
    """The phone forgets the host's key; at the end somebody taps Allow."""

    kind = "unauthorized"

    @classmethod
    def draw(cls, rng: random.Random) -> Unauthorized:
        """For a while, or until the phone boots or its port is power-cycled."""
        return cls(for_s=rng.uniform(5, 40), until="power")

    async def begin(self, phone: VirtualPhone) -> None:
        """Forget it."""
        await phone.links.forbid()

    async def undo(self, phone: VirtualPhone) -> None:
        """Tap Allow."""
        await phone.links.allow()
