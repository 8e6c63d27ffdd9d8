"""Faults of a push under way."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.virtual.faults.fault import Ending, Fault, fault
from harness.virtual.moments import Moment
from harness.virtual.pushes import Push

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class PushCut(Fault):
    """The link is lost in the middle of a push; the phone removes what came of it."""

    kind = "push_cut"
    event = "push"
    leave: ClassVar[bool] = False
    after_bytes: int = Field(default=32768, ge=0, description="bytes that arrive; less of a shorter file")
    for_s: float = Field(default=2.0, ge=0, description="seconds without a link")

    @classmethod
    def draw(cls, rng: random.Random) -> PushCut:
        """The next push, somewhere."""
        return cls(after_bytes=int(10 ** rng.uniform(1, 5)), for_s=rng.uniform(1, 15))

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Tell the push where it ends."""
        push = _push(moment)
        push.cut_after, push.why, push.leave = self.after_bytes, self.kind, self.leave
        return self._plug_in(phone, push)

    async def _plug_in(self, phone: VirtualPhone, push: Push) -> None:
        await push.over.wait()
        await phone.clock.wait(self.for_s)
        phone.links.back(self.kind)


@fault
class HalfPush(PushCut):
    """The link is lost in the middle of a push, and half a file stays under its name."""

    kind = "half_push"
    leave = True


def _push(moment: Moment | None) -> Push:
    assert moment is not None and isinstance(moment.subject, Push)
    return moment.subject
