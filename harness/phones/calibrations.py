"""What is known of the battery gauges of a kind of phone: a small file per provenance, model and build."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from harness.durable import write_atomic
from harness.errors import HostError
from harness.measure.gauge import GaugeFacts
from harness.records import PhoneRecord
from harness.state import state_dir

log = logging.getLogger("harness.phones")

SCHEMA = 1


@dataclass(frozen=True)
class _Kept:
    provenance: str
    model: str
    fingerprint: str
    gauges: tuple[GaugeFacts, ...]
    schema: int = SCHEMA


_FILE = TypeAdapter(_Kept)


def keep_gauges(record: PhoneRecord, gauges: tuple[GaugeFacts, ...]) -> Path | None:
    """Keep what is proven of a phone's gauges for later runs on such phones; None where nothing is, or it has no name.

    Raises:
        HostError: it cannot be written.
    """
    proven = tuple(g for g in gauges if g.doubt is None)
    path = _place(record)
    if not proven or path is None:
        return None
    kept = _Kept(record.provenance, record.model or "", record.fingerprint or "", proven)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, _FILE.dump_json(kept, indent=2).decode() + "\n")
    except OSError as error:
        advice = "set HARNESS_STATE to a folder that can be written"
        raise HostError(f"{path} cannot be written: {error.strerror}", advice=advice) from None
    return path


def known_gauges(record: PhoneRecord) -> tuple[GaugeFacts, ...]:
    """What is known of the gauges of such phones; nothing where none was calibrated, or its file cannot be read."""
    path = _place(record)
    if path is None:
        return ()
    try:
        kept = _FILE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError):
        log.warning("%s is damaged and not used; harness probe writes it anew", path)
        return ()
    same = (kept.provenance, kept.model, kept.fingerprint) == (record.provenance, record.model, record.fingerprint)
    return kept.gauges if same and kept.schema == SCHEMA else ()


def _place(record: PhoneRecord) -> Path | None:
    """A virtual phone's file is never a real one's, whatever it calls itself."""
    if not record.model or not record.fingerprint:
        return None
    build = hashlib.sha256(record.fingerprint.encode()).hexdigest()[:16]
    return state_dir() / "gauges" / f"{record.provenance}-{quote(record.model, safe=' ')}-{build}.json"
