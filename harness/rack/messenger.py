"""Hands alarms to a webhook and to a command, in a thread of its own, so that no run waits for them."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from harness.rack.alarms import Alarm
from harness.rack.rackfile import RackAlarms

log = logging.getLogger("harness.rack")

#: Real seconds.
_POST_S, _COMMAND_S = 10.0, 30.0
_PAUSES_S = (2.0, 10.0)
#: Alarms that wait to be handed on; a rack that raises more at once has told enough.
_MOST = 100


class Messenger:
    """A context; `close` gives what is under way a little time. Nothing here raises.

    Args:
        who: `alarms:` of the rack file.
        pauses_s: real seconds before each further try at the webhook.
    """

    def __init__(self, who: RackAlarms, pauses_s: tuple[float, ...] = _PAUSES_S) -> None:
        self._who = who
        self._pauses_s = pauses_s
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(_MOST)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def send(self, alarm: Alarm, *, raised: bool) -> None:
        """Hand an alarm on, soon."""
        if not self._who.webhook and not self._who.command:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
            self._thread.start()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(message(alarm, raised=raised))

    def close(self, wait_s: float = 15.0) -> None:
        """End, after what was sent before has been handed on or `wait_s` real seconds have passed."""
        if self._thread is not None:
            with contextlib.suppress(queue.Full):
                self._queue.put_nowait(None)
            self._thread.join(wait_s)
            self._closing.set()

    def __enter__(self) -> Messenger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while (document := self._queue.get()) is not None:
            if self._who.webhook:
                self._try("webhook", self._who.webhook, self._post, document)
            if self._who.command:
                self._try("command", self._who.command[0], self._start, document)

    def _try(self, kind: str, name: str, work: Callable[[dict[str, Any]], None], document: dict[str, Any]) -> None:
        try:
            work(document)
        except Exception as error:
            log.warning("an alarm did not reach the %s %s: %s", kind, name, error)

    def _post(self, document: dict[str, Any]) -> None:
        import requests

        assert self._who.webhook
        for pause_s in (*self._pauses_s, None):
            try:
                answer = requests.post(self._who.webhook, json=document, timeout=_POST_S)
            except requests.RequestException:
                if pause_s is None:
                    raise
            else:
                if answer.status_code < 500 and answer.status_code != 429:
                    answer.raise_for_status()
                    return
                if pause_s is None:
                    answer.raise_for_status()
            self._closing.wait(pause_s)

    def _start(self, document: dict[str, Any]) -> None:
        done = subprocess.run(
            self._who.command, input=json.dumps(document) + "\n", text=True, capture_output=True, timeout=_COMMAND_S
        )
        if done.returncode != 0:
            raise OSError(f"exit code {done.returncode}: {done.stderr.strip()[-200:]}")


def message(alarm: Alarm, *, raised: bool) -> dict[str, Any]:
    """An alarm as it is handed on."""
    return {
        "schema": 1,
        "event": "raised" if raised else "cleared",
        "host": socket.gethostname(),
        "time_epoch_s": round(time.time(), 3),
        "text": alarm.words(),
        **asdict(alarm),
    }
