"""Reads a log of either official program line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from harness.benchmark.output.delegation import DelegateOutput, DelegateReader
from harness.benchmark.output.figures import FigureReader, phase_role
from harness.benchmark.output.lines import read_lines
from harness.benchmark.output.numbers import phase
from harness.benchmark.output.outcome import Verdict
from harness.benchmark.output.profile import ProfileReader
from harness.benchmark.output.runs import RunCounter
from harness.benchmark.output.stream import cut_lines
from harness.records import PhaseStats, ProgramMemory

_ANNOUNCED = re.compile(r"Running benchmark for (?:at least )?(\d{1,9}) iterations")
_PIECE = 64 * 1024
_UNPRINTED = ("settings", "flavour", "logcat")


@dataclass(frozen=True)
class BenchmarkOutput:
    """What one log says, with the keys of the command-line contract. Times in microseconds of wall time.

    runs: how many starts of a run the log holds; the figures are those of the first.

    Not among the contract's keys are settings: what the program says it was asked for, by its own words ("Graph",
    "Num threads", "Use gpu", …) and, where the log holds the command, by its flags ("--use_gpu"); flavour: "tflite" or
    "litert" where the log shows it; logcat: whether the lines came through it.
    """

    outcome: str
    outcome_line: str | None = None
    init_us: float | None = None
    first_us: float | None = None
    warmup_avg_us: float | None = None
    inference_avg_us: float | None = None
    warmup_run: PhaseStats | None = None
    timed_run: PhaseStats | None = None
    memory: ProgramMemory | None = None
    model_mb: float | None = None
    delegates: tuple[DelegateOutput, ...] = ()
    profile: dict[str, Any] | None = None
    unconsumed_flags: tuple[str, ...] = ()
    runs: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    flavour: str | None = None
    logcat: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As `harness parse --json` prints it; of a phase only what was printed."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _UNPRINTED}
        for name in ("warmup_run", "timed_run"):
            if found[name] is not None:
                found[name] = {k: v for k, v in vars(found[name]).items() if v is not None}
        found["memory"] = vars(self.memory) if self.memory else None
        found["delegates"] = [vars(d) for d in self.delegates]
        found["unconsumed_flags"] = list(self.unconsumed_flags)
        return found


def parse_benchmark(text: str | Iterable[str], *, exit_code: int | None = None) -> BenchmarkOutput:
    """Read a log of TensorFlow Lite's or LiteRT's benchmark_model, plain or through logcat.

    Args:
        text: the log, both streams together, or its lines.
        exit_code: of the program, where it is known; it wins over what the text suggests.

    Never raises, whatever the text; without a finished timed run the outcome is never `ok`. Keeps a bounded amount,
    however long the log is.
    """
    reader = _Reader()
    for line in read_lines(_lines(text) if isinstance(text, str) else text):
        if line.origin == "other_run":
            reader.counter.runs += 1
        elif line.origin:
            reader.verdict.see_afar(line.text)
        else:
            reader.logcat = reader.logcat or line.tag is not None
            reader.see(line.severity, line.text)
    return reader.result(exit_code)


def _lines(text: str) -> Iterator[str]:
    return cut_lines(text[at : at + _PIECE] for at in range(0, len(text), _PIECE))


class _Reader:
    def __init__(self) -> None:
        self.verdict = Verdict()
        self.counter = RunCounter()
        self.profile = ProfileReader()
        self.delegates = DelegateReader()
        self.figures = FigureReader()
        self.phases: list[PhaseStats] = []
        self.announced: list[str] = []
        self.before_phase: str | None = None
        self.first_run = True
        self.summary = False
        self.logcat = False

    def see(self, severity: str | None, text: str) -> None:
        if not text:
            return
        kind = self.counter.kind(text)
        if self.counter.see(kind):
            self.first_run = False
        # What every run prints once and rows of a profile say nothing of its end, and they are most of a log. Several
        # options in one process are several runs with one end.
        if (kind is None or kind == "command") and "\t" not in text and (self.first_run or self.counter.multi):
            self.verdict.see(severity, text)
        if "Summary of All Runs" in text:
            self.summary = self.counter.multi = self.verdict.spoke = True
        elif self.summary:
            if (found := phase(text)) and found["count"]:
                self.verdict.finished = self.verdict.summed_up = True
        elif self.first_run:
            self._see_first_run(kind, text)

    def _see_first_run(self, kind: str | None, text: str) -> None:
        if kind is not None:
            self.verdict.spoke = True
        if kind == "phase_start":
            if (found := _ANNOUNCED.match(text)) and len(self.announced) < 2:
                self.announced.append(found[1])
        elif kind == "phase":
            self._phase(text)
        elif kind == "command":
            self.figures.see_command(text)
        else:
            self.profile.see(text)
            self.delegates.see(text)
            self.figures.see(text)

    def _phase(self, text: str) -> None:
        found = phase(text)
        if found is not None and len(self.phases) < 2:
            if not self.phases and self.announced:
                self.before_phase = self.announced[-1]
            self.phases.append(PhaseStats(**found))  # type: ignore[arg-type]

    def result(self, exit_code: int | None) -> BenchmarkOutput:
        warmup, timed = self._sort_phases()
        values = {**self.figures.values, **self._finer(warmup, timed)}
        if self.figures.finished or (
            timed is not None and timed.count > 0 and (timed.avg_us is None or timed.avg_us >= 0)
        ):
            self.verdict.finished = True
        profile = self.profile.result()
        if profile and profile["run_timings"] and profile["run_timings"]["count"] and not self.announced:
            # An excerpt that begins with the profile of the regular runs: the profile itself says how many ended.
            self.verdict.finished = True
        outcome, line = self.verdict.decide(exit_code)
        return BenchmarkOutput(
            outcome=outcome,
            outcome_line=line,
            **values,
            warmup_run=warmup,
            timed_run=timed,
            memory=ProgramMemory(**self.figures.memory) if self.figures.memory else None,
            delegates=self.delegates.result(),
            profile=profile,
            unconsumed_flags=tuple(self.figures.flags),
            runs=max(self.counter.runs, int(outcome == "ok")),
            settings=self.figures.settings,
            flavour=self.figures.flavour,
            logcat=self.logcat,
        )

    def _finer(self, warmup: PhaseStats | None, timed: PhaseStats | None) -> dict[str, float | None]:
        """What the phases say in microseconds of what LiteRT's block rounds to ten of them, 0 for a quick model."""
        if self.figures.flavour != "litert":
            return {}
        found = {
            "first_us": warmup.first_us if warmup else None,
            "warmup_avg_us": warmup.avg_us if warmup else None,
            "inference_avg_us": timed.avg_us if timed else None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _sort_phases(self) -> tuple[PhaseStats | None, PhaseStats | None]:
        if len(self.phases) == 2:
            return self.phases[0], self.phases[1]
        if not self.phases:
            return None, None
        only = self.phases[0]
        role = phase_role(only.avg_us, self.before_phase, len(self.announced), self.figures)
        return (None, only) if role == "timed" else (only, None)
