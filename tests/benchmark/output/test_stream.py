"""Reading files of any size and encoding: the same lines, flat memory."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from harness.benchmark.output import parse_benchmark
from harness.benchmark.output.stream import LONGEST_LINE, cut_lines, stream_lines
from tests.benchmark.output.logs import CPU
from tests.racks import harness

_MIB = 1 << 20
#: Prints the growth of a process's peak memory, MiB, over reading a file.
_GROWTH = """
import resource, sys
from harness.benchmark.output import parse_benchmark
from harness.benchmark.output.stream import stream_lines
parse_benchmark("")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    found = parse_benchmark(stream_lines(file))
print(found.outcome, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    data = CPU.replace("\n", "\r\n").encode(encoding)
    assert list(stream_lines(io.BytesIO(data))) == CPU.splitlines()


def test_a_big_endian_mark() -> None:
    assert list(stream_lines(io.BytesIO(b"\xfe\xff" + CPU.encode("utf-16-be")))) == CPU.splitlines()


@pytest.mark.parametrize("size", range(1, 8))
def test_pieces_of_any_size_give_the_same_lines(size: int) -> None:
    text = "a\r\nbc\r\r\n\nd\re\n"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(cut_lines(pieces)) == ["a", "bc", "", "", "d", "e"]


def test_an_overlong_line_is_cut_and_the_next_is_whole() -> None:
    lines = list(stream_lines(io.BytesIO(b"x" * 300_000 + b"\ncount=3\n")))
    assert [len(line) for line in lines] == [LONGEST_LINE, 7]


def test_numbers_without_end_are_no_error() -> None:
    digits = "9" * 60_000
    for line in (f"count={digits}", f"Number of nodes executed: {digits}", f"Initialized session in {digits}ms"):
        assert parse_benchmark(line).outcome == "other"


#: What is slow to read need not be as long to show that memory stays flat.
_SIZES_MIB = {"lines": 100, "one line": 100, "logcat": 15, "profile": 10, "rubbish": 25}


def _write(path: Path, kind: str) -> None:
    chance = random.Random(1)
    with path.open("wb") as file:
        for n in range(_SIZES_MIB[kind]):
            if kind == "lines":
                text = f"INFO: Unconsumed cmdline flags: --own{n}=1\n{CPU}"
                file.write((text * (_MIB // len(text))).encode())
            elif kind == "one line":
                file.write(b"count=7 " * (_MIB // 8))
            elif kind == "logcat":
                rows = (f"06-01 10:00:00.001 {n * 9999 + i} {i} I tflite  : Graph: [{i}]\n" for i in range(_MIB // 60))
                file.write("".join(rows).encode())
            elif kind == "profile":
                rows = (f"\t type{n}x{i}\t1\t0.5\t1%\t1%\t0\t1\n" for i in range(_MIB // 30))
                head = "==== Summary by node type ====\n\t[Node type]\t[count]\t[avg ms]\t[avg %]\t[cdf %]\t[mem KB]\t[times called]\n"
                file.write(((head if not n else "") + "".join(rows)).encode())
            else:
                file.write(chance.randbytes(_MIB))


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(_SIZES_MIB))
def test_memory_stays_flat_over_huge_files(kind: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    _write(log, kind)
    # A process that this one starts itself would begin with this one's peak; a shell between them is small.
    words = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", _GROWTH, str(log)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    outcome, growth = done.stdout.split()
    print(f"\n{kind}: {log.stat().st_size / _MIB:.0f} MiB read, peak grew by {float(growth):.1f} MiB")
    assert float(growth) < 5
    assert (outcome == "ok") == (kind == "lines")


def test_the_command_says_when_a_file_holds_several_runs(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_bytes(b"\xff\xfe" + CPU.encode("utf-16-le"))
    two.write_text(CPU + CPU.replace("12480.1", "9"))
    done = harness("parse", "--json", str(one), str(two))
    first, second = map(json.loads, done.out.splitlines())
    assert done.code == 0 and first == {**second, "runs": 1} and second["runs"] == 2
    assert done.err.splitlines() == [f"{two} holds 2 runs; the figures are those of the first"]
