"""A probe bundle: what a phone is and lets one read, in a file that may be shown to others.

JSON: `kind`, `schema`, `harness`, `sections` (what probe.sh and look.sh print, by name) and `gauge_log` (a sampler log
of the battery gauge). Properties are kept by a list of names, so that what a maker adds stays at home; serial numbers,
addresses and the like are taken out of everything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError

KIND, SCHEMA = "harness-probe", 1
ANONYMOUS = "ANONYMOUS"
#: Properties that say what a phone is, and none of whose it is.
_KEPT = re.compile(
    r"ro\.(?:[a-z]+\.)?(?:product|build|soc|board|hardware|boot\.(?:hardware|qemu)|mediatek|chipname|arch|opengles"
    r"|config\.low_ram|kernel\.qemu|debuggable|secure|treble|zygote|sf|gfx|harness)(?:\.|$)"
    r"|dalvik\.vm\.heap|sys\.boot_completed|persist\.sys\.test_harness|ro\.adb\.secure"
)
_IDENTITY = re.compile(r"serial|imei|meid|mac|addr|ssid|uuid")
_PRIVATE = re.compile(r"serial|imei|meid|mac|addr|ssid|uuid|host|\.user$|country|locale|carrier|operator|token|key")
#: Lines that hold an identity of the unit.
_PRIVATE_LINES = re.compile(r"^\S*(?:serial[ _]?(?:number|no)?\s*[:=]|POWER_SUPPLY_SERIAL\S*=)", re.IGNORECASE)
_PROPERTY = re.compile(r"^\[([^\]]{1,200})\]: \[(.*)\]$")
_NO_UUID = "00000000-0000-0000-0000-000000000000"
_NAMELESS = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), _NO_UUID),
    (re.compile(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", re.IGNORECASE), "00:00:00:00:00:00"),
    (re.compile(r"(?<![\d.])\d{15}(?![\d.])"), "000000000000000"),
    (re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}:\d+"), "0.0.0.0:0"),
)  # fmt: skip


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
    secrets = {serial, *_secrets(sections.get("getprop", ""))}
    cleaned = {name: anonymous(text, secrets) for name, text in sorted(sections.items())}
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "harness": harness,
        "sections": cleaned,
        "gauge_log": anonymous(gauge_log, secrets),
    }


def anonymous(text: str, secrets: Iterable[str]) -> str:
    """`text` without the properties that are not on the list, identities of the unit, and `secrets`."""
    lines = []
    for line in text.partition("[EventLogBuffer]")[0].splitlines():
        found = _PROPERTY.match(line)
        if found and found[1] == "ro.serialno":
            lines.append(f"[ro.serialno]: [{ANONYMOUS}]")
        elif found:
            lines += [line] if _KEPT.match(found[1]) and not _PRIVATE.search(found[1]) else []
        elif not _PRIVATE_LINES.match(line):
            lines.append(line)
    result = "".join(line + "\n" for line in lines)
    for secret in sorted(secrets, key=len, reverse=True):
        result = result.replace(secret, ANONYMOUS)
    for pattern, word in _NAMELESS:
        result = pattern.sub(word, result)
    return result


def _secrets(getprop: str) -> set[str]:
    found = (_PROPERTY.match(line) for line in getprop.splitlines())
    named = ((m[1], m[2]) for m in found if m and _IDENTITY.search(m[1]))
    # Shorter values, and words as `unknown`, stand elsewhere too.
    return {value for _, value in named if len(value) >= 6 and any(c.isdigit() for c in value)}


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
    return Bundle(sections, str(data.get("gauge_log") or ""), str(data.get("harness") or "unknown"))
