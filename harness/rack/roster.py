"""The phones of a rack while a command works with them: their states, looks, ladders, holds and addresses.

All of it happens in the deciding thread (see inbox.py); what takes time has a thread of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.benchmark.session import Surroundings
from harness.errors import HarnessError
from harness.hubs.guard import is_off
from harness.phones.calibrations import known_gauges
from harness.phones.clean import end_jobs
from harness.phones.lease import Lease, release, renew
from harness.rack.events import Action, AdbSaw, Checked, Event, Freed, Held, Late, Leased, Recovered
from harness.rack.failure import Failure, Kind
from harness.rack.gather import ABSENT, Seen, look_at
from harness.rack.holds import Hold
from harness.rack.inbox import Inbox
from harness.rack.machine import deadline, first, step
from harness.rack.owed import is_owed, owe
from harness.rack.recover import RecoveryStep, RecoveryTarget, recover
from harness.rack.site import Site
from harness.rack.slot import Slot
from harness.rack.status import RackState
from harness.records import PhoneRecord

if TYPE_CHECKING:
    from harness.adb.track import DeviceTracker

log = logging.getLogger("harness.rack")

#: Real seconds between looks at the adb server and at what somebody took out by hand.
_AROUND_EVERY_S = 2.0
#: Controller seconds: between looks at a phone that somebody else holds, and by which a lease in use is put off.
_HELD_EVERY_S = 15.0
LEASE_S = 1800.0
#: Controller seconds between looks at a phone whose power another run has cut.
_CUT_EVERY_S = 30.0
#: Real seconds between two restarts of a server that answers, for the sake of phones that do not.
_RESTART_EVERY_S = 300.0
#: Phone seconds that ending jobs takes at most, on a clock of any rate.
_TIDY_S = 3600.0
_SETTLED = frozenset({RackState.READY, RackState.QUARANTINED, RackState.DRAINING, RackState.NEEDS_PERSON})


class Roster:
    """Phones by phone_id.

    Args:
        on_note: (serial, sentence) for what a person should know while it happens.
    """

    def __init__(
        self,
        site: Site,
        inbox: Inbox,
        *,
        on_note: Callable[[str, str], None] = lambda _serial, _text: None,
    ) -> None:
        self.slots: dict[str, Slot] = {}
        self.over = False
        self._site, self._inbox, self._note = site, inbox, on_note
        self._around = float("-inf")
        self._reviving = threading.Lock()
        self._restarted = float("-inf")
        self._tracker: DeviceTracker | None = None

    def add(self, seen: Seen, record: PhoneRecord | None = None, *, force: bool = False) -> Slot:
        """One more phone.

        Args:
            seen: as it was looked at.
            record: what it was when the run was planned, or when it last answered; None: it is as it was looked at.
            force: models larger than its free memory are tried too.
        """
        found = seen.probe.record if seen.probe is not None else None
        planned = record or found or PhoneRecord(phone_id=seen.serial, serial=seen.serial, provenance="real")
        planned = replace(planned, serial=seen.serial)
        now, expected = self._site.now_s(), planned.phone_id in self._site.expected
        slot = Slot(planned, first(now, expected=expected), Surroundings(force=force), seen.probe is not None, expected)
        self.slots[slot.phone_id] = slot
        state = None if seen.adb_state == ABSENT else seen.adb_state
        if seen.probe is None or seen.phone is None:
            self.tell(slot, AdbSaw(state))
            return slot
        slot.status, _ = step(slot.status, AdbSaw(state), now, expected=expected)
        self._looked(slot, seen, now)
        return slot

    def follow(self) -> None:
        """Hear of phones that come and go from now on; `close` ends it."""
        tracker = self._tracker = self._site.server.track()

        def hear() -> None:
            for change in tracker:
                self._inbox.send(self._adb_saw, change.serial, change.state)

        self._inbox.spawn("adb-changes", hear)

    def close(self) -> None:
        """Nothing is asked of phones any more."""
        self.over = True
        if self._tracker is not None:
            self._tracker.close()

    def tick(self) -> None:
        """What is due now."""
        now = self._site.now_s()
        for slot in list(self.slots.values()):
            due = deadline(slot.status)
            # A ladder has deadlines of its own, in real time.
            if due is not None and now >= due and not slot.climbing and not self._is_cut(slot):
                # A job's thread has deadlines of its own.
                self.tell(slot, Late() if slot.job is None else Leased(self._site.owner, now + LEASE_S))
            if slot.holder and now >= slot.holder_until_s:
                slot.holder = None
                self._look(slot)
            elif slot.holder and now >= slot.look_again_s:
                slot.look_again_s = now + _HELD_EVERY_S
                self._look(slot)
        if time.monotonic() - self._around > _AROUND_EVERY_S:
            self._around = time.monotonic()
            self._inbox.spawn("adb-server", self._revive_server)
            self._read_holds()

    def _is_cut(self, slot: Slot) -> bool:
        """Whether another run measures on the phone with its USB power cut: then it is away, and theirs."""
        port = self._site.hub(slot.phone_id) if slot.job is None else None
        if port is None or not is_off(port):
            return False
        slot.holder = "measured by another run, with its USB power cut"
        slot.holder_until_s = slot.look_again_s = self._site.now_s() + _CUT_EVERY_S
        return True

    def settled(self) -> bool:
        """Whether nothing is on its way with any phone that would pass by itself soon."""
        return all(s.status.state in _SETTLED or s.status.waiting or s.holder for s in self.slots.values())

    def tell(self, slot: Slot, event: Event) -> None:
        """Something happened to a phone."""
        if slot.holder is not None and slot.job is None and isinstance(event, AdbSaw | Checked | Late):
            # Somebody else's job may well go on there: whatever ails the phone is theirs to see and to heal.
            if isinstance(event, AdbSaw):
                slot.status = replace(slot.status, adb=event.state)
            return
        before = slot.status
        slot.status, action = step(before, event, self._site.now_s(), expected=slot.expected)
        now = slot.status
        if now.state is not before.state:
            log.debug("%s: %s, was %s: %s", slot.serial, now.state, before.state, now.reason, extra=slot.about)
            self.event("state", slot, state=now.state, text=now.reason)
        if self.over:
            return
        match action:
            case Action.CHECK:
                self._look(slot)
            case Action.RECOVER:
                self._recover(slot)
            case Action.QUARANTINE:
                self._quarantine(slot)
            case Action.TELL:
                self._note(slot.serial, _sentence(slot))

    def event(self, kind: str, slot: Slot | None, **fields: Any) -> None:
        """Write down that something happened."""
        if self._site.store is not None:
            phone_id, serial = (slot.phone_id, slot.serial) if slot else (None, None)
            self._site.store.event(kind, phone_id=phone_id, serial=serial, run=self._site.run_id or None, **fields)

    def give_back(self, slot: Slot, lease: Lease, *, tidy: bool) -> None:
        """End a lease of ours; where the phone is away, whoever finds it there next on this machine does.

        Args:
            tidy: something of ours may still run there, or have left settings changed.
        """
        phone, store, phone_id = self._site.server.phone(slot.serial), self._site.store, slot.phone_id

        def give() -> None:
            try:
                # Never what a new owner runs.
                if tidy and renew(phone, lease, _TIDY_S) is not None:
                    end_jobs(phone)
                release(phone, lease)
            except HarnessError as error:
                log.debug("%s: %s", phone.serial, error)
                if store is not None:
                    owe(store.files, phone_id, lease)

        self._inbox.spawn(f"release-{slot.serial}", give)

    # --- looks ---------------------------------------------------------------------------------------------------

    def _look(self, slot: Slot) -> None:
        serial, asked = slot.serial, self._site.now_s()

        def look() -> None:
            seen = None
            try:
                seen = self._seen(serial)
            except HarnessError as error:
                log.debug("%s: %s", serial, error)
            self._inbox.send(self._looked, slot, seen, asked)

        self._inbox.spawn(f"look-{serial}", look, lambda _: self._looked(slot, None, asked))

    def _seen(self, serial: str) -> Seen | None:
        line = next((line for line in self._site.server.devices() if line.serial == serial), None)
        return None if line is None else look_at(self._site.server, line, self._site.rules)

    def _looked(self, slot: Slot, seen: Seen | None, asked_s: float) -> None:
        probe = seen.probe if seen is not None else None
        if seen is not None and probe is not None:
            # Of phones that share one serial number, each goes by its address (see gather.tell_apart).
            if slot.phone_id not in (probe.record.phone_id, seen.serial):
                self.tell(slot, AdbSaw(None))  # another phone has its address now
                return
            if not slot.known:
                slot.record, slot.known = probe.record, True
            elif (text := _changed(slot.record, probe.record)) is not None:
                slot.changed = text
            slot.around = Surroundings(
                probe.nodes,
                probe.thermal_service,
                probe.mem_available_kb,
                slot.around.force,
                self._cool(slot.phone_id, probe.battery.temperature_c),
                probe.battery.plugged,
                known_gauges(probe.record),
            )
            slot.free_kb, slot.battery_pct, slot.usb = probe.free_kb, probe.battery.level_pct, seen.usb
            held = probe.standing
            ours = held is not None and held.lease is not None and held.lease.run_id == self._site.run_id
            slot.holder = None if held is None or ours else held.holder
            left_s = held.left_s if held is not None else 0.0
            slot.holder_until_s = self._site.now_s() + left_s * self._site.rate / self._site.phone_rate
            if slot.holder and held is not None and held.lease is not None and self._is_over(slot, held.lease):
                slot.holder = None
                self.give_back(slot, held.lease, tidy=True)
            if ours and held is not None and slot.lease is None and held.left_s > 0:
                slot.lease = held.lease  # of a command that died, which we go on with
        self.tell(slot, replace(self._site.fit(seen), asked_s=asked_s))

    def _cool(self, phone_id: str, celsius: float | None) -> float | None:
        return None if self._site.cool is None or celsius is None else self._site.cool.seen(phone_id, celsius)

    def _is_over(self, slot: Slot, lease: Lease) -> bool:
        return self._site.store is not None and is_owed(self._site.store.files, slot.phone_id, lease)

    # --- adb's word ----------------------------------------------------------------------------------------------

    def _adb_saw(self, serial: str, state: str | None) -> None:
        slot = next((s for s in self.slots.values() if s.serial == serial), None)
        if slot is not None:
            self.tell(slot, AdbSaw(state))
        elif state == "device" and any(s.status.adb != "device" for s in self.slots.values()):

            def ask() -> None:
                try:
                    self._inbox.send(self._returned, self._seen(serial))
                except HarnessError as error:
                    log.debug("%s: %s", serial, error)

            self._inbox.spawn(f"who-{serial}", ask)

    def _returned(self, seen: Seen | None) -> None:
        """A phone that adb names by an address that is new to us may be one that we miss."""
        if seen is None or seen.probe is None:
            return
        slot = self.slots.get(seen.probe.record.phone_id)
        if slot is not None and slot.status.adb != "device":
            log.info("%s: the phone came back as %s", slot.serial, seen.serial)
            slot.record = replace(slot.record, serial=seen.serial)
            self.tell(slot, AdbSaw(seen.adb_state))

    def _revive_server(self) -> None:
        """A server that is gone costs every phone its link, and none of them can be asked."""
        if not self._reviving.acquire(blocking=False):
            return
        try:
            server = self._site.server
            if server.answers() or server.answers() or self.over:
                return
            self._note("", "the adb server does not answer and is started again")
            self.event("server_restart", None)
            server.restart([s.serial for s in self.slots.values()])
        except HarnessError as error:
            log.warning("%s", error)
        finally:
            self._reviving.release()

    def _may_restart(self) -> bool:
        """Now and then; a server that is dead or hangs is seen to by `_revive_server` at once."""
        with self._reviving:
            if self.over or time.monotonic() - self._restarted < _RESTART_EVERY_S:
                return False
            self._restarted = time.monotonic()
            return True

    # --- ladders and holds ---------------------------------------------------------------------------------------

    def _recover(self, slot: Slot) -> None:
        failure = slot.status.failure or Failure(Kind.NO_ANSWER, slot.status.reason)
        serial = slot.serial
        target = RecoveryTarget(
            self._site.server,
            serial,
            slot.phone_id,
            hub=self._site.hub(slot.phone_id),
            allow_server_restart=self._may_restart,
            several=sum(s.status.state is RackState.RECOVERING for s in self.slots.values()) > 1,
            gentle=not self._site.may_reboot,
            moved=lambda: slot.serial != serial,
        )

        def climb() -> None:
            found = recover(target, failure, clock=self._site.clock, on_step=lambda done: self._climbed(slot, done))
            self._inbox.send(self._recovered, slot, found)

        slot.climbing = True
        self._inbox.spawn(f"recover-{slot.serial}", climb, lambda _: self._recovered(slot, Recovered(failure)))

    def _recovered(self, slot: Slot, found: Recovered) -> None:
        slot.climbing = False
        self.tell(slot, found)

    def _climbed(self, slot: Slot, done: RecoveryStep) -> None:
        well = "well" if done.ok else "not well"
        log.info("%s: %s, %s: %s (%.1f s)", slot.serial, done.rung, well, done.message, done.seconds, extra=slot.about)
        self.event("recovery", slot, rung=done.rung, ok=done.ok, seconds=round(done.seconds, 2), text=done.message)

    def _quarantine(self, slot: Slot) -> None:
        self._note(slot.serial, _sentence(slot))
        store, status = self._site.store, slot.status
        if store is None or not slot.expected:
            return
        for_s = None if status.until_s is None else (status.until_s - self._site.now_s()) / self._site.rate
        hold = Hold(status.state, status.reason, status.advice, self._site.owner, time.time(), for_s)
        try:
            store.set_hold(slot.phone_id, hold)
        except HarnessError as error:
            log.warning("%s", error)

    def _read_holds(self) -> None:
        """What somebody took out or put back by hand meanwhile."""
        store = self._site.store
        if store is None:
            return
        holds = store.holds()
        for phone_id, slot in self.slots.items():
            hold, out = holds.get(phone_id), slot.status.held or slot.status.after is not None
            if hold is not None and hold.by != self._site.owner and not out:
                until = None if hold.for_s is None else self._site.now_s() + hold.for_s * self._site.rate
                self.tell(slot, Held(hold.state, hold.reason, hold.advice, until))
            elif hold is None and out:
                self.tell(slot, Freed())


def _sentence(slot: Slot) -> str:
    status = slot.status
    return f"{status.state}: {status.reason}" + (f"; {status.advice}" if status.advice else "")


def _changed(was: PhoneRecord, now: PhoneRecord) -> str | None:
    """A phone that was updated is another phone to whoever reads its figures."""
    if (now.fingerprint, now.android) == (was.fingerprint, was.android):
        return None
    return f"its software changed during the run, from {was.fingerprint} to {now.fingerprint}; run it again"
