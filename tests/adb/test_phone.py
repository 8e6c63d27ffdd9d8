"""The phone over adb, against virtual phones behind a real server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path, quote
from harness.adb.server import AdbServer
from harness.errors import DeadlineError, PhoneError, PhoneTransientError
from tests.racks import rack_server

ODD = ["a b", "it's", '"q"', "$(touch x)", "new\nline", "模型", "-rf", "a;b", "`x`", "*"]


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    with rack_server(2) as found:
        yield found


@pytest.fixture
def phone(rack: tuple[AdbServer, list[str]]) -> Phone:
    server, serials = rack
    return server.phone(serials[0])


def test_shell_result(phone: Phone) -> None:
    result = phone.shell("echo out; echo err >&2; exit 5")
    assert (result.stdout, result.stderr, result.exit_code) == ("out\n", "err\n", 5)


def test_check_names_phone_command_and_tail(phone: Phone) -> None:
    with pytest.raises(PhoneError) as caught:
        phone.shell("echo why >&2; false", check=True)
    error = caught.value
    assert error.serial == phone.serial and error.exit_code == 1 and error.output == "why" and not error.transient


@pytest.mark.parametrize("program", ["sleep 88", "while :; do echo chatty; done"])
def test_deadline_ends_the_program_on_the_phone(phone: Phone, program: str) -> None:
    """A silent program and one that never stops talking, which an idle time-out would let run for ever."""
    started = time.monotonic()
    with pytest.raises(DeadlineError) as caught:
        phone.shell(f"sh -c {quote(program)}; true", timeout_s=1.0)
    assert time.monotonic() - started < 6
    assert caught.value.transient
    left = phone.shell("ps -A -o ARGS 2>/dev/null || ps -A").stdout
    assert "sleep 88" not in left and "chatty" not in left


@pytest.mark.parametrize("name", ODD)
def test_odd_names(phone: Phone, name: str) -> None:
    path = f"{DEVICE_ROOT}/odd/{name}"
    phone.write(b"data", path)
    assert phone.shell(f"cat {device_path(path)}").stdout == "data"
    assert phone.read(path) == b"data"


def test_push_is_verified_and_skipped(phone: Phone, tmp_path: Path) -> None:
    source = tmp_path / "model $(x) 模.tflite"
    source.write_bytes(b"\x00\x01" * 300_000)
    first = phone.push(source, executable=True)
    again = phone.push(source)
    assert first.bytes_sent == 600_000 and again.bytes_sent == 0 and first.path == again.path
    assert phone.read(first.path) == source.read_bytes()
    # A damaged file of that name is not trusted.
    phone.shell(f"printf x >>{device_path(first.path)}", check=True)
    assert phone.push(source).bytes_sent == 600_000
    assert ".part" not in phone.shell(f"ls -a {device_path(DEVICE_ROOT + '/files')}").stdout


def test_pull_tree(phone: Phone, tmp_path: Path) -> None:
    for name in ("a", "s/b"):
        phone.write(name.encode(), f"{DEVICE_ROOT}/tree/{name}")
    phone.pull_tree(f"{DEVICE_ROOT}/tree", tmp_path, names=["s"])
    assert [p.name for p in tmp_path.rglob("*")] == ["s", "b"]


def test_full_storage(tmp_path: Path) -> None:
    faults = tmp_path / "f.yaml"
    faults.write_text("0: {storage_free_kb: 256}\n")
    with rack_server(1, "--faults", str(faults)) as (server, serials):
        phone = server.phone(serials[0])
        with pytest.raises(PhoneError, match="storage is full"):
            phone.push(bytes(3_000_000))
        assert phone.shell(f"ls -a {device_path(DEVICE_ROOT + '/files')}").stdout.split() == [".", ".."]


def test_phone_without_shell_v2(tmp_path: Path) -> None:
    """Old phones give no exit code: it is printed behind a mark."""
    with rack_server(1) as (server, serials):
        phone = server.phone(serials[0])
        phone._features = frozenset({"cmd"})
        result = phone.shell("echo out; (exit 9)")
        assert result.exit_code == 9 and result.stdout == "out\n"
        with pytest.raises(DeadlineError):
            phone.shell("sleep 77", timeout_s=1)
        assert "sleep 77" not in phone.shell("ps -A -o ARGS 2>/dev/null || ps -A").stdout


def test_lost_phone_is_transient(rack: tuple[AdbServer, list[str]]) -> None:
    server, _ = rack
    with pytest.raises(PhoneTransientError):
        server.phone("127.0.0.1:1").shell("true")


def test_detached_job(phone: Phone, rack: tuple[AdbServer, list[str]]) -> None:
    server, _ = rack
    phone.write(b"sleep 1; echo $1 >$2\n", f"{DEVICE_ROOT}/job.sh")
    target = f"{DEVICE_ROOT}/job out"
    phone.start_detached(f"{DEVICE_ROOT}/job.sh", ["it's", target], log=f"{DEVICE_ROOT}/log")
    server.client().disconnect(phone.serial)
    server.connect(phone.serial)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if phone.shell(f"cat {device_path(target)}").stdout == "it's\n":
            return
        time.sleep(0.2)
    pytest.fail("the job did not finish")


def test_tracking(rack: tuple[AdbServer, list[str]]) -> None:
    server, serials = rack
    tracker = server.track()
    try:
        seen = {c.serial: c.state for c in (tracker.get(5), tracker.get(5)) if c}
        assert seen == dict.fromkeys(serials, "device")
        server.client().disconnect(serials[1])
        change = tracker.get(10)
        assert change is not None and change.serial == serials[1] and change.state in (None, "offline")
        server.connect(serials[1])
    finally:
        tracker.close()
