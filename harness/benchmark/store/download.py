"""One file over HTTP into one place: goes on where it was cut, and never passes off a part as the whole.

Built on `requests`: it is kept up, honours the environment's proxies, certificates and ~/.netrc, and adbutils brings it
along anyway. Redirects are followed here, so that each step can be looked at. A part lies beside its notes (address and
validator); it is gone on with only where the server proves (If-Range) that it still serves the same content.
"""

from __future__ import annotations

import contextlib
import errno
import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from harness.benchmark.store.disk import disk_error
from harness.errors import EnvironmentFault, HostTransientError

if TYPE_CHECKING:
    from requests import Response, Session

Say = Callable[[str], None]
#: Called with bytes so far and bytes in all (None where the server does not tell).
OnBytes = Callable[[int, int | None], None]
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds. A read may take `read_s`; in `stall_s` at least `stall_bytes` must come."""

    connect_s: float = 15.0
    read_s: float = 30.0
    stall_s: float = 60.0
    stall_bytes: int = 1 << 16
    tries: int = 5
    backoff_s: float = 0.5  # before the second try; doubles each time
    redirects: int = 5


def download(
    address: str,
    part: Path,
    *,
    where: Path,
    say: Say,
    on_bytes: OnBytes | None = None,
    patience: Patience | None = None,
) -> None:
    """Fill `part` with what `address` serves. After a failure it stays, to be gone on with.

    Args:
        where: told to the user as the place that the file goes to.
        say: gets one line before the first byte, naming address, size and place.

    Raises:
        EnvironmentFault: no network, gone, refused, or a redirect that is not followed.
        HostTransientError: stalled, cut off or a server's fault, after all tries.
        HostError: no space left, or the folder cannot be written.
    """
    import requests

    patience = patience or Patience()
    with requests.Session() as session:
        wait = patience.backoff_s
        for left in reversed(range(patience.tries)):
            try:
                _Try(session, address, part, where, say, on_bytes, patience).run()
                return
            except (HostTransientError, _NoAnswer) as error:
                if not left:
                    raise
                say(f"{error.message}; trying again in {wait:g} s")
                time.sleep(wait)
                wait *= 2
            except OSError as error:
                raise disk_error(error, part) from None


class _NoAnswer(EnvironmentFault):
    """Nobody answers: worth another try, and the environment's fault in the end."""


def notes_path(part: Path) -> Path:
    """What is known about a part stands beside it."""
    return part.with_name(part.name + ".json")


def discard(part: Path) -> None:
    """Remove a part and its notes."""
    part.unlink(missing_ok=True)
    notes_path(part).unlink(missing_ok=True)


