"""What the scheduler sees of jobs and phones. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.benchmark.selectors import Term
from harness.records import PhoneRecord


@dataclass(frozen=True)
class Job:
    """Something that one phone shall run, once.

    Attributes:
        job_id: unique over all commands.
        run_id: the run it belongs to.
        order: when it was put in; of two that are alike the lower goes first.
        priority: the higher goes first.
        phone_id: the phone it is pinned to; None: any that meets `wanted`.
        wanted: terms that must all hold, of any inner list, as `--device` takes them; empty: any phone.
        free_kb, battery_pct: least free storage and charge, where asked for.
        estimate_s: phone seconds it takes at least.
        apart: jobs of one run with the same name here run on different phones; None: it does not matter.
        avoid: phones that it failed on and shall not see again.
        not_before_s: on the scheduler's clock, a pause before another try.
    """

    job_id: str
    run_id: str
    order: int
    priority: int = 0
    phone_id: str | None = None
    wanted: tuple[tuple[Term, ...], ...] = ()
    free_kb: int | None = None
    battery_pct: float | None = None
    estimate_s: float = 0.0
    apart: str | None = None
    avoid: frozenset[str] = frozenset()
    not_before_s: float = 0.0


@dataclass(frozen=True)
class PhoneView:
    """A phone as the scheduler sees it.

    Attributes:
        record: of an absent phone, what was last known of it.
        busy: why it takes no job now, as the end of a sentence about it ("leased by …"); None where it takes one.
        free_kb, battery_pct: as last seen.
        labels: that the rack file gives it.
        known: False where the record holds no more than its id: it takes no job yet, and may be fit for any.
    """

    record: PhoneRecord
    busy: str | None = None
    free_kb: int | None = None
    battery_pct: float | None = None
    labels: frozenset[str] = frozenset()
    known: bool = True


@dataclass(frozen=True)
class Schedule:
    """What to do now. starts: job_id to phone_id; waits: job_id to why it waits, in words; hopeless: job_id to why no
    phone of this rack will ever take it.
    """

    starts: Mapping[str, str] = field(default_factory=dict)
    waits: Mapping[str, str] = field(default_factory=dict)
    hopeless: Mapping[str, str] = field(default_factory=dict)
