"""A stock adb client sees a virtual phone as it would see a real one."""

from __future__ import annotations

import hashlib
import os
import pty
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from adbutils import adb_path

from tests.racks import rack_server

PHONE_TOOLS = bool(shutil.which("toybox") and shutil.which("mksh"))
TMP = "/data/local/tmp"


class Adb:
    """The client's command line against one phone."""

    def __init__(self, port: int, serial: str) -> None:
        self.base = [str(adb_path()), "-P", str(port), "-s", serial]

    def __call__(self, *words: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        stdin = subprocess.DEVNULL if data is None else None
        return subprocess.run([*self.base, *words], capture_output=True, timeout=60, stdin=stdin, input=data)


@pytest.fixture(scope="module")
def adb() -> Iterator[Adb]:
    with rack_server(1, "--profile", "pixel-8-pro") as (server, serials):
        yield Adb(server.port, serials[0])


def test_shell_streams_and_exit_code(adb: Adb) -> None:
    done = adb("shell", "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 7)
    assert adb("shell", "kill -9 $$").returncode == 137


def test_shell_reads_standard_input(adb: Adb) -> None:
    assert adb("shell", "cat", data=b"a line\n").stdout == b"a line\n"
    assert adb("shell", data=b"echo from-stdin; exit 3\n").returncode == 3


def test_exec_out_is_plain(adb: Adb) -> None:
    assert adb("exec-out", "printf 'a\\r\\nb'").stdout == b"a\r\nb"


def test_terminal(adb: Adb) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen([*adb.base, "shell", "-t", "-t", "tty"], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    assert process.wait(30) == 0
    text = os.read(master, 4096)
    os.close(master)
    assert b"/dev/" in text or b"not found" not in text


def test_push_pull(adb: Adb, tmp_path: Path) -> None:
    big = tmp_path / "big one"
    big.write_bytes(os.urandom(5_000_000))
    big.chmod(0o755)
    assert adb("push", str(big), f"{TMP}/it's $(x) 文.bin").returncode == 0
    listed = adb("shell", f"sha256sum '{TMP}/it'\\''s $(x) 文.bin'").stdout
    assert hashlib.sha256(big.read_bytes()).hexdigest().encode() in listed
    assert adb("pull", f"{TMP}/it's $(x) 文.bin", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    assert b"rwxrwxrwx" in adb("shell", f"ls -l {TMP}").stdout


def test_folders_travel(adb: Adb, tmp_path: Path) -> None:
    source = tmp_path / "d"
    (source / "sub").mkdir(parents=True)
    for name in ("a", "sub/b"):
        (source / name).write_text(name)
    assert adb("push", str(source), f"{TMP}/d").returncode == 0
    assert adb("pull", f"{TMP}/d", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back/sub/b").read_text() == "sub/b"


def test_what_the_phone_refuses(adb: Adb, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("x")
    assert adb("push", str(file), "/system/f").returncode != 0
    assert b"No such file" in adb("pull", "/nothing", str(tmp_path / "n")).stderr + adb("pull", "/nothing", "x").stdout
    assert adb("shell", "cat /data/tombstones/x").returncode != 0
    assert adb("root").stdout.startswith(b"adbd cannot run as root")


@pytest.mark.skipif(not PHONE_TOOLS, reason="toybox and mksh are not on this machine")
@pytest.mark.parametrize(
    "command",
    ["grep -P a /proc/version", "jq . /proc/version", "mkfifo /data/local/tmp/f", "source <(echo)", "bash -c true"],
)
def test_what_a_phones_shell_lacks(adb: Adb, command: str) -> None:
    assert adb("shell", command).returncode != 0


def test_absolute_paths_lead_to_the_phone(adb: Adb) -> None:
    assert b"PRODUCT" not in adb("shell", "ls /home /root/nothing 2>&1").stdout
    assert adb("shell", "cat /system/build.prop | grep -c husky").returncode == 0
    assert adb("shell", "id -u").stdout == b"2000\n"


def test_detached_job_outlives_its_link(adb: Adb) -> None:
    job = f"sleep 1.5; echo done >{TMP}/detached"
    assert adb("shell", f"setsid nohup sh -c '{job}' </dev/null >/dev/null 2>&1 &").returncode == 0
    subprocess.run([*adb.base[:3], "disconnect", adb.base[-1]], capture_output=True, check=True)
    time.sleep(2)
    subprocess.run([*adb.base[:3], "connect", adb.base[-1]], capture_output=True, check=True)
    for _ in range(50):
        if adb("shell", f"cat {TMP}/detached").stdout == b"done\n":
            return
        time.sleep(0.2)
    pytest.fail("the job died with its link")


def test_many_shells_at_once(adb: Adb) -> None:
    running = [
        subprocess.Popen([*adb.base, "shell", f"sleep 0.3; echo {n}"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        for n in range(30)
    ]
    assert [int(p.communicate(timeout=60)[0]) for p in running] == list(range(30))


@pytest.mark.slow
def test_reboot(adb: Adb) -> None:
    boot = adb("shell", "cat /proc/sys/kernel/random/boot_id").stdout
    adb("shell", f"echo kept >{TMP}/kept")
    adb("reboot")
    time.sleep(3)
    for _ in range(100):
        now = adb("shell", "cat /proc/sys/kernel/random/boot_id")
        if now.returncode == 0 and now.stdout and now.stdout != boot:
            break
        time.sleep(0.3)
    else:
        pytest.fail("it did not come back with a new boot_id")
    assert float(adb("shell", "cat /proc/uptime").stdout.split()[0]) < 60
    assert adb("shell", f"cat {TMP}/kept").stdout == b"kept\n"


def test_unauthorized_and_old_phones(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("1: {unauthorized: true}\n")
    with rack_server(2, "--faults", str(faults)) as (server, serials):
        states = {d.serial: d.state for d in server.devices()}
    assert states == {serials[0]: "device", serials[1]: "unauthorized"}
