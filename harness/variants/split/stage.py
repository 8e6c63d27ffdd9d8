"""One stage as a model of its own: what it needs of the whole, renumbered. On LiteRT's schema objects."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from harness.variants.model_file import ModelInfo
from harness.variants.split.calls import called_subgraphs
from harness.variants.split.cut import Stage

#: Metadata that is true of a part as of the whole; all others may count tensors or operators of the whole.
_KEPT_METADATA = (b"min_runtime_version", b"reduced_precision_support", b"CONVERSION_METADATA")
KEY = "serving_default"


def stage_names(info: ModelInfo, stages: Sequence[Stage]) -> list[tuple[dict[str, int], dict[str, int]]]:
    """What inputs and outputs of each stage are called: as in the model's signature, else as their tensors.

    A name that two tensors have gets the number of the second.
    """
    graph = info.graphs[0]
    given: dict[int, str] = {}
    for signature in info.signatures[:1]:
        given = {t: n for side in (signature.outputs, signature.inputs) for n, t in side.items()}
    names: dict[int, str] = {}
    for tensor in [t for stage in stages for t in (*stage.inputs, *stage.outputs)]:
        if tensor not in names:
            wanted = given.get(tensor) or graph.tensors[tensor].name or f"tensor_{tensor}"
            names[tensor] = f"{wanted}#{tensor}" if wanted in names.values() else wanted
    return [({names[t]: t for t in s.inputs}, {names[t]: t for t in s.outputs}) for s in stages]


def dropped_metadata(model: Any) -> list[str]:
    """Names of metadata that stages go without, TFLITE_METADATA left out: that is split by itself."""
    names = [bytes(m.name) for m in model.metadata or []]
    return sorted(n.decode("utf-8", "replace") for n in names if n not in (*_KEPT_METADATA, b"TFLITE_METADATA"))


def build_stage(model: Any, stage: Stage, inputs: dict[str, int], outputs: dict[str, int], key: str, title: str) -> Any:
    """A `ModelT` with this stage as its main graph.

    Quantization, sparsity and free dimensions of all tensors are kept; buffers, tensors, operator codes and subgraphs
    that it does not use are left out; subgraphs that it calls come with it.

    Args:
        model: of the whole; it is not changed.
        inputs, outputs: names for the signature, by tensor of the whole.
        key: of the signature.
        title: description of the new model.
    """
    from ai_edge_litert import schema_py_generated as schema

    made = schema.ModelT()
    made.version, made.description = model.version, title.encode()
    packing = _Packing(model)
    main = copy.copy(model.subgraphs[0])
    main.operators = [main.operators[op] for op in stage.ops]
    main.inputs, main.outputs = np.array(stage.inputs, np.int32), np.array(stage.outputs, np.int32)
    made.subgraphs, places = packing.graphs(main)
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = key.encode(), 0
    signature.inputs = [_entry(name, places[t]) for name, t in inputs.items()]
    signature.outputs = [_entry(name, places[t]) for name, t in outputs.items()]
    made.signatureDefs = [signature]
    made.metadata = []
    for found in model.metadata or []:
        if found.name in _KEPT_METADATA:
            entry = schema.MetadataT()
            entry.name, entry.buffer = found.name, packing.buffer(found.buffer)
            made.metadata.append(entry)
    made.operatorCodes, made.buffers = packing.codes, packing.buffers
    return made


def _entry(name: str, tensor: int) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    made = schema.TensorMapT()
    made.name, made.tensorIndex = name.encode(), tensor
    return made


class _Packing:
    """Takes over what is used, once each, and knows its new numbers."""

    def __init__(self, model: Any) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._model = model
        # Buffer 0 is the empty one by the schema's rule.
        self.buffers: list[Any] = [schema.BufferT()]
        self.codes: list[Any] = []
        self._buffer_places: dict[int, int] = {0: 0}
        self._code_places: dict[int, int] = {}
        self._graph_places: dict[int, int] = {}

    def graphs(self, main: Any) -> tuple[list[Any], dict[int, int]]:
        """The main graph and those that it calls, and the new numbers of the main graph's tensors."""
        graph, places = self._graph(main, sorted(_used(main)))
        made = [graph]
        while len(made) <= len(self._graph_places):  # those that are called may call others
            whole = self._model.subgraphs[list(self._graph_places)[len(made) - 1]]
            made.append(self._graph(whole, range(len(whole.tensors)))[0])
        return made, places

    def buffer(self, number: int) -> int:
        """New number of a buffer."""
        if number not in self._buffer_places:
            self.buffers.append(self._model.buffers[number])
            self._buffer_places[number] = len(self.buffers) - 1
        return self._buffer_places[number]

    def _graph(self, whole: Any, used: Iterable[int]) -> tuple[Any, dict[int, int]]:
        graph = copy.copy(whole)
        graph.debugMetadataIndex = -1
        used = list(used)
        places = {old: new for new, old in enumerate(used)}
        graph.tensors = [self._tensor(whole.tensors[old], places.__getitem__) for old in used]
        graph.operators = [self._operator(op, places) for op in whole.operators or []]
        graph.inputs, graph.outputs = _moved(whole.inputs, places), _moved(whole.outputs, places)
        return graph, places

    def _tensor(self, tensor: Any, place: Callable[[int], int]) -> Any:
        made = copy.copy(tensor)
        made.buffer = self.buffer(tensor.buffer)
        details: Any = getattr(tensor.quantization, "details", None)
        if hasattr(details, "blockSize"):  # scales and zero points of blocks are tensors themselves
            made.quantization, made.quantization.details = copy.copy(tensor.quantization), copy.copy(details)
            made.quantization.details.scales = place(details.scales)
            if details.zeroPoints > 0:
                made.quantization.details.zeroPoints = place(details.zeroPoints)
        return made

    def _operator(self, op: Any, places: dict[int, int]) -> Any:
        made = copy.copy(op)
        made.debugMetadataIndex = -1
        made.opcodeIndex = self._code(op.opcodeIndex)
        made.inputs, made.outputs = _moved(op.inputs, places), _moved(op.outputs, places)
        made.intermediates = _moved(op.intermediates, places)
        made.builtinOptions, made.builtinOptions2 = self._options(op.builtinOptions), self._options(op.builtinOptions2)
        return made

    def _code(self, number: int) -> int:
        if number not in self._code_places:
            self.codes.append(self._model.operatorCodes[number])
            self._code_places[number] = len(self.codes) - 1
        return self._code_places[number]

    def _options(self, options: Any) -> Any:
        made = copy.copy(options)
        for field, numbers in called_subgraphs(options).items():
            moved = [self._called(n) for n in numbers]
            setattr(made, field, moved[0] if isinstance(getattr(options, field), int) else np.array(moved, np.int32))
        return made

    def _called(self, number: int) -> int:
        # The main graph is 0; those that are called follow in the order in which they are met.
        return number if number < 0 else self._graph_places.setdefault(number, len(self._graph_places) + 1)


def _used(graph: Any) -> set[int]:
    found: set[int] = set(_numbers(graph.inputs)) | set(_numbers(graph.outputs))
    for op in graph.operators:
        found.update(*map(_numbers, (op.inputs, op.outputs, op.intermediates)))
    for tensor in list(found):
        details: Any = getattr(graph.tensors[tensor].quantization, "details", None) if tensor >= 0 else None
        if hasattr(details, "blockSize"):
            found |= {details.scales, details.zeroPoints} if details.zeroPoints > 0 else {details.scales}
    return found - {-1}


def _numbers(values: Any) -> Iterable[int]:
    return () if values is None else (int(v) for v in values)


def _moved(values: Any, places: dict[int, int]) -> Any:
    return None if values is None else np.array([places.get(n, -1) for n in _numbers(values)], np.int32)
