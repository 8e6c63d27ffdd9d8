"""One phone over adb: shell, verified push, pull, detached jobs."""

from __future__ import annotations

import contextlib
import hashlib
import io
import secrets
import tarfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.adb.link import Deadline, open_service
from harness.adb.quote import DEVICE_ROOT, device_path, quote
from harness.adb.shell import ShellResult, read_shell, run_shell
from harness.adb.transfer import receive_file, send_file
from harness.errors import HarnessError, HostError, PhoneError, PhoneTransientError

if TYPE_CHECKING:
    from adbutils import AdbClient


@dataclass(frozen=True)
class Pushed:
    """A file on the phone, named by its content. `bytes_sent` is 0 where it was there already."""

    path: str
    sha256: str
    bytes_sent: int


class Phone:
    """A phone that the adb server knows as `serial`; safe to use from several threads."""

    def __init__(self, client: AdbClient, serial: str) -> None:
        self._client = client
        self.serial = serial
        self._features: frozenset[str] | None = None
        self._lock = threading.Lock()

    def shell(self, command: str, *, timeout_s: float = 30.0, check: bool = False) -> ShellResult:
        """Run a POSIX shell command line on the phone.

        Args:
            command: quoted with `quote` and `device_path` where it holds names.
            timeout_s: real seconds; at the end the program is killed on the phone.
            check: turn an exit code other than 0 into an error.

        Raises:
            DeadlineError: it did not end in time.
            PhoneTransientError: the link was lost.
            PhoneError: `check`, and it failed.
        """
        v2 = "shell_v2" in self.features()
        result = run_shell(self._client, self.serial, command, timeout_s=timeout_s, v2=v2)
        if check and result.exit_code != 0:
            tail = (result.stderr or result.stdout).strip()
            raise PhoneError(
                f"a command failed with exit code {result.exit_code}: {tail[-300:]}",
                serial=self.serial,
                command=command,
                exit_code=result.exit_code,
                output=tail,
            )
        return result

    def features(self) -> frozenset[str]:
        """What the phone's adb daemon can do.

        Raises:
            PhoneTransientError: the phone is not there.
        """
        with self._lock:
            if self._features is None:
                from adbutils import AdbError

                try:
                    text = self._client.device(self.serial).get_features()
                except (AdbError, OSError) as error:
                    raise PhoneTransientError(f"the phone cannot be reached: {error}", serial=self.serial) from error
                self._features = frozenset(f for f in text.split(",") if f)
            return self._features

    def reboot(self, *, timeout_s: float = 15.0) -> None:
        """Have the phone's daemon restart it; back as soon as it took the request.

        Raises:
            PhoneTransientError: the phone is not there, or refuses.
            HostTransientError: the adb server does not answer.
        """
        refusal = b""
        deadline = Deadline(timeout_s)
        # Once taken, it says why not, or ends with the link; a daemon that hangs on to the link reboots all the same.
        with (
            open_service(self._client, self.serial, "reboot:", deadline) as link,
            contextlib.suppress(PhoneTransientError),
        ):
            refusal = link.read_some()
        if refusal:
            said = refusal.decode("utf-8", "replace").strip()
            raise PhoneError(f"it does not restart: {said}", serial=self.serial)

    def properties(self) -> dict[str, str]:
        """Every system property, from one `getprop`."""
        found = {}
        for line in self.shell("getprop", check=True).stdout.splitlines():
            name, _, value = line.partition("]: [")
            if name.startswith("["):
                found[name[1:]] = value.removesuffix("]")
        return found

    def push(self, source: Path | bytes, *, executable: bool = False, timeout_s: float = 300.0) -> Pushed:
        """Bring a file into the phone's store under its sha256, verified there; skipped where it is there already.

        Raises:
            PhoneError: storage full, permission denied; nothing is left behind.
            HostError: the source cannot be read.
            PhoneTransientError, DeadlineError: the link was lost or too slow, or what arrived is not what was sent.
        """
        digest = _sha256(source)
        target = f"{DEVICE_ROOT}/files/{digest}"
        here = self.shell(f"sha256sum {device_path(target)}", timeout_s=timeout_s)
        if here.exit_code == 0 and here.stdout.startswith(digest):
            return Pushed(target, digest, 0)
        temporary = f"{DEVICE_ROOT}/files/.{secrets.token_hex(8)}.part"
        try:
            self.shell(f"mkdir -p {device_path(f'{DEVICE_ROOT}/files')}", check=True)
            mode = 0o755 if executable else 0o644
            sent = send_file(self._client, self.serial, source, temporary, mode=mode, timeout_s=timeout_s)
            move = (
                f"case $(sha256sum {device_path(temporary)}) in {digest}*) "
                f"mv -f {device_path(temporary)} {device_path(target)} ;; *) exit 9 ;; esac"
            )
            if self.shell(move, timeout_s=timeout_s).exit_code != 0:
                raise PhoneTransientError(
                    "a pushed file arrived damaged", serial=self.serial, advice="check cable and storage"
                )
        except HarnessError:
            with contextlib.suppress(HarnessError):
                self.shell(f"rm -f {device_path(temporary)}", timeout_s=10)
            raise
        return Pushed(target, digest, sent)

    def write(self, data: bytes, path: str, *, mode: int = 0o644, timeout_s: float = 60.0) -> None:
        """Write a small file of our own under a name of our own; the parent is made."""
        send_file(self._client, self.serial, data, path, mode=mode, timeout_s=timeout_s)

    def read(self, path: str, *, timeout_s: float = 60.0) -> bytes:
        """A file's content.

        Raises:
            PhoneError: it is not there or not readable.
        """
        buffer = io.BytesIO()
        receive_file(self._client, self.serial, path, buffer, timeout_s=timeout_s)
        return buffer.getvalue()

    def pull(self, path: str, target: Path, *, timeout_s: float = 300.0) -> int:
        """Copy a file to the host; a part that arrived of a broken transfer is removed."""
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        try:
            with part.open("wb") as file:
                count = receive_file(self._client, self.serial, path, file, timeout_s=timeout_s)
            part.replace(target)
        except OSError as error:
            raise HostError(f"{target} cannot be written: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
        return count

    def pull_tree(self, folder: str, target: Path, *, names: Sequence[str] = (".",), timeout_s: float = 300.0) -> None:
        """Copy what lies below `folder` (or only `names` in it) to the host, as one tar stream.

        Raises:
            PhoneError: the folder is not there.
            HostError: the host cannot write.
        """
        words = " ".join(quote(n) for n in names)
        # Streamed where that is safe, since a phone whose storage is full must still give its results away.
        stream = "shell_v2" in self.features()
        data = (self._stream if stream else self._archive)(folder, words, timeout_s)
        try:
            target.mkdir(parents=True, exist_ok=True)
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                tar.extractall(target, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise HostError(f"{target} cannot be written: {error}") from error

    def _stream(self, folder: str, words: str, timeout_s: float) -> bytes:
        command = f"cd {device_path(folder)} && tar -cf - {words}"
        data, done = read_shell(self._client, self.serial, command, timeout_s=timeout_s)
        if done.exit_code != 0:
            why = done.stderr.strip()[-300:]
            raise PhoneError(f"{folder} cannot be read: {why}", serial=self.serial, command=command)
        return data

    def _archive(self, folder: str, words: str, timeout_s: float) -> bytes:
        archive = f"{folder}.{secrets.token_hex(4)}.tar"
        try:
            pack = f"cd {device_path(folder)} && tar -cf {device_path(archive)} {words}"
            self.shell(pack, timeout_s=timeout_s, check=True)
            return self.read(archive, timeout_s=timeout_s)
        finally:
            with contextlib.suppress(HarnessError):
                self.shell(f"rm -f {device_path(archive)}", timeout_s=10)

    def start_detached(self, script: str, arguments: Sequence[str], *, log: str) -> None:
        """Start a script that outlives the link: own session, no hang-up, all three descriptors redirected."""
        words = " ".join(device_path(a) if a.startswith("/") else quote(a) for a in arguments)
        command = f"setsid nohup sh {device_path(script)} {words} </dev/null >>{device_path(log)} 2>&1 &"
        self.shell(command, check=True)


def _sha256(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise HostError(f"{source} cannot be read: {error.strerror}") from error
