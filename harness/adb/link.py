"""Opens services of a phone over adbutils, with wall-clock deadlines that adbutils' idle time-outs are not."""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING

from harness.errors import DeadlineError, HostTransientError, PhoneTransientError

if TYPE_CHECKING:
    from adbutils import AdbClient, AdbConnection


class Deadline:
    """A moment in real time; transport never runs on a virtual phone's clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left.

        Raises:
            TimeoutError: none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Link:
    """One open service of one phone: sends all, reads exactly, never past the deadline.

    Raises (from every method):
        DeadlineError: the deadline passed.
        PhoneTransientError: the link to the phone was lost.
    """

    def __init__(self, connection: AdbConnection, serial: str, deadline: Deadline) -> None:
        self._connection = connection
        self._socket: socket.socket = connection.conn
        self._serial = serial
        self._deadline = deadline

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        view = memoryview(data)
        try:
            while view:
                self._socket.settimeout(self._deadline.left())
                view = view[self._socket.send(view) :]
        except TimeoutError:
            raise self._late() from None
        except OSError as error:
            raise self._lost(error) from error

    def read_some(self, limit: int = 1 << 16) -> bytes:
        """Up to `limit` bytes; b"" at the end."""
        try:
            self._socket.settimeout(self._deadline.left())
            return self._socket.recv(limit)
        except TimeoutError:
            raise self._late() from None
        except OSError as error:
            raise self._lost(error) from error

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes; a shorter answer is a lost link."""
        data = b""
        while len(data) < count:
            piece = self.read_some(count - len(data))
            if not piece:
                raise self._lost(None)
            data += piece
        return data

    def read_frame(self) -> tuple[bytes, int]:
        """A four-letter name and a number, as `sync:` answers."""
        name, number = struct.unpack("<4sI", self.read(8))
        return name, number

    def close(self) -> None:
        """Close at once; the phone sees the client go."""
        self._socket.close()

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _late(self) -> DeadlineError:
        return DeadlineError(f"no answer within {self._deadline.seconds:g} s", serial=self._serial)

    def _lost(self, error: OSError | None) -> PhoneTransientError:
        why = f" ({error})" if error else ""
        return PhoneTransientError(f"the link to the phone was lost{why}", serial=self._serial)


def open_service(client: AdbClient, serial: str, service: str, deadline: Deadline) -> Link:
    """Open `service` on a phone.

    Raises:
        PhoneTransientError: the phone is not there, or refuses.
        HostTransientError: the adb server does not answer.
        DeadlineError: it took too long.
    """
    from adbutils import AdbError, AdbTimeout

    try:
        connection = client.make_connection(timeout=deadline.left())
    except (TimeoutError, AdbTimeout):
        raise DeadlineError(f"no answer within {deadline.seconds:g} s", serial=serial) from None
    except (AdbError, OSError) as error:
        raise HostTransientError(f"the adb server does not answer: {error}", advice="try again") from error
    try:
        connection.send_command(f"host:tport:serial:{serial}")
        connection.check_okay()
        connection.read(8)
        connection.send_command(service)
        connection.check_okay()
    except (TimeoutError, AdbTimeout):
        connection.conn.close()
        raise DeadlineError(f"no answer within {deadline.seconds:g} s", serial=serial) from None
    except (AdbError, OSError) as error:
        connection.conn.close()
        raise PhoneTransientError(f"the phone cannot be reached: {error}", serial=serial) from error
    return Link(connection, serial, deadline)
