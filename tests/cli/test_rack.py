"""harness rack, devices, doctor and watch on virtual phones, as somebody types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.adb.phone import Phone
from harness.adb.server import AdbServer
from harness.errors import PhoneTransientError
from harness.phones.lease import claim, standing
from harness.phones.rack_settings import SETTINGS, apply_settings, restore_settings
from harness.rack.store import RackStore
from tests.racks import MODELS, Done, harness, rack_server

KINDS = ("pixel-8-pro", "redmi-note-12-turbo", "galaxy-a53")


class Rack:
    """Three virtual phones, an adb server, a rack file and a store of their own."""

    def __init__(self, server: AdbServer, serials: list[str], folder: Path) -> None:
        self.server, self.serials, self.folder = server, serials, folder
        self.file = folder / "rack.yaml"
        self.env = {
            "ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}",
            "HARNESS_RACK": str(self.file),
            "HARNESS_STATE": str(folder),
        }
        self.store = RackStore(folder / "rack")

    def __call__(self, *arguments: str) -> Done:
        return harness(*arguments, env=self.env)

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self(*arguments, "--json")
        document: dict[str, Any] = json.loads(done.out)
        assert document["schema"] == 1
        return document

    def phone(self, index: int) -> Phone:
        return self.server.phone(self.serials[index])

    def settings(self, index: int) -> dict[str, str]:
        phone = self.phone(index)
        return {s.name: phone.shell(f"settings get {s.space} {s.key}").stdout.strip() for s in SETTINGS}


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    options = [word for kind in KINDS for word in ("--profile", kind)]
    with rack_server(3, *options) as (server, serials):
        yield Rack(server, serials, tmp_path_factory.mktemp("rack"))


@pytest.fixture(autouse=True)
def fresh(rack: Rack) -> Iterator[None]:
    rack.file.write_text("phones:\n  - phone_id: GHOST  # in repair\n    slot: B1\n    expected: true\n")
    yield
    for phone_id in rack.store.holds():
        rack.store.lift(phone_id)


def test_adopt_sets_a_phone_up_and_unadopt_sets_it_back(rack: Rack) -> None:
    before = rack.settings(0)
    adopted = rack.json("rack", "adopt", rack.serials[0], "--slot", "A1", "--label", "fast", "--seconds", "1")
    assert adopted["new"] and adopted["entry"]["slot"] == "A1" and len(adopted["gauges"]) == 1
    assert all(s["refused"] is None for s in adopted["settings"])
    after = rack.settings(0)
    assert after["global stay_on_while_plugged_in"] == "7" and after["global ota_disable_automatic_update"] == "1"
    assert "screen lock" in adopted["todo"][0]
    assert rack.file.read_text().startswith("phones:\n  - phone_id: GHOST  # in repair\n"), "comments stay"
    again = rack("rack", "adopt", "A1", "--seconds", "0")
    assert again.code == 0 and "was in the rack in slot A1 already" in again.out and "Set " not in again.out
    row = next(r for r in rack.json("devices")["rows"] if r["serial"] == rack.serials[0])
    assert (row["slot"], row["labels"], row["rack_state"]) == ("A1", ["fast"], "ready")
    done = rack("rack", "unadopt", "fast")
    assert done.code == 0 and "is as it came, and no longer in the rack" in done.out
    assert rack.settings(0) == before and "A1" not in rack.file.read_text()


def test_a_maker_that_refuses_is_told_with_what_to_switch(rack: Rack) -> None:
    done = rack("rack", "adopt", rack.serials[1], "--slot", "A2", "--seconds", "0")
    assert done.code == 0, done.err
    refused = [line for line in done.out.splitlines() if line.startswith("Refused")]
    assert refused and all("Permission denial" in line for line in refused)
    assert "Set      global stay_on_while_plugged_in = 7" in done.out, "svc works where settings are refused"
    assert 'switch on "USB debugging (Security settings)" in Developer options' in done.out
    assert rack("rack", "unadopt", "A2").code == 0
    assert rack.settings(1)["global stay_on_while_plugged_in"] == "0"


def test_a_phone_lost_in_the_middle_is_set_back(rack: Rack) -> None:
    class Flaky(Phone):
        left = 10

        def shell(self, command: str, **options: Any) -> Any:
            self.left -= command.startswith("settings")
            if self.left == 0:
                raise PhoneTransientError("the link to the phone was lost", serial=self.serial)
            return super().shell(command, **options)

    before, kept = rack.settings(0), dict[str, str]()
    flaky = Flaky(rack.server.client(), rack.serials[0])
    with pytest.raises(PhoneTransientError):
        apply_settings(flaky, 35, kept.update)
    assert rack.settings(0) == before
    assert set(kept) >= {"global stay_on_while_plugged_in", "system screen_brightness"}, (
        "written down before the change"
    )
    assert restore_settings(rack.phone(0), kept) == {}, "a crash in between is set back by what was written down"


def test_a_slot_is_taken_once_and_nothing_is_changed(rack: Rack) -> None:
    before = rack.settings(0)
    done = rack("rack", "adopt", rack.serials[0], "--slot", "B1")
    assert done.code == 2 and "slot: 'B1' is that of phones[0] too" in done.err
    assert rack.settings(0) == before
    several = rack("rack", "adopt")
    assert several.code == 2 and "several phones can be meant" in several.err


def test_holds_are_seen_by_every_command_and_end(rack: Rack) -> None:
    serial = rack.serials[0]
    done = rack("rack", "quarantine", serial, "--reason", "swollen battery", "--for", "2h")
    assert done.code == 0 and "is quarantined by" in done.out and "swollen battery" in done.out
    row = next(r for r in rack.json("devices")["rows"] if r["serial"] == serial)
    assert row["rack_state"] == "quarantined" and "swollen battery; harness rack release ends it" in row["reason"]
    doctor = rack.json("doctor")
    checks = next(p for p in doctor["phones"] if p["serial"] == serial)["checks"]
    assert checks[0]["name"] == "rack" and "swollen battery" in checks[0]["message"]
    assert any(c["message"].startswith("GHOST: adb does not name it") and c["state"] == "bad" for c in doctor["host"])
    rack("rack", "drain", serial, "--reason", "to repair")
    assert {h.state.value for h in rack.store.holds().values()} == {"quarantined"}, "the stronger one counts"
    done = rack("rack", "release", serial)
    assert done.code == 0 and "is no longer quarantined and is no longer draining" in done.out
    assert rack.store.holds() == {}
    wrong = rack("rack", "quarantine", "B2", "--reason", "x")
    assert wrong.code == 2 and "no phone is called 'B2'; did you mean B1" in wrong.err


def test_an_expected_phone_that_is_missing_has_a_row(rack: Rack) -> None:
    rows = rack.json("devices")["rows"]
    row = next(r for r in rows if r["phone_id"] == "GHOST")
    assert (row["rack_state"], row["adb_state"], row["serial"], row["slot"]) == ("absent", None, None, "B1")
    assert row["adb_state_reason"].startswith("adb does not name it, and it is expected in slot B1")
    listed = {r["phone_id"]: r["presence"] for r in rack.json("rack", "list")["rows"]}
    assert listed.pop("GHOST") == "missing" and set(listed.values()) == {"not expected"}


def test_a_lease_is_broken_only_by_hand(rack: Rack) -> None:
    phone = rack.phone(2)
    claim(phone, owner="bob@lab:7", run_id="R1", for_s=600)
    told = rack("rack", "release", rack.serials[2])
    assert told.code == 1 and "is leased by bob@lab:7 for run R1" in told.out and "--break" in told.out
    busy = rack("rack", "adopt", rack.serials[2])
    assert busy.code == 3 and "adopt it when the run has ended" in busy.err
    done = rack("rack", "release", rack.serials[2], "--break")
    assert done.code == 0 and "was taken from bob@lab:7 (run R1)" in done.out
    assert standing(phone).holder is None
    assert rack.store.events().events[-1]["kind"] == "lease_broken"


@pytest.mark.slow
def test_stop_ends_a_run_on_its_phone_and_restores_it(rack: Rack) -> None:
    out = rack.folder / "runs"
    rack.file.write_text("phones: []\n")  # a run waits a while for phones that are expected
    command = [
        sys.executable,
        "-m",
        "harness",
        "bench",
        str(MODELS / "digits_float32.tflite"),
        "--device",
        rack.serials[2],
    ]
    command += ["--sessions", "40", "--delegate", "cpu", "--out", str(out)]
    run = subprocess.Popen(
        command, env={**os.environ, **rack.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 40
        while rack.phone(2).shell("settings get global stay_on_while_plugged_in").stdout.strip() == "0":
            assert time.monotonic() < end and run.poll() is None
            time.sleep(0.3)
        view = rack.json("watch", "--once")
        line = next(p for p in view["phones"] if p["serial"] == rack.serials[2])
        assert line["state"] == "leased" and line["planned"] == 40 and line["run_id"] == view["runs"][0]["run_id"]
        assert view["runs"][0]["alive"] and view["runs"][0]["running"] == 1
        done = rack("rack", "stop", rack.serials[2])
        assert done.code == 0 and "was taken from" in done.out and done.out.endswith("runs nothing of ours now.\n")
        assert rack.phone(2).shell("settings get global stay_on_while_plugged_in").stdout.strip() == "0"
        assert rack.phone(2).shell("ps -A | grep -c benchmark_model").stdout.strip() == "0"
        (hold,) = rack.store.holds().values()
        assert hold.state.value == "draining" and "stopped by hand" in hold.reason
    finally:
        run.send_signal(signal.SIGINT)
        run.wait(60)
    (folder,) = out.iterdir()
    view = rack.json("watch", str(folder), "--once")
    assert [p["serial"] for p in view["phones"]] == [rack.serials[2]] and not view["runs"][0]["alive"]


@pytest.mark.slow
def test_watch_follows_phones_and_raises_alarms(rack: Rack) -> None:
    got = rack.folder / "alarms"
    rack.file.write_text(
        f"phones: [{{phone_id: GHOST, slot: B1}}]\nalarms: {{command: [sh, -c, 'cat >>{got}'], absent_after_s: 1}}\n"
    )
    command = [sys.executable, "-m", "harness", "watch", "--json"]
    watch = subprocess.Popen(command, env={**os.environ, **rack.env}, stdout=subprocess.PIPE, text=True)
    try:
        assert watch.stdout
        end = time.monotonic() + 30
        for line in watch.stdout:
            view = json.loads(line)
            models = {p["model"] for p in view["phones"]}
            if view["alarms"] and {"Pixel 8 Pro", "SM-A536B"} <= models:
                break
            assert time.monotonic() < end, line
    finally:
        watch.send_signal(signal.SIGINT)
        watch.wait(20)
    assert watch.returncode == 0, "Ctrl-C is how it is ended"
    assert view["alarms"][0]["kind"] == "absent" and view["alarms"][0]["phone_id"] == "GHOST"
    (alarm,) = [json.loads(text) for text in got.read_text().splitlines()]
    assert alarm["event"] == "raised" and alarm["phone_id"] == "GHOST"
    assert "Alarm since" in rack("devices").out
    wrong = rack("watch", "nonsense")
    assert wrong.code == 2 and "is neither a run folder nor a run that runs" in wrong.err
