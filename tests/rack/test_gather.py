"""Phones that say who they are, truly or not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from harness.phones.probe import BatteryState, PhoneProbe, read_probe
from harness.phones.tiers import load_rules
from harness.rack.gather import Seen, gather, tell_apart
from tests.racks import rack_server
from tests.records import phone


def seen(phone_id: str, serial: str, boot: str | None) -> Seen:
    record = dataclasses.replace(phone(phone_id), serial=serial)
    probe = PhoneProbe(record, BatteryState(90.0, 25.0, None, False), boot_id=boot)
    return Seen(serial, "device", "A phone", None, probe)


def ids(found: list[Seen]) -> list[str]:
    return [s.probe.record.phone_id for s in found if s.probe]


def test_one_phone_on_two_links_is_one_and_two_with_one_number_are_two() -> None:
    assert ids(tell_apart([seen("A", "usb", "b1"), seen("A", "wifi", "b1")])) == ["A", "A"]
    assert ids(tell_apart([seen("A", "usb", "b1"), seen("A", "wifi", None)])) == ["A", "A"]
    found = tell_apart([seen("A", "one", "b1"), seen("A", "two", "b2"), seen("B", "three", "b3")])
    assert ids(found) == ["one", "two", "B"]
    assert found[0].probe and found[0].probe.record.reasons["phone_id"] == "another phone says that it is A too"


def test_a_number_that_is_none_is_not_believed() -> None:
    for number in ("unknown", "0123456789ABCDEF", " ", ""):
        probe = read_probe({"getprop": f"[ro.serialno]: [{number}]\n"}, "10.0.0.9:5555")
        assert probe.record.phone_id == "10.0.0.9:5555"
    assert read_probe({"getprop": "[ro.serialno]: [R5CT1 ]\n"}, "x").record.phone_id == "R5CT1"


def test_virtual_phones_that_claim_one_number(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("all: {props: {ro.serialno: SAME}}\n")
    with rack_server(2, "--faults", str(faults)) as (server, serials):
        assert sorted(ids(gather(server, load_rules(None)))) == sorted(serials)
