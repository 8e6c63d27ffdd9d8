"""Moments in the life of a virtual phone at which a fault may strike, such as its second push."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

#: push: a push begins, nothing is written yet · pushed: it is whole and told so · session: a benchmark program starts
#: with a model · shell: a shell or exec opens · connect: an adb server was greeted · boot · power: USB power is back
Event = Literal["push", "pushed", "session", "shell", "connect", "boot", "power"]


@dataclass(frozen=True)
class Moment:
    """One moment. `text`: path of the push, command of the shell, flags of the program; `subject`: what takes part."""

    event: Event
    text: str = ""
    subject: Any = None


#: Hears of every moment; what it returns is waited for before the phone goes on.
Listener = Callable[[Moment], Awaitable[None] | None]


class Moments:
    """Those of one phone."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of all that comes; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def come(self, event: Event, text: str = "", subject: Any = None) -> None:
        """Tell everybody, and go on when they have done what they do at it."""
        moment = Moment(event, text, subject)
        waiting = [w for listener in list(self._listeners) if (w := listener(moment)) is not None]
        if waiting:
            await asyncio.gather(*waiting)
