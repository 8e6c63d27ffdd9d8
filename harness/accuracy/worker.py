"""Runs models with the interpreter in a process of its own, since a broken model can take its process down.

Usage: python -m harness.accuracy.worker. A request is a JSON line, and so is its answer: see `_run` and `_try_batch`.
What the interpreter refuses is answered with `{"error": TEXT}`. The last model is kept from request to request.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from harness.accuracy.quantized import dequantize, quantize

#: What a batched float result may differ from single ones by, relative to its largest value: another order of sums.
_SAME = 1e-4


class _Refused(Exception):
    pass


class _Model:
    """An interpreter and the dataset's arrays for its inputs."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.key = _key(request)
        self._feeds = request["feeds"]
        self._arrays = [np.load(feed["file"], mmap_mode="r") for feed in self._feeds]
        self._lengths = [np.load(feed["lengths"]) if feed["lengths"] else None for feed in self._feeds]
        self._interpreter = _interpreter(request)
        self._shapes: list[tuple[int, ...]] = []
        self._details: list[dict[str, Any]] = []
        self._outputs: list[dict[str, Any]] = []
        self._grow = self._grows()
        self.clipped = self.values = 0

    def _grows(self) -> list[bool]:
        """By output, whether its first dimension is the batch: it is declared as that of a batched input is."""

        def first(detail: dict[str, Any]) -> int | None:
            declared = detail["shape_signature"] if len(detail["shape_signature"]) else detail["shape"]
            return int(declared[0]) if len(declared) else None

        details = zip(self._interpreter.get_input_details(), self._feeds, strict=True)
        batches = {first(detail) for detail, feed in details if feed["batched"]} - {None}
        return [first(detail) in batches for detail in self._interpreter.get_output_details()]

    def groups(self, start: int, stop: int, batch: int) -> Iterator[list[int]]:
        """Examples that can run together: of the same lengths, at most `batch` of them."""

        def shape(example: int) -> tuple[int, ...]:
            return tuple(-1 if lengths is None else int(lengths[example]) for lengths in self._lengths)

        for _, alike in groupby(sorted(range(start, stop), key=shape), key=shape):
            listed = list(alike)
            yield from (listed[i : i + batch] for i in range(0, len(listed), batch))

    def run(self, examples: list[int]) -> tuple[list[list[Any]], float]:
        """One call of the interpreter.

        Returns:
            Per example its outputs, and the milliseconds of the call itself.
        """
        values = [self._value(place, examples) for place in range(len(self._feeds))]
        try:
            self._prepare([value.shape for value in values])
            for place, value in enumerate(values):
                self._interpreter.set_tensor(self._details[place]["index"], self._encode(value, place))
            begin = time.perf_counter()
            self._interpreter.invoke()
            took = 1000 * (time.perf_counter() - begin)
            found = [dequantize(self._read(place), detail) for place, detail in enumerate(self._outputs)]
        except (RuntimeError, ValueError, TypeError) as error:
            raise _Refused(" ".join(str(error).split())) from None
        return _split(found, len(examples), self._grow), took

    def _value(self, place: int, examples: list[int]) -> Any:
        feed, array, lengths = self._feeds[place], self._arrays[place], self._lengths[place]
        whole = examples[-1] - examples[0] + 1 == len(examples)
        taken = array[examples[0] : examples[-1] + 1] if whole else array[examples]
        if lengths is not None:
            taken = taken[:, : int(lengths[examples[0]])]
        return taken if feed["batched"] else taken[0]

    def _prepare(self, shapes: list[tuple[int, ...]]) -> None:
        if self._shapes == shapes:
            return
        details = self._interpreter.get_input_details()
        for detail, shape in zip(details, shapes, strict=True):
            if tuple(int(n) for n in detail["shape"]) != shape:
                self._interpreter.resize_tensor_input(detail["index"], shape)
        self._interpreter.allocate_tensors()
        self._details, self._outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._shapes = shapes

    def _read(self, place: int) -> Any:
        detail = self._outputs[place]
        if -1 in detail["shape_signature"]:  # known only now; and one without elements cannot be read
            shape = self._interpreter.get_output_details()[place]["shape"]
            if 0 in shape:
                return np.zeros(shape, detail["dtype"])
        return self._interpreter.get_tensor(detail["index"])

    def _encode(self, value: Any, place: int) -> Any:
        detail = self._details[place]
        if self._feeds[place]["stored"]:
            return np.ascontiguousarray(value)
        made, clipped = quantize(value, detail)
        self.clipped, self.values = self.clipped + clipped, self.values + int(np.size(value))
        return made


