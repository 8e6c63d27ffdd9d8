"""Whether a job that failed is tried again, when, and on the same phone; and which work brings phones down. Pure.

Both look at kinds of failure, never at text (see harness/rack/failure.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from harness.rack.failure import Kind

#: Tries of one job in all, however much each of them brought.
MOST_TRIES = 100


@dataclass(frozen=True)
class Policy:
    """How often a kind of failure is tried again, and how soon.

    Attributes:
        tries: in a row that bring no result, the first one included.
        pause_s: before the second try; it doubles with each further one.
        longest_s: the pause grows no longer.
        stays: tries in a row on one phone before another phone is better, where the job may have another; None: the
            phone is not at fault.
    """

    tries: int
    pause_s: float
    longest_s: float
    stays: int | None


_LINK = Policy(tries=5, pause_s=5, longest_s=120, stays=2)
_JOB = Policy(tries=5, pause_s=2, longest_s=60, stays=2)
_STATE = Policy(tries=5, pause_s=30, longest_s=600, stays=1)

#: Kinds that are not here are never tried again.
POLICIES = {
    Kind.SERVER_LOST: Policy(tries=10, pause_s=2, longest_s=60, stays=None),
    Kind.LINK_LOST: _LINK,
    Kind.OFFLINE: _LINK,
    Kind.NO_ANSWER: _LINK,
    Kind.NOT_BOOTED: _LINK,
    Kind.REBOOTED: _JOB,
    Kind.JOB_DIED: _JOB,
    Kind.JOB_HUNG: _JOB,
    Kind.LEASE_LOST: Policy(tries=6, pause_s=15, longest_s=120, stays=1),
    Kind.UNAUTHORIZED: _STATE,
    # The ladder makes room before the second try; where that was not enough, a third one finds as much.
    Kind.STORAGE_FULL: Policy(tries=2, pause_s=2, longest_s=60, stays=1),
    Kind.BATTERY_LOW: _STATE,
    Kind.TOO_HOT: _STATE,
    Kind.UNFIT: _STATE,
}


@dataclass(frozen=True)
class Retry:
    """Try again after a pause of the phones' clock. elsewhere: on another phone, where the job may have another."""

    pause_s: float
    elsewhere: bool


@dataclass(frozen=True)
class Stop:
    """The job ends as this kind. reason: why it is not tried again, as the end of a sentence."""

    kind: Kind
    reason: str


def again(kind: Kind, tries: int, fruitless: int) -> Retry | Stop:
    """What follows a failed try.

    Args:
        kind: what it failed with.
        tries: of this job so far, this one included.
        fruitless: those in a row that brought no result, this one included; one that finished sessions before it failed
            is 1, as it is the first of a new row.
    """
    policy = POLICIES.get(kind)
    if policy is None:
        return Stop(kind, "that does not pass by itself")
    if fruitless >= policy.tries:
        return Stop(kind, f"{fruitless} tries in a row brought no result")
    if tries >= MOST_TRIES:
        return Stop(kind, f"it was tried {tries} times")
    # The exponent stays small: 2.0 ** 1024 overflows.
    pause_s = min(policy.longest_s, policy.pause_s * 2.0 ** min(max(fruitless, 1) - 1, 30))
    return Retry(pause_s, policy.stays is not None and fruitless >= policy.stays)


class PoisonBook:
    """Remembers what ran when phones went down: conditions (model, delegate and options) that do it are tried no more.

    On one phone it takes `strikes` times without a good end there in between; on all phones, `phones` phones that went
    down. Phones go down of themselves too: where it has ended well before, it takes twice as many, and a condition that
    has ended well anywhere is never stopped on all phones.
    """

    def __init__(self, strikes: int = 2, phones: int = 2) -> None:
        self._strikes = strikes
        self._phones = phones
        self._down: dict[str, Counter[str]] = defaultdict(Counter)
        self._good: dict[str, set[str]] = defaultdict(set)

    def struck(self, condition: str, phone_id: str) -> bool:
        """A phone rebooted, lost the job or stopped answering while it ran; gives `is_poison` as it is now."""
        self._down[condition][phone_id] += 1
        return self.is_poison(condition, phone_id)

    def survived(self, condition: str, phone_id: str) -> None:
        """It ended on a phone that was still well afterwards, with whatever outcome."""
        self._good[condition].add(phone_id)
        self._down[condition].pop(phone_id, None)

    def is_poison(self, condition: str, phone_id: str) -> bool:
        """Whether it must not be tried on that phone again."""
        down, good = self._down.get(condition, Counter()), self._good.get(condition, set())
        strikes = 2 * self._strikes if phone_id in good else self._strikes
        return down[phone_id] >= strikes or (not good and len(down) >= self._phones)
