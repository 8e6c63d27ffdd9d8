"""Which delegate takes what in one session, and the lines the program prints while it finds out."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.graph import Graph, Node
from harness.virtual.bench.law import Placement
from harness.virtual.bench.support import Taken, gpu_refuses, nnapi_refuses, take, xnnpack_refuses
from harness.virtual.profile import GpuSpeed, NnapiSpeed, Speed

_NODE_NAMES = {"XNNPACK": "TfLiteXNNPackDelegate", "GPU": "TfLiteGpuDelegateV2", "NNAPI": "TfLiteNnapiDelegate"}
_REFERENCE = "nnapi-reference"


class ApplyError(Exception):
    """A delegate cannot be applied; the lines were printed, the program ends with 1."""


@dataclass(frozen=True)
class Build:
    """How the program was built and where it runs: flags it has, lines it prints."""

    gpu: bool = True
    android: bool = True


@dataclass
class Delegation:
    """What was decided. `lines` are (stream, text) in printing order."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    taken: list[tuple[str, Taken]] = field(default_factory=list)
    xnnpack_default: bool = True
    backend: str = "cl"

    def out(self, text: str) -> None:
        """A line on standard output."""
        self.lines.append(("o", text + "\n"))

    def err(self, text: str) -> None:
        """A line on standard error."""
        self.lines.append(("e", text + "\n"))

    def nodes(self, name: str) -> frozenset[int]:
        """Nodes that the delegate of that name took."""
        return frozenset(n for d, t in self.taken if d == name for n in t.nodes)

    def kernels(self, name: str) -> int:
        """How many groups it took."""
        return sum(len(t.groups) for d, t in self.taken if d == name)


def broken_ops(graph: Graph) -> tuple[list[str], bool]:
    """Error lines for an operator that this program does not have, and whether there is one."""
    for node in graph.nodes:
        if node.op.startswith("Flex"):
            return [
                "ERROR: Select TensorFlow op(s), included in the given model, is(are) not supported by this "
                "interpreter. Make sure you apply/link the Flex delegate before inference. For the Android, it can be "
                'resolved by adding "org.tensorflow:tensorflow-lite-select-tf-ops" dependency. See instructions: '
                "https://www.tensorflow.org/lite/guide/ops_select",
                f"ERROR: Node number {node.index} ({node.op}) failed to prepare.",
            ], True
        if node.custom and not node.op.startswith("TFLite_"):
            return [
                f"ERROR: Encountered unresolved custom op: {node.op}.\n"
                "See instructions: https://www.tensorflow.org/lite/guide/ops_custom ",
                f"ERROR: Node number {node.index} ({node.op}) failed to prepare.",
            ], True
    return [], False


def delegate(graph: Graph, flags: Parsed, speed: Speed, build: Build) -> Delegation:
    """Apply the delegates that the flags ask for, in their order on the command line, then the default XNNPACK.

    Raises:
        ApplyError: with `Delegation.lines` so far as its argument.
    """
    found = Delegation()
    if flags.was_given("num_threads") and flags["num_threads"] < -1:
        found.err("ERROR: num_threads should be >= 0 or just -1 to let TFLite runtime set the value.")
        found.err("ERROR: Failed to set thread number")
        raise ApplyError(found)
    wanted = [f for f in flags.given if f in ("use_xnnpack", "use_gpu", "use_nnapi") and flags[f]]
    wanted = _available(wanted, found, speed, build)
    names = {"use_xnnpack": "XNNPACK", "use_gpu": "GPU", "use_nnapi": "NNAPI"}
    if "use_xnnpack" in wanted:
        found.err("INFO: Created TensorFlow Lite XNNPACK delegate for CPU.")
    if "use_gpu" in wanted:
        found.err("INFO: Created TensorFlow Lite delegate for GPU.")
    if "use_nnapi" in wanted:
        found.err("INFO: Created TensorFlow Lite delegate for NNAPI.")
    if wanted:
        first = next(names[f] for f in names if f in wanted)
        found.out(f"INFO: {first} delegate created.")
    if len(wanted) > 1:
        found.out(f"INFO: Going to apply {len(wanted)} delegates one after another.")
    free = list(graph.nodes)
    for flag in wanted:
        free = _apply(names[flag], graph, free, flags, speed, build, found)
    if flags["require_full_delegation"] and free:
        found.err("ERROR: Disallowed CPU fallback detected.")
        raise ApplyError(found)
    found.xnnpack_default = not flags.was_given("use_xnnpack")
    if found.xnnpack_default and free:
        found.err("INFO: Created TensorFlow Lite XNNPACK delegate for CPU.")
        taken = take(graph, free, xnnpack_refuses(graph), most=None)
        if taken.groups and graph.dynamic_tensor is None:
            _replacing("XNNPACK", taken, build, found)
            found.taken.append(("XNNPACK", taken))
    lines, broken = broken_ops(graph)
    if broken:
        found.lines += [("e", line + "\n") for line in [*lines, "ERROR: Failed to allocate tensors!"]]
        raise ApplyError(found)
    return found


