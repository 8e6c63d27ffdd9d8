"""Phones that would not come back from a restart are not restarted; that the others are: tests/rack/test_recover.py."""

from __future__ import annotations

import pytest

from harness.adb.server import AdbServer
from harness.clock import RateClock
from harness.errors import PhoneError
from harness.phones.recovery.reboot import Reboot
from harness.phones.recovery.target import RecoveryTarget, Waits


@pytest.mark.parametrize("serial", ["192.0.2.7:5555", "adb-R58M12ABCDE-Xy1._adb-tls-connect._tcp"])
def test_a_phone_on_wifi_that_does_not_say_that_it_keeps_its_port(serial: str) -> None:
    target = RecoveryTarget(AdbServer("127.0.0.1", 1), serial, "R58M12ABCDE")
    with pytest.raises(
        PhoneError, match="reached over the network, and would not be any more after a restart; restart"
    ):
        Reboot().climb(target, Waits(), RateClock())
