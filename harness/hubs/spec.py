"""Hubs by the words of a rack file: KIND:WHERE:PORT."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.errors import UsageError
from harness.hubs.hub import Hub, HubPort
from harness.hubs.uhubctl import UhubctlHub
from harness.hubs.virtual import VirtualHub
from harness.hubs.ykush import YkushHub

_EXAMPLES = "uhubctl:1-1.4:2, ykush:YK12345:3, ykush3:YK3A1016:1, ykushxs:YKX1:1 or virtual:127.0.0.1:PORT:INDEX"


def open_hub(spec: str) -> HubPort:
    """The port that `spec` names; nothing is switched or asked yet.

    Raises:
        UsageError: it names none.
    """
    kind, _, rest = spec.partition(":")
    where, _, port = rest.rpartition(":")
    make = _KINDS.get(kind)
    if make is None or not where or not re.fullmatch(r"[0-9]{1,3}", port):
        raise UsageError(f"{spec!r} names no port of a hub", advice=f"give {_EXAMPLES}")
    hub = make(where)
    if hub is None:
        raise UsageError(f"{where!r} in {spec!r} names no {kind} hub", advice=f"give {_EXAMPLES}")
    return HubPort(hub, port, spec)


def _uhubctl(where: str) -> Hub | None:
    return UhubctlHub(where) if re.fullmatch(r"[0-9]+(-[0-9]+(\.[0-9]+)*)?", where) else None


def _virtual(where: str) -> Hub | None:
    host, _, port = where.rpartition(":")
    return VirtualHub(int(port)) if host == "127.0.0.1" and re.fullmatch(r"[0-9]{1,5}", port) else None


def _serial(where: str) -> str | None:
    return where if re.fullmatch(r"[A-Za-z0-9]+", where) else None


_KINDS: dict[str, Callable[[str], Hub | None]] = {
    "uhubctl": _uhubctl,
    "ykush": lambda where: YkushHub(where, "ykush") if _serial(where) else None,
    "ykush3": lambda where: YkushHub(where, "ykush3") if _serial(where) else None,
    "ykushxs": lambda where: YkushHub(where, "ykushxs") if _serial(where) else None,
    "virtual": _virtual,
}
