"""Which operators a delegate of a virtual phone takes, and why not the others. Pure.

The lists are what the official delegates take in general; a phone's profile narrows them. Details that depend on an
operator's options (strides, axes …) are not looked at: such a node counts as taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from harness.virtual.bench.graph import Graph, Node
from harness.virtual.profile import GpuSpeed, NnapiSpeed

#: None where a node is taken, else why not.
Refusal = Callable[[Node], str | None]

NOT_SUPPORTED = "Operation is not supported."
_BAD_TYPE = "OP is supported, but tensor type/shape isn't compatible."


def _ops(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SIMPLE = _ops(
    """ABS ADD AVERAGE_POOL_2D BATCH_MATMUL CONCATENATION CONV_2D COS DEPTHWISE_CONV_2D DEQUANTIZE DIV ELU EXP FLOOR
    FULLY_CONNECTED HARD_SWISH LEAKY_RELU LOG LOGISTIC MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL NEG PAD PRELU QUANTIZE
    RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RSQRT SIN SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQRT SQUARE
    SQUARED_DIFFERENCE STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV DEPTH_TO_SPACE REDUCE_MAX REDUCE_MIN"""
)

_XNNPACK = _SIMPLE | _ops("CEIL GELU ROUND READ_VARIABLE ASSIGN_VARIABLE VAR_HANDLE")
#: Of those, what XNNPACK of LiteRT 2.3 was seen to refuse in 8-bit integers, pooling and softmax among them.
_XNNPACK_FLOAT_ONLY = _ops(
    """ABS AVERAGE_POOL_2D CEIL COS DIV EXP FLOOR GELU HARD_SWISH LOG MAXIMUM MINIMUM NEG PRELU RELU RELU6 RELU_N1_TO_1
    ROUND RSQRT SIN SOFTMAX SQRT SQUARE SQUARED_DIFFERENCE"""
)
_GPU = _SIMPLE | _ops(
    """CAST CUMSUM EQUAL FLOOR_DIV FLOOR_MOD GATHER GREATER GREATER_EQUAL LESS LESS_EQUAL LSTM MIRROR_PAD NOT_EQUAL
    ONE_HOT PACK POW REDUCE_PROD RESIZE_NEAREST_NEIGHBOR SELECT SELECT_V2 SIGN SPLIT_V TILE UNPACK"""
)
_GPU_CUSTOM = frozenset(["Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D", "Resampler"])
_NNAPI = _SIMPLE | _ops(
    """ARG_MAX ARG_MIN BATCH_TO_SPACE_ND CAST EMBEDDING_LOOKUP EQUAL EXPAND_DIMS GATHER GREATER GREATER_EQUAL
    HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LESS LESS_EQUAL LOCAL_RESPONSE_NORMALIZATION LOGICAL_AND
    LOGICAL_NOT LOGICAL_OR LOG_SOFTMAX LSTM NOT_EQUAL PACK PADV2 POW REDUCE_ANY REDUCE_PROD
    RESIZE_NEAREST_NEIGHBOR RNN SELECT SPACE_TO_BATCH_ND SQUEEZE SVDF TILE TOPK_V2"""
)
_FLOATS = ("FLOAT32", "FLOAT16")
_QUANTIZED = ("INT8", "UINT8")


def xnnpack_refusal(graph: Graph) -> Refusal:
    """XNNPACK: floating point, and 8-bit integers where it has a kernel."""

    def refusal(node: Node) -> str | None:
        kinds = _FLOATS if node.op in _XNNPACK_FLOAT_ONLY else (*_FLOATS, *_QUANTIZED)
        return None if node.op in _XNNPACK and _kind(graph, node) in kinds else NOT_SUPPORTED

    return refusal


def gpu_refusal(graph: Graph, gpu: GpuSpeed | None, *, quantized: bool) -> Refusal:
    """This phone's GPU delegate, with the reasons that it prints; `quantized`: 8-bit integers are allowed."""
    known = (_GPU | _GPU_CUSTOM) - frozenset(gpu.unsupported_ops if gpu else ())
    kinds = (*_FLOATS, "INT32", "BOOL", *(_QUANTIZED if quantized and (gpu is None or gpu.takes_int8) else ()))

    def refusal(node: Node) -> str | None:
        if node.op not in known:
            return NOT_SUPPORTED
        return None if _kind(graph, node) in kinds else _BAD_TYPE

    return refusal


def nnapi_refusal(graph: Graph, nnapi: NnapiSpeed, *, reference: bool) -> Refusal:
    """This phone's NNAPI; `reference` is its own CPU code, which takes all that NNAPI knows."""
    narrowed = nnapi.supported_ops is not None and not reference
    known = frozenset(nnapi.supported_ops or ()) if narrowed else _NNAPI
    kinds = (*_QUANTIZED, "INT32", "BOOL", *(_FLOATS if nnapi.takes_float or reference else ()))

    def refusal(node: Node) -> str | None:
        if node.op == "DEQUANTIZE" and graph.tensors[node.inputs[0]].constant_bytes and nnapi.takes_float:
            return None  # half-precision weights: the delegate reads them itself
        return None if node.op in known and _kind(graph, node) in kinds else NOT_SUPPORTED

    return refusal


def _kind(graph: Graph, node: Node) -> str:
    return graph.tensors[node.outputs[0]].kind if node.outputs else "FLOAT32"


def with_half_weights(graph: Graph, plan: Sequence[Node], supported: Collection[int]) -> frozenset[int]:
    """Supported nodes, where those that only unpack half-precision weights go along if every other node is supported.

    So does the partition helper that GPU and NNAPI share (tflite/delegates/utils.cc of LiteRT): who reads the weights
    takes them packed, and a node left to the CPU may still need them unpacked.
    """
    unpack = half_weights(graph, plan)
    rest = frozenset(supported) - unpack
    return rest | unpack if len(rest) + len(unpack) == len(plan) else rest


def half_weights(graph: Graph, plan: Sequence[Node]) -> frozenset[int]:
    """Nodes of the plan that only unpack half-precision weights."""
    found = (n for n in plan if n.op == "DEQUANTIZE" and n.index < len(graph.nodes))
    sources = {n.index: graph.tensors[n.inputs[0]] for n in found}
    return frozenset(i for i, t in sources.items() if t.kind == "FLOAT16" and t.constant_bytes)
