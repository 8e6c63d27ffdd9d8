"""Runs a model example by example with LiteRT, and gives any of its tensors back in float."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from harness.errors import UsageError
from harness.explain.distance import LIMITS, Array, dequantize
from harness.variants.model_file import Quantization


class Program:
    """A model ready to run.

    Args:
        model: the file's bytes.
        every_tensor: keep the values of all tensors, not of the outputs alone. XNNPACK then has no part in it, since
            what it computes within is not to be had.

    Raises:
        UsageError: LiteRT does not run it.
    """

    def __init__(self, model: bytes, *, every_tensor: bool = False) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        try:
            self._interpreter = Interpreter(
                model_content=model,
                experimental_preserve_all_tensors=every_tensor,
                experimental_op_resolver_type=plain if every_tensor else OpResolverType.AUTO,
            )
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            first = next(iter(str(error).splitlines()), "no message")
            raise UsageError(f"LiteRT does not run the model: {first}", advice="try it with harness bench") from None
        self._inputs = self._interpreter.get_input_details()
        self.outputs = [int(d["index"]) for d in self._interpreter.get_output_details()]

    def run(self, examples: Sequence[Sequence[Array]], tensors: Sequence[int]) -> Iterator[list[Array]]:
        """For each example (an array an input, with a batch of 1, in float where the model quantizes it), the values
        of `tensors` (by index), in float where they are stored quantized."""
        details = {int(d["index"]): d for d in self._interpreter.get_tensor_details()}
        details |= {int(d["index"]): d for d in self._interpreter.get_output_details()}
        for example in examples:
            for values, detail in zip(example, self._inputs, strict=True):
                if tuple(detail["shape"]) != values.shape:
                    self._interpreter.resize_tensor_input(detail["index"], values.shape)
            self._interpreter.allocate_tensors()
            for values, detail in zip(example, self._inputs, strict=True):
                self._interpreter.set_tensor(detail["index"], _stored(values, detail))
            self._interpreter.invoke()
            yield [_in_float(self._interpreter.get_tensor(t), details[t]) for t in tensors]


def _quantization(detail: dict[str, Any]) -> Quantization | None:
    found = detail["quantization_parameters"]
    scales = tuple(float(s) for s in found["scales"])
    if not scales or np.dtype(detail["dtype"]).name.upper() not in LIMITS:
        return None
    zeros = tuple(int(z) for z in found["zero_points"])
    return Quantization(scales, zeros, int(found["quantized_dimension"]) if len(scales) > 1 else None)


def _stored(values: Array, detail: dict[str, Any]) -> Array:
    dtype = np.dtype(detail["dtype"])
    found = _quantization(detail)
    if found is None or values.dtype.kind != "f":
        return values.astype(dtype)
    low, high = LIMITS[dtype.name.upper()]
    return np.clip(np.rint(values / found.scale[0] + found.zero_point[0]), low, high).astype(dtype)


def _in_float(values: Array, detail: dict[str, Any]) -> Array:
    found = _quantization(detail)
    return dequantize(values, found) if found is not None else values
