"""Runs models for real, in one process per rack that keeps the interpreter loaded.

Requests and answers are JSON lines. `numerics` says whose arithmetic is meant:

- `default`: the interpreter with XNNPACK, as shipped;
- `plain`: the interpreter's own kernels;
- `f16`: a GPU that may lose precision. Every float32 constant, the inputs and the outputs are rounded to half
  precision; intermediate values stay float32. Real GPUs also round between operators, so this is a lower bound of
  their error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Serve until standard input closes."""
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    stage = "prepare"
    try:
        interpreter = _interpreter(request)
        interpreter.allocate_tensors()
        stage = "invoke"
        _fill(interpreter, request)
        interpreter.invoke()
        data = b"".join(_output(interpreter, d, request["numerics"]) for d in interpreter.get_output_details())
    except (RuntimeError, ValueError, TypeError) as error:
        return {"stage": stage, "error": str(error)}
    target = Path(request["target"])
    target.write_bytes(data)
    return {"output": str(target)}


def _interpreter(request: dict[str, Any]) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    kind = plain if request["numerics"] == "plain" else OpResolverType.AUTO
    data = Path(request["model"]).read_bytes()
    if request["numerics"] == "f16":
        data = _rounded(data)
    return Interpreter(model_content=data, num_threads=1, experimental_op_resolver_type=kind)


def _rounded(data: bytes) -> bytes:
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    for tensor in model.subgraphs[0].tensors:
        buffer = model.buffers[tensor.buffer]
        if tensor.type == schema.TensorType.FLOAT32 and buffer.data is not None and len(buffer.data):
            values = np.frombuffer(bytes(bytearray(buffer.data)), np.float32)
            buffer.data = np.frombuffer(_half(values).tobytes(), np.uint8)
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _half(values: Any) -> Any:
    with np.errstate(over="ignore"):
        return values.astype(np.float16).astype(np.float32)


def _fill(interpreter: Any, request: dict[str, Any]) -> None:
    rng = np.random.default_rng(request["seed"])
    for detail in interpreter.get_input_details():
        kind, shape = detail["dtype"], detail["shape"]
        given = request["inputs"].get(detail["name"])
        low, high = request["ranges"].get(detail["name"], (None, None))
        if given:
            value = np.frombuffer(Path(given).read_bytes(), kind).reshape(shape)
        elif np.issubdtype(kind, np.floating):
            value = rng.uniform(-0.5, 0.5, shape).astype(kind)
        elif kind == np.bool_:
            value = rng.integers(0, 2, shape).astype(kind)
        else:
            limits = {np.int8: (-127, 127), np.uint8: (0, 254), np.int16: (0, 0)}.get(kind, (0, 99))
            least, most = (low, high) if low is not None else limits
            value = rng.integers(least, most, shape, endpoint=True).astype(kind)
        if request["numerics"] == "f16" and kind == np.float32:
            value = _half(value)
        interpreter.set_tensor(detail["index"], value)


def _output(interpreter: Any, detail: Any, numerics: str) -> bytes:
    value = interpreter.get_tensor(detail["index"])
    if numerics == "f16" and value.dtype == np.float32:
        value = _half(value)
    data: bytes = value.tobytes()
    return data


if __name__ == "__main__":
    main()
