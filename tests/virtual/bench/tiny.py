"""Small models, built by hand with the schema: each shows one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


@dataclass(frozen=True)
class T:
    """A tensor; with `data` it is a constant. `scale`: one, or one a channel of `axis`, with zero points of `zero`."""

    name: str
    shape: tuple[int, ...]
    data: Any = None
    kind: str = "FLOAT32"
    scale: tuple[float, ...] = ()
    zero: int = 0
    axis: int = 0


@dataclass(frozen=True)
class Op:
    """An operator, builtin or (with a name that is none) custom. `options`: their table's name and its fields."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    version: int = 1
    options: tuple[str, dict[str, Any]] | None = None


@dataclass(frozen=True)
class G:
    """A subgraph; with `key` a signature of that name."""

    tensors: Sequence[T]
    ops: Sequence[Op]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    key: str = ""


def build(path: Path, *graphs: G) -> Path:
    """Write the model of these subgraphs."""
    model = schema.ModelT()
    model.version, model.buffers, model.operatorCodes = 3, [schema.BufferT()], []
    model.subgraphs, model.signatureDefs = [], []
    for number, graph in enumerate(graphs):
        model.subgraphs.append(_subgraph(model, graph, number))
        if graph.key:
            model.signatureDefs.append(_signature(graph, number))
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def _subgraph(model: Any, graph: G, number: int) -> Any:
    made = schema.SubGraphT()
    made.name, made.tensors, made.operators = b"main" if not number else b"other", [], []
    for tensor in graph.tensors:
        t = schema.TensorT()
        t.name, t.shape = tensor.name.encode(), np.array(tensor.shape, np.int32)
        t.type, t.buffer = getattr(schema.TensorType, tensor.kind), 0
        if tensor.data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(tensor.data).tobytes(), np.uint8)
            model.buffers.append(buffer)
            t.buffer = len(model.buffers) - 1
        if tensor.scale:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = np.array(tensor.scale, np.float32)
            t.quantization.zeroPoint = np.full(len(tensor.scale), tensor.zero, np.int64)
            t.quantization.quantizedDimension = tensor.axis
        made.tensors.append(t)
    for op in graph.ops:
        o, code = schema.OperatorT(), schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, op.name, schema.BuiltinOperator.CUSTOM)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = op.version
        if code.builtinCode == schema.BuiltinOperator.CUSTOM:
            code.customCode = op.name.encode()
        model.operatorCodes.append(code)
        o.opcodeIndex = len(model.operatorCodes) - 1
        o.inputs, o.outputs = np.array(op.inputs, np.int32), np.array(op.outputs, np.int32)
        plain = {"ADD": "AddOptions", "MUL": "MulOptions", "GATHER": "GatherOptions"}.get(op.name, "")
        options, fields = op.options or (plain, {})
        if options:
            o.builtinOptionsType = getattr(schema.BuiltinOptions, options)
            o.builtinOptions = getattr(schema, f"{options}T")()
            for key, value in fields.items():
                setattr(o.builtinOptions, key, value)
        made.operators.append(o)
    made.inputs, made.outputs = np.array(graph.inputs, np.int32), np.array(graph.outputs, np.int32)
    return made


def _signature(graph: G, number: int) -> Any:
    made = schema.SignatureDefT()
    made.signatureKey, made.subgraphIndex = graph.key.encode(), number
    made.inputs = [_entry(graph, t) for t in graph.inputs]
    made.outputs = [_entry(graph, t) for t in graph.outputs]
    return made


def _entry(graph: G, tensor: int) -> Any:
    made = schema.TensorMapT()
    made.name, made.tensorIndex = graph.tensors[tensor].name.encode(), tensor
    return made


def sums(path: Path, shape: tuple[int, ...] = (1, 8), version: int = 1) -> Path:
    """y = a + b."""
    return build(
        path, G([T("a", shape), T("b", shape), T("y", shape)], [Op("ADD", (0, 1), (2,), version)], (0, 1), (2,))
    )


def lookup(path: Path) -> Path:
    """y = table[i] * 2, with a constant table of ten rows."""
    table = np.arange(80, dtype=np.float32).reshape(10, 8)
    tensors = [
        T("i", (4,), kind="INT32"),
        T("table", (10, 8), table),
        T("two", (), np.float32(2)),
        T("r", (4, 8)),
        T("y", (4, 8)),
    ]
    return build(path, G(tensors, [Op("GATHER", (1, 0), (3,)), Op("MUL", (3, 2), (4,))], (0,), (4,)))


def two_signatures(path: Path) -> Path:
    """`plus`: y = x + x; `times`: y = x * x."""

    def graph(op: str, key: str) -> G:
        return G([T("x", (1, 4)), T("y", (1, 4))], [Op(op, (0, 0), (1,))], (0,), (1,), key)

    return build(path, graph("ADD", "plus"), graph("MUL", "times"))


def square_chain(path: Path, start: float, steps: int) -> Path:
    """y = start ** (2 ** steps), beside an input that is added last: overflows half precision before single."""
    tensors = [T("x", (1,)), T("start", (1,), np.array([start], np.float32))]
    tensors += [T(f"s{i}", (1,)) for i in range(steps)] + [T("y", (1,))]
    ops = [Op("MUL", (1 + i, 1 + i), (2 + i,)) for i in range(steps)]
    # The first factor depends on the input, so that nothing is folded away.
    return build(path, G(tensors, [*ops, Op("ADD", (1 + steps, 0), (2 + steps,))], (0,), (2 + steps,)))
