"""A web server with the faults of real ones, told per path."""

from __future__ import annotations

import contextlib
import http.server
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Page:
    """What a path serves. The faults that count down (`cut`, `fail`) end after that many requests."""

    body: bytes = b""
    etag: str | None = '"1"'
    status: int = 200
    ranges: bool = True
    location: str | None = None
    length_off: int = 0  # the lie in Content-Length, in bytes
    cut: list[int] = field(default_factory=list)  # the next answers end after so many bytes
    fail: list[int] = field(default_factory=list)  # the next answers have these codes
    drip_s: float = 0.0  # pause after each 16 KiB
    stall_after: int | None = None
    if_range: bool = True  # False: the server ignores If-Range


class Server(http.server.ThreadingHTTPServer):
    """`asked` are the requests so far: path and Range header."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.ended = threading.Event()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """A page's address."""
        return f"http://{host}:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the game."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        given = self.headers.get("Range")
        self.server.asked.append((self.path, given))
        page = self.server.pages.get(self.path, Page(status=404))
        code = page.fail.pop(0) if page.fail else page.status
        start = 0
        same = not page.if_range or self.headers.get("If-Range") == page.etag
        if code == 200 and given and page.ranges and same:
            start, code = int(given[6:-1]), 206
            if start >= len(page.body):
                start, code = 0, 416
        body = page.body[start:] if code in (200, 206) else b"<html>no</html>"
        self.send_response(code)
        if page.location:
            self.send_header("Location", page.location)
        if page.etag:
            self.send_header("ETag", page.etag)
        if code == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(page.body) - 1}/{len(page.body)}")
        self.send_header("Content-Length", str(len(body) + page.length_off))
        self.end_headers()
        self._send(page, body)

    def _send(self, page: Page, body: bytes) -> None:
        end = page.cut.pop(0) if page.cut else len(body)
        for at in range(0, end, 1 << 14):
            if self.server.ended.is_set():
                break
            if page.stall_after is not None and at >= page.stall_after:
                self.server.ended.wait(20)
                break
            self.wfile.write(body[at : min(end, at + (1 << 14))])
            time.sleep(page.drip_s)
        if end < len(body) or page.length_off or self.server.ended.is_set():
            self.close_connection = True


@contextlib.contextmanager
def serving(port: int = 0) -> Iterator[Server]:
    """A server in a thread; ends with all that it was sending."""
    server = Server(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
