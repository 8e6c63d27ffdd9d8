"""What a program file says of itself without being run: its ABI, whether it is whole, and which program it is.

Only the headers are read, and a few long strings looked for; see elf(5) for the layout.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

_MACHINES = {40: "armeabi-v7a", 183: "arm64-v8a", 62: "x86_64", 3: "x86", 243: "riscv64"}
#: A flag that only LiteRT's program has.
LITERT_FLAG = "dispatch_library_path"
#: Any of these is in every build of either program: what it prints of itself, and flags.
_MARKS = (b"Running benchmark for at least", b"benchmark_name", b"warmup_min_secs", b"num_runs")
#: Only a build that links TensorFlow's own operators has one of these.
_FLEX_MARKS = (b"TfLiteFlexDelegate", b"tensorflow/core/framework/")

Data = bytes | mmap.mmap


@dataclass(frozen=True)
class Elf:
    """A program's headers. `size_told` is the least size in bytes that they speak of: a shorter file was cut."""

    abi: str
    size_told: int


@dataclass(frozen=True)
class Looks:
    """What a file looks like: flavour is one of tflite, tflite-plus-flex and litert; abi as Android names it."""

    abi: str
    flavour: str
    whole: bool
    benchmark: bool


def read_elf(data: Data) -> Elf | None:
    """The headers at the start of `data`, or None where it is no ELF file (or is cut within its first header)."""
    if data[:4] != b"\x7fELF" or len(data) < 20:
        return None
    order = "<" if data[5] == 1 else ">"
    (machine,) = struct.unpack(order + "H", data[18:20])
    abi = _MACHINES.get(machine, f"ELF machine {machine}")
    wide = data[4] == 2
    rest = order + ("QQQIHHHHH" if wide else "IIIIHHHHH")
    header = 24 + struct.calcsize(rest)
    if len(data) < header:
        return Elf(abi, header)
    _, programs, sections, _, _, program_size, program_count, section_size, section_count = struct.unpack(
        rest, data[24:header]
    )
    told = max(header, programs + program_size * program_count, sections + section_size * section_count)
    place = "8xQ16xQ" if wide else "4xI8xI"  # of a program header: where its bytes stand in the file, and how many
    for index in range(program_count):
        start = programs + index * program_size
        if start + struct.calcsize(order + place) > len(data):
            break
        offset, length = struct.unpack_from(order + place, data, start)
        told = max(told, offset + length)
    return Elf(abi, told)


def look_at(path: Path) -> Looks | None:
    """What a file on the disk looks like, or None where it is no ELF file. Builds of 100 MB are not held in memory.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if path.stat().st_size < 20:
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            elf = read_elf(data)
            if elf is None:
                return None
            benchmark = any(data.find(mark) >= 0 for mark in _MARKS)
            return Looks(elf.abi, _flavour(data), len(data) >= elf.size_told, benchmark)


def _flavour(data: mmap.mmap) -> str:
    if data.find(LITERT_FLAG.encode()) >= 0:
        return "litert"
    return "tflite-plus-flex" if any(data.find(mark) >= 0 for mark in _FLEX_MARKS) else "tflite"
