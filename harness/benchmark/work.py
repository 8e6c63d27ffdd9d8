"""What is to be done: the vocabulary between plan, session and rack. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.limits import CareLimits
from harness.records import SessionKey


@dataclass(frozen=True)
class ModelFile:
    """A `.tflite` file on the host, named by its content."""

    name: str
    variant: str
    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class BinaryFile:
    """A benchmark program on the host. flavour: "tflite" or "litert"; abi as Android names it, None for any."""

    path: Path
    sha256: str
    flavour: str
    abi: str | None
    version: str | None = None
    name: str | None = None  # what people call it, where the file has another name


@dataclass(frozen=True)
class Protocol:
    """How each session is run; phone seconds and runs as benchmark_model defines them. name: see protocols.py."""

    name: str = "standard"
    num_runs: int = 50
    min_secs: float = 1.0
    max_secs: float = 30.0
    warmup_runs: int = 1
    warmup_min_secs: float = 0.5
    session_timeout_s: float = 120.0
    cooldown_timeout_s: float = 30.0
    cooldown_total_s: float | None = None  # over the whole block; None: no limit
    cooldown_above_idle_c: float = 2.0
    sample_period_s: float = 0.5
    idle_s: float = 0.0  # idle window before and after, for an energy baseline
    battery_floor_pct: float = CareLimits.floor_pct  # a session does not start below it; 0: off
    hard_stop_c: float | None = CareLimits.hard_stop_c  # of the battery: what runs is ended, None: off
    chain_s: float = 0.0  # back-to-back processes of `min_secs` for so long make one chain; 0: no chains
    cold: bool = False  # before each timed session one with the caches cleared
    cut_usb: bool = False  # the hub cuts the phone's USB power while it measures
    require_full_delegation: bool = False
    extra_args: tuple[str, ...] = ()
    state: tuple[tuple[str, str], ...] = ()  # what the phone is held at: knob and value (see harness/phones/state/)
    memory_period_s: float = 0.1  # between two looks at a process, in sessions of kind "memory"


@dataclass(frozen=True)
class OutputsWanted:
    """What outputs are checked on. The limits take the place of the table's (see harness/accuracy/tolerance.py).

    inputs: an .npz file; None: random ones. samples: at most so many of its examples.
    """

    inputs: Path | None = None
    samples: int = 3
    error_pct: float | None = None
    steps: float | None = None
    cosine_min: float | None = None


@dataclass(frozen=True)
class PlannedSession:
    """One fresh process on one phone; `index` is its place in that phone's seeded, interleaved order.

    kind: what it runs for, one of harness.records.KINDS.
    sample: of the model's inputs, of kind "outputs"; then `repeat` is 0.
    step: place in its chain, of kind "sustained"; only the first step of a chain waits for the phone to cool down.
    context: "shell", or "app": in the official benchmark app, scheduled as apps are.
    arm: side of a comparison, "A" or "B" (see harness/compare/); then `repeat` is the pair.
    binary: the program that runs it; None: the block's.
    extra_args: flags after those of the protocol.
    work: times the protocol's runs and least seconds.
    """

    index: int
    repeat: int
    key: SessionKey
    model: ModelFile
    kind: str = "timing"
    sample: int | None = None
    step: int | None = None
    context: str = "shell"
    arm: str | None = None
    binary: BinaryFile | None = None
    extra_args: tuple[str, ...] = ()
    work: int = 1


@dataclass(frozen=True)
class Block:
    """An ordered list of sessions that one phone runs alone, detached from the host."""

    block_id: str
    phone_id: str
    sessions: tuple[PlannedSession, ...]
    protocol: Protocol = field(default_factory=Protocol)

    def session_id(self, index: int) -> str:
        """A session's id is block plus index, so collecting twice gives the same id."""
        return f"{self.block_id}/{index:04d}"
