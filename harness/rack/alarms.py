"""When a rack needs somebody: alarms, and the rules by which they are raised and cleared. Pure.

An alarm is raised once and stays until its cause is gone (harness/rack/alarm_book.py keeps them over all commands).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from harness.rack.rackfile import RackAlarms
from harness.rack.status import RackState


class AlarmKind(StrEnum):
    """What somebody is called for."""

    ABSENT = "absent"  #: an expected phone stays away
    NEEDS_PERSON = "needs_person"  #: a phone cannot be helped from here
    QUIET = "quiet"  #: a run has had no new result for too long
    MISSING = "missing"  #: a run ended without all of its results


@dataclass(frozen=True)
class Alarm:
    """One alarm. phone_id, run_id: whom it is about, None where nobody of that kind.

    advice: what to do, or empty. since_epoch_s: by this machine's clock; filled in when it is raised.
    """

    kind: AlarmKind
    message: str
    advice: str = ""
    phone_id: str | None = None
    run_id: str | None = None
    since_epoch_s: float = 0.0

    @property
    def key(self) -> str:
        """Two alarms with the same key are one."""
        return f"{self.kind} {self.phone_id or self.run_id or ''}".strip()

    def words(self) -> str:
        """One line for people."""
        who = self.phone_id or (f"run {self.run_id}" if self.run_id else "the rack")
        return f"{who}: {self.message}" + (f"; {self.advice}" if self.advice else "")


@dataclass(frozen=True)
class PhoneNow:
    """What is known of a phone now. for_s: real seconds for which it has been in the state; name: for people."""

    phone_id: str
    state: RackState
    for_s: float
    reason: str = ""
    advice: str = ""
    name: str = ""
    expected: bool = True


@dataclass(frozen=True)
class RunNow:
    """What is known of a run now.

    Attributes:
        quiet_s: real seconds since its last result, or since it began.
        left: results that it is still to have.
        over: no command works on it any more.
    """

    run_id: str
    quiet_s: float
    left: int
    over: bool = False


class Verdict(NamedTuple):
    """What is to become of an alarm: raised (unless it is), or cleared (where it is raised)."""

    alarm: Alarm
    raised: bool


def judge_phone(now: PhoneNow, limits: RackAlarms) -> Iterator[Verdict]:
    """Verdicts on a phone's alarms; none where it is too early to say."""
    called = f"{now.name} " if now.name and now.name != now.phone_id else ""
    away = now.state is RackState.ABSENT and now.expected
    if not away or now.for_s >= limits.absent_after_s:
        text = f"{called}has been away for {_span(now.for_s)}"
        advice = now.advice or "see to its cable, its hub port and its battery"
        yield Verdict(Alarm(AlarmKind.ABSENT, text, advice, now.phone_id), away)
    needs = now.state is RackState.NEEDS_PERSON
    text = f"{called}needs a person" + (f": {now.reason}" if now.reason else "")
    yield Verdict(Alarm(AlarmKind.NEEDS_PERSON, text, now.advice, now.phone_id), needs)


def judge_run(now: RunNow, limits: RackAlarms) -> Iterator[Verdict]:
    """Verdicts on a run's alarms. One that ended with results missing is told until it is gone on with."""
    quiet = not now.over and now.left > 0 and now.quiet_s >= limits.quiet_after_s
    results = "result" if now.left == 1 else "results"
    text = f"no new result for {_span(now.quiet_s)}, and {now.left} {results} to come"
    yield Verdict(Alarm(AlarmKind.QUIET, text, "see harness watch and harness doctor", run_id=now.run_id), quiet)
    missing = now.over and now.left > 0
    text = f"it ended, and {now.left} {results} stayed away"
    advice = "go on with it by harness run --resume"
    yield Verdict(Alarm(AlarmKind.MISSING, text, advice, run_id=now.run_id), missing)


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
