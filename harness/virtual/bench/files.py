"""The result files that the program writes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.virtual.bench.graph import Graph
from harness.virtual.bench.plan import Delegation
from harness.virtual.bench.stats import mean

if TYPE_CHECKING:
    from harness.virtual.bench.session import Ready
    from harness.virtual.program import Call

_NODE_NAMES = {"XNNPACK": "TfLiteXNNPackDelegate", "GPU": "TfLiteGpuDelegateV2", "NNAPI": "TfLiteNnapiDelegate"}


def write(path: Path, data: bytes) -> bool:
    """Write a file; False where the phone does not let it."""
    try:
        path.write_bytes(data)
    except OSError:
        return False
    return True


async def save_result(call: Call, name: str, ready: Ready, warm: list[int], timed: list[int], grown: float) -> None:
    """Write the result proto and say so."""
    if write(call.path(name), result(ready, warm, timed, grown)):
        await call.out(f"INFO: Saving benchmark result to: {name}\nINFO: Saved benchmark result to: {name}\n")
    else:
        await call.err(f"ERROR: Failed to save benchmark result to: {name}\n")


def result(ready: Ready, warm: Sequence[int], timed: Sequence[int], grown: float) -> bytes:
    """The BenchmarkResult message."""
    from harness.protos.benchmark_result_pb2 import BenchmarkResult

    message = BenchmarkResult()
    latency, memory, misc = message.latency_metrics, message.memory_metrics, message.misc_metrics
    ordered = sorted(timed)
    latency.avg_ms = mean(timed) / 1000
    latency.min_ms = ordered[0] / 1000 if ordered else 9.22337247e15
    latency.max_ms = ordered[-1] / 1000 if ordered else -9.22337247e15
    average = mean(timed)
    variance = sum((v - average) ** 2 for v in timed) / len(timed) if timed else 0.0
    latency.stddev_ms = int(math.sqrt(variance)) / 1000
    for field, percent in (("median_ms", 50), ("p5_ms", 5), ("p95_ms", 95)):
        setattr(latency, field, ordered[len(ordered) * percent // 100] / 1000 if ordered else 0.0)
    latency.init_ms = ready.init_us / 1000
    latency.first_inference_ms = warm[0] / 1000 if warm else 0.0
    latency.average_warm_up_ms = mean(warm) / 1000
    memory.init_footprint_kb = round(ready.init_mb * 1024)
    memory.overall_footprint_kb = round(grown * 1024)
    if ready.flags["report_peak_memory_footprint"]:
        memory.peak_mem_mb = 6.2 + grown
    misc.model_size_mb = ready.graph.file_bytes / 1e6
    misc.num_runs = len(timed)
    misc.num_warmup_runs = len(warm)
    inputs = sum(math.prod(ready.graph.tensors[i].shape) * 4 for i in ready.graph.inputs) / 2**20
    misc.model_throughput_in_mb_per_sec = inputs / (average / 1e6) if average else math.nan
    return message.SerializeToString()


def runtime_info(graph: Graph, found: Delegation) -> bytes:
    """The ModelRuntimeDetails message: which node runs in which delegate's kernel."""
    from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails, RuntimeSubgraph

    details = ModelRuntimeDetails()
    subgraph = details.subgraphs.add(subgraph_id=0, name="main", subgraph_type=RuntimeSubgraph.TFLITE_SUBGRAPH)
    for number, tensor in enumerate(graph.tensors):
        subgraph.edges.add(id=number, name=tensor.name, shape=list(tensor.shape))
    kernel_of: dict[int, int] = {}
    kernels: list[tuple[str, tuple[int, ...]]] = []
    for name, taken in found.taken:
        for group in taken.groups:
            number = len(graph.nodes) + len(kernels)
            kernels.append((name, group))
            kernel_of.update(dict.fromkeys(group, number))
    for node in graph.nodes:
        made = subgraph.nodes.add(id=node.index, name=node.op, type=str(node.code))
        made.inputs.extend(node.inputs)
        made.outputs.extend(node.outputs)
        if node.index in kernel_of:
            made.delegated_to_node_id = kernel_of[node.index]
    for offset, (name, group) in enumerate(kernels):
        kind = _NODE_NAMES[name]
        made = subgraph.nodes.add(id=len(graph.nodes) + offset, name=kind, type=kind)
        made.delegate_node_details.delegate_name = kind
        made.delegate_node_details.tflite_node_ids_replaced.extend(group)
    for node in graph.nodes:
        step = kernel_of.get(node.index, node.index)
        if not subgraph.execution_plan or subgraph.execution_plan[-1] != step:
            subgraph.execution_plan.append(step)
    return details.SerializeToString()
