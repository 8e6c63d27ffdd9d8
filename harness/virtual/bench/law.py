"""How long things take on a virtual phone: a seeded law of its profile. Pure; milliseconds of a cool phone.

An operator costs a fixed time and one that grows with its work: multiplications at the rate of the unit, thread count
and precision, or values read or written at an eighth of that rate. A session draws its own factor (placement, clocks)
and every run a smaller one, so that runs of one process agree with each other and differ between processes, as on real
phones. Throttling is not in here: the phases ask the phone for its speed as they go.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace

from harness.virtual.bench.graph import Graph
from harness.virtual.profile import Profile, Speed, cores_of

#: Values that pass in the time of one multiplication.
_VALUES_PER_MAC = 1 / 8
_SLOW_CORE_CHANCE, _SLOW_CORE_FACTOR = 0.04, 1.12
#: Share of the GPU's initialisation that is left where its programs are kept from an earlier session.
_FROM_CACHE = 0.4


@dataclass(frozen=True)
class Placement:
    """Which nodes run where, in how many kernels, and how.

    Attributes:
        cpu_half, gpu_half: half precision.
        xnnpack: the CPU's nodes run in XNNPACK.
        npu_is_reference: NNAPI runs its own CPU code.
        gpu_from_cache: the GPU's programs are kept from an earlier session.
    """

    cpu: frozenset[int]
    gpu: frozenset[int] = frozenset()
    npu: frozenset[int] = frozenset()
    gpu_kernels: int = 0
    npu_kernels: int = 0
    threads: int = 1
    xnnpack: bool = True
    cpu_half: bool = False
    gpu_half: bool = True
    npu_is_reference: bool = False
    gpu_from_cache: bool = False


@dataclass(frozen=True)
class Timing:
    """A placement's times.

    Attributes:
        init_ms: initialisation.
        cpu_ms, gpu_ms, npu_ms: parts of one steady run.
        first_factor: the first run over a steady one.
        node_ms: what each node has in them; what a kernel costs to start is shared among its unit's nodes.
    """

    init_ms: float
    cpu_ms: float
    gpu_ms: float
    npu_ms: float
    first_factor: float
    node_ms: dict[int, float] = field(default_factory=dict)

    @property
    def run_ms(self) -> float:
        """One steady run."""
        return self.cpu_ms + self.gpu_ms + self.npu_ms


def timing(graph: Graph, speed: Speed, where: Placement) -> Timing:
    """Times of a placement on a cool phone without noise."""
    cpu, gpu, nnapi = speed.cpu, speed.gpu, speed.nnapi
    rate = cpu.gmacs_int8 if graph.quantized else cpu.gmacs_f16 if where.cpu_half else cpu.gmacs_f32
    rate *= cpu.scaling[min(where.threads, len(cpu.scaling)) - 1]
    rate /= 1.0 if where.xnnpack else cpu.plain_divisor
    node_ms = _node_ms(graph, where.cpu, rate, cpu.per_op_us, 0.0)
    init_ms, first = cpu.init_ms + cpu.init_ms_per_mb * graph.weights_bytes / 1e6, 1.25
    if where.gpu and gpu:
        rate = gpu.gmacs_f16 if where.gpu_half else gpu.gmacs_f32
        node_ms |= _node_ms(graph, where.gpu, rate, gpu.per_op_us, where.gpu_kernels * gpu.dispatch_us)
        init_ms += (gpu.init_ms + 2.5 * len(where.gpu)) * (_FROM_CACHE if where.gpu_from_cache else 1.0)
        first = gpu.first_factor
    if where.npu and nnapi:
        rate = nnapi.gmacs_int8 if graph.quantized else nnapi.gmacs_f16
        rate = cpu.gmacs_f32 / 6 if where.npu_is_reference else rate
        node_ms |= _node_ms(graph, where.npu, rate, nnapi.per_op_us, where.npu_kernels * nnapi.dispatch_us)
        init_ms += nnapi.init_ms
        first = max(first, 2.0)
    cpu_ms, gpu_ms, npu_ms = (
        sum(node_ms.get(n, 0.0) for n in sorted(unit)) for unit in (where.cpu, where.gpu, where.npu)
    )
    return Timing(init_ms, cpu_ms, gpu_ms, npu_ms, first, node_ms)


def in_app(shell: Timing, profile: Profile, threads: int) -> Timing:
    """The same work in an app with the screen: on the cores that its cpuset has, by their capacity, and with the clock
    that the system gives to the GPU of such an app.
    """
    allowed = cores_of(profile.app.cpus)
    capacities = [c.capacity for c in profile.clusters for _ in range(c.cores)]
    kept = [c for core, c in enumerate(capacities) if core in allowed] if allowed else capacities
    slower = sum(_fastest(capacities, threads)) / sum(_fastest(kept, threads))
    faster = profile.app.gpu_speed if shell.gpu_ms else 1.0
    cpu_share = shell.cpu_ms / shell.run_ms if shell.run_ms else 1.0
    return replace(
        shell,
        init_ms=shell.init_ms * (cpu_share * slower + 1 - cpu_share),
        cpu_ms=shell.cpu_ms * slower,
        gpu_ms=shell.gpu_ms / faster,
    )


def _fastest(capacities: list[int], count: int) -> list[int]:
    return sorted(capacities, reverse=True)[: max(1, count)]


def _node_ms(graph: Graph, nodes: frozenset[int], rate: float, per_op_us: float, extra_us: float) -> dict[int, float]:
    # rate: thousand millions of multiplications a second.
    def work_us(number: int) -> float:
        node = graph.nodes[number]
        return (node.macs or node.work / _VALUES_PER_MAC) / (rate * 1e3)

    each_us = per_op_us + extra_us / max(1, len(nodes))
    return {n: (work_us(n) + each_us) / 1000 for n in sorted(nodes)}


def session_factor(speed: Speed, rng: random.Random) -> float:
    """How much slower or faster this whole process is; now and then it lands on slower cores."""
    factor = math.exp(rng.gauss(0.0, speed.noise_between))
    return factor * _SLOW_CORE_FACTOR if rng.random() < _SLOW_CORE_CHANCE else factor
