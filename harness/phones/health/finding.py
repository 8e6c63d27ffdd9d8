"""What a health check is, and what it finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from harness.phones.probe import PhoneProbe


@dataclass(frozen=True)
class Finding:
    """Something wrong with a phone.

    Attributes:
        name: of the check.
        kind: the value of the kind of failure (harness/rack/failure.py) that it is, where it stands in the way.
        message: what is wrong, as the rest of a sentence about the phone.
        advice: what to do, one clause.
        blocking: no run should start on this phone.
    """

    name: str
    kind: str
    message: str
    advice: str
    blocking: bool


class HealthCheck(ABC):
    """One thing that can be wrong with a phone. Pure: it judges a probe; what is not known is no finding.

    Attributes:
        name: short and unique.
        kind: as in Finding.
        reads: what it judges, for people.
    """

    name: ClassVar[str]
    kind: ClassVar[str] = "unfit"
    reads: ClassVar[str]

    @abstractmethod
    def check(self, probe: PhoneProbe) -> Finding | None:
        """What is wrong, None where nothing is or nothing is known."""

    def _found(self, message: str, advice: str, *, blocking: bool) -> Finding:
        return Finding(self.name, self.kind, message, advice, blocking)
