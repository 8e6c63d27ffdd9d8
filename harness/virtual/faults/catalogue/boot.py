"""Faults in which a phone boots."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pydantic import Field

from harness.virtual.faults.fault import Ending, Fault, When, fault
from harness.virtual.moments import Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class Reboot(Fault):
    """The phone reboots: every process and link is lost, boot_id and uptime are new, files stay."""

    kind = "reboot"
    disturbs = True

    @classmethod
    def draw(cls, rng: random.Random) -> Reboot:
        """At once or in mid-session."""
        if rng.random() < 0.5:
            return cls()
        return cls(when=When(event="session"), after_s=rng.uniform(0.2, 3))

    async def possible(self, phone: VirtualPhone) -> bool:
        """Not where it boots already."""
        return phone.running

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Go down; coming up takes its time."""
        await phone.go_down()
        return phone.come_up()


@fault
class SystemUpdate(Reboot):
    """The phone reboots into an update: another ro.build.fingerprint and version."""

    kind = "system_update"
    build_id: str = Field(default="UPD1.990101.001", description="ro.build.id from then on")

    @classmethod
    def draw(cls, rng: random.Random) -> SystemUpdate:
        """At once; each has a build of its own."""
        return cls(build_id=f"UPD1.{rng.randrange(100000, 999999)}.001")

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Go down, and come up as another build."""
        await phone.go_down()
        was = phone.state.props["ro.build.id"]
        changed = {}
        for name, value in phone.state.props.items():
            if name.startswith(("ro.build.", "ro.vendor.build.")) and was in value:
                changed[name] = value.replace(was, self.build_id)
        phone.state.update(changed)
        return phone.come_up()
