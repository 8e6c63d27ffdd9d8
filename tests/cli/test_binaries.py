"""`harness binaries` as a user runs it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmark.elves import elf
from tests.benchmark.http_server import Page, Server, serving
from tests.racks import harness

BODY = elf(size=3_000_000)
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        running.pages["/b"] = Page(BODY)
        yield running


@pytest.fixture
def env(tmp_path: Path, server: Server) -> dict[str, str]:
    sources = tmp_path / "b.toml"
    sources.write_text(
        f'schema = 1\n[[builds]]\nflavour = "tflite"\nabi = "arm64-v8a"\naddress = "{server.url("/b")}"\nmoving = true\n'
    )
    return {"HARNESS_CACHE": str(tmp_path / "cache"), "HARNESS_BINARIES": str(sources)}


def test_fetch_list_verify(tmp_path: Path, server: Server, env: dict[str, str]) -> None:
    offline = harness("binaries", "fetch", env=env | {"HARNESS_OFFLINE": "1"})
    assert offline.code == 3 and server.url("/b") in offline.err and not server.asked
    done = harness("binaries", "fetch", env=env)
    assert done.code == 0, done.err
    path = Path(done.out.splitlines()[-1])
    assert path.name == SHA and path.read_bytes() == BODY and SHA in done.err
    (row,) = json.loads(harness("binaries", "list", "--json", env=env).out)["rows"]
    assert row["sha256"] == SHA and row["present"] and row["size_bytes"] == len(BODY) and row["fetched"]
    assert SHA[:12] in harness("binaries", "list", env=env).out
    assert harness("binaries", "verify", env=env).code == 0
    (path.parent / ("0" * 64)).write_bytes(b"0")
    path.write_bytes(b"1")
    done = harness("binaries", "verify", "--json", env=env)
    assert done.code == 1 and {r["state"] for r in json.loads(done.out)["rows"]} == {"differs"}
    path.unlink()
    assert "missing" in harness("binaries", "verify", env=env).out


def test_add(tmp_path: Path, env: dict[str, str]) -> None:
    own = tmp_path / "own"
    own.write_bytes(elf("armeabi-v7a"))
    wrong = harness("binaries", "add", str(own), "--abi", "arm64-v8a", env=env)
    assert wrong.code == 2 and "built for armeabi-v7a, not arm64-v8a" in wrong.err
    done = harness("binaries", "add", str(own), "--name", "mine", "--use", env=env)
    assert done.code == 0 and Path(done.out.strip()).read_bytes() == own.read_bytes()
    rows = json.loads(harness("binaries", "list", "--json", env=env).out)["rows"]
    assert [(r["name"], r["preferred"]) for r in rows if r["own"]] == [("mine", True)]


def test_wrong_usage(tmp_path: Path, env: dict[str, str]) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('schema = 1\n[[builds]]\nflavour = "tflite"\nabi = "arm64-v8a"\n')
    lock = tmp_path / "binaries.lock"
    lock.write_text("<<<<<<< HEAD")
    for words, said in (
        (("fetch", "--abi", "mips"), "--abi 'mips' is not known; use arm64-v8a"),
        (("fetch", "--abi", "x86_64"), "name no build of tflite for x86_64"),
        (("fetch", "--sources", str(broken)), "give either an address or the reason"),
        (("list", "--sources", str(tmp_path / "none")), "cannot be read"),
        (("verify", "--lock", str(lock)), "is no lock file"),
        (("add", str(broken)), "is no benchmark program"),
    ):
        done = harness("binaries", *words, env=env)
        assert done.code == 2 and said in done.err, done.err


def start(env: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness", "binaries", "fetch"]
    return subprocess.Popen(command, env=os.environ | env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_at_once_fetch_once(server: Server, env: dict[str, str]) -> None:
    server.pages["/b"].drip_s = 0.005
    both = [start(env), start(env)]
    outs = [p.communicate(timeout=60) for p in both]
    assert [p.returncode for p in both] == [0, 0], outs
    assert outs[0][0] == outs[1][0] and len(server.asked) == 1
    assert sum("another harness is busy" in err for _, err in outs) == 1


def test_a_killed_download_goes_on(tmp_path: Path, server: Server, env: dict[str, str]) -> None:
    server.pages["/b"].drip_s = 0.02
    process = start(env)
    parts = tmp_path / "cache" / "binaries" / "parts"
    limit = time.monotonic() + 30
    while time.monotonic() < limit and not any(p.stat().st_size > 200_000 for p in parts.glob("*.part")):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    server.pages["/b"].drip_s = 0
    done = harness("binaries", "fetch", env=env)
    assert done.code == 0 and "are here already" in done.err, done.err
    assert server.asked[-1][1] is not None and Path(done.out.strip()).read_bytes() == BODY


def test_no_space_left(env: dict[str, str]) -> None:
    done = harness("binaries", "fetch", env=env, before=["prlimit", "--fsize=1000000"])
    assert done.code == 1 and "there is no space left for" in done.err and "HARNESS_CACHE" in done.err, done.err
    assert harness("binaries", "fetch", env=env).code == 0
