"""A probe bundle: what a phone is and lets one read, in a file that may be shown to others.

JSON: `kind`, `schema`, `harness`, `sections` (what probe.sh and look.sh print, by name) and `gauge_log` (a sampler log
of the battery gauge). What is in it, and what is taken out, see anonymous.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.phones.anonymous import anonymous

KIND, SCHEMA = "harness-probe", 1


@dataclass(frozen=True)
class Bundle:
    """A bundle as read: sections by name, the sampler log of the gauge, and the version of the harness that made it."""

    sections: dict[str, str]
    gauge_log: str
    harness: str


def make_bundle(sections: Mapping[str, str], gauge_log: str, *, serial: str, harness: str) -> dict[str, Any]:
    """The document of a bundle, anonymous.

    Args:
        sections: of both scripts.
        serial: adb's address of the phone, which is taken out wherever it stands.
        harness: version of the harness.
    """
    cleaned = anonymous({**sections, "gauge_log": gauge_log}, serial)
    log = cleaned.pop("gauge_log", "")
    return {"kind": KIND, "schema": SCHEMA, "harness": harness, "sections": cleaned, "gauge_log": log}


def read_bundle(path: Path) -> Bundle:
    """Read a bundle.

    Raises:
        UsageError: it cannot be read, is no bundle, or was made by a newer harness.
    """
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", advice="give a file of harness probe") from None
    except ValueError:
        raise UsageError(f"{path} is no probe bundle: it is not JSON", advice="give a file of harness probe") from None
    if not isinstance(data, dict) or data.get("kind") != KIND or not isinstance(data.get("schema"), int):
        raise UsageError(f"{path} is no probe bundle", advice="give a file of harness probe")
    if data["schema"] > SCHEMA:
        made = f"by harness {data.get('harness')}, " if data.get("harness") else ""
        raise UsageError(
            f"{path} was written {made}in form {data['schema']}, and this one reads up to form {SCHEMA}",
            advice="update phone-rack-harness",
        )
    sections = data.get("sections")
    if not isinstance(sections, dict) or not all(isinstance(v, str) for v in sections.values()):
        raise UsageError(f"{path}: sections: it is damaged", advice="run harness probe again")
    # JSON can hold halves of characters, which no file of a phone can.
    texts = {str(name): text.encode("utf-8", "replace").decode() for name, text in sections.items()}
    return Bundle(texts, str(data.get("gauge_log") or ""), str(data.get("harness") or "unknown"))
