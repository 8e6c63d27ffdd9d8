"""`adb devices`, with -l or without: one entry a phone.

Keys: `devices` (list of `serial`, `state`, `usb`, `product`, `model`, `device`, `transport_id`, and `state_detail`,
what stands after "no permissions"). A phone that has not let this machine in tells no product, model or device.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of, whole

_STATES = (
    "device|offline|unauthorized|authorizing|connecting|recovery|sideload|rescue|bootloader|fastboot|host|detached|"
    "no permissions|no device|unknown"
)
#: A serial of mDNS may hold a blank: "adb-1A2B-xyz (2)._adb-tls-connect._tcp".
LINE = re.compile(rf"^(?!\*)(\S*[^\s:](?: \(\d+\)\S*)?)\s+({_STATES})(?=[\s;(]|$)(.*)$")
_PAIR = re.compile(r"(?<!\S)(usb|product|model|device|transport_id|features):(\S*)")


def adb_devices(text: str) -> dict[str, Any]:
    """Read `adb devices`; the heading and the daemon's own messages are passed over."""
    devices = []
    for line in lines_of(text):
        if row := LINE.match(line.strip()):
            pairs = dict(_PAIR.findall(row[3]))
            detail = _PAIR.sub("", row[3]).strip(" ;\t")
            devices.append(
                {
                    "serial": row[1],
                    "state": row[2],
                    "state_detail": detail or None,
                    "usb": pairs.get("usb") or None,
                    "product": pairs.get("product") or None,
                    "model": pairs.get("model") or None,
                    "device": pairs.get("device") or None,
                    "transport_id": whole(pairs.get("transport_id")),
                }
            )
    return {"devices": devices}
