"""The adb server: the usual one, or one of our own for virtual phones."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.adb.hung import server_pids
from harness.adb.phone import Phone
from harness.errors import EnvironmentFault, HarnessError, PhoneTransientError, UsageError

if TYPE_CHECKING:
    from adbutils import AdbClient

    from harness.adb.track import DeviceTracker

DEFAULT_PORT = 5037
_START_S = 20.0
_KILL_S = 5.0
#: Real seconds for which a server may be silent, and in which a phone on TCP comes back after its restart.
_SILENT_S = 5.0
_BACK_S = 10.0
_ADDRESS = re.compile(r".+:[0-9]{1,5}")
#: A line of `adb devices -l`: serial, state (which may hold blanks), then `key:value` words.
_LINE = re.compile(r"(\(no serial number\)|\S+)\s+(\S.*?)((?:\s+[a-z_]+:\S*)*)\s*")
#: Ends the server when our end of its standard input closes, so it cannot outlive us even if we are killed.
_WATCHED = '"$@" </dev/null & pid=$!; read -r _; kill $pid 2>/dev/null; wait $pid'


@dataclass(frozen=True)
class DeviceLine:
    """One phone as the server names it.

    state: device, offline, unauthorized, `no permissions (…)`, …; usb: the port that it is plugged into, None over TCP.
    """

    serial: str
    state: str
    usb: str | None = None


def is_address(serial: str) -> bool:
    """True where a phone's serial is a TCP address, so that it is connected rather than plugged in."""
    return _ADDRESS.fullmatch(serial) is not None


