"""How many multiplications an operator of a TensorFlow Lite model needs. Pure; for every room that weighs models."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Builtin codes of the operators that multiply.
CONV, DEPTHWISE, DENSE, TRANSPOSE_CONV, BATCH_MATMUL = 3, 4, 9, 67, 126


def macs(code: int, inputs: Sequence[Sequence[int]], output: Sequence[int]) -> int:
    """Multiply-accumulates of one run; 0 for operators that do something else.

    Args:
        code: of the builtin operator.
        inputs: shape of each input, the weights second; a dimension that is not known counts as 1.
        output: shape of the first output.
    """
    if code not in (CONV, DEPTHWISE, DENSE, TRANSPOSE_CONV, BATCH_MATMUL) or len(inputs) < 2:
        return 0
    out = math.prod(abs(d) for d in output)
    weights = inputs[1]
    if code == CONV:
        return out * math.prod(weights[1:])
    if code == DEPTHWISE:
        return out * math.prod(weights[1:3])
    if code == TRANSPOSE_CONV:
        return math.prod(abs(d) for d in inputs[2]) * math.prod(weights[:3]) if len(inputs) > 2 else 0
    if code == DENSE:
        return out * (weights or (1,))[-1]
    return out * abs((inputs[0] or (1,))[-1])
