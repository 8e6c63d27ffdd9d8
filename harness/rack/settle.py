"""Brings the phones that a rack file expects to the adb server, and heals those that do not answer, before a run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from harness.adb.server import AdbServer
from harness.errors import HarnessError
from harness.rack.gather import ABSENT, Seen
from harness.rack.inbox import Inbox
from harness.rack.rackfile import RackFile, RackPhone
from harness.rack.roster import Roster
from harness.rack.site import Site
from harness.records import PhoneRecord

log = logging.getLogger("harness.rack")

#: Real seconds that healing may take before a run starts without those that are still ill.
_LONGEST_S = 600.0
_CONNECT_S = 5.0


def connect_rack(server: AdbServer, rack: RackFile) -> None:
    """Connect the phones on TCP that the rack file names and the server does not know; never raises for a phone."""
    there = {line.serial for line in server.devices()}
    away = [p.serial for p in rack.phones if p.serial and p.serial not in there]

    def connect(address: str) -> None:
        try:
            server.connect(address, timeout_s=_CONNECT_S)
        except HarnessError as error:
            log.debug("%s", error)

    if away:
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(connect, away))


def settle(site: Site, phones: Collection[RackPhone], seen: Collection[Seen], say: Callable[[str, str], None]) -> None:
    """Wait until every one of these phones is ready, or is known to be ill.

    Args:
        seen: every phone that the server names, as looked at just now.
        say: (serial, sentence) for a person.
    """
    by_id = {s.probe.record.phone_id: s for s in seen if s.probe is not None}
    by_serial = {s.serial: s for s in seen}
    ill = [p for p in phones if p.phone_id not in by_id]
    if not ill:
        return
    inbox = Inbox()
    roster = Roster(replace(site, store=None), inbox, on_note=say)
    for phone in ill:
        serial = phone.serial or phone.phone_id
        record = PhoneRecord(phone_id=phone.phone_id, serial=serial, provenance="real")
        roster.add(by_serial.get(serial) or Seen(serial, ABSENT, serial, None, None), record)
    roster.follow()
    end = time.monotonic() + _LONGEST_S
    try:
        while time.monotonic() < end and not roster.settled():
            inbox.turn(0.2)
            roster.tick()
    finally:
        roster.close()
        inbox.join(("recover",), 60.0)
