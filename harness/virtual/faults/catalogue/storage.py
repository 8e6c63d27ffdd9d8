"""Faults of the phone's storage."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness.virtual.faults.fault import Switched, When, fault

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class StorageFull(Switched):
    """Storage is suddenly full: pushes fail, files can be made and stay empty, those of a running block too."""

    kind = "storage_full"
    disturbs = True

    @classmethod
    def draw(cls, rng: random.Random) -> StorageFull:
        """At once or in mid-session, for a while."""
        when = rng.choice((None, When(event="session")))
        return cls(for_s=rng.uniform(5, 40), when=when, after_s=rng.uniform(0.2, 3) if when else 0.0)

    async def begin(self, phone: VirtualPhone) -> None:
        """Fill it."""
        await phone.set_full(full=True)

    async def undo(self, phone: VirtualPhone) -> None:
        """Empty it again."""
        await phone.set_full(full=False)
