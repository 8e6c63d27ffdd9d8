"""The rack as the controller finds it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.adb.server import is_address
from harness.benchmark.usb_cut import UsbCut
from harness.rack.events import Checked
from harness.rack.outcome import of_look
from harness.rack.pushes import PushSlots
from harness.rack.rackfile import RackAlarms

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.clock import Clock
    from harness.hubs.hub import HubPort
    from harness.phones.tiers import TierRules
    from harness.rack.alarm_book import AlarmBook
    from harness.rack.cool import CoolBook
    from harness.rack.gather import Seen
    from harness.rack.own_ticket import OwnTicket
    from harness.rack.store import RackStore
    from harness.rack.tickets import TicketBook

#: Deadlines of the states include what goes over a cable, which no fast virtual clock makes faster.
_MOST_RATE = 10.0
#: Real seconds for a phone on TCP to take a link again.
_CONNECT_S = 5.0


@dataclass(frozen=True)
class Site:
    """Where and how a run runs.

    Attributes:
        server: where its phones are.
        rules: tier rules.
        clock: the phones', at their rate.
        owner: user@host:pid of this command.
        run_id: the run that leases are taken for; "" where nothing is run.
        fit: whether a phone that was looked at takes a job of this run.
        expected: phone_ids that the rack file names; a missing one is told.
        labels: that the rack file gives phones.
        hub: the USB port that feeds a phone, where one that switches is known.
        store: what commands remember together; None: nothing is written down.
        cool: how cool phones are at rest; None: nobody remembers.
        pushes: turns to push.
        book, ticket: the queue that commands share, and what this one wants of it; None: it is alone.
        alarms, limits: where alarms are kept, and when they are raised; None: there are none.
        patience_s: how long a job waits for a phone that is ill, controller seconds.
        link_s: real seconds for which a link may be lost while a phone works.
        may_reboot: phones may be rebooted and lose their power for a moment, not only be reconnected.
    """

    server: AdbServer
    rules: TierRules
    clock: Clock
    owner: str
    run_id: str = ""
    fit: Callable[[Seen | None], Checked] = lambda seen: Checked(of_look(seen))
    expected: Collection[str] = ()
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hub: Callable[[str], HubPort | None] = lambda _phone_id: None
    store: RackStore | None = None
    cool: CoolBook | None = None
    pushes: PushSlots = field(default_factory=PushSlots)
    book: TicketBook | None = None
    ticket: OwnTicket | None = None
    alarms: AlarmBook | None = None
    limits: RackAlarms = field(default_factory=RackAlarms)
    patience_s: float = 900.0
    link_s: float = 60.0
    may_reboot: bool = False

    def usb_cut(self, phone_id: str, serial: str) -> UsbCut | None:
        """The port whose power may be cut while a phone measures; None where no hub is known to switch it."""
        port = self.hub(phone_id)
        if port is None:
            return None
        return UsbCut(port, (lambda: self.server.connect(serial, _CONNECT_S)) if is_address(serial) else lambda: None)

    def now_s(self) -> float:
        """The controller's clock: deadlines of the states run on it."""
        return time.monotonic() * self.rate

    @property
    def rate(self) -> float:
        """Controller seconds per real second."""
        return min(_MOST_RATE, getattr(self.clock, "rate", 1.0))

    @property
    def phone_rate(self) -> float:
        """Phone seconds per real second."""
        return float(getattr(self.clock, "rate", 1.0))
