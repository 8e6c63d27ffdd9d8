"""The adb transport's messages: 24 byte headers and payloads, over TCP.

Source of the format: the protocol notes of the Android platform tools. Checksums are skipped, as both ends may from
version 0x01000001 on.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

VERSION = 0x01000001
MAX_PAYLOAD = 1 << 20

SYNC = 0x434E5953
CNXN = 0x4E584E43
AUTH = 0x48545541
OPEN = 0x4E45504F
OKAY = 0x59414B4F
CLSE = 0x45534C43
WRTE = 0x45545257
STLS = 0x534C5453

_HEADER = struct.Struct("<6I")


@dataclass(frozen=True)
class Message:
    """One message of the transport."""

    command: int
    arg0: int
    arg1: int
    payload: bytes = b""

    def encode(self) -> bytes:
        """The bytes on the wire."""
        check = sum(self.payload) & 0xFFFFFFFF if self.command == CNXN else 0
        header = _HEADER.pack(self.command, self.arg0, self.arg1, len(self.payload), check, self.command ^ 0xFFFFFFFF)
        return header + self.payload


async def read_message(reader: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        asyncio.IncompleteReadError: the other end is gone.
        ValueError: what came is no message.
    """
    command, arg0, arg1, length, _check, magic = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if magic != command ^ 0xFFFFFFFF or length > MAX_PAYLOAD:
        raise ValueError("not an adb message")
    return Message(command, arg0, arg1, await reader.readexactly(length) if length else b"")
