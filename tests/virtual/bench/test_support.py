"""What virtual delegates take where the real ones were seen or read to do so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.virtual.bench.graph import Graph, Node, Tensor
from harness.virtual.bench.support import half_weights, with_half_weights, xnnpack_refusal


def graph(kinds: list[str], op: str = "CONV_2D") -> Graph:
    """`op` once a kind; FLOAT16 ones are a DEQUANTIZE of a constant, which the last node reads."""
    tensors, nodes = [Tensor("x", (1,), "FLOAT32", 0)], []
    for i, kind in enumerate(kinds):
        half = kind == "FLOAT16"
        source = len(tensors) if half else 0
        tensors += [Tensor(f"w{i}", (1,), "FLOAT16", 2)] if half else []
        made = len(tensors)
        tensors.append(Tensor(f"y{i}", (1,), "FLOAT32" if half else kind, 0))
        nodes.append(Node(i, "DEQUANTIZE" if half else op, 0, 1, 0, 1, (source,), (made,)))
    return Graph("main", tuple(nodes), tuple(tensors), (0,), (len(tensors) - 1,))


def test_xnnpack_pools_no_8_bit_integers() -> None:
    # As XNNPACK of LiteRT 2.3.0 does: tests/variants/lint/test_xnnpack.py asks it.
    for op, kind, taken in (
        ("AVERAGE_POOL_2D", "INT8", False), ("AVERAGE_POOL_2D", "FLOAT32", True), ("SOFTMAX", "UINT8", False),
        ("MAX_POOL_2D", "INT8", True), ("CONV_2D", "INT8", True), ("CONV_2D", "INT16", False),
    ):  # fmt: skip
        made = graph([kind], op)
        assert (xnnpack_refusal(made)(made.nodes[0]) is None) == taken, (op, kind)


@given(st.lists(st.sampled_from(["FLOAT32", "FLOAT16"]), min_size=1, max_size=8), st.data())
def test_half_weights_go_along_with_everything_or_not_at_all(kinds: list[str], data: st.DataObject) -> None:
    made = graph(kinds)
    supported = data.draw(st.frozensets(st.integers(0, len(kinds) - 1)))
    unpack = half_weights(made, made.nodes)
    assert unpack == {i for i, kind in enumerate(kinds) if kind == "FLOAT16"}
    taken = with_half_weights(made, made.nodes, supported)
    whole = supported | unpack == set(range(len(kinds)))
    assert taken == (frozenset(range(len(kinds))) if whole else supported - unpack)
