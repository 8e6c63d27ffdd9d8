"""Reads a log of either official program line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from harness.benchmark.output.lines import read_lines
from harness.benchmark.output.numbers import NUMBER, number, phase
from harness.benchmark.output.outcome import Verdict
from harness.benchmark.output.profile import ProfileReader
from harness.records import PhaseStats, ProgramMemory

_APPLIED = re.compile(
    r"(?:Explicitly a|A)pplied (\S+) delegate, and the model graph will be (completely|partially) executed "
    r"(?:by|w/) the delegate(?: w/ (\d+) delegate kernels)?"
)
_NOT_APPLIED = re.compile(r"Though (\S+) delegate is explicitly applied, the model graph will not be executed")
_REPLACING = re.compile(
    r"Replacing (\d+)(?: out of (\d+))? node\(s\) with delegate \((\S+?)\) node(?:, yielding (\d+) partitions)?"
)
_GPU_SPLIT = re.compile(r"(\d+) operations will run on the GPU, and the remaining (\d+) operations will run on the CPU")
_TIMINGS = re.compile(
    rf"Inference timings in us: Init: ({NUMBER}), First inference: ({NUMBER}), "
    rf"Warmup \(avg\): ({NUMBER}), Inference \(avg\): ({NUMBER})"
)
_OLD_TIMINGS = re.compile(
    rf"Average inference timings in us: (?:Warmup: ({NUMBER}), )?Init: ({NUMBER}), (?:Inference|no stats): ({NUMBER})"
)
_SESSION = re.compile(rf"Initialized session in ({NUMBER}) ?ms")
_MODEL_MB = re.compile(rf"The input model file size \(MB\): ({NUMBER})")
_MEMORY = re.compile(rf"^(.*[Mm]emory footprint[^:]*): init=({NUMBER}) overall=({NUMBER})")
_PEAK = re.compile(rf"Overall peak memory footprint \(MB\) via periodic monitoring: ({NUMBER})")
_UNCONSUMED = re.compile(r"Unconsumed cmdline flags: (.*)|unrecognized commandline flag: (.*)")
_LITERT = re.compile(
    rf"^\s*([A-Z][A-Za-z]+(?: [a-z]+)?(?: \([a-z]+\))?):\s+({NUMBER})(?: (?:ms|MB/s|MB))?(?: \((\d+) runs\))?\s*$"
)
#: Lines that only the beginning of a run prints.
_BEGINNINGS = ("STARTING!", "Log parameter values", "Loaded model", "Initialized session in")
_LOOKS = re.compile(
    r"STARTING!|Inference timings in us|BENCHMARK RESULTS|Initialized session in|Running benchmark for"
    r"|^(?:\w+: )?count=\d+|Number of nodes executed|Summary of All Runs|Memory footprint delta"
    r"|Replacing \d+(?: out of \d+)? node\(s\)|delegate, and the model graph will",
    re.MULTILINE,
)
#: Things of a kind that are kept of a log, however long it is.
_MOST = 1000
#: What the runtime calls a delegate's node, and the name that the tool gives the delegate.
_NODE_NAMES = (("XNNPack", "XNNPACK"), ("Gpu", "GPU"), ("Nnapi", "NNAPI"), ("Hexagon", "Hexagon"), ("CoreMl", "COREML"))


@dataclass(frozen=True)
class DelegateOutput:
    """One delegate as the log names it; extent: completely, partially or none."""

    name: str
    nodes_delegated: int | None = None
    nodes_total: int | None = None
    partitions: int | None = None
    extent: str | None = None


@dataclass(frozen=True)
class BenchmarkOutput:
    """What one log says, with the keys of the command-line contract. Times in microseconds of wall time.

    options: of a multi-run log (benchmark_model_performance_options), each option's timed run, None where it failed.
    runs: how many runs the log holds; only the first is read.
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
    options: dict[str, PhaseStats | None] = field(default_factory=dict)
    runs: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As `harness parse --json` prints it; of a phase only what was printed."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("warmup_run", "timed_run"):
            found[name] = _printed(found[name])
        found["options"] = {name: _printed(stats) for name, stats in self.options.items()}
        found["memory"] = vars(self.memory) if self.memory else None
        found["delegates"] = [vars(d) for d in self.delegates]
        found["unconsumed_flags"] = list(self.unconsumed_flags)
        return found


