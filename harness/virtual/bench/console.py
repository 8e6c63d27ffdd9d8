"""Where the lines of a benchmark program go: its own to stdout or stderr, the runtime's to stderr; logcat has all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from harness.virtual.program import Call

Severity = Literal["VERBOSE", "INFO", "WARN", "WARNING", "ERROR", "FATAL"]
_PRIORITIES = {"VERBOSE": "V", "INFO": "I", "WARN": "W", "WARNING": "W", "ERROR": "E", "FATAL": "F"}
_TAGS = {"tool": "tflite", "runtime": "tflite", "litert": "litert"}


@dataclass(frozen=True)
class Line:
    """One message; it may have several lines, of which only the first gets the severity in front.

    `source`: "tool" sends INFO and WARN to standard output and the rest to standard error, "runtime" (TensorFlow Lite)
    and "litert" all to the latter.
    """

    source: Literal["tool", "runtime", "litert"]
    severity: Severity
    text: str

    @property
    def to_stdout(self) -> bool:
        """Which of the two streams."""
        return self.source == "tool" and self.severity in ("INFO", "WARN")


def tool(text: str, severity: Severity = "INFO") -> Line:
    """A line of the program's own."""
    return Line("tool", severity, text)


def runtime(text: str, severity: Severity = "INFO") -> Line:
    """A line of the TensorFlow Lite runtime's."""
    return Line("runtime", severity, text)


def litert(place: str, text: str, severity: Severity = "INFO") -> Line:
    """A line of LiteRT's, with the source file and line that it names."""
    return Line("litert", severity, f"[{place}] {text}")


class Console:
    """Prints the lines of one process."""

    def __init__(self, call: Call, *, android: bool) -> None:
        self._call = call
        self._android = android

    async def show(self, lines: Iterable[Line]) -> None:
        """Print in order; neighbours of one stream go out as one write."""
        text, to_stdout = "", True
        for line in lines:
            if line.severity == "VERBOSE" and not self._android:
                continue
            if line.to_stdout != to_stdout:
                await self._write(text, to_stdout=to_stdout)
                text, to_stdout = "", line.to_stdout
            text += f"{line.severity}: {line.text}\n"
            if self._android:
                self._call.phone.state.log(
                    _PRIORITIES[line.severity], _TAGS[line.source], line.text, pid=self._call.pid
                )
        await self._write(text, to_stdout=to_stdout)

    async def info(self, *texts: str) -> None:
        """Lines of the tool on standard output."""
        await self.show(tool(text) for text in texts)

    async def error(self, *texts: str) -> None:
        """Lines of the tool on standard error."""
        await self.show(tool(text, "ERROR") for text in texts)

    async def _write(self, text: str, *, to_stdout: bool) -> None:
        if text:
            await (self._call.out if to_stdout else self._call.err)(text)
