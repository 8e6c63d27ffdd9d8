"""Which delegate takes what in one session, and the lines that are printed while the program finds out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.virtual.bench import gpu, nnapi
from harness.virtual.bench.build import Build
from harness.virtual.bench.console import Line, runtime, tool
from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.graph import Graph, Node
from harness.virtual.bench.partition import partition, replaced
from harness.virtual.bench.support import xnnpack_refusal
from harness.virtual.bench.taking import ApplyError, Taking
from harness.virtual.profile import Speed

#: Custom operators that the plain program has.
_OWN_CUSTOM = frozenset(["TFLite_Detection_PostProcess", "Mfcc", "AudioSpectrogram", "NumericVerify"])
_NODE_NAMES = {"XNNPACK": "TfLiteXNNPackDelegate", "GPU": "TfLiteGpuDelegateV2", "NNAPI": "TfLiteNnapiDelegate"}
#: The LiteRT program's accelerators.
_NODE_NAMES |= {"LITERT_GPU": "LITERT_CL", "LITERT_NPU": "DispatchDelegate"}
#: In the order in which the program's providers register.
_FLAGS = {"use_xnnpack": "XNNPACK", "use_gpu": "GPU", "use_nnapi": "NNAPI"}
_CREATED = {
    "XNNPACK": "Created TensorFlow Lite XNNPACK delegate for CPU.",
    "GPU": "Created TensorFlow Lite delegate for GPU.",
    "NNAPI": "Created TensorFlow Lite delegate for NNAPI.",
}


@dataclass(frozen=True)
class Applied:
    """A delegate that took nodes: one group for each of its kernels."""

    name: str
    groups: tuple[tuple[int, ...], ...]

    @property
    def node_name(self) -> str:
        """What its kernels are called in the graph."""
        return _NODE_NAMES[self.name]

    @property
    def nodes(self) -> frozenset[int]:
        """All nodes taken."""
        return frozenset(n for group in self.groups for n in group)


@dataclass
class Delegation:
    """What was decided so far, and what was printed meanwhile.

    Attributes:
        plan: the nodes that run, kernels of delegates among them, in order.
        xnnpack: nodes left to the CPU may run in XNNPACK.
        gpu_backend: `cl` or `gl`, where the GPU took nodes.
        gpu_from_cache: it was initialised from serialised data.
    """

    graph: Graph
    plan: list[Node]
    lines: list[Line] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    xnnpack: bool = True
    gpu_backend: str = "cl"
    gpu_from_cache: bool = False

    @property
    def left(self) -> list[Node]:
        """Nodes that no delegate took."""
        return [n for n in self.plan if n.index < len(self.graph.nodes)]

    def nodes(self, name: str) -> frozenset[int]:
        """Nodes that the delegate of that name took."""
        return frozenset(n for a in self.applied if a.name == name for n in a.nodes)

    def kernels(self, name: str) -> int:
        """How many groups it took."""
        return sum(len(a.groups) for a in self.applied if a.name == name)


@dataclass(frozen=True)
class Setting:
    """What a session brings: model, flags, the phone's speed, the build, how it was called, and serialised GPU data."""

    graph: Graph
    flags: Parsed
    speed: Speed
    build: Build
    program: str = "benchmark_model"
    cache: gpu.Serialized | None = None


def explicit(setting: Setting) -> Delegation:
    """Apply the delegates that the flags ask for, in their order on the command line.

    Raises:
        ApplyError: one cannot be applied; the lines up to there are in it.
    """
    xnnpack = not setting.flags.was_given("use_xnnpack")
    found = Delegation(setting.graph, list(setting.graph.nodes), xnnpack=xnnpack)
    try:
        _explicit(setting, found)
    except ApplyError as error:
        raise ApplyError([*found.lines, *error.lines]) from None
    return found


def _explicit(setting: Setting, found: Delegation) -> None:
    flags = setting.flags
    if flags["num_threads"] < -1:
        text = "num_threads should be >= 0 or just -1 to let TFLite runtime set the value."
        raise ApplyError([tool(text, "ERROR"), tool("Failed to set thread number", "ERROR")])
    names = _created(setting, found)
    if len(names) > 1:
        found.lines.append(tool(f"Going to apply {len(names)} delegates one after another."))
    for name in names:
        _apply(name, setting, found)
    if flags["require_full_delegation"] and not names:
        raise ApplyError([tool("Disallowed CPU fallback detected.", "ERROR")])


def _created(setting: Setting, found: Delegation) -> list[str]:
    flags, lines = setting.flags, found.lines
    wanted = {_FLAGS[f] for f in _FLAGS if flags.get(f)}
    if "XNNPACK" in wanted:
        found.xnnpack = True
        if flags["xnnpack_weight_cache_file_path"]:
            lines.append(tool("XNNPack file-backed weight cache enabled."))
        if flags["xnnpack_force_fp16"]:
            lines.append(tool("XNNPack FP16 inference enabled."))
    if "GPU" in wanted and "gpu" not in setting.build.parts:
        lines += [tool(text, "WARN") for text in gpu.NOT_BUILT_IN]
        wanted.remove("GPU")
    if "NNAPI" in wanted and setting.speed.nnapi is None:
        lines.append(tool("NNAPI acceleration is unsupported on this platform.", "WARN"))
        wanted.remove("NNAPI")
    lines += [runtime(_CREATED[name]) for name in _FLAGS.values() if name in wanted]
    if flags.get("use_hexagon"):
        lines += _no_hexagon()
    if wanted:
        first = next(name for name in _FLAGS.values() if name in wanted)
        lines.append(tool(f"{first} delegate created."))
    return [_FLAGS[f] for f in flags.given if f in _FLAGS and _FLAGS[f] in wanted]