def _available(wanted: list[str], found: Delegation, speed: Speed, build: Build) -> list[str]:
    if "use_gpu" in wanted and not build.gpu:
        found.out(
            "WARN: The GPU delegate compile options are only supported on Android or iOS platforms or when the tool "
            "was built with -DCL_DELEGATE_NO_GL."
        )
        found.out("WARN: GPU acceleration is unsupported on this platform.")
    if "use_nnapi" in wanted and speed.nnapi is None:
        found.out("WARN: NNAPI acceleration is unsupported on this platform.")
    keep = {"use_xnnpack": True, "use_gpu": build.gpu, "use_nnapi": speed.nnapi is not None}
    return [f for f in wanted if keep[f]]


def _apply(
    name: str, graph: Graph, free: list[Node], flags: Parsed, speed: Speed, build: Build, found: Delegation
) -> list[Node]:
    lines, broken = broken_ops(graph)
    if broken and name != "XNNPACK":
        found.lines += [("e", line + "\n") for line in lines]
        found.err(f"ERROR: Failed to apply {name} delegate.")
        raise ApplyError(found)
    if graph.dynamic_tensor is not None and name == "XNNPACK":
        return _applied(name, Taken((), len(free)), free, flags, build, found)
    if graph.dynamic_tensor is not None and name == "GPU":
        found.err(
            "WARNING: Attempting to use a delegate that only supports static-sized tensors with a graph that has "
            f"dynamic-sized tensors (tensor#{graph.dynamic_tensor} is a dynamic-sized tensor)."
        )
        found.err(f"ERROR: Failed to apply {name} delegate.")
        raise ApplyError(found)
    if name == "XNNPACK":
        taken = take(graph, free, xnnpack_refuses(graph), most=None)
    elif name == "GPU":
        taken = _gpu(graph, free, flags, speed.gpu, found)
    else:
        taken = _nnapi(graph, free, flags, speed.nnapi, found)
    return _applied(name, taken, free, flags, build, found)


def _applied(name: str, taken: Taken, free: list[Node], flags: Parsed, build: Build, found: Delegation) -> list[Node]:
    if not taken.groups:
        found.out(
            f"INFO: Though {name} delegate is explicitly applied, the model graph will not be executed by the delegate."
        )
        return free
    _replacing(name, taken, build, found)
    found.taken.append((name, taken))
    left = [n for n in free if n.index not in taken.nodes]
    if flags["require_full_delegation"] and left:
        found.err("ERROR: Disallowed CPU fallback detected.")
        raise ApplyError(found)
    whole = not left and len(taken.groups) == 1
    how = (
        "completely executed by the delegate."
        if whole
        else (f"partially executed by the delegate w/ {len(taken.groups)} delegate kernels.")
    )
    found.out(f"INFO: Explicitly applied {name} delegate, and the model graph will be {how}")
    return left


def _replacing(name: str, taken: Taken, build: Build, found: Delegation) -> None:
    if build.android:
        found.err(
            f"VERBOSE: Replacing {len(taken.nodes)} out of {taken.offered} node(s) with delegate "
            f"({_NODE_NAMES[name]}) node, yielding {taken.partitions} partitions for subgraph 0 (main)."
        )


