"""Checks that a table names where one test of a tensor does not say it. True: nothing is wrong. Pure.

Each follows the source that its table entry cites. A tensor that is missing passes: `count` and `present` ask for it.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.variants.lint.node import Node, Seen

Check = Callable[[Node], bool]
CHECKS: dict[str, Check] = {}
_FLOATS = ("FLOAT32", "FLOAT16")
_BYTES = ("INT8", "UINT8")


def _check(function: Check) -> Check:
    CHECKS[function.__name__] = function
    return function


def _pick(node: Node, *positions: int) -> list[Seen]:
    """Inputs by position, those that are there."""
    found = [node.inputs[i] for i in positions if i < len(node.inputs)]
    return [t for t in found if t is not None]


def _numbers(seen: Seen) -> list[int] | None:
    """Stored values, or None where they are not at hand."""
    values = seen.tensor.values
    return None if values is None else [int(v) for v in values]


@_check
def gpu_broadcast(node: Node) -> bool:
    """Tensors of different rank are broadcast in three cases only."""
    shapes = sorted((t.shape for t in _pick(node, 0, 1)), key=len, reverse=True)
    if len(shapes) < 2 or len(shapes[1]) <= 1 or len(shapes[0]) == len(shapes[1]):
        return True
    wide, narrow = shapes
    if len(wide) != 4:
        return False
    single = len(narrow) == 3 and wide[0] == 1
    one = len(narrow) == 2 and wide[0] == 1 and narrow == (1, 1)
    channels = len(narrow) == 2 and (wide[0], wide[3]) == narrow
    return single or one or channels


@_check
def depthwise_shapes(node: Node) -> bool:
    """Batch, depth and multiplier of a depthwise convolution fit together."""
    tensors = _pick(node, 0, 1)
    if len(tensors) < 2 or not node.outputs or any(t.rank != 4 for t in (*tensors, node.outputs[0])):
        return True
    (image, weights), made = tensors, node.outputs[0]
    depth = image.shape[3] * int(node.option("depthMultiplier"))
    return image.shape[0] == made.shape[0] and weights.shape[3] == made.shape[3] == depth


@_check
def comparison_feeds_select(node: Node) -> bool:
    """What a comparison gives is read once, by CAST or SELECT to floating point."""
    if not node.outputs:
        return True
    readers = node.graph.consumers.get(node.outputs[0].tensor.index, [])
    if len(readers) != 1 or readers[0].op not in ("CAST", "SELECT", "SELECT_V2") or not readers[0].outputs:
        return False
    return node.graph.info.tensors[readers[0].outputs[0]].type in _FLOATS


@_check
def gpu_cast(node: Node) -> bool:
    """Between floating point and truth values or 32-bit integers; from a truth value only where it is read once."""
    inputs = _pick(node, 0)
    if not inputs or not node.outputs:
        return True
    source, made = inputs[0].tensor, node.outputs[0].tensor
    if source.type == "BOOL" and made.type in _FLOATS:
        producer = node.graph.producers.get(source.index)
        once = len(node.graph.consumers.get(source.index, [])) == 1
        return producer is not None and once and len(node.graph.consumers.get(made.index, [])) == 1
    if source.type in _FLOATS and made.type == "BOOL":
        return True
    return source.type in ("FLOAT32", "INT32") and made.type in ("FLOAT32", "INT32")


@_check
def gpu_select(node: Node) -> bool:
    """Both choices have the output's shape or one value."""
    return not node.outputs or all(t.shape == node.outputs[0].shape or t.shape in ((), (1,)) for t in _pick(node, 1, 2))


@_check
def distinct_inputs(node: Node) -> bool:
    """No computed tensor comes in twice; ADD and MUL can do that."""
    computed = [t.tensor.index for t in node.inputs if t is not None and not t.constant]
    return len(set(computed)) == len(computed)


@_check
def gpu_matmul(node: Node) -> bool:
    """Two computed matrices, or a computed one by a stored one of two dimensions."""
    tensors = _pick(node, 0, 1)
    if len(tensors) < 2 or not any(t.constant for t in tensors):
        return True
    return not tensors[0].constant and tensors[1].rank == 2


@_check
def input_channels_match(node: Node) -> bool:
    """As many channels come in as a row of stored weights has."""
    tensors = _pick(node, 0, 1)
    if len(tensors) < 2 or not tensors[1].constant or tensors[1].rank != 2 or not 1 < tensors[0].rank <= 4:
        return True
    return tensors[0].shape[-1] == tensors[1].shape[1]


@_check
def pooling_window(node: Node) -> bool:
    """The stride does not exceed the window."""
    return all(
        0 < int(node.option(stride)) <= int(node.option(window))
        for stride, window in (("strideH", "filterHeight"), ("strideW", "filterWidth"))
    )


