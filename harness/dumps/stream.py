"""Lines of a file of any size and encoding, in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

#: Characters of a line that are kept; no program of ours prints longer ones, and rubbish may have no line end at all.
LONGEST = 1 << 16
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def bounded_lines(file: BinaryIO) -> Iterator[str]:
    """Lines without their ends (of any system), the rest of an overlong one left out.

    UTF-8, or what a byte order mark says (PowerShell writes UTF-16); what is no text becomes the replacement character.
    """
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(_Raw(file))
    head = buffered.peek(4)
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    text = io.TextIOWrapper(buffered, encoding, errors="replace")
    inside = False
    while piece := text.readline(LONGEST):
        ended = piece.endswith("\n")
        if not inside:
            yield piece.rstrip("\n")
        inside = not ended


class _Raw(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
