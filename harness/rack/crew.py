"""A few threads that look at things, and never hold up the end of the program: a phone may hang."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger("harness.rack")


class Crew:
    """Runs work in the background, each name once at a time. What is under way at the end is left behind."""

    def __init__(self, size: int) -> None:
        self._work: queue.SimpleQueue[tuple[str, Callable[[], object]]] = queue.SimpleQueue()
        self._busy: set[str] = set()
        self._guard = threading.Lock()
        for number in range(size):
            threading.Thread(target=self._run, name=f"crew-{number}", daemon=True).start()

    def do(self, name: str, work: Callable[[], object]) -> bool:
        """Have something done soon; False where work of that name is not done yet."""
        with self._guard:
            if name in self._busy:
                return False
            self._busy.add(name)
        self._work.put((name, work))
        return True

    def _run(self) -> None:
        while True:
            name, work = self._work.get()
            try:
                work()
            except Exception as error:  # one phone's trouble is not the others'
                log.debug("%s: %s", name, error)
            with self._guard:
                self._busy.discard(name)
