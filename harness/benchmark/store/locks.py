"""Lock files: which sha256 an address is pinned to. JSON with sorted keys, so that a team can merge them.

Rule: of a fixed address, the project's lock is asked first, then this machine's, and a new pin goes into the project's
where there is one; a moving address is only ever pinned in the machine's lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from harness.durable import write_atomic
from harness.errors import HostTransientError, UsageError

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Pin(BaseModel):
    """What an address must serve."""

    model_config = ConfigDict(extra="forbid")

    sha256: Sha256
    size_bytes: int


class Held(BaseModel):
    """A file of the machine's store: `source` is the address or path it came from, `since` a UTC time."""

    model_config = ConfigDict(extra="forbid")

    flavour: str
    abi: str
    size_bytes: int
    source: str
    since: str
    name: str
    own: bool = False
    preferred: bool = False


class Lock(BaseModel):
    """A whole lock file; `files` (by sha256) stands only in the machine's."""

    model_config = ConfigDict(extra="forbid")

    schema_: Literal[1] = Field(default=1, alias="schema")
    pins: dict[str, Pin] = {}
    files: dict[Sha256, Held] = {}


def read_lock(path: Path) -> Lock:
    """A lock file; one that is not there is empty.

    Raises:
        UsageError: it cannot be read or is no lock file.
    """
    try:
        return Lock.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(k) for k in first["loc"])
        raise UsageError(f"{path}: {where}: {first['msg']}", advice="restore the file from git or delete it") from None
    except ValueError as error:
        raise UsageError(f"{path} is no lock file: {error}", advice="resolve the merge, or delete the file") from None


@contextlib.contextmanager
def changed_lock(path: Path, guards: Path) -> Iterator[Lock]:
    """A lock file to change: read, given, and replaced in one step, by one process at a time.

    Raises:
        UsageError: as `read_lock`.
        OSError: it cannot be written.
    """
    with guard(guards, str(path.resolve()), timeout_s=30):
        lock = read_lock(path)
        yield lock
        path.parent.mkdir(parents=True, exist_ok=True)
        leave_out = {"files"} if not lock.files else None
        data = lock.model_dump(mode="json", by_alias=True, exclude=leave_out)
        write_atomic(path, json.dumps(data, indent=2, sort_keys=True) + "\n")


@contextlib.contextmanager
def guard(folder: Path, name: str, *, timeout_s: float, say: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold `name` against other processes. The system lets go of it when a process dies.

    Args:
        say: told that another process has it, before waiting.

    Raises:
        HostTransientError: another process held it for all of `timeout_s` seconds.
    """
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(name.encode()).hexdigest()[:24]
    try:
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            if say:
                say(f"another harness is busy with {name}; waiting for it")
            lock.acquire(timeout=timeout_s)
    except filelock.Timeout:
        raise HostTransientError(f"another harness has been busy with {name} for {timeout_s:.0f} s") from None
    try:
        yield
    finally:
        lock.release()