class AdbServer:
    """A server at `host`:`port`; a context that ends what it started itself."""

    def __init__(self, host: str, port: int, home: Path | None = None) -> None:
        self.host = host
        self.port = port
        #: Of a server of our own, which runs as a child process.
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._connected: set[str] = set()

    @classmethod
    def from_environment(cls) -> AdbServer:
        """The usual server (ADB_SERVER_SOCKET, else ANDROID_ADB_SERVER_ADDRESS and _PORT), started where it is local.

        Raises:
            UsageError: a variable cannot be read.
            EnvironmentFault: no server answers and none could be started.
        """
        host, port = _address()
        server = cls(host, port)
        if _answers(host, port):
            return server
        if host not in ("127.0.0.1", "localhost"):
            raise EnvironmentFault(
                f"no adb server answers at {host}:{port}", advice="start it there: adb -a start-server"
            )
        server._start_shared()
        return server

    @classmethod
    def private(cls, home: Path) -> AdbServer:
        """A server of our own on a free port, with its own HOME, that claims no USB phone and scans no emulator port.

        Raises:
            EnvironmentFault: it did not start.
        """
        server = cls("127.0.0.1", _free_port(), home)
        server._start_private(home)
        return server

    def devices(self) -> list[DeviceLine]:
        """Every phone that the server names, whatever its state."""
        from adbutils import AdbError

        try:
            with self.client().make_connection(timeout=10) as connection:
                connection.send_command("host:devices-l")
                connection.check_okay()
                text = connection.read_string_block()
        except (AdbError, OSError) as error:
            raise EnvironmentFault(f"the adb server at {self.host}:{self.port} does not answer: {error}") from error
        return [_device_line(found) for found in map(_LINE.fullmatch, text.splitlines()) if found]

    def version(self) -> int:
        """The server's protocol version, 41 since 2019.

        Raises:
            EnvironmentFault: it does not answer.
        """
        from adbutils import AdbError

        try:
            return int(self.client().server_version())
        except (AdbError, OSError) as error:
            raise EnvironmentFault(f"the adb server at {self.host}:{self.port} does not answer: {error}") from error

    def connect(self, address: str, timeout_s: float = 20.0) -> None:
        """Connect a phone on TCP; an old link to the address is dropped first, since a stale one blocks for ever.

        Raises:
            PhoneTransientError: it did not come up.
        """
        from adbutils import AdbError

        end = time.monotonic() + timeout_s
        answer = ""
        while time.monotonic() < end:
            try:
                answer = self.client().connect(address, timeout=timeout_s)
            except (AdbError, OSError) as error:
                answer = str(error)
            states = {line.serial: line.state for line in self.devices()}
            if states.get(address) in ("device", "unauthorized"):
                self._connected.add(address)
                return
            time.sleep(0.2)
        raise PhoneTransientError(f"it did not come up within {timeout_s:g} s: {answer}", serial=address)

    def disconnect(self, address: str) -> None:
        """Forget a phone on TCP; nothing happens where the server does not know it."""
        self._connected.discard(address)
        with contextlib.suppress(EnvironmentFault):
            self._ask(f"host:disconnect:{address}")

    def reconnect(self, serial: str) -> None:
        """Drop the server's end of a USB phone's link, in whatever state, and open it anew.

        Raises:
            EnvironmentFault: the server refuses: it does not name the phone, or does not answer.
        """
        self._ask(f"host-serial:{serial}:reconnect")

    def detach(self, serial: str) -> None:
        """Let go of a USB phone's interface; `attach` takes it again. Raises as `reconnect` does."""
        self._ask(f"host-serial:{serial}:detach")

    def attach(self, serial: str) -> None:
        """Take a USB phone's interface again. Raises as `reconnect` does."""
        self._ask(f"host-serial:{serial}:attach")

    def answers(self) -> bool:
        """Whether the server answers within a few seconds; one that hangs accepts connections and says nothing."""
        return _answers(self.host, self.port, _SILENT_S)

    def restart(self, known: Iterable[str] = ()) -> None:
        """End the server, even one that hangs, and start it again on its port; phones on TCP are connected anew.

        Args:
            known: serials of phones that it had; a server that hangs cannot be asked.

        Every phone loses its link for a moment. Phones that do not come back are left to whoever looks after them.

        Raises:
            EnvironmentFault: it runs elsewhere, could not be ended, or did not start.
        """
        if self.host not in ("127.0.0.1", "localhost"):
            raise EnvironmentFault(
                f"the adb server at {self.host}:{self.port} runs on another machine", advice="restart it there"
            )
        addresses = self._connected | {serial for serial in known if is_address(serial)}
        with contextlib.suppress(EnvironmentFault):
            if _answers(self.host, self.port):
                addresses |= {line.serial for line in self.devices() if is_address(line.serial)}
        if self._home is not None:
            self._kill()
            self._start_private(self._home)
        else:
            self._end_shared()
            self._start_shared()
        if addresses:
            with ThreadPoolExecutor(max_workers=16) as pool:
                list(pool.map(self._connect_again, sorted(addresses)))

    def phone(self, serial: str) -> Phone:
        """The phone at an address; nothing is sent yet."""
        return Phone(self.client(), serial)

    def track(self) -> DeviceTracker:
        """Follow phones as they come, go and change state."""
        from harness.adb.track import DeviceTracker

        return DeviceTracker(self.host, self.port)

    def client(self) -> AdbClient:
        """adbutils' client for this server."""
        from adbutils import AdbClient

        return AdbClient(self.host, self.port, socket_timeout=30)

    def close(self) -> None:
        """End the server, where it is our own."""
        if self._process is not None and self._process.stdin:
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_KILL_S)
        self._kill()

    def _kill(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            # The whole group: a server that is stopped or hangs does not hear of its watcher's end.
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        self._process = None

    def _start_shared(self) -> None:
        command = [_adb(), "-P", str(self.port), "start-server"]
        try:
            subprocess.run(command, capture_output=True, timeout=_START_S, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise EnvironmentFault(
                f"the adb server at {self.host}:{self.port} could not be started: {error}",
                advice="try adb start-server",
            ) from error

    def _end_shared(self) -> None:
        with contextlib.suppress(EnvironmentFault):
            self._ask("host:kill")
        end = time.monotonic() + _KILL_S
        while pids := server_pids(self.port):
            if time.monotonic() > end:
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.05)

    def _start_private(self, home: Path) -> None:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ADB_", "ANDROID_"))},
            "HOME": str(home),
            "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553",
            "ADB_MDNS": "0",
            "ADB_MDNS_AUTO_CONNECT": "0",
        }
        if sys.platform == "linux":
            # It claims no USB phone whichever way it looks for them; libusb's keeps it three seconds from answering.
            environment["ADB_LIBUSB"] = "0"
        command = [_adb(), "-L", f"tcp:localhost:{self.port}", "--one-device", "no-such-phone", "server", "nodaemon"]
        self._process = subprocess.Popen(
            ["sh", "-c", _WATCHED, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        end = time.monotonic() + _START_S
        while not _answers(self.host, self.port):
            if time.monotonic() > end or self._process.poll() is not None:
                self.close()
                raise EnvironmentFault("an adb server of our own did not start", advice="check the adbutils install")
            time.sleep(0.02)

    def _connect_again(self, address: str) -> None:
        with contextlib.suppress(HarnessError):
            self.connect(address, timeout_s=_BACK_S)

    def _ask(self, request: str) -> str:
        from adbutils import AdbError

        try:
            with self.client().make_connection(timeout=_KILL_S) as connection:
                connection.send_command(request)
                connection.check_okay()
                # What does not end with an answer ends with the connection.
                return "" if request == "host:kill" else str(connection.read_string_block())
        except (AdbError, OSError) as error:
            raise EnvironmentFault(f"the adb server at {self.host}:{self.port} refused {request}: {error}") from error

    def __enter__(self) -> AdbServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _address() -> tuple[str, int]:
    text = os.environ.get("ADB_SERVER_SOCKET")
    if text:
        kind, _, rest = text.partition(":")
        host, _, port = rest.rpartition(":")
        if kind != "tcp" or not _is_port(port):
            raise UsageError(f"ADB_SERVER_SOCKET={text!r} cannot be used", advice="give tcp:HOST:PORT")
        return host or "127.0.0.1", int(port)
    port = os.environ.get("ANDROID_ADB_SERVER_PORT", str(DEFAULT_PORT))
    if not _is_port(port):
        raise UsageError(f"ANDROID_ADB_SERVER_PORT={port[:20]!r} is no port", advice="give a number up to 65535")
    return os.environ.get("ANDROID_ADB_SERVER_ADDRESS", "127.0.0.1"), int(port)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:9]) < 65536


def _device_line(found: re.Match[str]) -> DeviceLine:
    words = dict(word.split(":", 1) for word in found[3].split())
    return DeviceLine(found[1], found[2], words.get("usb"))


def _answers(host: str, port: int, timeout_s: float = 2.0) -> bool:
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as link:
            link.sendall(b"000chost:version")
            return link.recv(4) == b"OKAY"
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _adb() -> str:
    from adbutils import AdbError, adb_path

    try:
        return str(adb_path())
    except AdbError:
        advice = "install Android's platform-tools, or set ADBUTILS_ADB_PATH"
        raise EnvironmentFault("there is no adb on this machine", advice=advice) from None
