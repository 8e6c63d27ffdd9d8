"""When sizes are known only while running, held against the interpreter: a tensor without memory before it runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.variants.lint.lint import dynamic_tensor
from harness.variants.lint.table import load_dynamic
from harness.variants.model_file import read_model_file
from tests.variants.lint.cases import Case, image, ints
from tests.virtual.bench.tiny import Op, T


def vector(name: str, values: tuple[int, ...], *, stored: bool) -> T:
    """A vector of integers, a constant or an input."""
    return T(name, (len(values),), ints(*values) if stored else None, "INT32")


def _cases(*, stored: bool) -> dict[str, Case]:
    def two(op: str, values: tuple[int, ...], shape: tuple[int, ...], table: str = "", **options: object) -> Case:
        tensors = [image(), vector("v", values, stored=stored), image(name="y", shape=shape)]
        return Case(f"{op}_{stored}", tensors, op, (0, 1), (2,), (table, dict(options)) if table else None)

    paddings = T("p", (4, 2), np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32) if stored else None, "INT32")
    begin, size = vector("b", (0, 1, 1, 0), stored=stored), vector("s", (1, 2, 2, 4), stored=stored)
    end, step = vector("e", (1, 4, 4, 4), stored=stored), vector("t", (1, 1, 1, 1), stored=stored)
    k = T("k", (), np.int32(2) if stored else None, "INT32")
    return {
        "TRANSPOSE": two("TRANSPOSE", (0, 2, 1, 3), (1, 4, 4, 4)),
        "TILE": two("TILE", (2, 1, 1, 1), (2, 4, 4, 4)),
        "MEAN": two("MEAN", (1, 2), (1, 4), "ReducerOptions"),
        "SUM": two("SUM", (1, 2), (1, 4), "ReducerOptions"),
        "RESIZE_BILINEAR": two("RESIZE_BILINEAR", (8, 8), (1, 8, 8, 4), "ResizeBilinearOptions"),
        "RESIZE_NEAREST_NEIGHBOR": two("RESIZE_NEAREST_NEIGHBOR", (8, 8), (1, 8, 8, 4), "ResizeNearestNeighborOptions"),
        "PAD": Case("PAD", [image(), paddings, image(name="y", shape=(1, 6, 6, 4))], "PAD", (0, 1), (2,)),
        "SLICE": Case("SLICE", [image(), begin, size, T("y", ())], "SLICE", (0, 1, 2), (3,)),
        "STRIDED_SLICE": Case(
            "STRIDED_SLICE", [image(), begin, end, step, image(name="y", shape=(1, 3, 3, 4))], "STRIDED_SLICE",
            (0, 1, 2, 3), (4,), ("StridedSliceOptions", {}),
        ),
        "FILL": Case("FILL", [vector("d", (2, 3), stored=stored), T("v", (), np.float32(1)), T("y", (2, 3))], "FILL", (0, 1), (2,)),
        "TOPK_V2": Case(
            "TOPK_V2", [image(shape=(1, 4)), k, image(name="y", shape=(1, 2)), T("i", (1, 2), kind="INT32")], "TOPK_V2",
            (0, 1), (2, 3),
        ),
    }  # fmt: skip


def dynamic_in_the_runtime(path: Path) -> bool:
    """Whether the runtime has no memory for the output before it runs, since it does not know how much."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kind = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(str(path), experimental_op_resolver_type=kind)
    interpreter.allocate_tensors()
    try:
        interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    except ValueError as error:
        assert "null" in str(error).lower()
        return True
    return False


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("name", sorted(_cases(stored=True)))
def test_the_runtime_knows_the_size_where_the_table_says_so(name: str, stored: bool, tmp_path: Path) -> None:
    path = _cases(stored=stored)[name].write(tmp_path)
    found = dynamic_tensor(read_model_file(path).graphs[0], load_dynamic())
    assert (found is not None) == dynamic_in_the_runtime(path) == (not stored)


def test_a_slice_keeps_the_shape_that_the_file_gives(tmp_path: Path) -> None:
    tensors = [image(), vector("b", (0, 1, 1, 0), stored=False), vector("s", (1, 2, 2, 4), stored=False)]
    path = Case("slice", [*tensors, image(name="y", shape=(1, 2, 2, 4))], "SLICE", (0, 1, 2), (3,)).write(tmp_path)
    assert dynamic_tensor(read_model_file(path).graphs[0], load_dynamic()) is None and not dynamic_in_the_runtime(path)


