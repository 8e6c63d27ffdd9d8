"""Reads the result files that newer builds write."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.records import Delegation, PhaseStats

if TYPE_CHECKING:
    from harness.protos.benchmark_result_pb2 import LatencyMetrics
    from harness.protos.model_runtime_info_pb2 import RuntimeSubgraph


class ResultFileError(HarnessError):
    """A result file is damaged or of another kind."""


@dataclass(frozen=True)
class ResultFile:
    """What `--result_file_path` holds; microseconds, kB (1024 bytes), MiB, None where not written."""

    init_us: float | None
    first_us: float | None
    warmup_avg_us: float | None
    inference_avg_us: float | None
    runs: int
    warmup_runs: int
    init_kb: int | None
    overall_kb: int | None
    peak_mb: float | None
    timed_run: PhaseStats | None = None
    model_mb: float | None = None


def proto_kind(data: bytes) -> str | None:
    """What a file of a benchmark program is: "result", "runtime" or "profile"; None for anything else.

    The messages share field numbers, so each is known by a field that the others cannot have.
    """
    from google.protobuf.message import DecodeError

    from harness.protos.benchmark_result_pb2 import BenchmarkResult
    from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails
    from harness.protos.profiling_info_pb2 import BenchmarkProfilingData

    try:
        latency = BenchmarkResult.FromString(data).latency_metrics
        if latency.HasField("avg_ms") and latency.HasField("init_ms"):
            return "result"
    except DecodeError:
        pass
    try:
        if any(
            node.WhichOneof("node_info") for g in ModelRuntimeDetails.FromString(data).subgraphs for node in g.nodes
        ):
            return "runtime"
    except DecodeError:
        pass
    try:
        profile = BenchmarkProfilingData.FromString(data)
        parts = (*profile.runtime_profile.subgraph_profiles, *profile.init_profile.subgraph_profiles)
        if any(op.node_type for part in parts for op in part.per_op_profiles):
            return "profile"
    except DecodeError:
        pass
    return None


def _figure(message: Any, name: str) -> float | None:
    """A field that was written and is a figure: finite and not below 0."""
    value = float(getattr(message, name)) if message.HasField(name) else None
    return value if value is not None and math.isfinite(value) and value >= 0 else None


def _micro(message: Any, name: str) -> float | None:
    value = _figure(message, name)
    return None if value is None else value * 1000


def read_result_file(data: bytes) -> ResultFile:
    """Decode a BenchmarkResult; after 0 runs the program writes nonsense, which becomes None.

    Raises:
        ResultFileError: the bytes are no such message.
    """
    from google.protobuf.message import DecodeError

    from harness.protos.benchmark_result_pb2 import BenchmarkResult

    try:
        result = BenchmarkResult.FromString(data)
    except DecodeError as error:
        raise ResultFileError("the result file is damaged") from error
    if not result.HasField("latency_metrics"):
        raise ResultFileError("the result file holds no latency")
    latency, memory, misc = result.latency_metrics, result.memory_metrics, result.misc_metrics
    ran, warmed = misc.num_runs > 0, misc.num_warmup_runs > 0
    return ResultFile(
        init_us=_micro(latency, "init_ms"),
        first_us=_micro(latency, "first_inference_ms") if warmed else None,
        warmup_avg_us=_micro(latency, "average_warm_up_ms") if warmed else None,
        inference_avg_us=_micro(latency, "avg_ms") if ran else None,
        runs=misc.num_runs,
        warmup_runs=misc.num_warmup_runs,
        init_kb=memory.init_footprint_kb if memory.HasField("init_footprint_kb") else None,
        overall_kb=memory.overall_footprint_kb if memory.HasField("overall_footprint_kb") else None,
        peak_mb=_figure(memory, "peak_mem_mb"),
        timed_run=_timed(latency, misc.num_runs) if ran else None,
        model_mb=_figure(misc, "model_size_mb"),
    )


def _timed(latency: LatencyMetrics, runs: int) -> PhaseStats:
    names = ("avg", "min", "max", "stddev", "median", "p5", "p95")
    found = {n: _micro(latency, f"{n}_ms") for n in names}
    found["std"] = found.pop("stddev")
    return PhaseStats(runs, **{f"{n}_us": value for n, value in found.items()})


def read_runtime_info(data: bytes, delegate: str) -> Delegation:
    """Which nodes a delegate took, from the file that `--model_runtime_info_output_file` names.

    Args:
        data: the file.
        delegate: part of the delegate's node name, in any case: "xnnpack", "gpu", "nnapi".

    Nodes are counted over the primary subgraph: total are the model's own nodes, partitions the runs of delegated and
    other nodes along the plan.

    Raises:
        ResultFileError: the bytes are no such message.
    """
    graph = _primary_subgraph(data)
    own = [n for n in graph.nodes if n.WhichOneof("node_info") != "delegate_node_details"]
    kernels = {
        n.id: len(n.delegate_node_details.tflite_node_ids_replaced)
        for n in graph.nodes
        if n.WhichOneof("node_info") == "delegate_node_details"
        and delegate.lower() in n.delegate_node_details.delegate_name.lower()
    }
    taken = sum(kernels.values())
    partitions, before = 0, None
    for node in graph.execution_plan:
        kind = node if node in kernels else "other"
        partitions += kind != before
        before = kind
    extent = "none" if not taken else "completely" if taken == len(own) else "partially"
    return Delegation(extent, taken, len(own), partitions, "runtime_info")


def delegated_nodes(data: bytes, delegate: str) -> frozenset[int]:
    """Indices of the model's own nodes that a delegate took, from the same file.

    Raises:
        ResultFileError: the bytes are no such message.
    """
    return frozenset(
        int(taken)
        for node in _primary_subgraph(data).nodes
        if node.WhichOneof("node_info") == "delegate_node_details"
        and delegate.lower() in node.delegate_node_details.delegate_name.lower()
        for taken in node.delegate_node_details.tflite_node_ids_replaced
    )


def plan_delegates(data: bytes) -> frozenset[str]:
    """Names of the delegates' nodes that the primary subgraph runs, from the same file.

    Raises:
        ResultFileError: the bytes are no such message.
    """
    return frozenset(
        node.delegate_node_details.delegate_name
        for node in _primary_subgraph(data).nodes
        if node.WhichOneof("node_info") == "delegate_node_details"
    )


def _primary_subgraph(data: bytes) -> RuntimeSubgraph:
    from google.protobuf.message import DecodeError

    from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails

    try:
        details = ModelRuntimeDetails.FromString(data)
    except DecodeError as error:
        raise ResultFileError("the runtime info file is damaged") from error
    if not details.subgraphs:
        raise ResultFileError("the runtime info file names no subgraph")
    return details.subgraphs[0]
