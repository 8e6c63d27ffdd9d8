"""Random small models: chains with skip connections, constants, shared and repeated inputs, and side outputs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from tests.virtual.bench.tiny import G, Op, T, build

_SHAPE = (1, 4)
_UNARY, _BINARY = ("TANH", "LOGISTIC", "RELU", "ABS"), ("ADD", "MUL")


class Node(NamedTuple):
    """An operator, and which earlier tensors it reads (counted backwards)."""

    op: str
    reads: tuple[int, ...]


NODES = st.lists(
    st.one_of(
        st.builds(Node, st.sampled_from(_UNARY), st.tuples(st.integers(0, 3))),
        st.builds(Node, st.sampled_from(_BINARY), st.tuples(st.integers(0, 1), st.integers(0, 8))),
    ),
    min_size=2,
    max_size=14,
)


def random_model(path: Path, nodes: list[Node], inputs: int, extra_outputs: int) -> Path:
    """A model with a tensor an operator; a constant follows each input; what nobody reads, and the last
    `extra_outputs` tensors, are outputs."""
    tensors: list[T] = []
    for number in range(inputs):
        tensors.append(T(f"in{number}", _SHAPE))
        tensors.append(T(f"c{number}", _SHAPE, np.linspace(-1, 1 + number, 4, dtype=np.float32)))
    given = tuple(range(0, 2 * inputs, 2))
    ops: list[Op] = []
    for number, node in enumerate(nodes):
        reads = tuple(max(len(tensors) - 1 - back, 0) for back in node.reads)
        ops.append(Op(node.op, reads, (len(tensors),)))
        tensors.append(T(f"t{number}", _SHAPE))
    read = {t for op in ops for t in op.inputs}
    made = [op.outputs[0] for op in ops]
    outputs = sorted({t for t in made if t not in read} | set(made[len(made) - extra_outputs :]))
    return build(path, G(tensors, ops, given, tuple(outputs)))
