"""The roll of a rack: what adb names, held against what the rack file expects and what holds phones. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.rack.gather import Seen
from harness.rack.holds import Hold
from harness.rack.rackfile import RackFile, RackPhone
from harness.rack.status import RackState

#: adb's words for a phone that may be usable in a moment.
_CONNECTING = ("offline", "connecting", "authorizing")


@dataclass(frozen=True)
class Entry:
    """One phone of the roll.

    Attributes:
        seen: what adb says of it, None where adb does not name it.
        place: its entry in the rack file, None where it has none.
        hold: the hold on it.
        state: the state that follows from all of these.
        reason: why, as a sentence with what to do; None where there is nothing to say.
    """

    seen: Seen | None
    place: RackPhone | None
    hold: Hold | None
    state: RackState
    reason: str | None

    @property
    def phone_id(self) -> str | None:
        """Its own serial number; None where it could not be asked and the rack file does not know it."""
        if self.seen is not None and self.seen.probe is not None:
            return self.seen.probe.record.phone_id
        return self.place.phone_id if self.place else None

    @property
    def serial(self) -> str | None:
        """adb's address of it, None where it has none now."""
        return self.seen.serial if self.seen else None

    @property
    def name(self) -> str:
        """What a person calls it."""
        if self.place is not None and self.place.slot:
            return self.place.slot
        return self.serial or self.phone_id or "?"

    def names(self) -> tuple[str, ...]:
        """Everything that it is called by."""
        slot = (self.place.slot,) if self.place and self.place.slot else ()
        labels = tuple(self.place.labels) if self.place else ()
        return tuple(n for n in (self.phone_id, self.serial, *slot, *labels) if n)


def call_roll(seen: Iterable[Seen], rack: RackFile, holds: Mapping[str, Hold]) -> list[Entry]:
    """Every phone that adb names, in its order, then those of the rack file that adb does not name, in its order.

    A phone that cannot be asked is found in the rack file by its address, which over USB is its serial number too.
    """
    entries, met = [], set()
    for phone in seen:
        phone_id = phone.probe.record.phone_id if phone.probe else None
        place = _place(rack, phone_id, phone.serial)
        if place is not None:
            met.add(place.phone_id)
        known = phone_id or (place.phone_id if place else phone.serial)
        hold = holds.get(known)
        entries.append(Entry(phone, place, hold, *_state(phone, hold)))
    for place in rack.phones:
        if place.phone_id not in met:
            hold = holds.get(place.phone_id)
            entries.append(Entry(None, place, hold, RackState.ABSENT, _absent(place, hold)))
    return entries


def find(entries: Sequence[Entry], word: str) -> list[Entry]:
    """The phones that somebody means by a phone_id, serial or slot (one phone) or a label (all that have it).

    Raises:
        UsageError: nobody is called that, with names that are near.
    """
    own = [e for e in entries if word in (e.phone_id, e.serial)]
    slots = [e for e in entries if e.place is not None and word == e.place.slot]
    met = own or slots or [e for e in entries if word in e.names()]
    if met:
        return met
    known = sorted({name for e in entries for name in e.names()})
    near = difflib.get_close_matches(word, known, n=3)
    if near:
        advice = f"did you mean {' or '.join(near)}?"
    else:
        advice = "harness rack list names them" if known else "none is connected, and no rack file names one"
    raise UsageError(f"no phone is called {word!r}", advice=advice)


def _place(rack: RackFile, phone_id: str | None, serial: str) -> RackPhone | None:
    if phone_id is not None:
        return rack.phone(phone_id)
    return next((p for p in rack.phones if serial in (p.phone_id, p.serial)), None)


def _state(phone: Seen, hold: Hold | None) -> tuple[RackState, str | None]:
    found = phone.reason or "; ".join(f"{f.message}: {f.advice}" for f in phone.findings) or None
    held = _held(hold)
    if hold is not None and held is not None:
        return hold.state, f"{held}; besides, {found}" if found else held
    standing = phone.probe.standing if phone.probe else None
    if standing is not None and standing.holder is not None:
        return RackState.LEASED, f"{standing.holder_until}; {found}" if found else standing.holder_until or ""
    if phone.healthy:
        return RackState.READY, found
    return RackState.CONNECTING if phone.adb_state in _CONNECTING else RackState.NEEDS_PERSON, found


def _absent(place: RackPhone, hold: Hold | None) -> str:
    where = f" in slot {place.slot}" if place.slot else ""
    what = "it is expected" if place.expected else "it is known"
    reach = f"connect {place.serial}, or see to its cable" if place.serial else "see to its cable and its hub port"
    text = f"adb does not name it, and {what}{where}: {reach}"
    held = _held(hold)
    return f"{text}; besides, {held}" if held else text


def _held(hold: Hold | None) -> str | None:
    if hold is None:
        return None
    return f"{hold.words()}: {hold.advice}" if hold.advice else hold.words()
