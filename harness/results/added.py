"""What was measured beside a run and added later: documents below RUN/added/, which change nothing of the run itself.

A run is never edited. A document says what it holds of which sessions, with what it rests on, and is taken into account
whenever the run is read; without the folder the run is what the phones gave. One kind is known: `meter-PHONE.json`, a
phone's energy by an external meter. It takes the place of every figure of energy that the phone itself gave, also where
the meter has none, so that two sources are never mixed in one row.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.durable import write_atomic
from harness.errors import HostError
from harness.records import EnergyRecord, Quantity, SessionRecord, from_json

FOLDER = "added"
SCHEMA = 1


def meter_path(run: Path, phone_id: str) -> Path:
    """Where a phone's meter document lies; the recording lies beside it, as .csv."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", phone_id)[:40]
    return run / FOLDER / f"meter-{plain}-{hashlib.sha256(phone_id.encode()).hexdigest()[:6]}.json"


def write_meter(run: Path, phone_id: str, document: dict[str, Any], recording: str) -> Path:
    """Add a phone's energy by a meter; an earlier one of that phone is replaced.

    Args:
        document: `sessions` (id to power_mw, energy_mj, energy), and what they rest on.
        recording: the meter's power on the phone's clock, as CSV.

    Raises:
        HostError: it cannot be written.
    """
    place = meter_path(run, phone_id)
    head = {"schema": SCHEMA, "kind": "meter", "phone_id": phone_id}
    try:
        place.parent.mkdir(exist_ok=True)
        write_atomic(place.with_suffix(".csv"), recording)
        write_atomic(place, json.dumps({**head, **document}, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    except OSError as error:
        raise HostError(f"{place} cannot be written: {error.strerror}", advice="make room on the disk") from error
    return place


def with_added(run: Path, sessions: Sequence[SessionRecord]) -> tuple[tuple[SessionRecord, ...], tuple[str, ...]]:
    """Sessions with what was added to their run, and a sentence a document that cannot be read."""
    found, damage = list(sessions), []
    for place in sorted((run / FOLDER).glob("meter-*.json")):
        try:
            document = json.loads(place.read_bytes())
            if document["schema"] > SCHEMA:
                damage.append(f"{place} was written by a newer harness and is left out")
                continue
            known = document["sessions"]
            recording = place.with_suffix(".csv").relative_to(run).as_posix()
            found = [_metered(s, known[s.session_id], recording) if s.session_id in known else s for s in found]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            damage.append(f"{place} cannot be read and is left out")
    return tuple(found), tuple(damage)


def _metered(session: SessionRecord, added: dict[str, Any], recording: str) -> SessionRecord:
    return replace(
        session,
        power_mw=from_json(Quantity, added["power_mw"]),
        energy_mj=from_json(Quantity, added["energy_mj"]),
        energy=from_json(EnergyRecord, added["energy"]),
        evidence={**session.evidence, "meter.csv": recording},
    )
