"""Leases that a command of this machine wanted to give back while the phone was away, for the next one to give back."""

from __future__ import annotations

import json
import logging

from harness.errors import HarnessError
from harness.phones.lease import Lease
from harness.rack.state_files import StateFolder

log = logging.getLogger("harness.rack")

_OWED = "owed"


def owe(files: StateFolder, phone_id: str, lease: Lease) -> None:
    """Write down that a lease is over; never raises, since it also runs out by itself."""
    try:
        with files.locked():
            files.write(files.place(_OWED, phone_id), json.dumps({"number": lease.number, "key": lease.key}) + "\n")
    except HarnessError as error:
        log.debug("%s: %s", phone_id, error)


def is_owed(files: StateFolder, phone_id: str, lease: Lease) -> bool:
    """Whether whoever took this lease has ended and only could not say so to the phone."""
    try:
        found = json.loads(files.place(_OWED, phone_id).read_bytes())
        return bool(found["number"] == lease.number and found["key"] == lease.key)
    except (OSError, ValueError, TypeError, KeyError):
        return False  # a file that is damaged only makes the next command wait until the lease runs out
