"""The roll of a rack: who is there, who is missing, who is held, and who is meant by a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.phones.health import Finding
from harness.phones.lease import Lease, Standing
from harness.phones.probe import BatteryState, PhoneProbe
from harness.rack.gather import Seen
from harness.rack.holds import Hold
from harness.rack.rackfile import RackFile, RackPhone
from harness.rack.roll import Entry, call_roll, find
from harness.rack.status import RackState
from harness.records import PhoneRecord

RACK = RackFile(
    phones=[
        RackPhone(phone_id="P1", slot="A1", labels=["fast", "all"]),
        RackPhone(phone_id="P2", slot="A2", labels=["all"], serial="10.0.0.2:5555"),
        RackPhone(phone_id="P3", slot="A3", expected=False),
    ]
)
HOLD = Hold(RackState.QUARANTINED, "swollen", "replace it", "ann@rack1", 0.0)


def seen(phone_id: str, serial: str, *findings: Finding, standing: Standing | None = None) -> Seen:
    record = PhoneRecord(phone_id, serial, "real", model="Pixel")
    probe = PhoneProbe(record, BatteryState(80.0, 25.0, None, False), standing=standing)
    return Seen(serial, "device", "Pixel", None, probe, findings)


def states(entries: list[Entry]) -> dict[str, RackState]:
    return {e.phone_id or e.name: e.state for e in entries}


def test_who_is_there_and_who_is_missing() -> None:
    tap = Seen("10.0.0.2:5555", "unauthorized", "a phone", None, None, reason="unauthorized: tap Allow")
    entries = call_roll([seen("P1", "P1"), tap, seen("P9", "P9")], RACK, {"P9": HOLD, "P8": HOLD})
    assert states(entries) == {
        "P1": RackState.READY,
        "P2": RackState.NEEDS_PERSON,  # known by its address, though it cannot be asked
        "P9": RackState.QUARANTINED,
        "P3": RackState.ABSENT,
        "P8": RackState.ABSENT,  # nobody's slot, but somebody held it
    }
    by_id = {e.phone_id: e for e in entries}
    assert by_id["P3"].reason == "adb does not name it, and it is known in slot A3: see to its cable and its hub port"
    assert (by_id["P8"].reason or "").startswith("adb does not name it; besides, quarantined by ann@rack1 until it is")
    assert by_id["P2"].name == "A2" and by_id["P9"].name == "P9"


def test_a_hold_a_lease_and_health_are_told_together() -> None:
    lease = Lease(3, "k", "bob@lab:7", "R1", "boot", 1000.0)
    leased = seen("P1", "P1", standing=Standing(lease, 3, "boot", 100.0))
    hot = Finding("heat", "too_hot", "it is hot", "let it cool", False)
    (entry, *_) = call_roll([leased], RACK, {})
    assert entry.state is RackState.LEASED and (entry.reason or "").startswith("leased by bob@lab:7 for run R1")
    (entry, *_) = call_roll([replace(leased, findings=(hot,))], RACK, {"P1": HOLD})
    assert entry.state is RackState.QUARANTINED
    assert (
        entry.reason
        == "quarantined by ann@rack1 until it is released: swollen; replace it; besides, it is hot: let it cool"
    )
    (entry, *_) = call_roll([seen("P1", "P1", replace(hot, blocking=True))], RACK, {})
    assert entry.state is RackState.NEEDS_PERSON


def test_who_is_meant() -> None:
    entries = call_roll([seen("P1", "S1"), seen("P9", "A1x")], RACK, {})
    for word in ("P1", "S1", "A1", "fast"):
        assert [e.phone_id for e in find(entries, word)] == ["P1"], word
    assert [e.phone_id for e in find(entries, "all")] == ["P1", "P2"]
    with pytest.raises(UsageError, match="no phone is called 'A4'; did you mean A"):
        find(entries, "A4")
    with pytest.raises(UsageError, match="harness rack list names them"):
        find(entries, "nobody at all")
    with pytest.raises(UsageError, match="none is connected"):
        find([], "P1")
