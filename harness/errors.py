"""Errors on two axes: where the fault lies and whether it may pass by itself.

A retry looks at the class, never at the text (method: stable/transient classes of devlib). Every error prints as one
sentence: what is wrong, where, and what to do about it.
"""

from __future__ import annotations

from enum import Enum


class Where(Enum):
    """Who is at fault."""

    PHONE = "phone"
    HOST = "host"
    USER = "user"


class HarnessError(Exception):
    """Base of everything the harness raises on purpose.

    Args:
        message: what is wrong, one sentence without a trailing full stop.
        advice: what to do about it, or "" where the message says it already.
        serial: adb's address of the phone, if one is concerned.
        command: what was run, if something was.
        exit_code: its exit code, if it had one.
        output: the tail of what it printed.
    """

    where: Where = Where.HOST
    transient: bool = False
    #: exit code of the command line for this class (contract.md): 2 usage, 3 environment, 1 a job failed.
    cli_exit: int = 1

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        serial: str | None = None,
        command: str | None = None,
        exit_code: int | None = None,
        output: str = "",
    ) -> None:
        self.message = message
        self.advice = advice
        self.serial = serial
        self.command = command
        self.exit_code = exit_code
        self.output = output[-2000:]
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.serial}: " if self.serial else ""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{place}{self.message}{advice}"


class UsageError(HarnessError):
    """Wrong usage or configuration: nothing was started."""

    where = Where.USER
    cli_exit = 2


class EnvironmentFault(HarnessError):
    """The environment cannot do it: no adb server, no matching phone, no benchmark binary."""

    cli_exit = 3


class HostError(HarnessError):
    """A stable fault of this machine (disk full, missing permission)."""


class HostTransientError(HostError):
    """A fault of this machine that may pass (adb server restarted, port taken)."""

    transient = True


class PhoneError(HarnessError):
    """A stable fault of one phone (storage full, permission denied, wrong ABI)."""

    where = Where.PHONE


class StorageFullError(PhoneError):
    """The phone has no room left; making some may help."""


class PhoneTransientError(PhoneError):
    """A fault of one phone that may pass (link lost, no answer)."""

    transient = True


class DeadlineError(PhoneTransientError):
    """A wall-clock deadline passed; what was started on the phone has been ended too."""
