"""Files on their way to a virtual phone: room for them, and where one breaks off."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@dataclass
class Push:
    """One file that comes.

    Attributes:
        cut_after: the link is lost after so many bytes, or at the end of a shorter file; `why` then holds it down.
        leave: what came of a broken push stays; adbd removes it.
        over: it came to its end, whichever.
    """

    path: str
    cut_after: int | None = None
    why: str = ""
    leave: bool = False
    taken: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Pushes:
    """Those of one phone."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self._since_measured = 0

    async def begin(self, path: str) -> Push:
        """A push begins; nothing of it is written yet."""
        push = Push(path)
        await self._phone.moments.come("push", path, push)
        return push

    async def take(self, push: Push, piece: bytes) -> bytes:
        """What of a piece is written; less than all of it where the push breaks off here.

        Raises:
            OSError: the phone is full.
        """
        self._since_measured += len(piece)
        # Measured again every few megabytes; a walk per packet would slow every push down.
        if self._phone.full or self._since_measured > 4 << 20 or self._phone.state.free_kb < 64 << 10:
            self._since_measured = 0
            if self._phone.free_kb() <= len(piece) // 1024:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if push.cut_after is not None:
            piece = piece[: push.cut_after - push.taken]
        push.taken += len(piece)
        return piece

    async def go_on(self, push: Push, *, last: bool = False) -> None:
        """Lose the link where the push is to break off here; `last`: the file is whole."""
        if push.cut_after is not None and (last or push.taken >= push.cut_after):
            # The loss of the link ends this service too, so it must be a task of the phone's.
            await asyncio.shield(self._phone.task(self._phone.links.lose(push.why)))

    async def told(self, push: Push) -> None:
        """The client knows that its file is there."""
        push.over.set()
        await self._phone.moments.come("pushed", push.path, push)

    def broken(self, push: Push) -> None:
        """It did not arrive."""
        push.over.set()
        self._phone.ledger.note("push_broken", path=push.path, bytes=push.taken, left=push.leave)
