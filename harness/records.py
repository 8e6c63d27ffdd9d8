"""The vocabulary every room shares: frozen records with units in their names.

Imports nothing of the harness. A value that is unknown is `None`; where a reader would ask why, a `Quantity` carries
the reason. Records travel as JSON (journal, run.json) through `to_json` and `from_json`.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

#: What a session can end as (contract.md): those of `harness parse`, and three that only a session can know.
OUTCOMES = (
    "ok",
    "model_load_failed",
    "unresolved_op",
    "delegate_failed",
    "prepare_failed",
    "invoke_failed",
    "crash",
    "killed",
    "timeout",
    "link_error",
    "permission",
    "wrong_abi",
    "not_found",
    "bad_flag",
    "other",
    "fallback",
    "wrong_output",
    "refused",
)

#: Outcomes that are results about a model and a delegate, not failed jobs.
RESULT_OUTCOMES = frozenset({"ok", "fallback", "delegate_failed", "unresolved_op", "prepare_failed", "refused"})

#: What a session can run for: its times; what comes of its outputs; its first load with caches cleared; one step of a
#: chain without a rest; its operators; its memory. Only the times of the first count as latency.
KINDS = ("timing", "outputs", "cold", "sustained", "operators", "memory")

#: Kinds whose times count for nothing: they come after all that is timed, and wait for no phone to cool down.
UNTIMED_KINDS = frozenset({"outputs", "operators", "memory"})
#: Those of them that look into one condition for details.
DETAIL_KINDS = UNTIMED_KINDS - {"outputs"}


@dataclass(frozen=True)
class Quantity:
    """A measured value, or the reason why there is none. The unit stands in the name of the field that holds it."""

    value: float | None = None
    reason: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class PhaseStats:
    """One phase (warm-up or timed) as benchmark_model prints it; microseconds, `None` where not printed."""

    count: int
    first_us: float | None = None
    curr_us: float | None = None
    min_us: float | None = None
    max_us: float | None = None
    avg_us: float | None = None
    std_us: float | None = None
    p5_us: float | None = None
    median_us: float | None = None
    p95_us: float | None = None


@dataclass(frozen=True)
class ProgramMemory:
    """Memory as the program reports it, MiB: deltas of the peak RSS since start, and the absolute peak."""

    label: str | None = None
    init_mb: float | None = None
    overall_mb: float | None = None
    peak_mb: float | None = None


@dataclass(frozen=True)
class Delegation:
    """Proof of what ran where.

    extent: "completely", "partially" or "none"; `None` where the program left no proof.
    source: "runtime_info" (the file the program wrote) or "log".
    """

    extent: str | None = None
    nodes_delegated: int | None = None
    nodes_total: int | None = None
    partitions: int | None = None
    source: str | None = None


@dataclass(frozen=True)
class Runtime:
    """The benchmark program that ran.

    flavour: "tflite" or "litert", or "unknown" of imported sessions; version: what is known of the build, or None;
    sha256: None of imported sessions.
    """

    flavour: str
    version: str | None
    sha256: str | None


@dataclass(frozen=True)
class CpuCluster:
    """Cores that share a clock. capacity: of one core against the phone's strongest with 1024, None: not said."""

    cpus: tuple[int, ...]
    max_khz: int | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class PhoneRecord:
    """What a phone is, read once per run. `reasons` maps a field that is None to why it is."""

    phone_id: str
    serial: str
    provenance: str  # real, emulator, virtual, imported
    manufacturer: str | None = None
    model: str | None = None
    device: str | None = None
    soc: str | None = None
    soc_manufacturer: str | None = None
    android: str | None = None
    sdk: int | None = None
    abi: str | None = None
    abilist: tuple[str, ...] = ()
    ram_mb: float | None = None
    cores: int | None = None
    max_khz: int | None = None
    clusters: tuple[CpuCluster, ...] = ()
    performance_class: int | None = None
    fingerprint: str | None = None
    gpu: str | None = None
    tier: str | None = None
    tier_reason: str | None = None
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ThermalRecord:
    """Heat around one session, degrees Celsius. status: dumpsys thermalservice 0 to 6, None where not offered."""

    battery_before_c: float | None = None
    battery_after_c: float | None = None
    skin_before_c: float | None = None
    skin_after_c: float | None = None
    max_c: float | None = None
    status_before: int | None = None
    status_after: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class FrequencyRecord:
    """CPU clocks over one session, by cluster where it is a mapping (policy0, policy4 …).

    Attributes:
        min_cap_pct: the lowest cap on a cluster as a share of its maximum.
        mean_khz: mean clock.
        reason: why there is no residency.
        cap_of_allowed_pct: the lowest cap as a share of what the state that was held allows; heat, or somebody else.
        share_pct: clock in kHz to its share of the time; clocks that were not used are left out.
        at_cap_pct: share of the time at the lowest cap or above.
        caps_khz: every cap that was seen, ascending.
    """

    min_cap_pct: float | None = None
    mean_khz: dict[str, float] = field(default_factory=dict)
    reason: str | None = None
    cap_of_allowed_pct: float | None = None
    share_pct: dict[str, dict[str, float]] = field(default_factory=dict)
    at_cap_pct: dict[str, float] = field(default_factory=dict)
    caps_khz: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class EnergyRecord:
    """What a session's energy figures rest on. Energy of one inference, mJ; power in mW; what is not known is None.

    Attributes:
        source: what measured it, as the report names it; None where nothing did.
        gross_mj, net_mj: of one inference, with and without what the idle phone draws.
        u_mj: half of the interval that the errors of this session allow for `net_mj`, gain error aside.
        errors_mj: the parts of `u_mj` by name.
        idle_mw: what the idle phone drew, in the mean over both sides.
        window_s: how long was integrated; inferences: all of them in it, warm-up included.
        absolute: "uncalibrated" where the gauge's gain is not known, "calibrated" against what, else None.
        counter_ratio: charge by the gauge's current over charge by the charge counter, None where it is not known.
        throttled: what capped the clocks meanwhile: such figures stand apart.
        reason: why there is no figure.
    """

    source: str | None = None
    gross_mj: float | None = None
    net_mj: float | None = None
    u_mj: float | None = None
    errors_mj: dict[str, float] = field(default_factory=dict)
    idle_mw: float | None = None
    window_s: float | None = None
    inferences: int | None = None
    absolute: str | None = None
    counter_ratio: float | None = None
    throttled: str | None = None
    reason: str | None = None


