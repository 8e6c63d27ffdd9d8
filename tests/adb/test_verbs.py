"""What the server is asked for a phone on USB, seen at its socket; there is no USB phone on a test machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from harness.adb.server import AdbServer
from harness.clock import RateClock
from harness.errors import EnvironmentFault, PhoneError
from harness.phones.recovery.reconnect import Reconnect
from harness.phones.recovery.target import RecoveryTarget, Waits
from harness.phones.recovery.transport import RestartTransport


class Ear:
    """Takes requests as an adb server does, and answers each alike."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answer = b"OKAY0004done"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            with link, link.makefile("rb") as stream:
                self.heard.append(stream.read(int(stream.read(4), 16)).decode())
                link.sendall(self.answer)
                if self.heard[-1].startswith("host:tport"):
                    self.heard.append(stream.read(int(stream.read(4), 16)).decode())

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.close()


def test_rungs_of_the_link_touch_only_that_phone(ear: Ear) -> None:
    target = RecoveryTarget(AdbServer("127.0.0.1", ear.port), "R58M12ABCDE", "R58M12ABCDE")
    waits = Waits(rest_s=0.01)
    Reconnect().climb(target, waits, RateClock())
    assert ear.heard == ["host-serial:R58M12ABCDE:reconnect"]
    ear.heard.clear()
    RestartTransport().climb(target, waits, RateClock())
    assert ear.heard == ["host-serial:R58M12ABCDE:detach", "host-serial:R58M12ABCDE:attach"]


def test_a_refusal_is_told(ear: Ear) -> None:
    ear.answer = b"FAIL0016device 'X' not found xx"
    with pytest.raises(EnvironmentFault, match="refused host-serial:X:reconnect.*not found"):
        AdbServer("127.0.0.1", ear.port).reconnect("X")


def test_a_phone_that_does_not_restart_says_why(ear: Ear) -> None:
    # Okay, its transport's number, okay, and then what its daemon prints.
    ear.answer = b"OKAY" + bytes(8) + b"OKAYreboot is not allowed\n"
    with pytest.raises(PhoneError, match="it does not restart: reboot is not allowed"):
        AdbServer("127.0.0.1", ear.port).phone("X").reboot()
