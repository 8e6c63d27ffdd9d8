"""Reads text of any size in bounded pieces: flat memory, whatever the file holds."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

#: Characters kept of one line; the rest of an overlong line is passed over.
LONGEST_LINE = 64 * 1024
_PIECE = 64 * 1024
_END = re.compile(r"\r\n|\n|\r")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def stream_lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a file, without their ends, each cut at `LONGEST_LINE` characters.

    Reads UTF-8 and, where a byte order mark or the NUL of every second byte says so, UTF-16 as PowerShell's redirects
    write it. What cannot be decoded becomes U+FFFD. Holds a few pieces of 64 KiB at a time.
    """
    return cut_lines(_decode(file))


def cut_lines(pieces: Iterable[str]) -> Iterator[str]:
    """Lines of a text that comes in pieces; a carriage return alone ends a line too."""
    held = ""
    for piece in pieces:
        text = held + piece
        # A carriage return that ends a piece may be half of a line end.
        waits = "\r" if text.endswith("\r") else ""
        *lines, held = _END.split(text[: len(text) - len(waits)])
        for line in lines:
            yield line[:LONGEST_LINE]
        held = held[:LONGEST_LINE] + waits
    if held:
        yield held.rstrip("\r")


def _decode(file: BinaryIO) -> Iterator[str]:
    piece = file.read(_PIECE)
    decoder = codecs.getincrementaldecoder(_encoding(piece))("replace")
    while piece:
        yield decoder.decode(piece)
        piece = file.read(_PIECE)
    yield decoder.decode(b"", True)


def _encoding(start: bytes) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    sample = start[:512]
    if len(sample) >= 4:
        # Latin text in UTF-16: nearly every second byte is NUL, and hardly any other.
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if odd > 0.8 * len(sample[1::2]) and not even:
            return "utf-16-le"
        if even > 0.8 * len(sample[::2]) and not odd:
            return "utf-16-be"
    return "utf-8"
