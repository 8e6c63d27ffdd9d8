"""How many phones are pushed to at the same time: a USB controller shares its bandwidth among all of its phones."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator

from harness.adb.usb import usb_controller
from harness.errors import HostTransientError

#: Pushes to phones over the network together.
NETWORK = 4
_NETWORK_GROUP = "the network"
_UNKNOWN_GROUP = "USB"


class PushSlots:
    """Turns to push, first come first served within each group; safe to use from several threads.

    A group is a USB controller, or all phones on the network; of a phone whose controller the system does not name,
    all such phones. One command counts its own pushes only.

    Args:
        per_controller: pushes to phones of one USB controller at the same time.
        network: pushes to phones on the network at the same time.
        controller: of a USB port.
    """

    def __init__(
        self,
        per_controller: int = 2,
        network: int = NETWORK,
        controller: Callable[[str], str | None] = usb_controller,
    ) -> None:
        self._per_controller = per_controller
        self._network = network
        self._controller = controller
        self._changed = threading.Condition()
        self._pushing: defaultdict[str, int] = defaultdict(int)
        self._queues: defaultdict[str, deque[object]] = defaultdict(deque)

    @contextlib.contextmanager
    def slot(self, serial: str, usb: str | None, *, timeout_s: float = 1800.0) -> Iterator[None]:
        """A turn to push to a phone; a thread that has one must not ask for another.

        Args:
            serial: adb's address of the phone.
            usb: its port as adb names it (`DeviceLine.usb`), None over the network.
            timeout_s: real seconds to wait at most.

        Raises:
            HostTransientError: no turn came in that time.
        """
        group = _NETWORK_GROUP if usb is None else self._controller(usb) or _UNKNOWN_GROUP
        self._enter(group, serial, timeout_s)
        try:
            yield
        finally:
            with self._changed:
                self._pushing[group] -= 1
                self._changed.notify_all()

    def _enter(self, group: str, serial: str, timeout_s: float) -> None:
        most = self._network if group == _NETWORK_GROUP else self._per_controller
        end = time.monotonic() + timeout_s
        me = object()
        with self._changed:
            queue = self._queues[group]
            queue.append(me)
            try:
                while queue[0] is not me or self._pushing[group] >= most:
                    left_s = end - time.monotonic()
                    if left_s <= 0:
                        text = f"no turn to push to it came within {timeout_s:.0f} s: {most} phones on {group} at once"
                        raise HostTransientError(text, serial=serial)
                    self._changed.wait(left_s)
                self._pushing[group] += 1
            finally:
                queue.remove(me)
                self._changed.notify_all()
