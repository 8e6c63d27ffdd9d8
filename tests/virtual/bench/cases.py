"""Plays benchmark programs on a phone that costs no time, and holds them against recordings."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from harness.virtual.bench.build import ANDROID, Build
from harness.virtual.bench.session import run
from harness.virtual.faults import Standing
from harness.virtual.profile import Profile, profiles
from harness.virtual.program import Call, Program, Signalled
from harness.virtual.state import Process
from tests.racks import SHARED

RUNS = SHARED / "benchmark_model_runs"
_INPUTS = {"a.bin": 256, "b.bin": 256, "conv_in.bin": 96 * 96 * 3 * 4}
MODELS = Path(__file__).parents[2] / "models"


class FastClock:
    """Time that needs no waiting: sleeping moves it."""

    rate = 1.0

    def __init__(self) -> None:
        self._now_s = 1.0
        self.slept: list[float] = []

    def now_s(self) -> float:
        """Seconds since boot."""
        return self._now_s

    awake_s = now_s  # it never sleeps

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self._now_s += max(0.0, seconds)
        await asyncio.sleep(0)


class StillState:
    """A phone that warms up only as a test says: `speeds` are the shares that follow each other."""

    def __init__(self) -> None:
        self.random = random.Random(1)
        self.mem_available_kb = 8_000_000
        self.loads: list[str] = []
        self.seen: set[str] = set()
        self.logged: list[tuple[str, str, str]] = []
        self.speeds: list[float] = []
        self.running: list[Process] = []
        self.pids: dict[int, Process] = {}
        self.first_outputs: dict[tuple[str, int], bytes] = {}

    def speed(self, kind: str, pid: int | None = None) -> float:
        """Full speed, or what comes next."""
        return self.speeds.pop(0) if self.speeds else 1.0

    @contextlib.contextmanager
    def load(self, kind: str, share: float, pid: int | None = None) -> Iterator[None]:
        """Counted, so that a test can see them end."""
        assert 0 <= share <= 1.05
        self.loads.append(kind)
        self.seen.add(kind)
        try:
            yield
        finally:
            self.loads.remove(kind)

    @contextlib.contextmanager
    def process(self, pid: int, name: str, cpus: frozenset[int] | None = None) -> Iterator[Process]:
        """Counted."""
        self.running.append(Process(name))
        try:
            yield self.running[-1]
        finally:
            self.running.pop()

    def log(self, priority: str, tag: str, text: str, pid: int = 1, *, buffer: str = "main") -> None:
        """Kept."""
        self.logged.append((priority, tag, text))


@dataclass
class StillPhone:
    """What the programs need of a phone."""

    profile: Profile
    clock: FastClock = field(default_factory=FastClock)
    faults: Standing = field(default_factory=Standing)
    full: bool = False
    state: StillState = field(default_factory=StillState)


class Recorder:
    """A call that keeps what is printed. Models are found in `models`, all other relative paths below `work`."""

    def __init__(self, argv: list[str], work: Path, *, models: Path = MODELS, profile: Profile | None = None) -> None:
        self.phone = StillPhone(profile or profiles()["pixel-8-pro"])
        self.argv = argv
        self.cwd = "/"
        self.pid = 77
        self.cpus: frozenset[int] | None = None
        self.held_mb = 0.0
        self.instead = ""  # model that stands for one that is not there
        self.out_text = ""
        self.err_text = ""
        self._models, self._work = models, work

    async def out(self, text: str | bytes) -> None:
        """Standard output."""
        self.out_text += text if isinstance(text, str) else text.decode()

    async def err(self, text: str | bytes) -> None:
        """Standard error."""
        self.err_text += text if isinstance(text, str) else text.decode()

    async def resident(self, megabytes: float, mapped: str = "") -> None:
        """Noted."""
        self.held_mb = megabytes

    def path(self, on_phone: str) -> Path:
        """Where a file lies."""
        if on_phone.startswith("models/"):
            found = self._models / on_phone.removeprefix("models/")
            return self._models / self.instead if self.instead and not found.exists() else found
        return self._work / on_phone.removeprefix("work/") if not on_phone.startswith("/") else Path(on_phone)


@dataclass(frozen=True)
class Played:
    """How it ended; a signal counts as 128 more than its number, as a shell has it."""

    code: int
    out: str
    err: str
    call: Recorder

    @property
    def phone(self) -> StillPhone:
        """Where it ran."""
        return self.call.phone


def play(call: Recorder, build: Build = ANDROID, program: Program | None = None) -> Played:
    """Run a program to its end; whatever happened, nothing of it may be left on the phone."""

    async def running() -> int:
        return await (program(cast(Call, call)) if program else run(cast(Call, call), build))

    try:
        code = asyncio.run(running())
    except Signalled as died:
        code = 128 + died.number
    assert call.phone.state.loads == []
    assert call.phone.state.running == []
    return Played(code, call.out_text, call.err_text, call)


def on_phone(work: Path, *flags: str, profile: str = "pixel-8-pro", **changes: Any) -> Played:
    """benchmark_model on a phone of that profile; `changes` replace parts of its speed."""
    kind = profiles()[profile]
    if changes:
        kind = kind.model_copy(update={"speed": kind.speed.model_copy(update=changes)})
    return play(Recorder(["benchmark_model", *flags], work, profile=kind))


def recorded(name: str, work: Path, build: Build, profile: Profile) -> Played:
    """Play a recorded command as the Linux program that it was."""
    for file, size in _INPUTS.items():
        (work / file).write_bytes(bytes(size))
    (work / "ser").mkdir()
    command = (RUNS / f"{name}.cmd").read_text().split(";")[-1]
    call = Recorder(shlex.split(command), work, models=RUNS / "models", profile=profile)
    call.instead = "conv_f32.tflite"  # one recorded model is not kept; the lines depend on no model
    return play(call, build)


#: Lines whose numbers are the machine's or the moment's; every other line is compared as it is.
_MEASURED = re.compile(
    r"^INFO: (Initialized session|Inference timings|Memory footprint|Overall peak|The input model file size)"
    r"|^INFO: [-+] (VmRSS|Rss)"
    r"|^Timings \(mic"
)


def masked(text: str) -> list[str]:
    """Lines with what was measured masked: statistics, times, sizes; columns of tables without their padding."""
    return [_mask(line) for line in text.splitlines()]


def _mask(line: str) -> str:
    if line.startswith("\t--"):
        return "\t".join(part.rstrip() for part in line.split("\t")[:-1])  # a flag: its help text is ours
    if line.startswith("\t"):
        return "\t".join(_cells([part.strip() for part in line.split("\t")]))
    if line.count(", ") >= 6:
        cells = line.split(", ")
        named = 7 if "Delegate/" in line or "[" in line or "/0" in line else 6
        return ", ".join(_cells(["", ", ".join(cells[:-named]), *cells[-named:]]))
    line = re.sub(r"count=[1-9]\d* .*", "count=#", line)
    line = re.sub(r"_\d+\.bin", "_#.bin", line)
    return re.sub(r"\d+(?:\.\d+)?(?:e[+-]\d+)?", "#", line) if _MEASURED.match(line) else line


def _cells(cells: list[str]) -> list[str]:
    # Of a table's row: times, shares and memory; the names, the counts and the calls stay.
    is_operators = len(cells) == 9
    masked_places = range(2, 7) if is_operators else range(3, 7)
    if "node type" in cells[1].lower():
        return cells
    return ["#" if i in masked_places else cell for i, cell in enumerate(cells)]


def first_difference(ours: list[str], theirs: list[str]) -> str:
    """Where two texts part, for the message of a failed test; empty where they do not."""
    for number in range(max(len(ours), len(theirs))):
        a, b = (lines[number] if number < len(lines) else "(end)" for lines in (ours, theirs))
        if a != b:
            return f"line {number + 1}:\n  ours   {a!r}\n  theirs {b!r}"
    return ""
