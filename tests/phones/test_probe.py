"""What a phone says of itself: real sections of virtual phones, and sections that lack things."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.phone import Phone
from harness.errors import PhoneError
from harness.phones.probe import probe_phone, provenance, read_probe, split_sections
from tests.racks import rack_server

PROFILES = ("pixel-8-pro", "oneplus-8t", "redmi-6a", "nokia-1")


@pytest.fixture(scope="module")
def phones() -> Iterator[dict[str, Phone]]:
    options = [word for name in PROFILES for word in ("--profile", name)]
    with rack_server(len(PROFILES), *options) as (server, serials):
        yield dict(zip(PROFILES, (server.phone(s) for s in serials), strict=True))


def test_a_phone_with_everything(phones: dict[str, Phone]) -> None:
    probe = probe_phone(phones["pixel-8-pro"])
    record = probe.record
    assert (record.provenance, record.model, record.soc_manufacturer) == ("virtual", "Pixel 8 Pro", "Google")
    assert (
        record.cores == 9 and record.abi == "arm64-v8a" and record.max_khz and record.ram_mb and record.ram_mb > 10_000
    )
    assert record.phone_id != record.serial and record.gpu and record.fingerprint
    assert record.reasons == {}
    assert probe.boot_id and probe.uptime_s and probe.free_kb and probe.mem_available_kb and probe.thermal_service
    assert "battery.current_now" in probe.nodes and probe.battery.charging == "charging over USB"
    assert any(name.endswith(".cap") for name in probe.nodes)


def test_denied_nodes_are_named(phones: dict[str, Phone]) -> None:
    probe = probe_phone(phones["oneplus-8t"])
    assert probe.denied["battery.current_now"] == "denied"
    assert any(name.startswith("zone.") for name in probe.nodes)


def test_a_small_old_phone(phones: dict[str, Phone]) -> None:
    probe = probe_phone(phones["nokia-1"])
    assert probe.record.abi == "armeabi-v7a" and probe.record.ram_mb and probe.record.ram_mb < 1100
    assert not probe.thermal_service
    assert probe.record.reasons.get("soc_manufacturer") == "the phone does not say"


def test_a_phone_on_battery(phones: dict[str, Phone]) -> None:
    assert probe_phone(phones["redmi-6a"]).battery.charging is None


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"ro.harness.virtual": "1", "ro.hardware": "ranchu"}, "virtual"),
        ({"ro.kernel.qemu": "1"}, "emulator"),
        ({"ro.hardware": "ranchu"}, "emulator"),
        ({"ro.boot.qemu": "1", "ro.hardware": "x"}, "emulator"),
        ({"ro.hardware": "qcom"}, "real"),
        ({}, "real"),
    ],
)
def test_provenance(props: dict[str, str], expected: str) -> None:
    assert provenance(props) == expected


def test_a_phone_without_a_serial_number_goes_by_its_address() -> None:
    probe = read_probe({}, "10.0.0.5:5555")
    assert probe.record.phone_id == "10.0.0.5:5555"
    assert probe.record.model is None and probe.record.reasons["model"]
    assert probe.free_kb is None and probe.battery.level_pct is None


def test_a_phone_whose_properties_say_little() -> None:
    props = (
        "[ro.serialno]: [unknown]\r\n[ro.product.model]: [Example ]\r\n[ro.build.version.sdk]: [x]\r\n"
        "[ro.product.cpu.abi]: [armeabi-v7a]\r\n[ro.product.cpu.abi2]: [armeabi]\r\n[ro.hardware.chipname]: [x9]\r\n"
    )
    probe = read_probe(
        {"getprop": props, "meminfo": "MemFree: 5 kB\r\n", "cpufreq": "policy0 max= cap= cpus=\n"}, "a:1"
    )
    record = probe.record
    assert (record.phone_id, record.model, record.soc) == ("a:1", "Example", "x9")
    assert record.abilist == ("armeabi-v7a", "armeabi")
    assert {"sdk", "ram_mb", "cores", "max_khz", "gpu"} <= set(record.reasons)


@given(st.text(max_size=300) | st.lists(st.sampled_from(["=== getprop", "=== cpufreq", "=== nodes", "=== boot", "=== df",
       "[ro.serialno]: [x]", "[ro.build.version.sdk]: [ab]", "policy0 max= cap= cpus=", "a b ok 1 2", "level: ²", "=== battery",
       "=== meminfo", "MemTotal: 5 kB", "1 2 3 4%", "xyz abc", "[]: []"])).map("\n".join))  # fmt: skip
def test_any_answer_is_read(text: str) -> None:
    read_probe(split_sections(text), "s")


def test_a_phone_that_falls_silent_is_an_error(phones: dict[str, Phone], monkeypatch: pytest.MonkeyPatch) -> None:
    phone = phones["pixel-8-pro"]
    whole = phone.shell
    monkeypatch.setattr(phone, "shell", lambda c, **k: whole("echo '=== getprop'" if c.startswith("sh ") else c, **k))
    with pytest.raises(PhoneError, match="stopped answering"):
        probe_phone(phone)
