"""What operators of two profiles may be laid beside each other. Pure.

The same operator has another name in each unit, and delegates fuse and split: XNNPACK shows a 1 × 1 convolution as a
fully connected operator, the GPU delegate adds activations to what comes before. So profiles of the same units are
matched by type, without the data type; those of different units only by family, which is coarser and true.
"""

from __future__ import annotations

import re

#: Data types within the parentheses of XNNPACK's names: `(NHWC, QS8, QC8W)` and `(NC, F32)`.
_DATA = re.compile(r"\((N[A-Z]*), [^)]*\)")
_GPU_NUMBERS = re.compile(r" \d+\b")
_FAMILIES = (
    ("depthwise convolution", re.compile(r"depthwise|dwconv", re.I)),
    ("convolution, fully connected", re.compile(r"conv|fully.?connected", re.I)),
    ("matrix product", re.compile(r"matmul|matrix", re.I)),
    ("pooling, mean", re.compile(r"pool|^mean|^reduce|^sum\b", re.I)),
    ("softmax", re.compile(r"softmax", re.I)),
    ("resize", re.compile(r"resize", re.I)),
    (
        "moving data",
        re.compile(r"reshape|transpose|concat|^pad|constant pad|slice|split|copy|squeeze|gather|expand|pack", re.I),
    ),
    ("changing types", re.compile(r"quantize|convert|cast", re.I)),
    (
        "elementwise",
        re.compile(
            r"^(add|mul|sub|div|relu|clamp|logistic|sigmoid|tanh|hard|exp|abs|sqrt|rsqrt|square|neg|max|min|leaky|prelu|elu|gelu"
            r"|divide|multiply|subtract|binary|unary|floor|pow|elementwise)",
            re.I,
        ),
    ),
)


def plain_type(node_type: str) -> str:
    """A type without the data type and without the GPU delegate's running numbers."""
    return _GPU_NUMBERS.sub("", _DATA.sub(r"(\1)", node_type))


def family(node_type: str) -> str:
    """The family that an operator of any unit belongs to, by the first operator of what is fused; else its type.

    What a delegate ran as a whole stays under the delegate's name.
    """
    first = node_type.split(" -> ")[0]
    if "delegate" in first.lower():
        return first
    return next((name for name, pattern in _FAMILIES if pattern.search(first)), plain_type(first))
