"""A phone measures with the power of its USB port cut: the host cannot see it meanwhile, and restores the power."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.clock import Clock
from harness.errors import HarnessError
from harness.hubs.guard import port_off
from harness.hubs.hub import HubPort

log = logging.getLogger("harness.session")

#: Of the time that sessions take at least: so much more, and so many phone seconds, before the power is restored. What
#: still runs then has no energy figure.
_MARGIN, _MARGIN_S = 1.1, 30.0
#: Real seconds between looks whether it is to be stopped, and for the link to come back.
_POLL_S, _BACK_S = 0.2, 60.0


@dataclass
class UsbCut:
    """The port that feeds one phone.

    Attributes:
        port: of a hub that switches it.
        connect: brings back the link of a phone on TCP, which does not come back by itself; raises while it cannot.
        works: False from the first time that the hub refused: then the phone stays plugged in.
    """

    port: HubPort
    connect: Callable[[], None] = lambda: None
    works: bool = True

    def alone(self, least_s: float, clock: Clock, stop: threading.Event, answers: Callable[[], bool]) -> None:
        """Cut the power, wait for what the phone does meanwhile, restore the power, and wait for the link.

        Args:
            least_s: phone seconds that it takes at least.
            clock: the phone's.
            stop: when set, the power is restored at once.
            answers: whether the phone can be reached.
        """
        for_s = least_s * _MARGIN + _MARGIN_S
        log.info("%s: its USB power is off for %.0f s, while it measures alone", self.port.spec, for_s)
        try:
            with port_off(self.port):
                end = clock.now() + for_s
                while clock.now() < end and not stop.is_set():
                    stop.wait(_POLL_S)
        except HarnessError as error:
            self.works = False
            log.warning("%s; what is left is measured plugged in, without energy", error)
        self._wait(answers)

    def _wait(self, answers: Callable[[], bool]) -> None:
        end = time.monotonic() + _BACK_S
        while time.monotonic() < end:
            try:
                self.connect()
                if answers():
                    return
            except HarnessError as error:
                log.debug("%s: %s", self.port.spec, error)
            time.sleep(_POLL_S)