def _no_hexagon() -> list[Line]:
    missing = 'dlopen failed: library "libhexagon_interface.so" not found'
    return [
        runtime(f"Failed to load libhexagon_interface.so, Error: {missing}", "ERROR"),
        runtime("Hexagon Delegate is not supported."),
        tool(
            "Could not create Hexagon delegate: platform may not support delegate or required libraries are missing",
            "WARN",
        ),
    ]


def _apply(name: str, setting: Setting, found: Delegation) -> None:
    graph, flags, lines = setting.graph, setting.flags, found.lines
    failed = tool(f"Failed to apply {name} delegate.", "ERROR")
    if name != "XNNPACK" and (broken := broken_operator(graph)):
        raise ApplyError([*(runtime(text, "ERROR") for text in broken), failed])
    if name != "XNNPACK" and graph.dynamic_tensor is not None:
        raise ApplyError([_dynamic(graph.dynamic_tensor), failed])
    try:
        kernels = replace_nodes(name, _taking(name, setting, found), found)
    except ApplyError as error:
        raise ApplyError([*error.lines, failed]) from None
    if not kernels:
        text = f"Though {name} delegate is explicitly applied, the model graph will not be executed by the delegate."
        lines.append(tool(text))
    whole = len(found.plan) == 1 and kernels == 1
    if flags["require_full_delegation"] and not whole:
        raise ApplyError([tool("Disallowed CPU fallback detected.", "ERROR")])
    if kernels:
        how = "completely executed by the delegate."
        if not whole:
            how = f"partially executed by the delegate w/ {kernels} delegate kernels."
        lines.append(tool(f"Explicitly applied {name} delegate, and the model graph will be {how}"))


def _taking(name: str, setting: Setting, found: Delegation) -> Taking:
    graph, flags, speed = setting.graph, setting.flags, setting.speed
    if name == "GPU":
        return gpu.take(graph, found.plan, flags, speed.gpu, setting.build, setting.program, setting.cache)
    if name == "NNAPI":
        assert speed.nnapi is not None
        return nnapi.take(graph, found.plan, flags, speed.nnapi)
    return take_xnnpack(graph, found.plan)


def take_xnnpack(graph: Graph, plan: Sequence[Node]) -> Taking:
    """What XNNPACK takes: nothing where a size is known only while running."""
    if graph.dynamic_tensor is not None:
        return Taking(())
    refusal = xnnpack_refusal(graph)
    return Taking(tuple(n.index for n in plan if refusal(n) is None))


def replace_nodes(name: str, taking: Taking, found: Delegation) -> int:
    """Put the kernels of a delegate in the place of what it takes; how many it got.

    Raises:
        ApplyError: they cannot be initialised.
    """
    found.lines += taking.before
    subsets = partition(found.graph, found.plan, frozenset(taking.nodes))
    groups = tuple(s.nodes for s in subsets if s.taken)
    if groups:
        applied = Applied(name, groups)
        text = (
            f"Replacing {len(taking.nodes)} out of {len(found.plan)} node(s) with delegate ({applied.node_name}) node, "
            f"yielding {len(subsets)} partitions for subgraph 0 ({found.graph.name or 'main'})."
        )
        found.lines.append(runtime(text, "VERBOSE"))
        if taking.failed:
            raise ApplyError(list(taking.after))
        found.lines += taking.after
        first = len(found.graph.nodes) + sum(len(a.groups) for a in found.applied)
        found.plan = replaced(found.graph, found.plan, subsets, applied.node_name, first)
        found.applied.append(applied)
        if taking.backend:
            found.gpu_backend, found.gpu_from_cache = taking.backend, taking.from_cache
    return len(groups)


def default(setting: Setting, found: Delegation) -> list[Line]:
    """Let the runtime apply XNNPACK to what is left, as it does when it allocates tensors; the lines it prints."""
    before = len(found.lines)
    if not setting.flags.was_given("use_xnnpack") and found.left:
        found.lines.append(runtime(_CREATED["XNNPACK"]))
        replace_nodes("XNNPACK", take_xnnpack(setting.graph, found.plan), found)
    return found.lines[before:]


def broken_operator(graph: Graph) -> list[str]:
    """What the runtime says of the first operator that this program does not have; empty where it has all."""
    for node in graph.nodes:
        if node.op.startswith("Flex"):
            return [
                "Select TensorFlow op(s), included in the given model, is(are) not supported by this interpreter. "
                "Make sure you apply/link the Flex delegate before inference. For the Android, it can be resolved by "
                'adding "org.tensorflow:tensorflow-lite-select-tf-ops" dependency. See instructions: '
                "https://www.tensorflow.org/lite/guide/ops_select",
                f"Node number {node.index} ({node.op}) failed to prepare.",
            ]
        if node.custom and node.op not in _OWN_CUSTOM:
            return [
                f"Encountered unresolved custom op: {node.op}.\n"
                "See instructions: https://www.tensorflow.org/lite/guide/ops_custom ",
                f"Node number {node.index} ({node.op}) failed to prepare.",
            ]
    return []


def _dynamic(tensor: int) -> Line:
    return runtime(
        "Attempting to use a delegate that only supports static-sized tensors with a graph that has dynamic-sized "
        f"tensors (tensor#{tensor} is a dynamic-sized tensor).",
        "WARNING",
    )
