"""Alarms of a run while it runs: nothing here takes the run's time, and a run without a rack file has none."""

from __future__ import annotations

import time
from collections.abc import Iterable

from harness.rack.alarm_book import AlarmBook
from harness.rack.alarms import PhoneNow, RunNow, Verdict, judge_phone, judge_run
from harness.rack.crew import Crew
from harness.rack.rackfile import RackAlarms
from harness.rack.site import Site
from harness.rack.slot import Slot

#: Real seconds between two judgements.
_EVERY_S = 10.0


class RunAlarms:
    """Judges the rack's phones of a run, and the run itself.

    Args:
        book: where alarms are kept; None: there are none.
        limits: `alarms:` of the rack file.
    """

    def __init__(self, site: Site, book: AlarmBook | None, limits: RackAlarms) -> None:
        self._site, self._book, self._limits = site, book, limits
        self._crew = Crew(1) if book is not None else None
        self._judged_s = time.monotonic()
        self._result_s = time.monotonic()

    def result(self) -> None:
        """The run has one more result."""
        self._result_s = time.monotonic()

    def tick(self, slots: Iterable[Slot], left: int) -> None:
        """Judge now and then; call it as often as you like. left: results that are still to come."""
        now = time.monotonic()
        if self._crew is None or now - self._judged_s < _EVERY_S:
            return
        self._judged_s = now
        self._settle([*self._phones(slots), *self._run(left, over=False)])

    def over(self, left: int, *, told: bool) -> None:
        """The run ended. told: whoever ended it knows, so missing results are no alarm."""
        if self._book is not None:
            self._book.settle(self._run(0 if told else left, over=True))

    def _phones(self, slots: Iterable[Slot]) -> Iterable[Verdict]:
        for slot in slots:
            if slot.expected:
                status = slot.status
                for_s = max(0.0, self._site.now_s() - status.since_s) / self._site.rate
                yield from judge_phone(
                    PhoneNow(slot.phone_id, status.state, for_s, status.reason, status.advice, slot.serial),
                    self._limits,
                )

    def _run(self, left: int, *, over: bool) -> Iterable[Verdict]:
        quiet_s = time.monotonic() - self._result_s
        return judge_run(RunNow(self._site.run_id, quiet_s, left, over), self._limits)

    def _settle(self, verdicts: list[Verdict]) -> None:
        book = self._book
        assert book is not None and self._crew is not None
        self._crew.do("alarms", lambda: book.settle(verdicts))