#: Kinds of memory that a MemoryRecord keeps apart, and the phases in which the peak grows.
MEMORY_PARTS = ("vm_hwm", "anon", "file", "swap", "pss", "gpu")
MEMORY_PHASES = ("load", "compile", "run")


@dataclass(frozen=True)
class MemoryRecord:
    """Memory of one process by its definitions, MiB; see docs/memory.md. Kept apart, since they do not add up."""

    vm_hwm_mb: Quantity = field(default_factory=Quantity)  # peak resident, as the kernel counts it
    anon_mb: Quantity = field(default_factory=Quantity)  # RssAnon at its highest
    file_mb: Quantity = field(default_factory=Quantity)  # RssFile at its highest: mapped files, dropped under pressure
    swap_mb: Quantity = field(default_factory=Quantity)
    pss_mb: Quantity = field(default_factory=Quantity)  # once, outside of any timed run
    gpu_mb: Quantity = field(default_factory=Quantity)  # what the GPU's driver counts for it; not part of any RSS
    phases_mb: dict[str, float] = field(default_factory=dict)  # load, compile, run: growth of the peak in each
    phases_reason: dict[str, str] = field(default_factory=dict)  # phase -> why it is not known
    reads: int = 0  # how often the kernel was asked while the program ran


@dataclass(frozen=True)
class OperatorTime:
    """One operator of a profile, in running order.

    Attributes:
        node_type, name: as the program prints them; name is None where only a summary by type is left.
        node: index of the model's node; None of an operator that a delegate made.
        ms: of one run, all of its calls together; calls: in one run.
        memory_kb: as printed; None where it was not counted.
        unit: what ran it, see harness/benchmark/output/units.py; None: nothing says so.
        part: "model", or "inside" of what another operator's time already holds: a delegate's kernels, or the body
            of a loop.
    """

    node_type: str
    name: str | None
    ms: float
    calls: float = 1.0
    node: int | None = None
    memory_kb: float | None = None
    unit: str | None = None
    part: str = "model"


