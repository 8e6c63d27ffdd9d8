"""Waiting for a person's tap, with an adb server that says what the test wants."""

from __future__ import annotations

from typing import Any

import pytest

from harness.adb.server import DeviceLine
from harness.rack import waiting


class Server:
    """Gives one list of phones a look, and the last one for ever."""

    def __init__(self, *looks: list[DeviceLine]) -> None:
        self.looks = list(looks)

    def devices(self) -> list[DeviceLine]:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_POLL_S", 0.01)


def wait(server: Server, *ready: str, wait_s: float = 0.3) -> tuple[bool, list[str]]:
    told: list[str] = []
    typed: Any = server
    return waiting.wait_for_phone(
        typed, set(ready), wait_s, lambda serial, state, _: told.append(f"{serial} {state}")
    ), told


LOCKED, READY = [DeviceLine("A", "unauthorized")], [DeviceLine("A", "device")]


def test_a_tap_ends_the_wait_and_the_phone_is_told_of_once() -> None:
    assert wait(Server(LOCKED, LOCKED, READY)) == (True, ["A unauthorized"])


def test_a_phone_that_is_pulled_and_plugged_in_again_is_waited_for() -> None:
    assert wait(Server(LOCKED, [], [], LOCKED, READY))[0]


def test_a_phone_that_was_tapped_meanwhile_counts() -> None:
    assert wait(Server(READY))[0] and not wait(Server(READY), "A")[0]


def test_nothing_to_wait_for_is_known_at_once() -> None:
    assert wait(Server([]), wait_s=60) == (False, [])
    assert wait(Server([DeviceLine("A", "no permissions (x)")]), wait_s=60) == (False, [])


def test_the_wait_ends() -> None:
    assert wait(Server(LOCKED), wait_s=0.1) == (False, ["A unauthorized"])
