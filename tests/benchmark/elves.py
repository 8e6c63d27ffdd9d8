"""Small files that look like builds of the benchmark programs."""

from __future__ import annotations

import struct

MACHINES = {"arm64-v8a": 183, "armeabi-v7a": 40, "x86_64": 62}


def elf(abi: str = "arm64-v8a", *, marks: bytes = b"num_runs", size: int = 200_000, fill: bytes = b"x") -> bytes:
    """A whole ELF file: header, one segment that spans it, and a section table at its end."""
    wide = abi != "armeabi-v7a"
    header, segment, section = (64, 56, 64) if wide else (52, 32, 40)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    rest = struct.pack(
        "<HHI" + ("QQQ" if wide else "III") + "IHHHHHH",
        *(3, MACHINES[abi], 1, 0, header, size - section, 0, header, segment, 1, section, 1, 0),
    )
    place = (
        struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 1)
        if wide
        else struct.pack("<8I", 1, 0, 0, 0, size, size, 5, 1)
    )
    start = ident + rest + place + marks
    return start + fill * (size - section - len(start)) + bytes(section)
