"""How long things take on a virtual phone: a seeded law of its profile. Pure.

A session draws its own factor (placement, clocks) and every run a smaller one, so that runs of one process agree with
each other and differ between processes, as on real phones.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from harness.virtual.bench.graph import Graph
from harness.virtual.profile import Speed


@dataclass(frozen=True)
class Placement:
    """Which nodes run where. precision of GPU and NNAPI: "f16", "f32" or "int8"."""

    cpu: frozenset[int]
    gpu: frozenset[int] = frozenset()
    npu: frozenset[int] = frozenset()
    gpu_kernels: int = 0
    npu_kernels: int = 0
    gpu_precision: str = "f16"
    threads: int = 1
    xnnpack: bool = True
    npu_is_reference: bool = False


@dataclass(frozen=True)
class Timing:
    """Milliseconds of a cool phone: initialisation, first run over steady, and the steady run's parts."""

    init_ms: float
    cpu_ms: float
    gpu_ms: float
    npu_ms: float
    first_factor: float

    @property
    def run_ms(self) -> float:
        """One steady run."""
        return self.cpu_ms + self.gpu_ms + self.npu_ms


def timing(graph: Graph, speed: Speed, where: Placement) -> Timing:
    """Times of a placement on a cool phone without noise."""
    cpu = speed.cpu
    rate = cpu.gmacs_int8 if graph.quantized else cpu.gmacs_f32
    scale = cpu.scaling[min(where.threads, len(cpu.scaling)) - 1]
    slower = 1.0 if where.xnnpack else cpu.plain_divisor
    macs = {n.index: n.macs for n in graph.nodes}
    cpu_ms = sum(macs[n] for n in where.cpu) / (rate * 1e6) * slower / scale + len(where.cpu) * cpu.per_op_us / 1000
    init_ms = cpu.init_ms + cpu.init_ms_per_mb * graph.file_bytes / 1e6
    gpu_ms, npu_ms, first = 0.0, 0.0, 1.25
    if where.gpu and speed.gpu:
        gpu = speed.gpu
        g_rate = gpu.gmacs_f32 if where.gpu_precision == "f32" else gpu.gmacs_f16
        gpu_ms = sum(macs[n] for n in where.gpu) / (g_rate * 1e6) + len(where.gpu) * gpu.per_op_us / 1000
        gpu_ms += where.gpu_kernels * gpu.dispatch_us / 1000
        init_ms += gpu.init_ms + 2.5 * len(where.gpu)
        first = gpu.first_factor
    if where.npu and speed.nnapi:
        nn = speed.nnapi
        n_rate = nn.gmacs_int8 if graph.quantized else nn.gmacs_f16
        if where.npu_is_reference:
            n_rate = cpu.gmacs_f32 / 6
        npu_ms = sum(macs[n] for n in where.npu) / (n_rate * 1e6) + len(where.npu) * nn.per_op_us / 1000
        npu_ms += where.npu_kernels * nn.dispatch_us / 1000
        init_ms += nn.init_ms
        first = max(first, 2.0)
    return Timing(init_ms, cpu_ms, gpu_ms, npu_ms, first)


def session_factor(speed: Speed, rng: random.Random) -> float:
    """How much slower or faster this whole process is; now and then it lands on slower cores."""
    factor = math.exp(rng.gauss(0.0, speed.noise_between))
    return factor * 1.12 if rng.random() < 0.04 else factor


def run_us(base_ms: float, speed: Speed, rng: random.Random) -> float:
    """One run in microseconds: noise is skewed, since things only get in the way."""
    return base_ms * 1000 * math.exp(abs(rng.gauss(0.0, speed.noise_within)))
