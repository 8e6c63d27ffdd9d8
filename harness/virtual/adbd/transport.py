"""One connection of an adb server to a virtual phone: handshake, streams, flow control."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable

from harness.virtual.adbd import wire
from harness.virtual.adbd.gate import Gate
from harness.virtual.adbd.wire import Message, read_message

log = logging.getLogger("harness.virtual")

#: What the daemon says it can do; without compression features a push travels plain.
FEATURES = ("shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "apex", "sendrecv_v2")


class StreamClosed(ConnectionError):
    """The other end closed the stream, or the whole connection is gone."""


class Stream:
    """One service's two-way channel. Reads end with b""; a write waits until the other end took the last one."""

    def __init__(self, transport: Transport, local_id: int, remote_id: int) -> None:
        self._transport = transport
        self.local_id = local_id
        self.remote_id = remote_id
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self._acked = asyncio.Event()
        self._acked.set()
        self._buffer = bytearray()
        self.closed = asyncio.Event()

    async def read(self) -> bytes:
        """The next piece that came, b"" at the end."""
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            return data
        if self.closed.is_set() and self._incoming.empty():
            return b""
        data = await self._incoming.get()
        if data:
            await self._transport.send(Message(wire.OKAY, self.local_id, self.remote_id))
        return data

    async def read_exactly(self, count: int) -> bytes:
        """Exactly `count` bytes.

        Raises:
            StreamClosed: fewer came.
        """
        while len(self._buffer) < count:
            held = bytes(self._buffer)
            self._buffer.clear()
            data = await self.read()
            if not data:
                raise StreamClosed("stream ended")
            self._buffer += held + data
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    async def write(self, data: bytes) -> None:
        """Send all of `data` in order.

        Raises:
            StreamClosed: nobody is there to take it.
        """
        limit = self._transport.max_payload
        for start in range(0, len(data), limit):
            await self._acked.wait()
            if self.closed.is_set():
                raise StreamClosed("stream closed")
            self._acked.clear()
            await self._transport.send(Message(wire.WRTE, self.local_id, self.remote_id, data[start : start + limit]))

    def feed(self, data: bytes) -> None:
        """The transport received a piece."""
        self._incoming.put_nowait(data)

    def acknowledge(self) -> None:
        """The other end took the last write."""
        self._acked.set()

    def end(self) -> None:
        """The stream is over: wake everybody who waits on it."""
        self.closed.set()
        self._acked.set()
        self._incoming.put_nowait(b"")


#: Serves one stream until it returns.
Service = Callable[[Stream], Awaitable[None]]
#: Finds the service that a client asks for by name; None refuses it.
FindService = Callable[[str], Service | None]


class Transport:
    """One TCP connection, from handshake to loss.

    Args:
        banner: what follows `device::` in the handshake (`ro.product.name=…;…`).
        find_service: what a client may open.
        authorized: False accepts no key, so that adb shows the phone as unauthorized, until `allow` is called.
        gate: while it is shut, nothing that comes is answered and nothing goes out.
        greeted: called when the handshake is done.
        delay: called with the number of bytes of each message that came or is to go; slows a link down.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        banner: str,
        features: tuple[str, ...],
        find_service: FindService,
        authorized: bool = True,
        gate: Gate | None = None,
        greeted: Callable[[], Awaitable[None]] | None = None,
        delay: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._banner = banner
        self._features = features
        self._find_service = find_service
        self._authorized = authorized
        self.gate = gate or Gate()
        self._greeted = greeted
        self._closed = False
        self._delay = delay
        self._streams: dict[int, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_id = 1
        self.max_payload = 4096

    async def run(self) -> None:
        """Serve until the connection is lost; then every service is cancelled."""
        try:
            while True:
                message = await read_message(self._reader)
                if self._delay:
                    await self._delay(len(message.payload))
                await self.gate.passed()
                if self._closed:
                    return
                await self._handle(message)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            await self.close()

    async def send(self, message: Message) -> None:
        """Put one message on the wire."""
        if self._delay:
            await self._delay(len(message.payload))
        await self.gate.passed()
        try:
            self._writer.write(message.encode())
            await self._writer.drain()
        except (ConnectionError, RuntimeError) as error:
            raise StreamClosed("connection lost") from error

    async def allow(self) -> None:
        """Accept the key of the client, as a tap on Allow does."""
        if not self._authorized:
            self._authorized = True
            with contextlib.suppress(StreamClosed):
                await self._greet()

    async def close(self) -> None:
        """End every service and the connection."""
        self._closed = True
        self.gate.release()
        for stream in list(self._streams.values()):
            stream.end()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1)

    async def _handle(self, message: Message) -> None:
        if message.command == wire.CNXN:
            self.max_payload = min(message.arg1, wire.MAX_PAYLOAD)
            if self._authorized:
                await self._greet()
            else:
                await self.send(Message(wire.AUTH, 1, 0, os.urandom(20)))
        elif message.command == wire.AUTH:
            # A signature is answered by another token, as a phone does that does not know the key; a public key
            # (type 3) waits for a tap.
            if message.arg0 == 2:
                await self.send(Message(wire.AUTH, 1, 0, os.urandom(20)))
        elif message.command == wire.OPEN and self._authorized:
            self._open(message)
        else:
            self._to_stream(message)

    async def _greet(self) -> None:
        hello = f"device::{self._banner};features={','.join(self._features)}".encode()
        await self.send(Message(wire.CNXN, wire.VERSION, wire.MAX_PAYLOAD, hello))
        if self._greeted:
            await self._greeted()

    def _to_stream(self, message: Message) -> None:
        stream = self._streams.get(message.arg1)
        if stream is None:
            return
        if message.command == wire.WRTE:
            stream.feed(message.payload)
        elif message.command == wire.OKAY:
            stream.acknowledge()
        elif message.command == wire.CLSE:
            stream.end()

    def _open(self, message: Message) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, opening: Message) -> None:
        name = opening.payload.rstrip(b"\0").decode("utf-8", "surrogateescape")
        service = self._find_service(name)
        if service is None:
            with contextlib.suppress(StreamClosed):
                await self.send(Message(wire.CLSE, 0, opening.arg0))
            return
        stream = Stream(self, self._next_id, opening.arg0)
        self._next_id += 1
        self._streams[stream.local_id] = stream
        try:
            await self.send(Message(wire.OKAY, stream.local_id, stream.remote_id))
            await service(stream)
        except StreamClosed:
            pass
        except OSError as error:
            # The phone went down meanwhile: its client sees the stream close, as on a phone.
            log.debug("%s: %s", name, error)
        finally:
            stream.end()
            self._streams.pop(stream.local_id, None)
            with contextlib.suppress(StreamClosed):
                await self.send(Message(wire.CLSE, stream.local_id, stream.remote_id))
