"""What phones print, read by structure: every known form, and anything else."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.dumps import KINDS, guess_kind
from tests.dumps.forms import FORMS
from tests.racks import SHARED, harness


def holds(wanted: Any, found: Any) -> bool:
    """Whether `found` says all that `wanted` does."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(holds(v, found.get(k)) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(holds, wanted, found))
    if isinstance(wanted, float | int) and not isinstance(wanted, bool):
        return isinstance(found, float | int) and math.isclose(wanted, found, rel_tol=1e-9)
    return bool(wanted == found) and type(wanted) is type(found)


@pytest.mark.parametrize(("kind", "text", "wanted"), FORMS)
def test_every_form(kind: str, text: str, wanted: dict[str, Any]) -> None:
    found = KINDS[kind].parse(text)
    wrong = {key: (value, found.get(key)) for key, value in wanted.items() if not holds(value, found.get(key))}
    assert not wrong
    assert guess_kind(text) == kind


def test_every_kind_has_a_form() -> None:
    assert {kind for kind, _, _ in FORMS} == set(KINDS)


def test_the_file_name_says_whose_clocks_they_are() -> None:
    assert KINDS["time-in-state"].parse("300000 1\n", "phone-policy6.txt")["policy"] == 6


@settings(max_examples=400)
@given(st.data())
def test_whatever_comes(data: st.DataObject) -> None:
    """Cut, spliced, corrupted or invented: never an exception, and JSON comes out."""
    texts = [text for _, text, _ in FORMS]
    text = data.draw(st.sampled_from(texts) | st.text(max_size=200))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text)))
        piece = data.draw(
            st.sampled_from(["", "\n", "nan", "1e999", "=", ": ", "-", "9" * 400, "{", "]"]) | st.text(max_size=9)
        )
        other = data.draw(st.sampled_from(texts))
        text = text[:at] + piece + data.draw(st.sampled_from([text[at + 7 :], other[at:], ""]))
    guess_kind(text)
    for name, kind in KINDS.items():
        json.dumps(kind.parse(text, "f.txt"), allow_nan=False), name


def test_the_command_line_guesses_and_takes_a_kind(tmp_path: Path) -> None:
    paths = []
    for number, (_, text, _) in enumerate(FORMS):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_bytes(text.encode())
    done = harness("parse", "--json", *map(str, paths))
    assert done.code == 0, done.err
    for line, (_, _, wanted) in zip(done.out.splitlines(), FORMS, strict=True):
        assert holds(wanted, json.loads(line))
    shown = harness("parse", str(paths[0]))
    assert "battery" in shown.out and "level_pct: 100" in shown.out and "charge_counter_uah: not said" in shown.out
    assert json.loads(harness("parse", "--json", "--kind", "df", str(paths[0])).out) == {"rows": []}


def test_wrong_usage_loses_nothing(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("MemTotal: 5 kB\n")
    unknown = harness("parse", "--kind", "memory", str(good))
    assert unknown.code == 2 and "--kind 'memory' is not known; use benchmark, getprop, battery" in unknown.err
    done = harness("parse", "--json", str(tmp_path / "none.txt"), str(good))
    assert done.code == 2 and "none.txt cannot be read: No such file" in done.err
    assert json.loads(done.out)["mem_total_kb"] == 5
    windows = tmp_path / "windows.txt"
    windows.write_text("MemTotal: 7 kB\r\n", encoding="utf-16")
    assert json.loads(harness("parse", "--json", str(windows)).out)["mem_total_kb"] == 7


@pytest.mark.slow
@pytest.mark.parametrize(
    "filler", [b"x" * (1 << 20), b"\x00\xff\n" * (1 << 18), b"ERROR: again and again\n" * (1 << 15)]
)
def test_memory_stays_flat_on_a_hundred_megabytes(tmp_path: Path, filler: bytes) -> None:
    big, small = tmp_path / "big.log", tmp_path / "small.log"
    small.write_bytes(filler[: 1 << 16])
    with big.open("wb") as file:
        while file.tell() < 100 << 20:
            file.write(filler)
    peaks = [_peak_mb(path) for path in (small, big)]
    assert peaks[1] < peaks[0] + 40, peaks


def _peak_mb(path: Path) -> float:
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "parse", "--json", str(path)], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


@pytest.mark.skipif(not (SHARED / "phone_dumps").is_dir(), reason="the shared captures are not beside this checkout")
def test_hand_read_captures_agree() -> None:
    check = SHARED.parent / "tools" / "check_parse.py"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, str(check), "phone_dumps"], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert done.returncode == 0, done.stdout
