"""Stages of a graph, and what is refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.variants.model_file import GraphInfo, read_model_file
from harness.variants.split.cut import find_tensors, plan_stages
from harness.variants.split.flow import Flow
from harness.variants.split.points import best_points, cut_points
from tests.racks import MODELS
from tests.variants.split.random_models import NODES, Node, random_model
from tests.virtual.bench.tiny import G, Op, T, build


def graph(nodes: list[Node], inputs: int = 1, extra: int = 0) -> GraphInfo:
    with tempfile.TemporaryDirectory() as folder:
        return read_model_file(random_model(Path(folder) / "m.tflite", nodes, inputs, extra)).graphs[0]


def residual(tmp_path: Path) -> GraphInfo:
    """x → a → b → y = a + b."""
    tensors = [T(n, (1, 4)) for n in ("x", "a", "b", "y")]
    ops = [Op("TANH", (0,), (1,)), Op("ABS", (1,), (2,)), Op("ADD", (1, 2), (3,))]
    return read_model_file(build(tmp_path / "m.tflite", G(tensors, ops, (0,), (3,)))).graphs[0]


def test_a_cut_that_a_skip_connection_crosses_names_what_else_crosses(tmp_path: Path) -> None:
    net = residual(tmp_path)
    with pytest.raises(UsageError, match=r"cut at b \(#2\) does not separate.*a \(#1\) crosses it too.*--at '#1,#2'"):
        plan_stages(net, [find_tensors(net, "b")])
    first, second = plan_stages(net, [find_tensors(net, "a,b")])
    assert first.ops == (0, 1) and first.outputs == (1, 2)
    assert second.inputs == (1, 2) and second.feeds == (0, 0) and second.outputs == (3,)


def test_a_later_stage_takes_from_any_earlier_one(tmp_path: Path) -> None:
    net = residual(tmp_path)
    stages = plan_stages(net, [find_tensors(net, "b"), find_tensors(net, "a")])
    assert [s.ops for s in stages] == [(0,), (1,), (2,)], "cuts are put in order"
    assert stages[2].inputs == (1, 2) and stages[2].feeds == (0, 1)
    assert stages == plan_stages(net, [(1,), (1, 2)]), "what an earlier cut named may be named again"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("x", "x (#0) is an input of the model"),
        ("y", "no operator after the cut reads y (#3)"),
        ("c", "no tensor 'c'"),
        ("", "no tensor ''"),
        ("#7", "no tensor '#7'"),
        ("#²", "no tensor '#²'"),
    ],
)
def test_what_is_no_cut(tmp_path: Path, asked: str, said: str) -> None:
    net = residual(tmp_path)
    with pytest.raises(UsageError) as refused:
        plan_stages(net, [find_tensors(net, asked)])
    assert said in str(refused.value) and ";" in str(refused.value)


def test_two_cuts_with_nothing_between_them(tmp_path: Path) -> None:
    net = residual(tmp_path)
    with pytest.raises(UsageError, match="comes with an earlier one"):
        plan_stages(net, [(1,), (1,)])


def test_unknown_names_bring_the_nearest_ones() -> None:
    net = read_model_file(MODELS / "digits_float32.tflite").graphs[0]
    with pytest.raises(UsageError, match=r"did you mean 'sequential_1/average_pooling2d_1/AvgPool' \(#21\)"):
        find_tensors(net, "average_pooling")


def test_names_with_commas_and_names_of_several_tensors(tmp_path: Path) -> None:
    tensors = [T("x", (1, 4)), T("a,b", (1, 4)), T("same", (1, 4)), T("same", (1, 4))]
    ops = [Op("ABS", (0,), (1,)), Op("ABS", (1,), (2,)), Op("ABS", (2,), (3,))]
    net = read_model_file(build(tmp_path / "m.tflite", G(tensors, ops, (0,), (3,)))).graphs[0]
    assert find_tensors(net, "a,b") == (1,)
    with pytest.raises(UsageError, match="2 tensors are called 'same'; name one of #2, #3"):
        find_tensors(net, "same")
    assert find_tensors(net, "#2, #1, #2") == (2, 1)


def test_what_follows_from_constants_crosses_no_cut() -> None:
    net = read_model_file(MODELS / "digits_float16.tflite").graphs[0]
    point = cut_points(net)[3]
    first, second = plan_stages(net, [point.tensors])
    kinds = [net.ops[op].op for op in (*first.ops, *second.ops)]
    assert len(point.tensors) == 1 and kinds.count("DEQUANTIZE") == sum(op.op == "DEQUANTIZE" for op in net.ops)
    assert "DEQUANTIZE" in [net.ops[op].op for op in first.ops] and "DEQUANTIZE" in [
        net.ops[op].op for op in second.ops
    ]


@settings(max_examples=150, deadline=None)
@given(NODES, st.integers(1, 2), st.integers(0, 2), st.data())
def test_stages_are_a_partition_in_an_order_that_runs(
    nodes: list[Node], inputs: int, extra: int, data: st.DataObject
) -> None:
    net = graph(nodes, inputs, extra)
    flow = Flow(net)
    made = [t for op in net.ops for t in op.outputs if flow.made(t)]
    if not made:
        return
    at = data.draw(st.sampled_from(made))
    before = flow.before((at,))
    rest = frozenset(op.index for op in net.ops) - flow.constant - before
    crossing = flow.crossing(before, rest)
    try:
        stages = plan_stages(net, [crossing if at in crossing else (at,)])
    except UsageError:
        assert at not in crossing, "a tensor together with all that crosses beside it is a cut"
        return
    running = [op for s in stages for op in s.ops if op not in flow.constant]
    assert sorted(running) == sorted(op.index for op in net.ops if op.index not in flow.constant)
    known = set(net.inputs)
    for stage in stages:
        assert set(stage.inputs) <= known, "a stage reads only what is there"
        have = set(stage.inputs) | {t.index for t in net.tensors if t.index not in flow.maker} - set(net.inputs)
        for op in stage.ops:
            assert {t for t in net.ops[op].inputs if t >= 0} <= have
            have |= set(net.ops[op].outputs)
        assert set(stage.outputs) <= have
        known |= set(stage.outputs)
    assert set(net.outputs) <= known


@settings(max_examples=100, deadline=None)
@given(NODES, st.integers(1, 2), st.integers(0, 2))
def test_every_listed_point_can_be_cut(nodes: list[Node], inputs: int, extra: int) -> None:
    net = graph(nodes, inputs, extra)
    points = cut_points(net)
    for point in points:
        first, second = plan_stages(net, [point.tensors])
        handed = [t for t, feed in zip(second.inputs, second.feeds, strict=True) if feed == 0]
        assert tuple(handed) == point.tensors and point.bytes == 16 * len(handed)
        assert point.ops_before <= len(first.ops)
    assert set(best_points(points)) <= set(points)


def test_the_points_of_a_known_network() -> None:
    net = read_model_file(MODELS / "digits_int8.tflite").graphs[0]
    points = cut_points(net)
    whole = sum(op.macs for op in net.ops)
    assert [p.macs_before for p in points] == sorted(p.macs_before for p in points)
    assert all(p.macs_before + p.macs_after == whole for p in points)
    pooled = next(p for p in points if net.tensors[p.tensors[0]].name.endswith("AvgPool"))
    assert pooled.bytes == 56 and len(pooled.tensors) == 1
