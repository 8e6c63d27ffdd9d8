"""What the GPU delegate takes on a virtual phone, and the lines it prints meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.virtual.bench.build import Build
from harness.virtual.bench.console import Line, runtime, tool
from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.graph import Graph, Node
from harness.virtual.bench.partition import partition
from harness.virtual.bench.support import gpu_refusal, half_weights, with_half_weights
from harness.virtual.bench.taking import Taking
from harness.virtual.profile import GpuSpeed

NOT_BUILT_IN = (
    "The GPU delegate compile options are only supported on Android or iOS platforms or when the tool was built with "
    "-DCL_DELEGATE_NO_GL.",
    "GPU acceleration is unsupported on this platform.",
)


@dataclass(frozen=True)
class Serialized:
    """Compiled programs kept for this model: the file's path as the program prints it, and its size or None."""

    token: str
    path: str
    size: int | None


def take(
    graph: Graph,
    plan: Sequence[Node],
    flags: Parsed,
    speed: GpuSpeed | None,
    build: Build,
    program: str,
    cache: Serialized | None,
) -> Taking:
    """The largest partitions of the plan, one unless the flags allow more."""
    # The flag about 8-bit integers was seen to change nothing for a per-channel model: it counts for no more here.
    refusal = gpu_refusal(graph, speed, quantized=True)
    reasons = {node.index: why for node in plan if (why := refusal(node)) is not None}
    supported = with_half_weights(graph, plan, {n.index for n in plan} - set(reasons))
    # It counts them as refused without a reason.
    reasons |= dict.fromkeys(half_weights(graph, plan) - supported, "")
    groups = [s.nodes for s in partition(graph, plan, supported) if s.taken]
    most = max(1, flags["max_delegated_partitions"])
    groups = sorted(sorted(groups, key=len, reverse=True)[:most])
    taken = tuple(sorted(n for group in groups for n in group))
    before: tuple[Line, ...] = ()
    if reasons:
        named = {_name(graph, node): reasons[node.index] for node in plan if node.index in reasons}
        before = (_unsupported(named, len(taken), len(plan)),)
    if not groups:
        return Taking((), before)
    try:
        _initialise(graph, [graph.nodes[n] for n in taken])
        backend, lines = _interface(flags, speed, build, program)
    except _Uninitialised as error:
        first = max(len(graph.nodes), *(n.index + 1 for n in plan))
        return Taking(taken, before, (*error.lines, *_not_initialised(first)), failed=True)
    from_cache = backend == "cl" and cache is not None and cache.size is not None
    if cache is not None and backend == "cl":
        lines.append(_cache_line(cache))
    api = "OpenCL" if backend == "cl" else "OpenGL"
    lines.append(runtime(f"Initialized {api}-based API{' from serialized data' if from_cache else ''}."))
    lines.append(runtime(f"Created {len(groups)} GPU delegate kernels."))
    return Taking(taken, before, tuple(lines), backend=backend, from_cache=from_cache)


class _Uninitialised(Exception):
    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines


def _name(graph: Graph, node: Node) -> str:
    return node.op if node.index < len(graph.nodes) else f"DELEGATE {node.op}"


def _unsupported(reasons: dict[str, str], taken: int, offered: int) -> Line:
    head = "".join(f"{op}: {why}\n" for op, why in sorted(reasons.items()))
    split = (
        f"{taken} operations will run on the GPU, and the remaining {offered - taken} operations will run on the CPU."
    )
    if not taken:
        split = f"No operations will run on the GPU, and all {offered} operations will run on the CPU."
    return runtime(f"Following operations are not supported by GPU delegate:\n{head}{split}", "ERROR")


def _initialise(graph: Graph, nodes: Sequence[Node]) -> None:
    # The one case seen in a real log: the delegate claims the operator and then cannot read its table.
    for node in nodes:
        if node.op == "GATHER" and graph.tensors[node.inputs[0]].constant_bytes:
            text = f"GATHER: ReadNonConstantTensor: value is a constant tensor: {node.inputs[0]}"
            raise _Uninitialised([runtime(f"TfLiteGpuDelegate Init: {text}", "ERROR")])


def _interface(flags: Parsed, speed: GpuSpeed | None, build: Build, program: str) -> tuple[str, list[Line]]:
    backend = flags.get("gpu_backend", "")
    if speed is not None and speed.opencl and backend != "gl":
        return "cl", [tool("Loaded OpenCL library with dlopen.")]
    note, why = build.opencl_missing
    opencl = f"Can not open OpenCL library on this device - {why.format(program=program)}"
    lines = [tool(note)] if note and not (speed is not None and speed.opencl) else []
    if backend == "cl":
        raise _Uninitialised([*lines, runtime(f"TfLiteGpuDelegate Init: {opencl}", "ERROR")])
    if backend != "gl":
        lines += [runtime(opencl, "ERROR"), runtime("Falling back to OpenGL", "ERROR")]
    if speed is None or not speed.opengl:
        raise _Uninitialised([*lines, runtime(f"TfLiteGpuDelegate Init: {build.no_opengl}", "ERROR")])
    return "gl", lines


def _not_initialised(node: int) -> list[Line]:
    return [
        runtime("Created 0 GPU delegate kernels."),
        runtime("TfLiteGpuDelegate Prepare: delegate is not initialized", "ERROR"),
        runtime(f"Node number {node} (TfLiteGpuDelegateV2) failed to prepare.", "ERROR"),
        runtime("Restored original execution plan after delegate application failure.", "ERROR"),
    ]


def _cache_line(cache: Serialized) -> Line:
    if cache.size is None:
        return runtime(f"File {cache.path} couldn't be opened for reading: No such file or directory", "ERROR")
    return runtime(f"Found serialized data for model {cache.token} ({cache.size} B) at {cache.path}")
