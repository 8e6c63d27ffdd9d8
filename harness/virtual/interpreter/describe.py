"""What a model is made of, read from the flatbuffer with LiteRT's schema, as plain lists for JSON."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from harness.virtual.interpreter.run import build

_CUSTOM = 32


def describe(path: str) -> dict[str, Any]:
    """`{"subgraphs": [...], "signatures": [...]}`; bench/graph.py makes its classes of it.

    Raises:
        Refused: stage `load` for what is no model, `build` for one with an operator that the interpreter lacks.
    """
    build({"model": path, "numerics": "plain"})
    data = Path(path).read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    return {
        "subgraphs": [_subgraph(model, graph) for graph in model.subgraphs],
        "signatures": [_signature(s) for s in model.signatureDefs or []],
        "file_bytes": len(data),
    }


def _subgraph(model: Any, graph: Any) -> dict[str, Any]:
    return {
        "name": _text(graph.name),
        "tensors": [_tensor(model, t) for t in graph.tensors],
        "nodes": [_node(model.operatorCodes[op.opcodeIndex], op) for op in graph.operators or []],
        "inputs": _numbers(graph.inputs),
        "outputs": _numbers(graph.outputs),
    }


def _tensor(model: Any, tensor: Any) -> list[Any]:
    data = model.buffers[tensor.buffer].data
    kind = _names("TensorType")[tensor.type]
    return [_text(tensor.name), _numbers(tensor.shape), kind, 0 if data is None else len(data), bool(tensor.isVariable)]


def _node(code: Any, op: Any) -> dict[str, Any]:
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    options = op.builtinOptions
    node: dict[str, Any] = {
        "op": _text(code.customCode) if number == _CUSTOM else _names("BuiltinOperator")[number],
        "code": int(number),
        "version": int(code.version),
        "inputs": _numbers(op.inputs),
        "outputs": _numbers(op.outputs),
        "activation": int(getattr(options, "fusedActivationFunction", 0) or 0),
        "stride": [int(getattr(options, "strideH", 1) or 1), int(getattr(options, "strideW", 1) or 1)],
    }
    if hasattr(options, "bodySubgraphIndex"):
        node["calls"] = [int(options.condSubgraphIndex), int(options.bodySubgraphIndex)]
    return node


def _signature(signature: Any) -> dict[str, Any]:
    return {"key": _text(signature.signatureKey), "subgraph": int(signature.subgraphIndex)}


def _numbers(values: Any) -> list[int]:
    return [] if values is None else [int(v) for v in values]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if value else ""


@cache
def _names(enumeration: str) -> dict[int, str]:
    return {v: k for k, v in vars(getattr(schema, enumeration)).items() if isinstance(v, int)}
