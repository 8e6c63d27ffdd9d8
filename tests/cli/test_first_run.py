"""What a newcomer meets in the first five minutes: every state of the phone on the desk, and the sentence for it."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from tests.racks import Done, harness, rack_server

QUICK = ("--delegate", "cpu", "--sessions", "1", "--min-secs", "0.1", "--num-runs", "2")


def bench(server: AdbServer, tmp_path: Path, *words: str) -> Done:
    """`harness bench --sample` as on a desk: the phones are those of the usual adb server."""
    env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}", "HARNESS_CACHE": str(tmp_path / "cache")}
    return harness("bench", "--sample", "--out", str(tmp_path / "runs"), *words, env=env)


@contextlib.contextmanager
def desk(tmp_path: Path, faults: str, *options: str) -> Iterator[AdbServer]:
    """One virtual phone with faults, at an adb server that has just been told of it."""
    plan = tmp_path / "faults.yaml"
    plan.write_text(f"0: {{{faults}}}\n")
    with rack_server(1, "--faults", str(plan), *options, connect=False) as (server, serials):
        # The handshake of an unready phone ends in no connection, which is what is wanted here.
        with contextlib.suppress(Exception):
            server.client().connect(serials[0], timeout=3)
        yield server


def test_the_last_words_say_it_all(tmp_path: Path) -> None:
    with desk(tmp_path, "") as server:
        done = bench(server, tmp_path)
    assert done.code == 0, done.err
    said, path = done.out.splitlines()[-2:]
    figure = r"\d[\d.]* ms \([\d.]+ to [\d.]+\)"
    assert re.fullmatch(
        rf"Fastest on this virtual phone: GPU {figure}, [\d.]+ times CPU, 65 of 65 nodes; energy not measured: "
        r"charging over USB;( the phone: [a-z ,]+;)? figures from the shell, apps may differ\.",
        said,
    ), said
    run = json.loads((Path(path) / "run.json").read_text())
    assert run["wall_s"] < 120 and run["sessions"] == 6
    assert "Found virtual Pixel 8 Pro" in done.err and "pushed sample.tflite, 14.0 MB" in done.err


def test_on_a_slow_phone_it_ends_within_two_minutes_too(tmp_path: Path) -> None:
    words = ("bench", "--sample", "--profile", "nokia-1", "--rate", "8", "--out", str(tmp_path / "runs"))
    done = harness(*words, env={"HARNESS_CACHE": str(tmp_path / "cache")})
    assert done.code == 0, done.err
    assert json.loads((Path(done.out.splitlines()[-1]) / "run.json").read_text())["wall_s"] < 120


def test_a_phone_that_waits_for_a_tap_is_waited_for(tmp_path: Path) -> None:
    with desk(tmp_path, "unauthorized: {for_s: 6}") as server:
        done = bench(server, tmp_path, *QUICK)
    assert done.code == 0, done.err
    assert re.search(r"^The phone 127\.0\.0\.1:\d+ is waiting: unlock it and tap Allow$", done.err, re.MULTILINE)
    assert done.out.splitlines()[-2].startswith("Fastest on this virtual phone: CPU")


def test_a_tap_that_never_comes(tmp_path: Path) -> None:
    with desk(tmp_path, "unauthorized: true") as server:
        done = bench(server, tmp_path, "--wait", "1")
    assert done.code == 3 and not (tmp_path / "runs").exists()
    assert "is waiting: unlock it and tap Allow" in done.err
    assert "is left out: unauthorized: unlock it and tap Allow on its USB debugging dialog" in done.err
    assert done.err.splitlines()[-1] == "harness: the phone cannot be used; see above"


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ("offline: true", "offline: pull the cable and plug it in again, or restart the phone"),
        ("battery_pct: 7", "the battery is at 7 %: charge it"),
        ("battery_c: 47", "the battery is at 47 °C: let it cool down"),
        ("storage_free_kb: 90000", "MiB of storage are free: run harness clean"),
    ],
)
def test_what_is_wrong_with_a_phone_and_what_to_do(tmp_path: Path, faults: str, said: str) -> None:
    with desk(tmp_path, faults) as server:
        done = bench(server, tmp_path, "--wait", "0")
    assert done.code == 3 and said in done.err, done.err
    assert not (tmp_path / "runs").exists()


def test_no_phone_at_all(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as home, AdbServer.private(Path(home)) as server:
        done = bench(server, tmp_path)
    assert done.code == 3
    last = done.err.splitlines()[-1]
    assert last.startswith("harness: no phone is connected; plug one in with a data cable")
    assert "Settings, About phone, tap Build number seven times" in last and "USB debugging" in last
    assert ('ENV{ID_USB_INTERFACES}=="*:ff4201:*"' in done.err) == (sys.platform == "linux")


@contextlib.contextmanager
def server_that_says(text: str) -> Iterator[int]:
    """An adb server that names phones as `text` does; no virtual phone sits on a USB port that may be closed to us."""

    def answer(link: socket.socket) -> None:
        with link:
            request = link.recv(int(link.recv(4), 16))
            body = text.encode() if request.startswith(b"host:devices") else b"0029"
            link.sendall(b"OKAY" + f"{len(body):04x}".encode() + body)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    answer(listener.accept()[0])

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


def test_a_phone_that_this_user_may_not_open(tmp_path: Path) -> None:
    state = "no permissions (missing udev rules? user is in the plugdev group); see [http://developer.android.com]"
    with server_that_says(f"0A1B2C3D4E             {state} usb:9-9 transport_id:3\n") as port:
        env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{port}", "HARNESS_CACHE": str(tmp_path / "cache")}
        done = harness("bench", "--sample", "--out", str(tmp_path / "runs"), env=env)
        listed = json.loads(harness("devices", "--json", env=env).out)["rows"]
    assert done.code == 3 and "0A1B2C3D4E is left out: no permissions: this user may not open" in done.err
    assert "sudo tee /etc/udev/rules.d/51-android.rules" in done.err
    assert [(r["serial"], r["adb_state"], r["rack_state"]) for r in listed] == [
        ("0A1B2C3D4E", "no permissions", "needs a person")
    ]


def test_verbose_shows_what_is_sent_and_how_it_ended(tmp_path: Path) -> None:
    with desk(tmp_path, "") as server:
        done = bench(server, tmp_path, *QUICK, "-v")
    assert done.code == 0, done.err
    sent = [line for line in done.err.splitlines() if re.match(r"\d\d:\d\d:\d\d\.\d{3} 127\.0\.0\.1:\d+ \$ ", line)]
    assert any("--help" in line for line in sent)
    assert re.search(r"-> \d+ in \d+\.\d{3} s", done.err) and re.search(r" push /data/\S+: \d+ bytes in ", done.err)


def test_a_failed_run_says_where_its_evidence_lies(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"\x1c\x00\x00\x00TFL3" + b"\xff" * 500)
    done = harness("bench", str(broken), "--virtual", "1", "--out", str(tmp_path / "runs"), *QUICK)
    assert done.code == 1, done.err
    found = re.search(r"broken on CPU: the model does not load \(.*\); see (\S+)", done.err)
    assert found and (Path(found[1]) / "err").is_file()
    assert done.out.splitlines()[-2] == (
        "Nothing was measured on this virtual phone: CPU 4 threads the model does not load."
    )


def test_without_a_model(tmp_path: Path) -> None:
    done = harness("bench", "--virtual", "1", "--out", str(tmp_path / "runs"))
    assert done.code == 2 and "no model was given; give a .tflite file, or --sample" in done.err