def main() -> None:
    """Answer line by line until standard input closes."""
    # What libraries print must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    model: _Model | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if model is None or model.key != _key(request):
                model = None  # two at once need not fit into memory
                model = _Model(request)
            answer = _try_batch(model, request) if request["do"] == "try" else _run(model, request)
        except _Refused as refused:
            model, answer = None, {"error": str(refused)}
        except (MemoryError, OSError) as error:
            model, answer = None, {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _run(model: _Model, request: dict[str, Any]) -> dict[str, Any]:
    """Examples `start` to `stop` in calls of at most `batch`; outputs go to the file `out`, an .npz with `PLACE` where
    all examples' outputs have one shape, else `PLACE/EXAMPLE`.

    Answers with `ms`, per call the milliseconds of one example, and how many input values were `clipped`, of `values`.
    """
    model.clipped = model.values = 0
    outputs: dict[int, list[Any]] = {}
    times = []
    for group in model.groups(request["start"], request["stop"], request["batch"]):
        found, took = model.run(group)
        times.append(took / len(group))
        outputs.update(zip(group, found, strict=True))
    ordered = [outputs[example] for example in sorted(outputs)]
    arrays: dict[str, Any] = {}
    for place, column in enumerate(zip(*ordered, strict=True)):
        if len({value.shape for value in column}) == 1:
            arrays[str(place)] = np.stack(column)
        else:
            arrays.update({f"{place}/{example}": value for example, value in enumerate(column, request["start"])})
    np.savez(request["out"], **arrays)
    return {"ms": times, "clipped": model.clipped, "values": model.values}


def _try_batch(model: _Model, request: dict[str, Any]) -> dict[str, Any]:
    """Whether the first examples give the same outputs together as alone: `{"same": bool}`."""
    group = next(model.groups(0, request["stop"], request["batch"]))
    single = [model.run([example])[0][0] for example in group]
    together, _ = model.run(group)
    pairs = [pair for a, b in zip(single, together, strict=True) for pair in zip(a, b, strict=True)]
    return {"same": all(_alike(a, b) for a, b in pairs)}


def _alike(a: Any, b: Any) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    return bool(np.allclose(a, b, rtol=0, atol=_SAME * max(1e-30, float(np.max(np.abs(a), initial=0))), equal_nan=True))


def _split(found: Sequence[Any], examples: int, grow: Sequence[bool]) -> list[list[Any]]:
    """Per example its outputs, without the batch."""
    if examples == 1:
        return [
            [value[0] if grows and value.shape[:1] == (1,) else value for value, grows in zip(found, grow, strict=True)]
        ]
    if any(value.ndim == 0 or value.shape[0] != examples for value in found):
        raise _Refused("an output does not grow with the batch")
    return [[value[place] for value in found] for place in range(examples)]


def _interpreter(request: dict[str, Any]) -> Any:
    try:
        if request["flex"]:
            import tensorflow as tf

            return tf.lite.Interpreter(model_path=request["model"], num_threads=1)
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter(model_path=request["model"], num_threads=1)
    except (RuntimeError, ValueError, TypeError) as error:
        raise _Refused(" ".join(str(error).split())) from None


def _key(request: dict[str, Any]) -> str:
    return json.dumps([request["model"], request["flex"], request["feeds"]])


if __name__ == "__main__":
    main()
