"""Probe bundles: anonymous, read with care, and played by a virtual phone that cannot be told from the first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.phones.bundle import ANONYMOUS, SCHEMA, anonymous, make_bundle, read_bundle
from harness.phones.bundle_profile import profile_data
from harness.virtual.bundled import complete
from harness.virtual.profile import profiles
from tests.racks import harness, rack_server

SECRETS = {
    "ro.serialno": "R5CT10ABCDE",
    "ro.boot.serialno": "R5CT10ABCDE",
    "ril.imei": "356938035643809",
    "persist.radio.meid": "A0000012345678",
    "ro.boot.wifimacaddr": "02:00:5e:10:00:01",
    "net.hostname": "android-8f3e2d1c0b",
    "gsm.operator.alpha": "Example Mobile",
    "ro.build.user": "jane.doe",
    "ro.build.host": "build-host-77",
    "ro.product.locale": "fr-CH",
}
KEPT = {"ro.product.model": "SM-X", "ro.soc.model": "SM8550", "ro.build.version.sdk": "34", "ro.hardware": "qcom"}


def getprop(props: dict[str, str]) -> str:
    return "".join(f"[{name}]: [{value}]\n" for name, value in props.items())


def test_nothing_of_the_owner_is_in_a_bundle() -> None:
    sections = {
        "getprop": getprop(SECRETS | KEPT),
        "battery": "  level: 50\n[EventLogBuffer]\n08-10 19:11 com.example.diary plugged\n",
        "boot": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n1.00 2.00\n",
        "cpuinfo": "processor\t: 0\nSerial\t\t: 00000000deadbeef\n",
        "supplies": "/sys/b/uevent:POWER_SUPPLY_SERIAL_NUMBER=AB12\n/sys/b/uevent:POWER_SUPPLY_NAME=battery\n",
        "gles": "GLES: R5CT10ABCDE 356938035643809 02:00:5e:10:00:01 10.0.0.9:5555\n",
    }
    text = json.dumps(make_bundle(sections, "#v1 R5CT10ABCDE", serial="10.0.0.9:5555", harness="1.0"))
    for secret in (*SECRETS.values(), "diary", "deadbeef", "AB12", "0f1e2d3c", "10.0.0.9"):
        assert secret not in text, secret
    for name, value in KEPT.items():
        assert f"[{name}]: [{value}]" in text
    assert "level: 50" in text and "POWER_SUPPLY_NAME=battery" in text and "processor" in text


@given(st.text(max_size=300), st.text(alphabet="0123456789ABCDEF", min_size=6, max_size=16))
def test_a_secret_is_taken_out_wherever_it_stands(text: str, secret: str) -> None:
    said = anonymous(f"{text} {secret} {text}\nx{secret}y\n", {secret})
    assert secret not in said.replace(ANONYMOUS, "")


def write(path: Path, **changes: Any) -> Path:
    made = make_bundle({"getprop": getprop(KEPT)}, "", serial="x", harness="1.0")
    path.write_text(json.dumps(made | changes))
    return path


def test_bad_bundles_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: write(path, schema=SCHEMA + 1, harness="9.1"), "was written by harness 9.1, in form 2"),
        (lambda: write(path, kind="other"), "is no probe bundle"),
        (lambda: write(path, sections={"a": 1}), "sections: it is damaged"),
        (lambda: path.write_text("{"), "it is not JSON"),
        (lambda: path.write_bytes(b"\xff\xfe"), "it is not JSON"),
        (path.unlink, "cannot be read: No such file"),
    ]
    for prepare, said in cases:
        prepare()
        with pytest.raises(UsageError, match=said):
            read_bundle(path)
    with pytest.raises(UsageError, match="does not say its ABI, its memory, the clocks of its cores"):
        profile_data(read_bundle(write(path)), "b")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("denied", ["/sys/../../../tmp/out"]),
        ("denied", ["tmp/out"]),
        ("gauge", {"node": "/sys/class/../../../../tmp"}),
        ("battery", {"supplies": {"../../../tmp": "usb"}}),
        ("clusters", [{"cores": 1, "part": "big", "capacity": 1, "khz": [1, 2]}]),
        ("clusters", [{"cores": 10**9, "part": "0xd05", "capacity": 1, "khz": [1, 2]}]),
    ],
)
def test_a_hostile_bundle_makes_no_phone(field: str, value: Any) -> None:
    good = dict(profiles()["galaxy-a53"].model_dump(), gpu=None)
    complete(good)
    with pytest.raises(UsageError, match=f"{field}|cores|part"):
        complete(good | {field: value})


def test_the_command_line_says_what_is_wrong_with_a_bundle(tmp_path: Path) -> None:
    path = write(tmp_path / "new.json", schema=SCHEMA + 1)
    done = harness("virtual", "up", "1", "--profile", str(path))
    assert done.code == 2 and "reads up to form 1; update phone-rack-harness" in done.err
    none = harness("virtual", "up", "1", "--profile", "pixel-99")
    assert none.code == 2 and "there is no virtual phone 'pixel-99'; choose from" in none.err


@pytest.mark.parametrize("kind", ["galaxy-a53", "redmi-note-12-turbo"])
def test_a_phone_made_after_a_bundle_looks_like_the_first(tmp_path: Path, kind: str) -> None:
    first, second = str(tmp_path / "first.json"), str(tmp_path / "second.json")
    rows, checks = [], []
    for profile, bundle in ((kind, first), (first, second)):
        with rack_server(1, "--profile", profile, "--rate", "10") as (server, serials):
            env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}
            done = harness("probe", serials[0], "--out", bundle, "--seconds", "30", env=env)
            assert done.code == 0 and done.out.splitlines()[-1] == bundle, done.err
            rows.append(json.loads(harness("devices", "--json", env=env).out)["rows"][0])
            phones = json.loads(harness("doctor", "--json", env=env).out)["phones"]
            checks.append([(c["check"] if "check" in c else c["name"], c["state"]) for c in phones[0]["checks"]])
    changing = {"serial", "temperature_c"}
    assert {k: v for k, v in rows[0].items() if k not in changing} == {
        k: v for k, v in rows[1].items() if k not in changing
    }
    assert checks[0] == checks[1]
    made, again = (complete(profile_data(read_bundle(Path(p)), "b")) for p in (first, second))
    assert made.clusters == again.clusters and made.thermal == again.thermal and made.props == again.props


def test_an_unplugged_gauge_is_described(tmp_path: Path) -> None:
    with rack_server(1, "--profile", "redmi-6a", "--rate", "5") as (server, serials):
        server.phone(serials[0]).shell("true", check=True)
        env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}
        done = harness("probe", serials[0], "--out", str(tmp_path / "p.json"), "--seconds", "40", env=env)
    gauge = next(line for line in done.out.splitlines() if line.startswith("Gauge"))
    assert "while discharging" in gauge and "a new value every" in gauge, gauge
