"""`harness doctor` and `harness devices` on phones in every state."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.adb.server import AdbServer
from harness.cli.devices import _reasons
from tests.racks import harness, rack_server

FAULTS = """
1: {battery_pct: 7, storage_free_kb: 90000}
2: {unauthorized: true}
3:
  props: {ro.soc.model: null, ro.product.model: null, ro.product.system.model: null, ro.product.vendor.model: null,
          ro.product.odm.model: null, ro.boot.serialno: null, ro.serialno: "", ro.build.version.sdk: unknown}
"""
KINDS = ("pixel-8-pro", "galaxy-a53", "redmi-6a", "redmi-note-12-turbo")


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], list[str]]]:
    faults = tmp_path_factory.mktemp("faults") / "faults.yaml"
    faults.write_text(FAULTS)
    options = [word for kind in KINDS for word in ("--profile", kind)]
    with rack_server(4, "--faults", str(faults), *options) as (server, serials):
        yield {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}, serials


def checks(rack: tuple[dict[str, str], list[str]], index: int) -> tuple[int, dict[str, Any]]:
    env, serials = rack
    done = harness("doctor", serials[index], "--json", env=env)
    document = json.loads(done.out)
    (phone,) = document["phones"]
    assert phone["serial"] == serials[index] and document["schema"] == 1
    return done.code, phone


def test_a_good_phone(rack: tuple[dict[str, str], list[str]]) -> None:
    code, phone = checks(rack, 0)
    assert code == 0 and phone["name"] == "Pixel 8 Pro" and phone["provenance"] == "virtual"
    found = {c["name"]: c for c in phone["checks"]}
    assert {c["name"] for c in phone["checks"] if c["state"] != "ok"} == {"power"}
    assert found["power"]["message"].startswith("charging over USB")
    assert found["gpu"]["message"] == "Mali-G715, OpenCL at /vendor/lib64/libOpenCL.so"


def test_what_needs_a_person(rack: tuple[dict[str, str], list[str]]) -> None:
    code, phone = checks(rack, 1)
    assert code == 1
    bad = [f"{c['message']}: {c['advice']}" for c in phone["checks"] if c["state"] == "bad"]
    assert bad[0] == "the battery is at 7 %: charge it" and bad[1].endswith("of storage are free: run harness clean")
    code, phone = checks(rack, 2)
    assert code == 1 and phone["phone_id"] is None
    assert phone["checks"][0]["advice"].startswith("unlock it and tap Allow")


def test_a_phone_that_hides_what_it_is(rack: tuple[dict[str, str], list[str]]) -> None:
    code, phone = checks(rack, 3)
    found = {c["name"]: c for c in phone["checks"]}
    assert code == 0 and found["identity"]["message"] == "it does not say its model"
    assert found["settings"]["state"] == "note" and "USB debugging (Security settings)" in found["settings"]["advice"]
    assert found["power"]["message"].startswith("its battery gauge is denied to the shell user")
    env, serials = rack
    row = next(r for r in json.loads(harness("devices", "--json", env=env).out)["rows"] if r["serial"] == serials[3])
    assert row["model"] is None and row["model_reason"] == "the phone does not say"
    assert row["phone_id"] == serials[3], "without a serial number of its own, adb's address tells it apart"


def test_for_people_and_for_what_is_not_there(rack: tuple[dict[str, str], list[str]]) -> None:
    env, _ = rack
    done = harness("doctor", env=env)
    assert done.code == 1 and done.out.splitlines()[-1] == "2 of 4 phones need a person."
    assert "This computer" in done.out and "\nPixel 8 Pro (127.0.0.1:" in done.out
    unknown = harness("doctor", "nobody", env=env)
    assert unknown.code == 3 and "adb does not name nobody; harness devices lists what it does" in unknown.err


def test_what_phones_have_in_common_is_said_once() -> None:
    rows = [{"serial": n, "reason": why} for n, why in (("a", "x"), ("b", None), ("c", "y"), ("d", "x"))]
    assert _reasons(rows) == {"x": ["a", "d"], "y": ["c"]}


def test_a_battery_set_by_hand_is_said_once(rack: tuple[dict[str, str], list[str]]) -> None:
    env, serials = rack
    server = AdbServer("127.0.0.1", int(env["ADB_SERVER_SOCKET"].rpartition(":")[2]))
    server.phone(serials[0]).shell("dumpsys battery set level 60")
    try:
        code, phone = checks(rack, 0)
    finally:
        server.phone(serials[0]).shell("dumpsys battery reset")
    said = [c for c in phone["checks"] if "by hand" in c["message"]]
    assert code == 1 and [(c["name"], c["state"]) for c in said] == [("fake battery", "bad")]


def test_without_a_phone() -> None:
    with tempfile.TemporaryDirectory() as home, AdbServer.private(Path(home)) as server:
        done = harness("doctor", env={"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"})
    assert done.code == 1 and "bad   no phone is connected: plug one in with a data cable" in done.out
    assert done.out.splitlines()[-1] == "There is no phone to check."
