"""What every rung is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock


class Climb(ABC):
    """One way to bring a phone back.

    Attributes:
        boots: the phone boots, so that it must have finished booting to be well.
    """

    boots = False

    @abstractmethod
    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        """Do it.

        Args:
            clock: the phone's.

        Returns:
            What was done, as a part of a sentence.

        Raises:
            HarnessError: it cannot be done for this phone, and why.
        """

    def back_s(self, waits: Waits) -> float:
        """Phone seconds that it may take to be well afterwards, beyond the real ones for its link."""
        return 0.0
