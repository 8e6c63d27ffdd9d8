"""A port that was switched off is switched on again whatever happens."""

from __future__ import annotations

import pytest

from harness.adb.server import AdbServer
from harness.clock import RateClock
from harness.errors import EnvironmentFault, HostError, HostTransientError
from harness.hubs.hub import HubPort
from harness.phones.recovery.power import PowerCycle
from harness.phones.recovery.target import RecoveryTarget, Waits

CLOCK = RateClock(1000.0)


class Hub:
    """Fails as often as it is told to, by what it is asked."""

    def __init__(self, *fails: bool) -> None:
        self.fails = list(fails)
        self.asked: list[bool] = []

    def power(self, port: str, on: bool) -> None:
        self.asked.append(on)
        if self.fails and self.fails.pop(0):
            raise HostTransientError("the hub is busy")

    def state(self, port: str) -> bool | None:
        return None


def cycle(hub: Hub | None) -> str:
    port = HubPort(hub, "1", "fake:1") if hub else None
    return PowerCycle().climb(RecoveryTarget(AdbServer("127.0.0.1", 1), "X", "X", port), Waits(), CLOCK)


def test_off_and_on() -> None:
    hub = Hub()
    assert "fake:1 was off for 5 s" in cycle(hub)
    assert hub.asked == [False, True]


def test_on_is_tried_again() -> None:
    hub = Hub(False, True, True)
    cycle(hub)
    assert hub.asked == [False, True, True, True]


def test_what_stays_off_is_told() -> None:
    with pytest.raises(HostError, match=r"fake:1 could not be switched on again: .*busy; switch it on by hand"):
        cycle(Hub(False, True, True, True))


def test_a_hub_that_could_not_switch_off_is_told_to_switch_on_all_the_same() -> None:
    hub = Hub(True)
    with pytest.raises(HostTransientError, match="busy"):
        cycle(hub)
    assert hub.asked == [False, True]


def test_without_a_hub() -> None:
    with pytest.raises(EnvironmentFault, match="no hub that switches its port is known"):
        cycle(None)
