"""A `.tflite` file as the objects of LiteRT's schema, to be changed and written again.

For what only looks, model_file.py has plain values. Format: schema.fbs of LiteRT, file identifier `TFL3`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flatbuffers

from harness.errors import UsageError
from harness.variants.model_file import read_model_file

_ALIGNMENT = 16


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Aligns constants as schema.fbs asks for (force_align: 16), which its Python code passes over.

    The runtime uses constants where they lie in the file; kernels and XNNPACK may read them by whole vectors.
    """

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:  # noqa: N802, N803
        return super().StartVector(elemSize, numElems, _ALIGNMENT if elemSize == 1 else alignment)


def read_object(path: Path) -> Any:
    """The model as a `ModelT` that can be written again without losing anything.

    Raises:
        UsageError: it cannot be read, is damaged, or holds what this harness could not write again: weights outside of
            the flatbuffer (models above 2 GB, external buffers), or options of operators newer than its schema.
    """
    from ai_edge_litert import schema_py_generated as schema

    read_model_file(path)  # tells what is damaged
    try:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
        _check_numbers(model)
        fault = _fault(model)
    except Exception as error:  # the generated reader raises whatever a damaged offset leads to
        raise UsageError(f"model {path} is damaged: {error}", advice="convert it again") from None
    if fault:
        raise UsageError(f"model {path} cannot be written again: {fault[0]}", advice=fault[1])
    return model


def _check_numbers(model: Any) -> None:
    for graph in model.subgraphs:
        count = len(graph.tensors or [])
        lists = [(0, graph.inputs), (0, graph.outputs)]
        for op in graph.operators or []:
            lists += [(-1, op.inputs), (0, op.outputs), (-1, op.intermediates)]
        for least, numbers in lists:
            if any(not least <= n < count for n in (() if numbers is None else numbers)):
                raise ValueError("it names a tensor that is not there")


def _fault(model: Any) -> tuple[str, str] | None:
    outside = "it keeps weights outside of the flatbuffer, as models above 2 GB do"
    if any(b.offset > 1 or b.size > 1 for b in model.buffers or []) or model.externalBuffers:
        return outside, "split it before conversion"
    for number, graph in enumerate(model.subgraphs):
        if any(t.externalBuffer for t in graph.tensors or []):
            return outside, "split it before conversion"
        for index, op in enumerate(graph.operators or []):
            if op.largeCustomOptionsOffset > 1:
                return outside, "split it before conversion"
            lost = (op.builtinOptionsType and op.builtinOptions is None) or (
                op.builtinOptions2Type and op.builtinOptions2 is None
            )
            if lost:
                return f"operator {index} of subgraph {number} has options of a newer schema", "update ai-edge-litert"
    return None


def write_object(model: Any) -> bytes:
    """The flatbuffer of a `ModelT`; the same model gives the same bytes.

    Raises:
        UsageError: it would be larger than the 2 GB that a flatbuffer can hold.
    """
    builder = _Builder(1024)
    try:
        builder.Finish(model.Pack(builder), b"TFL3")
    except flatbuffers.builder.BuilderSizeError:
        raise UsageError("the model would be larger than 2 GB", advice="make smaller parts") from None
    return bytes(builder.Output())
