"""Probe bundles: anonymous, read with care, and played by a virtual phone that cannot be told from the first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.phones.anonymous import ANONYMOUS, anonymous
from harness.phones.bundle import SCHEMA, make_bundle, read_bundle
from harness.phones.bundle_profile import profile_data
from harness.virtual.bundled import complete
from harness.virtual.profile import profiles
from harness.virtual.props import properties
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
    "ro.build.display.id": "eng.jane.2024",
    "ro.product.sn": "SN77",
    "ro.product.nickname": "Janes phone",
    "ro.product.locale": "fr-CH",
    "persist.sys.owner_note": "John Doe\njohn@example.com\nHomeWifi",
    "ro.harness.virtual": "0",
}
KEPT = {"ro.product.model": "SM-X", "ro.soc.model": "SM8550", "ro.build.version.sdk": "34", "ro.hardware": "qcom"}
#: A secret a line, each where no property names it.
LEAKS = {
    "battery": [
        "  serial number: XQ12",
        "  Battery serial number: XQ13",
        "  LLB CAL: 20240904",
        "08-10 com.example.diary",
    ],
    "boot": ["0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"],
    "cpuinfo": ["Serial\t\t: 00000000deadbeef"],
    "supplies": [
        *(
            f"/sys/class/power_supply/battery/uevent:POWER_SUPPLY_{key}=QX44"
            for key in ("SERIAL_NUMBER", "SN", "QR_CODE")
        ),
        "/sys/class/power_supply/battery/uevent:POWER_SUPPLY_MODEL_NAME=QX44",
    ],
    "gles": ["GLES: r5ct10abcde, 02-00-5e-10-00-01, jane@example.com 10.0.0.9 356938035643809"],
    "kernel": ["Linux janes-phone 5.15.1 #1 SMP jane@build aarch64 Android"],
    "user": ["Jane Doe"],
    "gauge_log": ["S 0 1.0 R5CT10ABCDE"],
    "unknown": ["anything"],
}


def getprop(props: dict[str, str]) -> str:
    return "".join(f"[{name}]: [{value}]\n" for name, value in props.items())


def test_nothing_of_the_owner_is_in_a_bundle() -> None:
    sections = {name: "".join(f"{line}\n" for line in lines) for name, lines in LEAKS.items()}
    sections["getprop"] = getprop(SECRETS | KEPT)
    sections["battery"] += "  level: 50\n"
    log = sections.pop("gauge_log")
    text = json.dumps(make_bundle(sections, log, serial="adb-R5CT10ABCDE-x1Y2._adb-tls-connect._tcp", harness="1.0"))
    secrets = [part for value in SECRETS.values() for part in value.splitlines() if len(part) > 3]
    secrets += ["XQ12", "XQ13", "20240904", "diary", "0f1e2d3c", "deadbeef", "QX44", "r5ct10abcde", "02-00-5e", "jane@"]
    secrets += ["10.0.0.9", "356938035643809", "janes-phone", "Jane", "anything", "harness.virtual"]
    for secret in secrets:
        assert secret not in text, secret
    for name, value in KEPT.items():
        assert f"[{name}]: [{value}]" in text
    assert "level: 50" in text and "Linux localhost 5.15.1 aarch64" in text and f"[ro.serialno]: [{ANONYMOUS}]" in text


def test_figures_are_not_garbled_by_short_or_empty_names() -> None:
    lines = "/sys/class/power_supply/battery/uevent:POWER_SUPPLY_CHARGE_FULL=4000000\n"
    found = anonymous({"supplies": lines, "getprop": getprop({"ro.serialno": "000000"})}, "1234")
    assert found["supplies"] == lines
    assert anonymous({"cpufreq": "policy0 max=1234000 cap=1234000 cpus=0 1\n"}, "1234")["cpufreq"].count("1234000") == 2


@given(st.text(max_size=200))
def test_what_is_no_line_of_a_known_form_stays_at_home(text: str) -> None:
    found = anonymous(dict.fromkeys(("meminfo", "nodes", "cpufreq", "clocks", "zones", "supplies"), text), "SERIAL99")
    for kept in found.values():
        assert all(line == "" or re.match(r"[\w/\[]", line) for line in kept.splitlines())
        assert "SERIAL99" not in kept


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


def test_hostile_text_in_a_bundle_makes_no_phone_and_no_traceback(tmp_path: Path) -> None:
    good = {
        "getprop": getprop(
            {"ro.build.version.sdk": "34", "ro.build.version.release": "14", "ro.product.cpu.abi": "arm64-v8a"}
        ),
        "meminfo": "MemTotal: 4000000 kB\n",
        "cpufreq": "policy0 max=1800000 cap=1800000 cpus=0 1\n",
        "clocks": "/sys/devices/system/cpu/cpufreq/policy0/related_cpus:0 1\n"
        "/sys/devices/system/cpu/cpufreq/policy0/scaling_available_frequencies:300000 1800000\n",
    }
    path = tmp_path / "b.json"

    def load(**changes: str) -> Any:
        path.write_text(json.dumps({"kind": "harness-probe", "schema": 1, "sections": good | changes}))
        return complete(profile_data(read_bundle(path), "b"))

    marked = load(getprop=good["getprop"] + "[ro.harness.virtual]: [0]\n")
    assert properties(marked, "X")["ro.harness.virtual"] == "1"
    zones = "".join(f"/sys/class/thermal/thermal_zone{n}/type:z{n}\n" for n in range(1000))
    for changes in (
        {"nodes": "x.c /storage/self/primary/evil/a denied\n"},
        {"nodes": "x.c /d/evil denied\n"},
        {"nodes": "x.c /sys/../../tmp/evil denied\n"},
        {"nodes": f"x.c /sys/{'a' * 5000} denied\n"},
        {"zones": zones},
        {"clocks": good["clocks"].replace("1800000", "9" * 400)},
        {"clocks": good["clocks"].replace("policy0", "policy" + "1" * 5000)},
        {"meminfo": f"MemTotal: {'9' * 5000} kB\n"},
    ):
        with pytest.raises(UsageError):
            load(**changes)


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
