"""How cool each phone was lately: what the gate before a session waits for, also where a run finds the phone warm.

A phone that begins a run warm would otherwise take its warmth for its rest. Kept for some hours only, since a room that
was cool at night is none by day.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from harness.errors import HarnessError
from harness.rack.state_files import StateFolder

log = logging.getLogger("harness.rack")

_COOL = "cool"
#: Hours that count.
_HOURS = 12


class CoolBook:
    """The coolest battery of each phone in each of the last hours.

    Args:
        now: seconds since the epoch.
    """

    def __init__(self, files: StateFolder, now: Callable[[], float]) -> None:
        self._files, self._now = files, now

    def seen(self, phone_id: str, celsius: float) -> float:
        """Note what a phone has now; the coolest of the last hours, this one included. Never raises."""
        hour = int(self._now() // 3600)
        known = {h: c for h, c in self._read(phone_id).items() if hour - _HOURS < h <= hour}
        if celsius < known.get(hour, float("inf")):
            known[hour] = celsius
            try:
                with self._files.locked():
                    text = json.dumps({str(h): c for h, c in sorted(known.items())}) + "\n"
                    self._files.write(self._files.place(_COOL, phone_id), text)
            except HarnessError as error:
                log.debug("%s", error)
        return min(known.values())

    def _read(self, phone_id: str) -> dict[int, float]:
        try:
            data = json.loads(self._files.place(_COOL, phone_id).read_bytes())
            return {int(hour): float(celsius) for hour, celsius in data.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}  # never seen, or damaged: it is written anew