@dataclass(frozen=True)
class OperatorProfile:
    """What a profiled session spent where. Profiling slows a run: compare shares, and take latency from elsewhere.

    Attributes:
        source: which form it was read from: proto, csv or table.
        ops: in running order; reason: why there are none.
    """

    source: str | None = None
    ops: tuple[OperatorTime, ...] = ()
    reason: str | None = None

    @property
    def total_ms(self) -> float:
        """Of one run, over the model's own operators."""
        return sum(op.ms for op in self.ops if op.part == "model")


@dataclass(frozen=True)
class ActivityRecord:
    """Who used the cores during one session.

    Attributes:
        own_cpu_s: CPU time of the program; own_source: from where that is known.
        others_busy_pct: share of all cores that others had.
        last_cpus: core to how often a thread of the program was seen on it.
        allowed_cpus: cores that it may run on, as the kernel writes it.
        sampler_cpu_s: what the sampler cost; of the whole time that it ran.
        reason: why a value is None.
    """

    own_cpu_s: float | None = None
    own_source: str | None = None
    others_busy_pct: float | None = None
    last_cpus: dict[str, int] = field(default_factory=dict)
    allowed_cpus: str | None = None
    sampler_cpu_s: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class StateRecord:
    """The state that a phone was put into for its block.

    Attributes:
        held: knob to the value that it was held at, as confirmed on the phone.
        refused: knob to why it was not.
        lost: knob to what it had become by the end of the session; it is in `held` too.
    """

    held: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


#: The source of inputs that nobody gave.
RANDOM_INPUTS = "random inputs"


@dataclass(frozen=True)
class Agreement:
    """How what one run on a phone gave compares with what the host gives for the same model and input.

    Attributes:
        verdict: "agrees" or "wrong"; None where it could not be checked.
        reason: why it is wrong, or why it was not checked.
        input: which of the inputs, from 0.
        source: name of the file that the inputs are from, or RANDOM_INPUTS.
        signs: what was seen in it: nan, inf, all_zero, constant, stale (the output of another input), size.
        max_abs_error, mean_abs_error: in the output's own unit; of several outputs the largest.
        error_pct: the largest error as a share of the range of the host's outputs.
        error_steps: the same in steps of the output's quantization; None where it has none.
        cosine: the least of all outputs.
        top1: the same class is ahead; None where no output is one vector of scores.
        tolerance: what was allowed, in words, with why.
    """

    input: int
    source: str
    verdict: str | None = None
    reason: str | None = None
    signs: tuple[str, ...] = ()
    max_abs_error: float | None = None
    mean_abs_error: float | None = None
    error_pct: float | None = None
    error_steps: float | None = None
    cosine: float | None = None
    top1: bool | None = None
    tolerance: str | None = None


@dataclass(frozen=True)
class AccuracyRecord:
    """How right a model was on the host, and what it lost against another on the same examples.

    unit: "pct" (differences are points) or "" for the output's own; drop: positive where the model is worse, None with
    drop_reason; reference: "labels", or "base" where figures are agreement with the base model's answers; reason: why
    value is None.
    """

    metric: str
    unit: str
    value: float | None
    ci95: tuple[float | None, float | None]
    drop: float | None
    drop_ci95: tuple[float | None, float | None]
    verdict: str | None
    examples: int
    base: str | None
    reference: str
    reason: str | None = None
    drop_reason: str | None = None


@dataclass(frozen=True)
class SessionKey:
    """What makes two sessions the same measurement."""

    model: str
    variant: str
    delegate: str  # cpu, gpu, nnapi, npu
    options: dict[str, str]
    threads: int | None  # None only of imported sessions: nothing says how many