def test_a_computed_shape_makes_a_reshape_dynamic(tmp_path: Path) -> None:
    # The runtime lets its output share the input's memory, so that only its source tells.
    for stored in (True, False):
        tensors = [image(), vector("v", (1, 64), stored=stored), image(name="y", shape=(1, 64))]
        path = Case("reshape", tensors, "RESHAPE", (0, 1), (2,)).write(tmp_path)
        found = dynamic_tensor(read_model_file(path).graphs[0], load_dynamic())
        assert found == (None if stored else 2)


#: Ways in which a graph computes a shape from another tensor's shape: operators between SHAPE and FILL.
CHAINS: dict[str, tuple[list[T], list[Op]]] = {
    "SHAPE": ([], []),
    "STRIDED_SLICE": (
        [vector("b", (0,), stored=True), vector("e", (4,), stored=True), vector("t", (1,), stored=True), T("r", (4,), kind="INT32")],
        [Op("STRIDED_SLICE", (2, 3, 4, 5), (6,), options=("StridedSliceOptions", {}))],
    ),
    "MUL": ([vector("o", (1, 1, 1, 1), stored=True), T("r", (4,), kind="INT32")], [Op("MUL", (2, 3), (4,))]),
    "ADD": ([vector("o", (0, 0, 0, 0), stored=True), T("r", (4,), kind="INT32")], [Op("ADD", (2, 3), (4,))]),
    "SUB": ([vector("o", (0, 0, 0, 0), stored=True), T("r", (4,), kind="INT32")], [Op("SUB", (2, 3), (4,))]),
    "DIV": ([vector("o", (1, 1, 1, 1), stored=True), T("r", (4,), kind="INT32")], [Op("DIV", (2, 3), (4,))]),
    "SLICE": (
        [vector("b", (0,), stored=True), vector("n", (4,), stored=True), T("r", (4,), kind="INT32")],
        [Op("SLICE", (2, 3, 4), (5,))],
    ),
    "PACK": (
        [T("k", (), kind="INT32"), T("r", (1,), kind="INT32")],
        [Op("RANK", (0,), (3,)), Op("PACK", (3,), (4,), options=("PackOptions", {"valuesCount": 1}))],
    ),
    "CAST": ([T("r", (4,), kind="INT32")], [Op("CAST", (2,), (3,))]),
    "CONCATENATION": (
        [vector("n", (2,), stored=True), T("r", (5,), kind="INT32")],
        [Op("CONCATENATION", (2, 3), (4,), options=("ConcatenationOptions", {}))],
    ),
    "GATHER": (
        [vector("i", (0, 1, 2, 3), stored=True), T("r", (4,), kind="INT32")],
        [Op("GATHER", (2, 3), (4,), options=("GatherOptions", {}))],
    ),
    "MAXIMUM": ([vector("o", (1, 1, 1, 1), stored=True), T("r", (4,), kind="INT32")], [Op("MAXIMUM", (2, 3), (4,))]),
    "NEG": ([T("m", (4,), kind="INT32"), T("r", (4,), kind="INT32")], [Op("NEG", (2,), (3,)), Op("NEG", (3,), (4,))]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_shapes_computed_from_shapes_are_known_where_the_table_says_so(name: str, tmp_path: Path) -> None:
    tensors, ops = CHAINS[name]
    every = [image(name="z"), T("one", (), np.float32(1)), T("s", (4,), kind="INT32"), *tensors]
    last = len(every) - 1
    before = [Op("SHAPE", (0,), (2,), options=("ShapeOptions", {"outType": 2})), *ops]
    made = image(name="y", shape=(1,) * {"CONCATENATION": 5, "PACK": 1}.get(name, 4))
    path = Case(name, [*every, made], "FILL", (last, 1), (last + 1,), before=before).write(tmp_path)
    found = dynamic_tensor(read_model_file(path).graphs[0], load_dynamic())
    assert (found is not None) == dynamic_in_the_runtime(path)