def _gpu(graph: Graph, free: list[Node], flags: Parsed, gpu: GpuSpeed | None, found: Delegation) -> Taken:
    most = max(1, flags["max_delegated_partitions"])
    backend = flags.values.get("gpu_backend", "")
    if gpu is None:
        return _gpu_missing(graph, found)
    taken = take(graph, free, gpu_refuses(graph, gpu), most=most)
    if taken.refused:
        head = "".join(f"{op}: {reason}\n" for op, reason in taken.refused)
        rest = len(free) - taken.supported
        split = (
            f"{taken.supported} operations will run on the GPU, and the remaining {rest} operations will run on "
            "the CPU."
            if taken.supported
            else f"No operations will run on the GPU, and all {rest} operations will run on the CPU."
        )
        found.err(f"ERROR: Following operations are not supported by GPU delegate:\n{head}{split}")
    if not taken.groups:
        return taken
    if gpu.opencl and backend != "gl":
        found.out("INFO: Loaded OpenCL library with dlopen.")
        found.err("INFO: Initialized OpenCL-based API.")
    else:
        found.backend = "gl"
        if backend != "gl":
            found.err(
                'ERROR: Can not open OpenCL library on this device - dlopen failed: library "libOpenCL.so" not found'
            )
            found.err("ERROR: Falling back to OpenGL")
        if backend == "cl" or not gpu.opengl:
            return _gpu_missing(graph, found)
        found.err("INFO: Initialized OpenGL-based API.")
    found.err(f"INFO: Created {len(taken.groups)} GPU delegate kernels.")
    return taken


def _gpu_missing(graph: Graph, found: Delegation) -> Taken:
    found.err("ERROR: TfLiteGpuDelegate Init: No usable GPU API on this device")
    found.err("INFO: Created 0 GPU delegate kernels.")
    found.err("ERROR: TfLiteGpuDelegate Prepare: delegate is not initialized")
    found.err(f"ERROR: Node number {len(graph.nodes)} (TfLiteGpuDelegateV2) failed to prepare.")
    found.err("ERROR: Restored original execution plan after delegate application failure.")
    found.err("ERROR: Failed to apply GPU delegate.")
    raise ApplyError(found)


def _nnapi(graph: Graph, free: list[Node], flags: Parsed, nnapi: NnapiSpeed | None, found: Delegation) -> Taken:
    assert nnapi is not None
    name = flags["nnapi_accelerator_name"]
    if name and name not in nnapi.accelerators:
        known = ",".join(nnapi.accelerators)
        found.err(f"ERROR: Could not find the specified NNAPI accelerator: {name}. Must be one of: {{{known}}}.")
        found.err("ERROR: Failed to apply NNAPI delegate.")
        raise ApplyError(found)
    real = [a for a in nnapi.accelerators if a != _REFERENCE]
    if not name and not real and flags["disable_nnapi_cpu"]:
        return Taken((), len(free))
    most = flags["max_delegated_partitions"] or None
    return take(graph, free, nnapi_refuses(graph, nnapi), most=most)


def placement(graph: Graph, flags: Parsed, found: Delegation, nnapi: NnapiSpeed | None) -> Placement:
    """Where each node runs, for the law of times."""
    gpu, npu = found.nodes("GPU"), found.nodes("NNAPI")
    on_cpu = frozenset(n.index for n in graph.nodes) - gpu - npu
    half = flags.values.get("gpu_precision_loss_allowed", True)
    reference = nnapi is not None and (
        flags.values.get("nnapi_accelerator_name") == _REFERENCE or nnapi.accelerators == [_REFERENCE]
    )
    return Placement(
        cpu=on_cpu,
        gpu=gpu,
        npu=npu,
        gpu_kernels=found.kernels("GPU"),
        npu_kernels=found.kernels("NNAPI"),
        gpu_precision="f16" if half else "f32",
        threads=max(1, flags["num_threads"]),
        xnnpack=flags["use_xnnpack"] or found.xnnpack_default,
        npu_is_reference=reference,
    )
