"""The files that the programs write: result and runtime-info protos, outputs raw and as a tensorflow.Example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.virtual.bench.delegation import Delegation
from harness.virtual.bench.graph import Graph, Tensor
from harness.virtual.bench.stats import Runs, summary
from harness.virtual.program import Call

#: Data types as the runtime-info proto numbers them.
_TYPES = """FLOAT32 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT16 FLOAT64 COMPLEX128 UINT64 RESOURCE
VARIANT UINT32 UINT16 INT4 BFLOAT16 INT2 UINT4"""
_TYPE_NUMBERS = {name: number for number, name in enumerate(_TYPES.split(), 1)}
#: What an empty series has for its least and greatest value, milliseconds.
_NO_RUN_MS = 9.22337247e15


def write(call: Call, name: str, data: bytes) -> bool:
    """Write a file of the phone; False where it does not let it. On a full one it is made and stays empty."""
    full = call.phone.full
    try:
        call.path(name).write_bytes(b"" if full else data)
    except OSError:
        return False
    return not full


@dataclass(frozen=True)
class Measured:
    """What a session measured: runs in microseconds, memory above the start in MiB.

    `peak_mb` is absolute, or None; `file_mb` is the part of it that files back.
    """

    init_us: int
    warm: Runs
    timed: Runs
    init_mb: float
    overall_mb: float
    peak_mb: float | None
    file_mb: float
    file_bytes: int
    input_bytes: int


def result(measured: Measured) -> bytes:
    """The BenchmarkResult message."""
    from harness.protos.benchmark_result_pb2 import BenchmarkResult

    message = BenchmarkResult()
    latency, memory, misc = message.latency_metrics, message.memory_metrics, message.misc_metrics
    warm, timed = summary(measured.warm), summary(measured.timed)
    latency.avg_ms = timed.average / 1000
    latency.min_ms = timed.least / 1000 if timed.count else _NO_RUN_MS
    latency.max_ms = timed.most / 1000 if timed.count else -_NO_RUN_MS
    latency.stddev_ms = timed.std / 1000
    latency.median_ms, latency.p5_ms, latency.p95_ms = timed.median / 1000, timed.p5 / 1000, timed.p95 / 1000
    latency.init_ms = measured.init_us / 1000
    latency.first_inference_ms = warm.first / 1000
    latency.average_warm_up_ms = warm.average / 1000
    memory.init_footprint_kb = round(measured.init_mb * 1024)
    memory.overall_footprint_kb = round(measured.overall_mb * 1024)
    if measured.peak_mb is not None:
        memory.peak_mem_mb = measured.peak_mb
    misc.model_size_mb = measured.file_bytes / 1e6
    misc.num_runs, misc.num_warmup_runs = timed.count, warm.count
    misc.model_throughput_in_mb_per_sec = throughput_mb_s(measured)
    return message.SerializeToString()


def throughput_mb_s(measured: Measured) -> float:
    """Input MiB that the timed runs took a second; not a number where nothing ran."""
    average = summary(measured.timed).average
    return measured.input_bytes / 2**20 / (average / 1e6) if average else math.nan


def runtime_info(found: Delegation) -> bytes:
    """The ModelRuntimeDetails message: which node runs in which delegate's kernel.

    Scratch tensors that the interpreter's kernels ask for are not listed.
    """
    from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails, RuntimeSubgraph

    graph = found.graph
    details = ModelRuntimeDetails()
    main = details.subgraphs.add(subgraph_id=0, name=graph.name or "main")
    main.subgraph_type = RuntimeSubgraph.TFLITE_SUBGRAPH
    for number, tensor in enumerate(graph.tensors):
        edge = main.edges.add(id=number, name=tensor.name, shape=list(tensor.shape), size=tensor.bytes, layout_type=0)
        edge.data_type, edge.allocation_type = _TYPE_NUMBERS.get(tensor.kind, 0), _allocation(tensor)
    groups = [group for applied in found.applied for group in applied.groups]
    first = len(graph.nodes)
    kernel_of = {node: first + number for number, group in enumerate(groups) for node in group}
    for node in graph.nodes:
        made = main.nodes.add(id=node.index, name=node.op, type=str(node.code))
        made.inputs.extend(node.inputs)
        made.outputs.extend(node.outputs)
        if node.index in kernel_of:
            made.delegated_to_node_id = kernel_of[node.index]
    for node in sorted((n for n in found.plan if n.index >= first), key=lambda n: n.index):
        made = main.nodes.add(id=node.index, name=node.op, type=node.op)
        made.inputs.extend(node.inputs)
        made.outputs.extend(node.outputs)
        made.delegate_node_details.delegate_name = node.op
        made.delegate_node_details.tflite_node_ids_replaced.extend(groups[node.index - first])
    main.execution_plan.extend(node.index for node in found.plan)
    return details.SerializeToString()


def _allocation(tensor: Tensor) -> str:
    if tensor.constant_bytes:
        return "kTfLiteMmapRo"
    return "kTfLiteArenaRwPersistent" if tensor.variable else "kTfLiteArenaRw"


def example(graph: Graph, data: bytes, parts: Sequence[tuple[str, int]]) -> bytes:
    """Outputs as a tensorflow.Example: floats and integers, by tensor name; other types are left out, as officially.

    The message is written by hand, since its definition belongs to TensorFlow, which is not needed for anything else.
    """
    features, offset = b"", 0
    for (kind, size), tensor in zip(parts, graph.outputs, strict=True):
        values: Any = (
            np.frombuffer(data, np.dtype(kind), size // np.dtype(kind).itemsize, offset) if kind != "object" else []
        )
        offset += size
        if kind == "float32":
            listed = _field(2, _field(1, np.asarray(values).tobytes()))  # Feature.float_list, packed
        elif kind in ("int8", "int16", "int32", "int64", "uint8"):
            listed = _field(3, _field(1, b"".join(_varint(int(v) % (1 << 64)) for v in values)))  # .int64_list
        else:
            continue
        entry = _field(1, graph.tensors[tensor].name.encode()) + _field(2, listed)
        features += _field(1, entry)
    return _field(1, features)


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
