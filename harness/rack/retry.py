"""Interim."""

from __future__ import annotations

from dataclasses import dataclass

from harness.rack.failure import Kind


@dataclass(frozen=True)
class Retry:
    pause_s: float
    elsewhere: bool = False


@dataclass(frozen=True)
class Stop:
    kind: Kind


_STABLE = {Kind.CANNOT, Kind.HOST, Kind.POISON, Kind.INTERRUPTED, Kind.UNAUTHORIZED}


def again(kind: Kind, tries: int, vain: int) -> Retry | Stop:
    if kind in _STABLE or vain > 4 or tries > 30:
        return Stop(kind)
    return Retry(2.0 * vain)


class PoisonBook:
    def __init__(self) -> None:
        self._strikes: dict[tuple[str, str], int] = {}

    def struck(self, condition: str, phone_id: str) -> bool:
        key = condition, phone_id
        self._strikes[key] = self._strikes.get(key, 0) + 1
        return self.is_poison(condition, phone_id)

    def is_poison(self, condition: str, phone_id: str) -> bool:
        phones = {p for (c, p), n in self._strikes.items() if c == condition and n >= 2}
        return phone_id in phones or len(phones) >= 2