@dataclass(frozen=True)
class SessionRecord:
    """One fresh benchmark process on one phone: the unit of measurement, and one line of the journal."""

    session_id: str  # block id, "/", index: the same session has the same id, however often it is collected
    block_id: str
    phone_id: str
    serial: str
    provenance: str  # real, emulator, virtual, imported
    context: str  # shell, app
    key: SessionKey
    model_sha256: str | None  # None of imported sessions
    model_mb: float | None  # bytes / 1e6, as the program prints it
    runtime: Runtime
    args: tuple[str, ...]
    outcome: str
    outcome_line: str | None = None
    exit_code: int | None = None
    signal: str | None = None
    boot_id: str | None = None
    start_uptime_s: float | None = None  # CLOCK_BOOTTIME of the phone
    end_uptime_s: float | None = None
    init_us: float | None = None
    first_us: float | None = None
    warmup_avg_us: float | None = None
    inference_avg_us: float | None = None
    warmup_run: PhaseStats | None = None
    timed_run: PhaseStats | None = None
    memory: ProgramMemory | None = None
    peak_rss_mb: Quantity = field(default_factory=Quantity)  # absolute
    delegation: Delegation = field(default_factory=Delegation)
    power_mw: Quantity = field(default_factory=Quantity)  # mean over the timed run
    energy_mj: Quantity = field(default_factory=Quantity)  # net of idle, per inference
    thermal: ThermalRecord = field(default_factory=ThermalRecord)
    frequency: FrequencyRecord = field(default_factory=FrequencyRecord)
    flags: tuple[str, ...] = ()
    flag_reasons: dict[str, str] = field(default_factory=dict)  # flag -> what was seen
    evidence: dict[str, str] = field(default_factory=dict)  # kind -> path inside the run folder
    detail: dict[str, str] = field(default_factory=dict)  # e.g. logcat excerpt, low-memory-killer line
    kind: str = "timing"  # one of KINDS
    repeat: int | None = None  # which of the condition's sessions, from 0; of a chain the number of the chain
    step: int | None = None  # of kind "sustained": place in its chain, from 0
    arm: str | None = None  # of a comparison: "A" or "B"; then `repeat` is the pair
    agreement: Agreement | None = None  # of kind "outputs"
    energy: EnergyRecord = field(default_factory=EnergyRecord)
    memory_detail: MemoryRecord = field(default_factory=MemoryRecord)
    operators: OperatorProfile | None = None  # where the program was asked for its operators
    activity: ActivityRecord = field(default_factory=ActivityRecord)
    state: StateRecord = field(default_factory=StateRecord)

    @property
    def gives_latency(self) -> bool:
        """Whether its times are the latency of its condition: of a chain only those of the cool first step."""
        return self.kind == "timing" or (self.kind == "sustained" and self.step == 0)

    @property
    def wall_s(self) -> float | None:
        """Seconds of the phone's clock that the process took."""
        if self.start_uptime_s is None or self.end_uptime_s is None:
            return None
        return self.end_uptime_s - self.start_uptime_s


def to_json(record: Any) -> dict[str, Any]:
    """A record as plain JSON types (tuples become lists when dumped)."""
    return dataclasses.asdict(record)


def from_json(kind: type[T], data: dict[str, Any]) -> T:
    """The record that `to_json` made; unknown keys are ignored so that an older harness reads a newer journal.

    Raises:
        TypeError: a required field is missing.
    """
    hints = _hints(typing.cast("Any", kind))
    values = {
        f.name: _decode(hints[f.name], data[f.name])
        for f in dataclasses.fields(kind)  # type: ignore[arg-type]
        if f.name in data
    }
    return kind(**values)


@functools.cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if value is None:
        return None
    if origin in (typing.Union, types.UnionType):
        return _decode(next(a for a in typing.get_args(hint) if a is not type(None)), value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value)
    if origin is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(_decode(inner, v) for v in value) if dataclasses.is_dataclass(inner) else tuple(value)
    return value
