"""How much memory a session holds on a virtual phone, and what happens when that is more than there is."""

from __future__ import annotations

from dataclasses import dataclass

from harness.virtual.bench.graph import Graph
from harness.virtual.bench.law import Placement
from harness.virtual.bench.stats import Runs
from harness.virtual.profile import Speed
from harness.virtual.program import Call, Signalled

#: What the process holds before a model is loaded, and the part of it that files back, MiB.
BASE_MB, _BASE_FILE_MB = 6.2, 4.5
#: The interpreter, before anything of a model, MiB.
_RUNTIME_MB = 2.6
#: What the first run touches for the first time, MiB.
_FIRST_RUN_MB = 0.375
_SIGKILL = 9
_LMKD_PID = 500


@dataclass(frozen=True)
class Footprint:
    """MiB above the start: after initialisation and at the end; `gpu_mb` is outside of the process's own."""

    init_mb: float
    overall_mb: float
    file_mb: float
    gpu_mb: float

    @property
    def total_mb(self) -> float:
        """All that the process holds at the end."""
        return BASE_MB + self.overall_mb


def footprint(graph: Graph, file_bytes: int, speed: Speed, where: Placement) -> Footprint:
    """After initialisation: the runtime, the mapped file, an arena, XNNPACK's packed weights, the delegates' own."""
    file_mb = file_bytes / 2**20
    packed = graph.weights_bytes / 2**20 * (2 if graph.half_weights else 1) if where.xnnpack and where.cpu else 0.0
    init_mb = _RUNTIME_MB + file_mb + graph.activation_bytes * 0.5 / 2**20 + packed
    gpu_mb = 0.0
    if where.gpu and speed.gpu:
        init_mb += speed.gpu.memory_mb
        gpu_mb = graph.weights_bytes / 2**20 / (2 if where.gpu_half else 1) + graph.activation_bytes / 2**20
    if where.npu and speed.nnapi:
        init_mb += speed.nnapi.memory_mb
    return Footprint(_pages(init_mb), _pages(init_mb), file_mb + _BASE_FILE_MB, gpu_mb)


def grown(before: Footprint, *phases: Runs) -> Footprint:
    """After the runs: first touches, and 8 bytes a run in a list that doubles."""
    runs = sum(len(p) for p in phases)
    more = _FIRST_RUN_MB + 16 * runs / 2**20 if runs else 0.0
    return Footprint(before.init_mb, _pages(before.init_mb + more), before.file_mb, before.gpu_mb)


def _pages(megabytes: float) -> float:
    return round(megabytes * 256) / 256  # the kernel counts whole pages


async def hold_first_run(call: Call) -> None:
    """Hold what the first run touches."""
    await call.resident(_FIRST_RUN_MB)


async def hold(call: Call, found: Footprint, model: str) -> None:
    """Hold it on the phone, beside what the program holds already (`BASE_MB`); the file `model` is mapped.

    Raises:
        Signalled: the phone does not have it, and its low-memory killer ends the process.
    """
    state = call.phone.state
    wanted_kb, free_kb = round((found.total_mb + found.gpu_mb) * 1024), state.mem_available_kb
    if wanted_kb > free_kb:
        name = call.argv[0].rpartition("/")[2]
        reason = f"low watermark is breached and swap is low ({max(0, free_kb // 50)}kB < {free_kb // 10}kB)"
        state.log(
            "I",
            "lowmemorykiller",
            f"Kill '{name}' ({call.pid}), uid 2000, oom_score_adj -950 to free {free_kb}kB rss, "
            f"0kB swap; reason: {reason}",
            pid=_LMKD_PID,
        )
        raise Signalled(_SIGKILL)
    await call.resident(found.total_mb - BASE_MB, model)
