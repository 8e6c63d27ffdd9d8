"""`harness parse` as a command: kinds told by structure, odd files, and flat memory over huge ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmark.output.logs import CPU
from tests.racks import harness

BATTERY = "Current Battery Service state:\n  USB powered: true\n  status: 2\n  level: 61\n  scale: 100\n"


def test_files_of_several_kinds_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(CPU)
    (tmp_path / "b.txt").write_text(BATTERY)
    (tmp_path / "c.txt").write_text("MemTotal: 7 kB\r\n", encoding="utf-16")
    done = harness("parse", "--json", *(str(tmp_path / f"{n}.txt") for n in "abc"))
    assert done.code == 0, done.err
    log, battery, memory = (json.loads(line) for line in done.out.splitlines())
    assert log["outcome"] == "ok" and battery["level_pct"] == 61 and memory["mem_total_kb"] == 7
    shown = harness("parse", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert "a.txt: ok, 12.480 ms on average" in shown.out and "  level_pct: 61" in shown.out


def test_what_is_wrong_costs_the_other_files_nothing(tmp_path: Path) -> None:
    good, odd = tmp_path / "good.txt", tmp_path / "odd.txt"
    good.write_text(BATTERY)
    odd.write_text("Dear diary,\nnothing happened today.\n")
    done = harness("parse", "--json", str(tmp_path / "none.txt"), str(odd), str(tmp_path), str(good))
    assert done.code == 2
    assert "none.txt cannot be read: No such file or directory; give a file, or - for" in done.err
    assert f"{tmp_path} cannot be read: Is a directory" in done.err
    assert "odd.txt is no log or dump that is known; --kind says what it is" in done.err
    other, battery = (json.loads(line) for line in done.out.splitlines())
    assert other["outcome"] == "other" and battery["level_pct"] == 61
    assert harness("parse", "--json", str(odd)).code == 1
    unknown = harness("parse", "--kind", "memory", str(good))
    assert unknown.code == 2 and "--kind 'memory' is not known; use one of benchmark, " in unknown.err


def test_two_runs_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text(CPU + CPU.replace("12480.1", "99999"))
    done = harness("parse", "--json", str(tmp_path / "two.txt"))
    assert "holds 2 runs; the figures are those of the first" in done.err
    assert json.loads(done.out)["inference_avg_us"] == 12480.1


def test_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness", "parse", "--json", "-"], input=BATTERY.encode(), capture_output=True
    )
    assert json.loads(done.stdout)["kind"] == "battery"


@pytest.mark.slow
@pytest.mark.parametrize("filler", [b"x" * (1 << 20), BATTERY.encode() * 1000])
def test_memory_stays_flat_on_a_hundred_megabytes(tmp_path: Path, filler: bytes) -> None:
    big, small = tmp_path / "big.log", tmp_path / "small.log"
    small.write_bytes(filler[: 1 << 16])
    with big.open("wb") as file:
        while file.tell() < 100 << 20:
            file.write(filler)
    peaks = [_peak_mb(path) for path in (small, big)]
    assert peaks[1] < peaks[0] + 150, peaks


def _peak_mb(path: Path) -> float:
    words = [sys.executable, "-m", "harness", "parse", "--json", str(path)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1)
    return usage.ru_maxrss / 1024
