"""Prepares and runs one model for real.

`numerics` of a request says whose arithmetic is meant: `default` (the interpreter with XNNPACK, as shipped), `plain`
(its own kernels), or `half` (the operators in `half_nodes` in half precision, see half.py).

Inputs that no file gives are random as the official program draws them, but from a fixed seed: the same request always
has the same answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from harness.virtual.interpreter.half import halved

Stage = Literal["load", "build", "prepare", "invoke"]

_SEED = 1
#: What integer inputs are drawn from by default, ends included; all others from 0 to 99.
_INTEGER_RANGES = {"int8": (-127, 127), "uint8": (0, 254), "int16": (0, 0), "uint16": (0, 0)}


class Refused(Exception):
    """The interpreter refuses; the text is its own, several messages run together."""

    def __init__(self, stage: Stage, text: str) -> None:
        super().__init__(text)
        self.stage = stage


def build(request: dict[str, Any]) -> Any:
    """An interpreter for a request, not yet allocated.

    Raises:
        Refused: stage `load` or `build`.
    """
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    kind = plain if request["numerics"] == "plain" else OpResolverType.AUTO
    options = {"num_threads": 1, "experimental_op_resolver_type": kind}
    try:
        if request["numerics"] == "half":
            data = halved(Path(request["model"]).read_bytes(), request["half_nodes"], request.get("subgraph", 0))
            return Interpreter(model_content=data, **options)
        return Interpreter(model_path=request["model"], **options)
    except (RuntimeError, ValueError, TypeError) as error:
        unregistered = "Registration failed" in str(error) or "find op for" in str(error)
        raise Refused("build" if unregistered else "load", str(error)) from None


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run once; the outputs, one after the other as raw bytes, go to the file `target`.

    Returns:
        `{"outputs": [[name, type, bytes], …], "shapes": {tensor index: shape} or {} where no input was resized}`

    Raises:
        Refused: as the stage that failed.
    """
    try:
        return _run(request)
    except Refused:
        if request["numerics"] != "half":
            raise
        # The rewritten model counts its nodes differently: the message must name those of the real one.
        return _run({**request, "numerics": "default"})


def _run(request: dict[str, Any]) -> dict[str, Any]:
    interpreter = build(request)
    stage: Stage = "prepare"
    try:
        resized = _resize(interpreter, request["shapes"])
        interpreter.allocate_tensors()
        shapes = _shapes(request) if resized else {}
        stage = "invoke"
        run_once = _by_signature if request["signature"] else _directly
        outputs = run_once(interpreter, request)
    except (RuntimeError, ValueError, TypeError) as error:
        raise Refused(stage, str(error)) from None
    Path(request["target"]).write_bytes(b"".join(value.tobytes() for _, value in outputs))
    listed = [[name, str(value.dtype), int(value.nbytes)] for name, value in outputs]
    return {"outputs": listed, "shapes": shapes}


def _resize(interpreter: Any, wanted: list[list[int]]) -> bool:
    resized = False
    for detail, shape in zip(interpreter.get_input_details(), wanted, strict=False):
        if list(detail["shape"]) != shape:
            interpreter.resize_tensor_input(detail["index"], shape)
            resized = True
    return resized


def _shapes(request: dict[str, Any]) -> dict[int, list[int]]:
    # A delegate does not tell the shapes inside of it: only without one are they all known.
    interpreter = build({**request, "numerics": "plain"})
    _resize(interpreter, request["shapes"])
    interpreter.allocate_tensors()
    return {int(d["index"]): [int(n) for n in d["shape"]] for d in interpreter.get_tensor_details()}


def _directly(interpreter: Any, request: dict[str, Any]) -> list[tuple[str, Any]]:
    rng = np.random.default_rng(_SEED)
    names = request["names"]
    for position, detail in enumerate(interpreter.get_input_details()):
        name = names[position] if position < len(names) else detail["name"]
        interpreter.set_tensor(detail["index"], _value(detail, name, request, rng))
    interpreter.invoke()
    return [(d["name"], interpreter.get_tensor(d["index"])) for d in interpreter.get_output_details()]


def _by_signature(interpreter: Any, request: dict[str, Any]) -> list[tuple[str, Any]]:
    rng = np.random.default_rng(_SEED)
    runner = interpreter.get_signature_runner(request["signature"])
    details = runner.get_input_details()
    results = runner(**{name: _value(detail, name, request, rng) for name, detail in details.items()})
    order = {name: detail["index"] for name, detail in runner.get_output_details().items()}
    return [(name, results[name]) for name in sorted(results, key=order.__getitem__)]


def _value(detail: Any, name: str, request: dict[str, Any], rng: np.random.Generator) -> Any:
    kind, shape = np.dtype(detail["dtype"]), [int(n) for n in detail["shape"]]
    if name in request["files"]:
        return np.frombuffer(Path(request["files"][name]).read_bytes(), kind).reshape(shape)
    if kind.kind == "f":
        return rng.uniform(-0.5, 0.5, shape).astype(kind)
    if kind.kind == "b":
        return rng.integers(0, 2, shape).astype(kind)
    if kind.kind not in "iu":
        return np.full(shape, b"a line of text", dtype=object)
    low, high = request["ranges"].get(name) or _INTEGER_RANGES.get(kind.name, (0, 99))
    return rng.integers(low, high, shape, endpoint=True).astype(kind)
