"""The sampler under both shells: the same file, line by line; and no script needs more than a phone's shell has."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.measure.sampler import SamplerLog, parse_sampler
from tests.device_scripts.box import SCRIPTS, SHELLS

_NODES = {"policy0.cur": "600000\n", "battery.status": "Not charging\n", "empty": "\n", "zone.a": "31000\n"}
#: A sleep that moves the phone's clock by a second, and the program to other cores every tick.
_SLEEP = """#!/bin/sh
read -r now _ <"$PHONE_ROOT/proc/uptime"
echo "$(( ${now%.*} + 1 )).50 9" >"$PHONE_ROOT/proc/uptime"
"""
_STAT = "{tid} (bench mark) R 1 7 7 0 -1 0 1 0 0 0 {user} {system} 0 0 20 0 2 0 99 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 {cpu} 0 0\n"


def sampled(shell: str, root: Path, deadline_s: int = 25) -> str:
    files = {f"sys/{name}": text for name, text in _NODES.items()}
    files |= {
        "proc/uptime": "100.50 9\n",
        "proc/sys/kernel/random/boot_id": "b\n",
        "proc/7/statm": "900 321 0 0 0 0 0\n",
        "proc/7/task/7/stat": _STAT.format(tid=7, user=40, system=2, cpu=4),
        "proc/7/task/8/stat": _STAT.format(tid=8, user=30, system=1, cpu=6),
        "proc/7/task/7/status": "Name:\tbench mark\nCpus_allowed:\tf0\nCpus_allowed_list:\t4-7\nMems_allowed:\t1\n",
        "pid": "7 99\n",
        "nodes": "".join(f"{n} /sys/{n}\n" for n in [*_NODES, "gone"]),
        "sleep": _SLEEP,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "sleep").chmod(0o755)
    words = [shell, str(SCRIPTS / "sampler.sh"), str(root / "out"), "1", str(deadline_s), str(root / "pid"), str(root / "nodes")]  # fmt: skip
    environment = {**os.environ, "PHONE_ROOT": str(root), "SLEEP": str(root / "sleep")}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    return (root / "out").read_text()


def read(text: str) -> SamplerLog:
    return parse_sampler(text)


@pytest.mark.parametrize("shell", SHELLS)
def test_columns_and_ticks(shell: str, tmp_path: Path) -> None:
    log = read(sampled(shell, tmp_path))
    assert log.complete and log.times_s == tuple(100.5 + n for n in range(25))
    assert log.columns["policy0.cur"] == (600000.0,) * 25 and log.columns["rss_pages"] == (321.0,) * 25
    assert set(log.columns["gone"]) == set(log.columns["empty"]) == {None}
    assert set(log.columns["battery.status"]) == {4.0}, "Not charging, as dumpsys battery numbers it"
    assert [n for n, v in enumerate(log.columns["zone.a"]) if v is not None] == [0, 10, 20]
    assert log.allowed_cpus == "4-7"
    assert [s.boot_s for s in log.threads] == [101.5 + 4 * n for n in range(6)], "every fourth tick from the second on"
    assert {(s.ticks, s.cpus) for s in log.threads} == {(73, (4, 6))}


@pytest.mark.skipif(len(SHELLS) < 2, reason="only one of the two shells is here")
def test_both_shells_write_the_same_file(tmp_path: Path) -> None:
    first, second = (sampled(shell, tmp_path / shell) for shell in SHELLS)
    assert first == second and first.count("\nS ") == 25


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_program_that_is_kept_to_one_core(shell: str, tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    (tmp_path / "nodes").write_text("")
    busy = subprocess.Popen(["taskset", f"{1 << core:x}", "sh", "-c", "while :; do :; done"])
    try:
        (tmp_path / "pid").write_text(f"{busy.pid} 0\n")
        words = [shell, str(SCRIPTS / "sampler.sh"), "out", "0.1", "2", "pid", "nodes"]
        subprocess.run(words, env={**os.environ, "PHONE_ROOT": ""}, cwd=tmp_path, check=True, timeout=60)
    finally:
        busy.kill()
        busy.wait()
    log = read((tmp_path / "out").read_text())
    assert log.allowed_cpus == str(core)
    assert {s.cpus for s in log.threads} == {(core,)}
    assert log.threads[-1].ticks > log.threads[0].ticks


@pytest.mark.parametrize("shell", SHELLS)
def test_a_program_that_is_gone_leaves_no_line(shell: str, tmp_path: Path) -> None:
    (tmp_path / "pid").write_text("999999999 0\n")
    (tmp_path / "nodes").write_text("")
    words = [shell, str(SCRIPTS / "sampler.sh"), "out", "0.1", "1", "pid", "nodes"]
    done = subprocess.run(words, env={**os.environ, "PHONE_ROOT": ""}, cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout == b""
    log = read((tmp_path / "out").read_text())
    assert log.complete and log.threads == () and log.allowed_cpus is None


#: What mksh knows and dash does not, or the other way round, or what a phone's policy forbids.
_FOREIGN = {
    r"\$\(<": "dash leaves it empty",
    r"\bmkfifo\b": "no FIFO may be made in /data/local/tmp",
    r"\[\[": "not POSIX",
    r"<<<": "not POSIX",
    r"[<>]\(": "not POSIX",
    r"&>": "not POSIX",
    r"\$\{[a-zA-Z_]+:[0-9]": "not POSIX",
    r"\$\{[a-zA-Z_]+//": "not POSIX",
    r"\$\{[a-zA-Z_]+\[": "not POSIX",
    r"^\s*(local|typeset|declare|function|source|let)\s": "not POSIX",
    r"\w\+=": "not POSIX",
    r"\[ [^]]*==": "not POSIX",
    r"\$EPOCHREALTIME|\$RANDOM|\$SECONDS": "dash has none",
    r"\becho -[ne]": "shells differ",
    r"\bread (?!-r )(?!.*command)": "read takes backslashes away without -r",
}
ALL = sorted([*SCRIPTS.glob("*.sh"), *SCRIPTS.glob("lib/*.sh")])


def code(path: Path) -> list[str]:
    """Lines of a script without comments and without what is in single quotes."""
    return [
        re.sub(r"'[^']*'", "''", line) for line in path.read_text().splitlines() if not line.lstrip().startswith("#")
    ]


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.name)
def test_scripts_keep_to_what_both_shells_know(path: Path) -> None:
    found = [f"{line.strip()}: {why}" for line in code(path) for sign, why in _FOREIGN.items() if re.search(sign, line)]
    assert not found, found


def test_the_loop_of_the_sampler_starts_nothing_but_sleep() -> None:
    for line in code(SCRIPTS / "sampler.sh"):
        plain = line.replace("$((", "").replace("||", "").replace("))", "")
        assert (
            "$(" not in plain and "`" not in plain and not re.search(r"(?<!\|)\|(?!\|)", plain.replace("zone.*)", ""))
        ), line
        assert not re.search(r"\b(cat|date|cut|sed|awk|grep|dumpsys|expr|tr|head)\b", line), line
