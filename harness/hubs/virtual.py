"""The hub of a rack of virtual phones: a socket on this machine, guarded by a token."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from harness.cache import cache_dir
from harness.errors import EnvironmentFault, HostTransientError

_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class VirtualHub:
    """The hub at 127.0.0.1:`port`; its ports are the phones' indices."""

    port: int

    def power(self, port: str, on: bool) -> None:
        """Switch a phone's USB power; back when it is done."""
        self._ask({"port": port, "power": on})

    def state(self, port: str) -> bool | None:
        """Whether a phone's port gives power."""
        answer = self._ask({"port": port})
        return bool(answer["power"])

    def _ask(self, question: dict[str, object]) -> dict[str, object]:
        request = json.dumps({"token": self._token(), **question}) + "\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=_TIMEOUT_S) as link:
                link.sendall(request.encode())
                with link.makefile("rb") as stream:
                    answer = json.loads(stream.readline() or b"{}")
        except (OSError, ValueError) as error:
            raise HostTransientError(f"the virtual hub at port {self.port} does not answer: {error}") from error
        if "error" in answer or "power" not in answer:
            raise EnvironmentFault(f"the virtual hub refuses: {answer.get('error', 'it said nothing')}")
        return dict(answer)

    def _token(self) -> str:
        try:
            return token_path(self.port).read_text().strip()
        except OSError as error:
            raise EnvironmentFault(
                f"the token of the virtual hub at port {self.port} cannot be read: {error.strerror}",
                advice="is that rack up, and started by this user with the same HARNESS_CACHE?",
            ) from error


def token_path(port: int) -> Path:
    """Where the hub at a port leaves its token for other commands of the same user."""
    return cache_dir() / f"virtual-hub-{port}.token"