@_check
def transpose_conv_padding(node: Node) -> bool:
    """The output holds the kernel (no padding), or the kernel is at least as large as the stride."""
    weights = _pick(node, 1)
    if not weights or weights[0].rank != 4 or not node.outputs or node.outputs[0].rank != 4:
        return True
    kernel, made = weights[0].shape[1:3], node.outputs[0].shape[1:3]
    strides = (int(node.option("strideH")), int(node.option("strideW")))
    limits = strides if node.option("padding") == 0 else kernel
    held = kernel if node.option("padding") == 0 else made
    return all(a >= b for a, b in zip(held, limits, strict=True))


@_check
def paddings_rows(node: Node) -> bool:
    """A pair of paddings a dimension."""
    tensors = _pick(node, 0, 1)
    return len(tensors) < 2 or tensors[1].shape == (tensors[0].rank, 2)


@_check
def bias_channels(node: Node) -> bool:
    """A bias a channel."""
    tensors = _pick(node, 1, 2)
    return len(tensors) < 2 or not tensors[0].shape or tensors[1].tensor.elements == tensors[0].shape[0]


@_check
def channel_groups(node: Node) -> bool:
    """The image has at least the channels of the weights."""
    tensors = _pick(node, 0, 1)
    return len(tensors) < 2 or any(t.rank != 4 for t in tensors) or tensors[0].shape[3] >= tensors[1].shape[3]


@_check
def one_group(node: Node) -> bool:
    """The image has the channels of the weights: no grouped convolution."""
    tensors = _pick(node, 0, 1)
    return len(tensors) < 2 or any(t.rank != 4 for t in tensors) or tensors[0].shape[3] == tensors[1].shape[3]


@_check
def block_divides(node: Node) -> bool:
    """Height and width are multiples of the block."""
    images, block = _pick(node, 0), int(node.option("blockSize"))
    return not images or images[0].rank != 4 or block < 1 or all(d % block == 0 for d in images[0].shape[1:3])


@_check
def slice_inside(node: Node) -> bool:
    """Begin and end lie inside the tensor."""
    tensors = _pick(node, 0, 1, 2)
    if len(tensors) < 3:
        return True
    begins, ends = _numbers(tensors[1]), _numbers(tensors[2])
    if begins is None or ends is None or len(begins) != len(ends) or len(begins) != tensors[0].rank:
        return True
    for axis, extent in enumerate(tensors[0].shape):
        begin = 0 if int(node.option("beginMask")) >> axis & 1 else begins[axis]
        end = 0 if int(node.option("endMask")) >> axis & 1 else ends[axis]
        start = begin + extent if begin < 0 else begin
        size = end + extent - start if end <= 0 else end - start
        if start + size > extent:
            return False
    return True


@_check
def not_hybrid(node: Node) -> bool:
    """No 8-bit weights with floating-point inputs."""
    tensors = _pick(node, 0, 1)
    return len(tensors) < 2 or not (tensors[0].tensor.type in _FLOATS and tensors[1].tensor.type in _BYTES)


@_check
def restricted_scales(node: Node) -> bool:
    """Scale of input times scale of weights is less than that of the output."""
    tensors = [*_pick(node, 0, 1), *node.outputs[:1]]
    scales = [t.tensor.quantization.scale[0] for t in tensors if t.tensor.quantization is not None]
    return len(scales) < 3 or scales[0] * scales[1] < scales[2]


@_check
def axis_not_last(node: Node) -> bool:
    """The axis of PACK or UNPACK is not the last one."""
    tensors, axis = _pick(node, 0), int(node.option("axis"))
    last = tensors[0].rank - (node.op.op == "UNPACK") if tensors else None
    return axis != -1 and axis != last


@_check
def one_batch(node: Node) -> bool:
    """Both matrices have the same batches: nothing is broadcast."""
    tensors = _pick(node, 0, 1)
    return len(tensors) < 2 or tensors[0].shape[:-2] == tensors[1].shape[:-2]


@_check
def square_output(node: Node) -> bool:
    """Height and width of the output are equal."""
    return not node.outputs or node.outputs[0].rank != 4 or node.outputs[0].shape[1] == node.outputs[0].shape[2]


@_check
def one_hot_shape(node: Node) -> bool:
    """Only the batch and the last dimension of the indices may be more than one; the axis is the last."""
    tensors = _pick(node, 0)
    if not tensors:
        return True
    shape, axis = tensors[0].shape, int(node.option("axis"))
    inner = shape[1:-1] if len(shape) > 3 else shape[:-1]
    # The delegate compares the axis with the size of the last dimension, not with its number.
    return all(d == 1 for d in inner) and (axis == -1 or (bool(shape) and axis == shape[-1]))


@_check
def normal_slope(node: Node) -> bool:
    """The slope of LEAKY_RELU is not 0."""
    return abs(float(node.option("alpha"))) > 0
