"""Which phones a command works on: each once."""

from __future__ import annotations

import dataclasses

from harness.cli.select import _one_a_phone
from harness.phones.probe import BatteryState, PhoneProbe
from harness.rack.gather import Seen
from tests.records import phone


def seen(phone_id: str, serial: str) -> Seen:
    record = dataclasses.replace(phone(phone_id), serial=serial)
    return Seen(serial, "device", "A phone", None, PhoneProbe(record, BatteryState(90.0, 25.0, None, False)))


def test_a_phone_on_usb_and_wifi_is_one_phone() -> None:
    found = [
        seen("A", "192.168.1.5:5555"),
        seen("B", "10.0.0.9:5555"),
        seen("A", "A"),
        seen("A", "adb-A._adb-tls._tcp"),
    ]
    kept, again = _one_a_phone(found)
    assert [s.serial for s in kept] == ["10.0.0.9:5555", "A"]
    assert again == [
        "192.168.1.5:5555 is left out: it is the phone of A",
        "adb-A._adb-tls._tcp is left out: it is the phone of A",
    ]
