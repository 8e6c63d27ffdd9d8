"""The adb connections of a virtual phone, and what is wrong with them; a reason is a word that holds it so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.virtual.adbd.gate import Gate
from harness.virtual.adbd.transport import FEATURES, Service, Stream, Transport
from harness.virtual.profile import Profile

#: Finds a service by name.
FindService = Callable[[str], Service | None]


class Links:
    """All connections of one phone.

    Attributes:
        authorized: whether a client's key is accepted.
        kb_s: how fast bytes travel; None: as fast as they come.

    Args:
        connected: called when an adb server was greeted.
        opening: called with the command of each shell before it runs.
    """

    def __init__(
        self,
        profile: Profile,
        find_service: FindService,
        connected: Callable[[], Awaitable[None]],
        opening: Callable[[str], Awaitable[None]],
    ) -> None:
        self._profile = profile
        self._find_service = find_service
        self._connected = connected
        self._opening = opening
        self._transports: dict[Transport, Gate] = {}  # each with the gate of its shells
        self._down: set[str] = set()
        self._silent: set[str] = set()
        self._hung: set[str] = set()
        self.authorized = not profile.unauthorized
        self.kb_s: float | None = None

    @property
    def online(self) -> bool:
        """Whether a connection is taken at all."""
        return not self._down

    async def lose(self, reason: str) -> None:
        """Lose every connection and take none, as with a pulled cable; what runs detached runs on."""
        self._down.add(reason)
        await self.drop()

    def back(self, reason: str) -> None:
        """Take connections again, where no other reason forbids it."""
        self._down.discard(reason)

    async def drop(self) -> None:
        """Lose every connection once."""
        for transport in list(self._transports):
            await transport.close()

    def hush(self, reason: str, *, new_too: bool = True) -> None:
        """Take what comes and be silent; `new_too`: a new connection is not even greeted, so adb shows it offline."""
        if new_too:
            self._silent.add(reason)
        for transport in self._transports:
            transport.gate.shut(reason)

    def speak(self, reason: str) -> None:
        """Answer again, what came meanwhile first."""
        self._silent.discard(reason)
        for transport in self._transports:
            transport.gate.open(reason)

    def hang_shells(self, reason: str, *, new_too: bool = True) -> None:
        """Open shells and let them never answer; `new_too`: also those of a new connection."""
        if new_too:
            self._hung.add(reason)
        for shells in self._transports.values():
            shells.shut(reason)

    def free_shells(self, reason: str) -> None:
        """Let shells run, those that wait first."""
        self._hung.discard(reason)
        for shells in self._transports.values():
            shells.open(reason)

    async def forbid(self) -> None:
        """Forget the clients' keys: they are lost at once and unauthorized when they come again."""
        self.authorized = False
        await self.drop()

    async def allow(self) -> None:
        """Somebody taps Allow on the phone's USB debugging dialog."""
        self.authorized = True
        for transport in list(self._transports):
            await transport.allow()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it is lost."""
        if not self.online:
            writer.close()
            return
        p = self._profile
        shells = Gate(self._hung)
        transport = Transport(
            reader,
            writer,
            banner=f"ro.product.name={p.device};ro.product.model={p.model};ro.product.device={p.device}",
            features=FEATURES if p.shell_v2 else ("cmd",),
            find_service=lambda name: self._service(name, shells),
            authorized=self.authorized,
            gate=Gate(self._silent),
            greeted=self._connected,
            delay=self._delay,
        )
        self._transports[transport] = shells
        try:
            await transport.run()
        finally:
            self._transports.pop(transport, None)

    async def _delay(self, count: int) -> None:
        # Real time, since bytes travel in it.
        if self.kb_s and count:
            await asyncio.sleep(count / 1024 / self.kb_s)

    def _service(self, name: str, shells: Gate) -> Service | None:
        service = self._find_service(name)
        kind, _, command = name.partition(":")
        if service is None or kind.split(",")[0] not in ("shell", "exec"):
            return service

        async def when_free(stream: Stream) -> None:
            await self._opening(command)
            waiting = [asyncio.ensure_future(w) for w in (shells.passed(), stream.closed.wait())]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()
            # A client that went away while its shell hung wants nothing done any more.
            if not stream.closed.is_set():
                await service(stream)

        return when_free