def _printed(stats: PhaseStats | None) -> dict[str, Any] | None:
    return None if stats is None else {k: v for k, v in vars(stats).items() if v is not None}


def looks_like(text: str) -> bool:
    """Whether a text holds a line that only a benchmark program prints."""
    return bool(_LOOKS.search(text))


def parse_benchmark(text: str | Iterable[str], *, exit_code: int | None = None) -> BenchmarkOutput:
    """Read a log of TensorFlow Lite's or LiteRT's benchmark_model, plain or through logcat.

    Args:
        text: the log, both streams together, or its lines.
        exit_code: of the program, where it is known; it wins over what the text suggests.

    Never raises, whatever the text; without a finished timed run the outcome is never `ok`. Of a log with several runs
    only the first is read, so that no figures are mixed. Memory does not grow with the log.
    """
    reader = _Reader()
    for line in read_lines(text.splitlines() if isinstance(text, str) else text):
        reader.see(line.severity, line.text)
    return reader.result(exit_code)


@dataclass
class _Reader:
    verdict: Verdict = field(default_factory=Verdict)
    profile: ProfileReader = field(default_factory=ProfileReader)
    values: dict[str, float | None] = field(default_factory=dict)
    phases: list[PhaseStats] = field(default_factory=list)
    announced: int = 0
    summary: bool = False
    memory: dict[str, Any] = field(default_factory=dict)
    delegates: dict[str, dict[str, Any]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    options: dict[str, PhaseStats | None] = field(default_factory=dict)
    block: set[str] = field(default_factory=set)
    multiple: bool = False
    runs: int = 0
    over: bool = False

    def see(self, severity: str | None, text: str) -> None:
        if text.startswith(_BEGINNINGS) and self._another(text):
            self.over = True
        if "runtime options to be benchmarked" in text or "Summary of All Runs" in text:
            self.multiple = True
            self.summary = self.summary or "Summary of All Runs" in text
        if self.over:
            self._after(severity, text)
            return
        self.verdict.see(severity, text)
        self.profile.see(text)
        if text.startswith("Running benchmark for at least"):
            self.announced += 1
        elif text.startswith("count="):
            self._phase(text)
        elif self.summary:
            self._option(text)
        elif "delegate" in text or "operations will run" in text:
            self._delegate(text)
        else:
            self._value(text)

    def _another(self, text: str) -> bool:
        """Whether the beginning that `text` is belongs to a run after the first one; counts runs."""
        started = text.startswith("STARTING!")
        if started or self.runs == 0 or ("inference_avg_us" in self.values and not self.over):
            # A multi-run program is one run, whatever its options print.
            self.runs += 0 if self.multiple and not started else 1
            return self.runs > 1 or (self.multiple and "inference_avg_us" in self.values)
        return False

    def _after(self, severity: str | None, text: str) -> None:
        """A line behind the first run: only a multi-run program's own end still counts."""
        if self.multiple and self.runs <= 1:
            self.verdict.see(severity, text)
            if self.summary:
                self._option(text)

    def _option(self, text: str) -> None:
        name, colon, rest = text.strip().partition(": ")
        if not colon or len(self.options) >= _MOST:
            return
        found = phase(rest)
        if found is not None and found["count"]:
            self.verdict.finished = True
            self.options.setdefault(name.strip(), PhaseStats(**found))  # type: ignore[arg-type]
        elif rest.strip() == "failed!":
            self.options.setdefault(name.strip(), None)

    def _phase(self, text: str) -> None:
        found = phase(text)
        if found is not None and len(self.phases) < 2:
            self.phases.append(PhaseStats(**found))  # type: ignore[arg-type]

    def _value(self, text: str) -> None:
        if found := _TIMINGS.search(text):
            names = ("init_us", "first_us", "warmup_avg_us", "inference_avg_us")
            self._timings(dict(zip(names, found.groups(), strict=True)))
        elif found := _OLD_TIMINGS.search(text):
            old = ("warmup_avg_us", "init_us", "inference_avg_us")
            self._timings(dict(zip(old, found.groups(), strict=True)))
        elif found := _SESSION.search(text):
            self.values.setdefault("init_us", (number(found[1]) or 0.0) * 1000)
        elif found := _MODEL_MB.search(text):
            self.values.setdefault("model_mb", number(found[1]))
        elif found := _PEAK.search(text):
            self.memory["peak_mb"] = number(found[1])
        elif found := _MEMORY.search(text):
            self.memory.update(label=found[1].strip(), init_mb=number(found[2]), overall_mb=number(found[3]))
        elif found := _UNCONSUMED.search(text):
            self.flags += (found[1] or found[2]).split()[: _MOST - len(self.flags)]
        elif found := _LITERT.match(text):
            self._litert(found[1], number(found[2]), found[3])

    def _timings(self, found: dict[str, str | None]) -> None:
        if "inference_avg_us" in self.values:
            # An excerpt of several runs without their beginnings.
            self.runs += 1
            self.over = True
            return
        self.values.update({name: number(value) for name, value in found.items()})
        self.verdict.finished = bool(self.values["inference_avg_us"])

    def _litert(self, name: str, value: float | None, runs: str | None) -> None:
        milli = {
            "Model initialization": "init_us",
            "Warmup (first)": "first_us",
            "Warmup (avg)": "warmup_avg_us",
            "Inference (avg)": "inference_avg_us",
        }
        mega = {"Init footprint": "init_mb", "Overall footprint": "overall_mb", "Peak memory": "peak_mb"}
        if name in self.block:  # of a second run
            return
        self.block.add(name)
        if name in milli:
            self.values[milli[name]] = None if value is None else value * 1000
            if name == "Inference (avg)" and runs and int(runs) > 0:
                self.verdict.finished = True
        elif name in mega:
            self.memory[mega[name]] = value
            self.memory.setdefault("label", "Memory Usage")

    def _delegate(self, text: str) -> None:
        if len(self.delegates) >= _MOST:
            return
        if found := _APPLIED.search(text):
            self._entry(found[1], found[1])["extent"] = found[2]
        elif found := _NOT_APPLIED.search(text):
            self._entry(found[1], found[1]).update(extent="none", nodes_delegated=0)
        elif found := _REPLACING.search(text):
            tool = next((tool for node, tool in _NODE_NAMES if node.lower() in found[3].lower()), found[3])
            entry = self._entry(tool, None)
            entry.setdefault("name", found[3])
            entry["nodes_delegated"] = int(found[1])
            if found[2]:
                entry["nodes_total"] = int(found[2])
                entry.setdefault("extent", "completely" if found[1] == found[2] else "partially")
            if found[4]:
                entry["partitions"] = int(found[4])
        elif _GPU_SPLIT.search(text):
            # What the delegate could take, not what it took: partitions may be left out. No proof of either.
            return

    def _entry(self, key: str, name: str | None) -> dict[str, Any]:
        # One delegate may be named twice: by its node's class, and by the tool once it was asked for by a flag.
        entry = self.delegates.setdefault(key, {})
        if name:
            entry["name"] = name
        return entry

    def result(self, exit_code: int | None) -> BenchmarkOutput:
        warmup, timed = self._sort_phases()
        if timed is not None and timed.count > 0:
            self.verdict.finished = True
        profile = self.profile.result()
        if profile and profile["run_timings"] and profile["run_timings"]["count"] and not self.announced:
            # An excerpt that begins with the profile of the regular runs: the profile itself says how many ended.
            self.verdict.finished = True
        outcome, line = self.verdict.decide(exit_code)
        return BenchmarkOutput(
            outcome=outcome,
            outcome_line=line,
            **self.values,
            warmup_run=warmup,
            timed_run=timed,
            memory=ProgramMemory(**self.memory) if self.memory else None,
            delegates=tuple(DelegateOutput(**v) for v in self.delegates.values()),
            profile=profile,
            unconsumed_flags=tuple(self.flags),
            options=self.options,
            runs=max(self.runs, int(outcome == "ok")),
        )

    def _sort_phases(self) -> tuple[PhaseStats | None, PhaseStats | None]:
        if len(self.phases) == 2:
            return self.phases[0], self.phases[1]
        if len(self.phases) == 1 and self.announced <= 1:
            # One announced phase is the warm-up; an excerpt of one bare line with final timings is the timed run.
            if self.announced == 1 or not self.values.get("inference_avg_us"):
                return self.phases[0], None
            return None, self.phases[0]
        return (self.phases[0], None) if self.phases else (None, None)
