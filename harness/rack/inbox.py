"""One thread that decides, and the threads that work for it."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable

log = logging.getLogger("harness.rack")


class Inbox:
    """What the working threads have to say is called by the deciding thread, one thing at a time."""

    def __init__(self) -> None:
        self._said: queue.Queue[Callable[[], object]] = queue.Queue()
        self._threads: set[threading.Thread] = set()

    def send(self, what: Callable[..., object], *arguments: object) -> None:
        """Have the deciding thread call `what`; from any thread."""
        self._said.put(lambda: what(*arguments))

    def turn(self, nap_s: float) -> None:
        """Call all that was sent; waits for it `nap_s` real seconds at most."""
        with contextlib.suppress(queue.Empty):
            self._said.get(timeout=nap_s)()
            while True:
                self._said.get_nowait()()

    def spawn(
        self, name: str, work: Callable[[], object], failed: Callable[[Exception], object] = lambda _: None
    ) -> None:
        """Do something in a thread of its own; by the deciding thread.

        Args:
            failed: called by the deciding thread where `work` raised what nobody thought of, so that nobody waits for
                its answer for ever.
        """

        def guarded() -> None:
            try:
                work()
            except Exception as error:
                log.exception("%s failed", name)
                self.send(failed, error)

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads = {t for t in self._threads if t.is_alive()} | {thread}
        thread.start()

    def join(self, names: tuple[str, ...], most_s: float) -> None:
        """Wait for the threads whose names begin so, `most_s` real seconds at most."""
        end = time.monotonic() + most_s
        for thread in [t for t in self._threads if t.name.startswith(names)]:
            thread.join(max(0.0, end - time.monotonic()))
