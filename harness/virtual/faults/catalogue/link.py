"""Faults of the adb link."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pydantic import Field

from harness.virtual.faults.fault import Ending, Fault, Switched, When, fault
from harness.virtual.moments import Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class LinkLost(Switched):
    """The cable is pulled: every link is lost and none comes up; what runs detached runs on."""

    kind = "link_lost"
    for_s: float | None = Field(default=5.0, gt=0, description="seconds")

    @classmethod
    def draw(cls, rng: random.Random) -> LinkLost:
        """At once, before a push, after one, or in mid-session."""
        moments = (None, When(event="push"), When(event="pushed"), When(event="session"))
        when = rng.choice(moments)
        after_s = rng.uniform(0.2, 3) if when and when.event == "session" else 0.0
        return cls(for_s=rng.uniform(2, 30), when=when, after_s=after_s)

    async def begin(self, phone: VirtualPhone) -> None:
        """Pull it."""
        await phone.links.lose(self.kind)

    async def undo(self, phone: VirtualPhone) -> None:
        """Plug it in."""
        phone.links.back(self.kind)


@fault
class LinkFlap(Fault):
    """A loose plug: the link is lost and comes back several times."""

    kind = "link_flap"
    flaps: int = Field(default=5, ge=1, description="how often")
    down_s: float = Field(default=0.5, gt=0, description="seconds without a link")
    up_s: float = Field(default=1.0, gt=0, description="seconds with one between")

    @classmethod
    def draw(cls, rng: random.Random) -> LinkFlap:
        """Some times."""
        return cls(flaps=rng.randint(2, 6), down_s=rng.uniform(0.2, 2), up_s=rng.uniform(0.5, 4))

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Lose it for the first time; the other times follow."""
        await phone.links.lose(self.kind)
        return self._flap(phone)

    async def _flap(self, phone: VirtualPhone) -> None:
        for flap in range(self.flaps):
            if flap:
                await phone.clock.wait(self.up_s)
                await phone.links.lose(self.kind)
            await phone.clock.wait(self.down_s)
            phone.links.back(self.kind)


@fault
class LinkHang(Switched):
    """The transport is there and silent: nothing is answered, and a new link is not even greeted."""

    kind = "link_hang"

    @classmethod
    def draw(cls, rng: random.Random) -> LinkHang:
        """For a while, or until the transport is restarted."""
        return cls(for_s=rng.uniform(20, 90), until=rng.choice(("time", "reconnect")))

    async def begin(self, phone: VirtualPhone) -> None:
        """Fall silent."""
        phone.links.hush(self.kind, new_too=self.until != "reconnect")

    async def undo(self, phone: VirtualPhone) -> None:
        """Answer again."""
        phone.links.speak(self.kind)


@fault
class SlowLink(Switched):
    """The link carries few bytes a second."""

    kind = "slow_link"
    kb_s: float = Field(default=200.0, gt=0, description="KiB a real second")

    @classmethod
    def draw(cls, rng: random.Random) -> SlowLink:
        """For a while."""
        return cls(for_s=rng.uniform(10, 60), kb_s=rng.uniform(100, 2000))

    async def begin(self, phone: VirtualPhone) -> None:
        """Slow down."""
        phone.links.kb_s = self.kb_s

    async def undo(self, phone: VirtualPhone) -> None:
        """As fast as from the start."""
        phone.links.kb_s = phone.faults.slow_link_kb_s


@fault
class NewAddress(Fault):
    """The phone goes and comes back at another address, so that adb knows it by another serial."""

    kind = "new_address"
    away_s: float = Field(default=5.0, ge=0, description="seconds without a link")

    @classmethod
    def draw(cls, rng: random.Random) -> NewAddress:
        """After a while."""
        return cls(away_s=rng.uniform(1, 10))

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Go, and come back; `harness virtual up` prints the new address."""
        await phone.links.lose(self.kind)
        return self._come_back(phone)

    async def _come_back(self, phone: VirtualPhone) -> None:
        await phone.clock.wait(self.away_s)
        await phone.move()
        phone.links.back(self.kind)