@dataclass
class _Try:
    session: Session
    address: str
    part: Path
    where: Path
    say: Say
    on_bytes: OnBytes | None
    patience: Patience

    def run(self) -> None:
        from requests import exceptions

        have, notes = self._resumable()
        if have and have == notes.get("size"):
            return
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": notes["validator"]}
        try:
            response = self._get(headers)
        except exceptions.SSLError as error:
            raise EnvironmentFault(
                f"{self.address}: the server's certificate is refused: {error}",
                advice="set REQUESTS_CA_BUNDLE to your proxy's certificates, or fetch it elsewhere and use `add`",
            ) from None
        except (exceptions.ReadTimeout, exceptions.ChunkedEncodingError) as error:
            raise HostTransientError(f"{self.address} does not answer: {_short(error)}", advice="try again") from None
        except exceptions.RequestException as error:
            raise _NoAnswer(
                f"{self.address} cannot be reached: {_short(error)}",
                advice="check the network and HTTPS_PROXY, or fetch it elsewhere and use `harness binaries add`",
            ) from None
        with contextlib.closing(response):
            self._check_status(response)
            if response.status_code == 206 and not self._goes_on(response, have, notes):
                discard(self.part)
                raise HostTransientError(f"{self.address} serves another file than before", advice="try again")
            self._receive(response, have if response.status_code == 206 else 0)

    def _resumable(self) -> tuple[int, dict[str, Any]]:
        try:
            notes = json.loads(notes_path(self.part).read_text(encoding="utf-8"))
            have = self.part.stat().st_size
        except (OSError, ValueError):
            return 0, {}
        same = isinstance(notes, dict) and notes.get("address") == self.address and notes.get("validator")
        return (have, notes) if same else (0, {})

    def _get(self, headers: dict[str, str]) -> Response:
        here = self.address
        for _ in range(self.patience.redirects + 1):
            timeout = (self.patience.connect_s, self.patience.read_s)
            response = self.session.get(here, headers=headers, stream=True, allow_redirects=False, timeout=timeout)
            if response.status_code not in (301, 302, 303, 307, 308):
                return response
            response.close()
            try:
                there = urljoin(here, response.headers.get("Location", ""))
                schemes = (urlsplit(here).scheme, urlsplit(there).scheme)
            except ValueError:
                there, schemes = "what is no address", (urlsplit(here).scheme, "")
            if schemes[1] not in ("http", "https") or schemes == ("https", "http"):
                raise EnvironmentFault(
                    f"{self.address} redirects to {there}, which is not followed", advice="check the address or proxy"
                )
            here = there
        raise EnvironmentFault(f"{self.address} redirects without end", advice="check the address or proxy")

    def _check_status(self, response: Response) -> None:
        code = response.status_code
        if code in (200, 206):
            return
        if code == 416:
            discard(self.part)
        if code in (408, 416, 425, 429) or code >= 500:
            raise HostTransientError(f"{self.address} answers {code} {response.reason}", advice="try again later")
        if code in (404, 410):
            raise EnvironmentFault(
                f"{self.address} is gone ({code} {response.reason})",
                advice="give its new address with --sources FILE, or a build of your own with `harness binaries add`",
            )
        raise EnvironmentFault(
            f"{self.address} is refused ({code} {response.reason})", advice="check the proxy and ~/.netrc"
        )

    def _goes_on(self, response: Response, have: int, notes: dict[str, Any]) -> bool:
        told = response.headers.get("Content-Range", "")
        size = str(notes["size"]) if notes.get("size") else told.rpartition("/")[2]
        now = _validator(response)
        return have > 0 and told.startswith(f"bytes {have}-") and told.endswith(f"/{size}") and now in (
            "", notes["validator"]
        )  # fmt: skip

    def _receive(self, response: Response, have: int) -> None:
        length = response.headers.get("Content-Length", "")
        size = have + int(length) if re.fullmatch(r"[0-9]{1,12}", length) else None
        free = shutil.disk_usage(self.part.parent).free
        if size is not None and size - have > free:
            raise OSError(errno.ENOSPC, "no space")
        told = f"{size / 1e6:.1f} MB" if size is not None else "of unknown size"
        done = f", {have / 1e6:.1f} MB of it are here already" if have else ""
        self.say(f"fetching {self.address} ({told}{done}) to {self.where}")
        # Notes of a former content must be gone before the first byte of another.
        if not have:
            discard(self.part)
        with self.part.open("ab" if have else "wb", buffering=0) as file:
            if not have:
                notes = {"address": self.address, "validator": _validator(response), "size": size}
                notes_path(self.part).write_text(json.dumps(notes), encoding="utf-8")
            have = self._copy(response, file, have, size)
            if size is not None and have < size:
                raise HostTransientError(f"{self.address} ended after {have} of {size} bytes", advice="try again")

    def _copy(self, response: Response, file: BinaryIO, have: int, size: int | None) -> int:
        """Write what comes, until it ends; gives the size of the file in bytes."""
        from urllib3.exceptions import HTTPError, IncompleteRead

        mark, since = have, time.monotonic()
        while size is None or have < size:
            try:
                # read1 returns what has come, so that a server that drips cannot hide in one long read.
                chunk = response.raw.read1(_CHUNK, decode_content=False)
            except IncompleteRead:
                break
            except (HTTPError, OSError) as error:
                raise HostTransientError(
                    f"{self.address} was cut off after {have} bytes: {_short(error)}", advice="try again"
                ) from None
            if not chunk:
                break
            while chunk:
                chunk = chunk[file.write(chunk) :]
            have = file.tell()
            if self.on_bytes:
                self.on_bytes(have, size)
            if have - mark >= self.patience.stall_bytes:
                mark, since = have, time.monotonic()
            elif time.monotonic() - since > self.patience.stall_s:
                raise HostTransientError(f"{self.address} stalls after {have} bytes", advice="try again later")
        return have


def _validator(response: Response) -> str:
    """What If-Range may name: a strong ETag, else the date of the last change, else nothing."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _short(error: BaseException) -> str:
    """The innermost cause in a few words."""
    cause = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    reason = getattr(cause, "reason", None) or cause
    return str(reason).rpartition(">: ")[2][:200]
