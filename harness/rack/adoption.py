"""Takes a phone into the rack, and lets it go again.

What adoption changes on a phone is kept in the rack's store before it is changed, and of each setting the first old
value stays, so that `unadopt` restores the phone as it came, also after a crash in between.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.adb.phone import Phone
from harness.durable import write_atomic
from harness.errors import HostError, UsageError
from harness.measure.gauge import GaugeFacts
from harness.phones.calibrations import keep_gauges
from harness.phones.finger import ask_lock, by_finger
from harness.phones.look import SCRIPT, read_look
from harness.phones.probe import PhoneProbe, run_sections
from harness.phones.rack_settings import Applied, apply_settings, restore_settings
from harness.phones.sampling import watch_gauge
from harness.rack.rack_edit import add_phone, remove_phone
from harness.rack.rackfile import RackPhone, load_rack, read_rack
from harness.rack.store import RackStore

log = logging.getLogger("harness.rack")

_KIND = "adopted"
#: Shorter than this no load step shows what a gauge does.
LEAST_STEP_S = 20.0


@dataclass(frozen=True)
class _Kept:
    """What is remembered of an adopted phone. old: settings as it came, name to value."""

    phone_id: str
    old: dict[str, str] = field(default_factory=dict)
    gauges: tuple[GaugeFacts, ...] = ()
    schema: int = 1


@dataclass(frozen=True)
class Adopted:
    """What became of an adoption. gauges: None where nobody looked; todo: what needs a finger."""

    phone: RackPhone
    settings: tuple[Applied, ...]
    gauges: tuple[GaugeFacts, ...] | None
    todo: tuple[str, ...]
    new: bool


_FILE = TypeAdapter(_Kept)


class Adoptions:
    """What is remembered of adopted phones, in a rack's store."""

    def __init__(self, store: RackStore) -> None:
        self._store = store
        self._files = store.files

    def old_settings(self, phone_id: str) -> dict[str, str]:
        """Settings of a phone as it came, name to value; empty where nothing is remembered."""
        return self._read(phone_id).old

    def remember(self, phone_id: str, old: Mapping[str, str], gauges: tuple[GaugeFacts, ...] = ()) -> None:
        """Add to what is remembered; of a setting that is known, the first value stays.

        Raises:
            HostError: it cannot be written.
        """
        with self._files.locked():
            kept = self._read(phone_id)
            new = _Kept(phone_id, {**old, **kept.old}, gauges or kept.gauges)
            text = _FILE.dump_json(new, indent=2).decode() + "\n"
            self._files.write(self._files.place(_KIND, phone_id), text)

    def forget(self, phone_id: str) -> None:
        """Forget a phone.

        Raises:
            HostError: it cannot be written.
        """
        path = self._files.place(_KIND, phone_id)
        if path.exists():
            with self._files.locked():
                self._files.remove(path)

    def _read(self, phone_id: str) -> _Kept:
        path = self._files.place(_KIND, phone_id)
        try:
            return _FILE.validate_json(path.read_bytes())
        except FileNotFoundError:
            return _Kept(phone_id)
        except ValidationError:
            advice = "its settings of before are lost: see to them on the phone, then move the file away"
            raise HostError(f"{path} is damaged", advice=advice) from None
        except OSError as error:
            raise HostError(f"{path} cannot be read: {error.strerror}") from error


def adopt(
    phone: Phone, probe: PhoneProbe, place: RackPhone, file: Path, store: RackStore, *, gauge_s: float
) -> Adopted:
    """Put a phone's settings in place, learn its gauge, and write it into the rack file.

    Args:
        place: its entry of the rack file; where that knows the phone already, the entry there stays.
        file: the rack file; made where there is none.
        gauge_s: phone seconds to watch its battery gauge.

    Raises:
        UsageError: the rack file cannot take it (a slot is taken); the phone is as it was.
        HostError: the store or the rack file cannot be written.
        PhoneError, PhoneTransientError: the phone stopped answering; its settings are set back as far as it lets us.
    """
    phone_id = place.phone_id
    known = load_rack(file).phone(phone_id) if file.exists() else None
    text = None if known else edited(file, place)
    adoptions = Adoptions(store)
    look = read_look(run_sections(phone, SCRIPT))
    gauges = learn_gauges(phone, probe, gauge_s)
    done = apply_settings(phone, probe.record.sdk, lambda old: adoptions.remember(phone_id, old, gauges))
    todo = by_finger(probe.record, look, done, ask_lock(phone))
    if text is not None:
        with store.files.locked():
            _write(file, edited(file, place))
    store.event("adopted", phone_id=phone_id, serial=phone.serial, slot=place.slot, settings=len(done))
    return Adopted(known or place, tuple(done), gauges if gauge_s > 0 else None, tuple(todo), known is None)


def unadopt(phone: Phone | None, phone_id: str, file: Path | None, store: RackStore) -> dict[str, str]:
    """Set a phone's settings back, forget it and take it out of the rack file.

    Args:
        phone: None where it is not connected; then it can only be forgotten if it has nothing to be set back.

    Returns:
        Settings that could not be set back, with why; where there are any, the phone stays remembered and in the file.

    Raises:
        UsageError: it is not connected and has settings to be set back, or the rack file is not edited here.
        PhoneTransientError, DeadlineError: the phone stopped answering.
    """
    adoptions = Adoptions(store)
    old = adoptions.old_settings(phone_id)
    if phone is None and old:
        raise UsageError(f"{phone_id} is not connected, and its settings are to be set back", advice="connect it first")
    failed = restore_settings(phone, old) if phone is not None else {}
    if failed:
        return failed
    if file is not None and file.exists():
        with store.files.locked():
            before = file.read_text(encoding="utf-8")
            text = remove_phone(before, phone_id)
            if text != before:
                read_rack(file, text)
                _write(file, text)
    adoptions.forget(phone_id)
    store.event("unadopted", phone_id=phone_id)
    return {}


def learn_gauges(phone: Phone, probe: PhoneProbe, seconds: float) -> tuple[GaugeFacts, ...]:
    """What the phone's battery gauges are like, where they can be read and time is given; what is proven is kept.

    Where there is time for it, and the phone runs from its battery, its cores are kept busy for as long in between.
    """
    charging = probe.battery.charging
    watched = watch_gauge(phone, probe.nodes, seconds, busy=charging is None and seconds >= LEAST_STEP_S)
    gauges = watched.gauges(charging)
    keep_gauges(probe.record, gauges)
    return gauges


def edited(file: Path, place: RackPhone) -> str:
    """The rack file's text with the phone added, checked as a rack file.

    Raises:
        UsageError: the file, or the file with the phone, has a fault.
    """
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{str(file)!r} cannot be read: {error}") from None
    read_rack(file, before)
    text = add_phone(before, place)
    read_rack(file, text)
    return text


def _write(file: Path, text: str) -> None:
    real = file.resolve()
    try:
        write_atomic(real, text, mode=real.stat().st_mode & 0o777 if real.exists() else None)
    except OSError as error:
        raise HostError(f"{file} cannot be written: {error.strerror}", advice="see to its permissions") from error
