"""What a rule is, and what it may look at. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from harness.measure.sampler import SamplerLog
from harness.records import FrequencyRecord, StateRecord, ThermalRecord


@dataclass(frozen=True)
class Evidence:
    """What is known of one session; what is not known is None and breaks no rule.

    Attributes:
        start_s, end_s: when the program ran, CLOCK_BOOTTIME.
        log: of the sampler.
        sampler_died: it was no more there at the end.
        frequency, thermal: what was read around it.
        charging: why the phone counts as charging, None on battery.
        warm_start: the cool-down did not end in time.
        others_busy: share of the cores that was busy before the start, while nothing of ours ran.
        others_busy_pct: share of all cores that others had while it ran.
        state: that the phone was held at.
        wanted_cpus: the cores that it was to be pinned to, None where it was not.
        allowed_cpus: those that the kernel let it have, as the kernel writes it.
        fenced: the phone's lease was no more this run's when the session ended.
        hot: what the battery reached when the harness ended the session, in words; empty where it did not.
        outcome: of the session.
        delegate: that was asked for.
        extent: how much of the model the delegate took.
        runs, wanted_runs: timed runs, and the least number of them.
        garbled: what the program printed is damaged.
        wrong_output: why its outputs are wrong, None where they are not, or were not checked.
        gauge_stuck: why the battery gauge counts as stuck, None where it moves, or the phone was not on battery.
        gauge_unchecked: why nothing confirms the gauge that gave the energy, None where something does, or none did.
        swap_mb: most that was seen in swap, of a process that was looked at.
        operators_ms, run_ms: of a profiled session, what its operators took in one run, and the mean run itself.
    """

    start_s: float | None = None
    end_s: float | None = None
    log: SamplerLog | None = None
    sampler_died: bool = False
    frequency: FrequencyRecord = field(default_factory=FrequencyRecord)
    thermal: ThermalRecord = field(default_factory=ThermalRecord)
    charging: str | None = None
    warm_start: bool = False
    others_busy: float | None = None
    others_busy_pct: float | None = None
    state: StateRecord = field(default_factory=StateRecord)
    wanted_cpus: frozenset[int] | None = None
    allowed_cpus: str | None = None
    fenced: bool = False
    hot: str = ""
    outcome: str = "ok"
    delegate: str = "cpu"
    extent: str | None = None
    runs: int | None = None
    wanted_runs: int = 0
    garbled: bool = False
    wrong_output: str | None = None
    gauge_stuck: str | None = None
    gauge_unchecked: str | None = None
    swap_mb: float | None = None
    operators_ms: float | None = None
    run_ms: float | None = None


class Rule(ABC):
    """One reason to doubt a session, or to throw it away.

    Attributes:
        name: the flag that a session gets.
        voids: its figures do not count.
        meaning: for readers of a report.
        threshold: from where on it holds, in words.
        why: why that casts doubt on the figures.
    """

    name: ClassVar[str]
    voids: ClassVar[bool] = False
    meaning: ClassVar[str]
    threshold: ClassVar[str]
    why: ClassVar[str]

    @abstractmethod
    def broken(self, e: Evidence) -> str | None:
        """What was seen, in words, where the session breaks the rule; None where it does not, or nobody can tell."""
