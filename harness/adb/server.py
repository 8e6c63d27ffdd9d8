"""The adb server: the usual one, or one of our own for virtual phones."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.adb.phone import Phone
from harness.errors import EnvironmentFault, PhoneTransientError, UsageError

if TYPE_CHECKING:
    from adbutils import AdbClient

    from harness.adb.track import DeviceTracker

DEFAULT_PORT = 5037
_START_S = 20.0
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


class AdbServer:
    """A server at `host`:`port`; a context that ends what it started itself."""

    def __init__(self, host: str, port: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self.host = host
        self.port = port
        self._process = process

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
        command = [_adb(), "-P", str(port), "start-server"]
        try:
            subprocess.run(command, capture_output=True, timeout=_START_S, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise EnvironmentFault(
                f"the adb server at {host}:{port} could not be started: {error}", advice="try adb start-server"
            ) from error
        return server

    @classmethod
    def private(cls, home: Path) -> AdbServer:
        """A server of our own on a free port, with its own HOME, that claims no USB phone and scans no emulator port.

        Raises:
            EnvironmentFault: it did not start.
        """
        port = _free_port()
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ADB_", "ANDROID_"))},
            "HOME": str(home),
            "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553",
            "ADB_MDNS": "0",
            "ADB_MDNS_AUTO_CONNECT": "0",
        }
        command = [_adb(), "-L", f"tcp:localhost:{port}", "--one-device", "no-such-phone", "server", "nodaemon"]
        process = subprocess.Popen(
            ["sh", "-c", _WATCHED, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        server = cls("127.0.0.1", port, process)
        end = time.monotonic() + _START_S
        while not _answers(server.host, port):
            if time.monotonic() > end or process.poll() is not None:
                server.close()
                raise EnvironmentFault("an adb server of our own did not start", advice="check the adbutils install")
            time.sleep(0.02)
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
                return
            time.sleep(0.2)
        raise PhoneTransientError(f"it did not come up within {timeout_s:g} s: {answer}", serial=address)

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
        if self._process is None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

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


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2) as link:
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
