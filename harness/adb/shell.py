"""Runs a command on a phone: separate streams, exit code, and a deadline that ends the program too.

The shell prints its process id first. When the deadline passes, a second connection kills that process group, since
closing the first one would leave the program running and heating the phone.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.adb.link import Deadline, Link, open_service
from harness.errors import DeadlineError, HarnessError, PhoneTransientError

if TYPE_CHECKING:
    from adbutils import AdbClient

log = logging.getLogger("harness.adb")

_STDOUT, _STDERR, _EXIT = 1, 2, 3
_KILL_S = 5.0


@dataclass(frozen=True)
class ShellResult:
    """What a command printed and its exit code (128 plus the signal where one ended it)."""

    stdout: str
    stderr: str
    exit_code: int


class _Output:
    """Collects both streams and takes the process id off the first line."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.err = bytearray()

    @property
    def pid(self) -> int | None:
        head, newline, _ = bytes(self.out).partition(b"\n")
        return int(head) if newline and head.strip().isdigit() else None

    @property
    def body(self) -> bytes:
        return bytes(self.out) if self.pid is None else bytes(self.out).partition(b"\n")[2]

    def result(self, exit_code: int) -> ShellResult:
        out, err = (text.decode("utf-8", "replace") for text in (self.body, bytes(self.err)))
        return ShellResult(out, err, exit_code)


def run_shell(client: AdbClient, serial: str, command: str, *, timeout_s: float, v2: bool) -> ShellResult:
    """Run `command` in the phone's shell.

    Raises:
        DeadlineError: it did not end in time; it has been killed on the phone.
        PhoneTransientError: the link was lost, or the phone died before it could answer.
    """
    output, code = _run(client, serial, command, timeout_s, v2=v2)
    return output.result(code)


def read_shell(client: AdbClient, serial: str, command: str, *, timeout_s: float) -> tuple[bytes, ShellResult]:
    """The bytes that a command prints, and the rest as `run_shell` gives it.

    Only where the phone has shell v2, since older ones change line ends. Raises as `run_shell` does.
    """
    output, code = _run(client, serial, command, timeout_s, v2=True)
    return output.body, ShellResult("", bytes(output.err).decode("utf-8", "replace"), code)


def _run(client: AdbClient, serial: str, command: str, timeout_s: float, *, v2: bool) -> tuple[_Output, int]:
    started = time.monotonic()
    output = _Output()
    code: int | None = None
    deadline = Deadline(timeout_s)
    try:
        if v2:
            with open_service(client, serial, f"shell,v2,raw:echo $$\n{command}", deadline) as link:
                code = _read_v2(link, output)
        else:
            mark = f"exit-{secrets.token_hex(8)}:"
            text = f"echo $$\n{{ {command}\n}} 2>&1 </dev/null\nrc=$?; echo; echo {mark}$rc"
            with open_service(client, serial, f"shell:{text}", deadline) as link:
                code = _read_plain(link, output, mark.encode())
    except DeadlineError as error:
        _kill(client, serial, output.pid, v2)
        raise DeadlineError(
            f"a command did not end within {timeout_s:g} s and was killed",
            serial=serial,
            command=command,
            output=output.result(-1).stdout,
        ) from error
    finally:
        took_s = time.monotonic() - started
        log.debug("%s $ %s -> %s in %.3f s", serial, command, code, took_s, extra={"serial": serial})
    return output, code


def _read_v2(link: Link, output: _Output) -> int:
    while True:
        kind, length = struct.unpack("<BI", link.read(5))
        data = link.read(length)
        if kind == _STDOUT:
            output.out += data
        elif kind == _STDERR:
            output.err += data
        elif kind == _EXIT:
            return data[0]


def _read_plain(link: Link, output: _Output, mark: bytes) -> int:
    while piece := link.read_some():
        output.out += piece.replace(b"\r\n", b"\n")
    head, found, tail = bytes(output.out).rpartition(mark)
    if not found or not tail.strip().isdigit():
        raise PhoneTransientError("the phone stopped answering in the middle of a command")
    output.out[:] = head.removesuffix(b"\n")
    return int(tail)


def _kill(client: AdbClient, serial: str, pid: int | None, v2: bool) -> None:
    if pid is None:
        return
    with contextlib.suppress(HarnessError):
        run_shell(client, serial, f"kill -9 -{pid} || kill -9 {pid}", timeout_s=_KILL_S, v2=v2)
