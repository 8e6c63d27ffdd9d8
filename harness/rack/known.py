"""What was last seen of each phone of a rack file, so that a run can be planned for one that must first be healed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable

from harness.errors import HarnessError
from harness.rack.gather import Seen, remembered
from harness.rack.rackfile import RackFile
from harness.rack.state_files import StateFolder
from harness.records import PhoneRecord, from_json, to_json

log = logging.getLogger("harness.rack")

_KNOWN = "known"


def remember(files: StateFolder, rack: RackFile, seen: Iterable[Seen]) -> None:
    """Write down the phones of the rack file that answered; never raises, since it only saves time."""
    try:
        with files.locked():
            for probe in [s.probe for s in seen if s.probe and s.phone and rack.phone(s.probe.record.phone_id)]:
                place = files.place(_KNOWN, probe.record.phone_id)
                files.write(place, json.dumps(to_json(probe.record), ensure_ascii=False) + "\n")
    except HarnessError as error:
        log.debug("%s", error)


def known_phones(files: StateFolder, rack: RackFile) -> list[Seen]:
    """The expected phones that some run has seen before, as they were then."""
    found = []
    for phone in rack.phones:
        if not phone.expected:
            continue
        try:
            data = json.loads(files.place(_KNOWN, phone.phone_id).read_bytes())
            found.append(remembered(from_json(PhoneRecord, data)))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # never seen, or damaged: then it must be looked at before anything is planned
    return found
