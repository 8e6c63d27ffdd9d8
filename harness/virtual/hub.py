"""The USB hub of a virtual rack: switches the power of each phone's port, for whoever knows its token.

One JSON line a request, {"token": …, "port": "INDEX"} with "power": true or false to switch, and one line as the
answer, {"power": …} or {"error": …}. It listens on this machine only. The token lies in a file that only its user may
read.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hmac
import json
import os
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.hubs.virtual import token_path

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

_LONGEST_LINE = 4096
#: Real seconds that a client may take for its line.
_PATIENCE_S = 10.0


class HubServer:
    """A hub whose ports are the phones, by their index."""

    def __init__(self, phones: Sequence[VirtualPhone]) -> None:
        self._phones = phones
        self._token = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._token_file: Path | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port, and leave the token for the user's other commands.

        Raises:
            OSError: the token cannot be written.
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_LINE)
        self.port = self._server.sockets[0].getsockname()[1]
        self._token_file = token_path(self.port)
        self._token_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(self._token_file.parent)
        self._token_file.unlink(missing_ok=True)
        file = os.open(self._token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as text:
            text.write(self._token + "\n")

    async def stop(self) -> None:
        """Stop listening, and remove the token."""
        if self._server:
            self._server.close()
        if self._token_file:
            self._token_file.unlink(missing_ok=True)

    def spec(self, phone: VirtualPhone) -> str:
        """The phone's port as a rack file names it."""
        return f"virtual:127.0.0.1:{self.port}:{phone.index}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            line = await asyncio.wait_for(reader.readline(), _PATIENCE_S)
            writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            token, port, power = str(request["token"]), str(request["port"]), request.get("power")
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"error": "a request is a JSON object with token and port"}
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return {"error": "the token is wrong"}
        phone = next((p for p in self._phones if str(p.index) == port), None)
        if phone is None:
            return {"error": f"there is no port {port[:20]}"}
        if power is not None:
            await phone.set_power(bool(power))
        return {"power": phone.powered}


def _sweep(folder: Path) -> None:
    """Remove the tokens of racks that were killed: nobody listens at their ports."""
    for place in folder.glob(token_path(0).name.replace("0", "*")):
        port = "".join(c for c in place.stem if c.isdigit())
        with contextlib.suppress(OSError, ValueError, OverflowError), socket.socket() as link:
            link.settimeout(1)
            if link.connect_ex(("127.0.0.1", int(port))) == errno.ECONNREFUSED:
                place.unlink(missing_ok=True)
