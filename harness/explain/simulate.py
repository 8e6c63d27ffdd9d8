"""A float model that rounds chosen layers as the quantized model does, and computes the rest in float. Pure.

A pair of QUANTIZE and DEQUANTIZE is put behind each chosen tensor, with the scale that the quantized model has there,
and the chosen weights are replaced by what the quantized model holds. So the part of each layer in the loss is told
without converting again. Method: the sensitivity analysis of Wu et al., Integer Quantization for Deep Learning
Inference (arXiv:2004.09602).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from harness.explain.pair import Carrier, Layer, Pair
from harness.variants.flatbuffer import write_object

_QUANTIZE, _DEQUANTIZE = 114, 6


def alone(model: bytes, pair: Pair, layer: Layer) -> bytes:
    """`model` with one layer rounded: its weights and its output. Its output is the last of the model's outputs."""
    work = _Work(model)
    work.weights([layer])
    place = layer.tensor
    if layer.carrier is not None:
        place = work.round(layer.tensor, layer.carrier, pair.consumers(layer.tensor), as_output=True)
    work.graph.outputs = np.append(np.asarray(work.graph.outputs, np.int32), np.int32(place))
    return work.bytes()


def mixed(model: bytes, pair: Pair, keep: Collection[int]) -> bytes:
    """`model` as it computes when the operators `keep` stay in float and all others are as in the quantized model.

    A tensor stays in float only between two operators that do; the model's inputs count as made in float.
    """
    work = _Work(model)
    work.weights(layer for layer in pair.layers if layer.index not in keep)
    made_by = {tensor: op.index for op in pair.graph.ops for tensor in op.outputs}
    for tensor, carrier in pair.carriers.items():
        stays = tensor not in made_by or made_by[tensor] in keep
        readers = [op for op in pair.consumers(tensor) if not (stays and op in keep)]
        as_output = not stays and tensor in pair.graph.outputs
        if readers or as_output:
            work.round(tensor, carrier, readers, as_output=as_output)
    return work.bytes()


class _Work:
    """The model in objects; operators are addressed by their index in the file."""

    def __init__(self, model: bytes) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.schema = schema
        self.model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))
        self.graph = self.model.subgraphs[0]
        self.ops = list(self.graph.operators)
        self.behind: dict[int, list[Any]] = {}

    def weights(self, layers: Iterable[Layer]) -> None:
        """Replace the constants of `layers`, each reader of a shared one by itself."""
        for layer in layers:
            op = self.ops[layer.index]
            inputs = np.array(op.inputs, np.int32)
            for place, values in layer.constants.items():
                buffer = self.schema.BufferT()
                buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
                self.model.buffers.append(buffer)
                inputs[place] = self._tensor(int(inputs[place]), self.schema.TensorType.FLOAT32, None)
                self.graph.tensors[inputs[place]].buffer = len(self.model.buffers) - 1
            op.inputs = inputs

    def round(self, tensor: int, carrier: Carrier, readers: Collection[int], *, as_output: bool) -> int:
        """Let `readers` see `tensor` rounded, and the outside too where `as_output`; the index of what they see."""
        stored = self._tensor(tensor, getattr(self.schema.TensorType, carrier.type), carrier)
        seen = self._tensor(tensor, self.schema.TensorType.FLOAT32, None)
        made_at = next((i for i, op in enumerate(self.ops) if tensor in op.outputs), -1)
        self.behind.setdefault(made_at, []).extend(
            [self._op(_QUANTIZE, tensor, stored), self._op(_DEQUANTIZE, stored, seen)]
        )
        for reader in readers:
            op = self.ops[reader]
            op.inputs = np.where(np.asarray(op.inputs) == tensor, seen, op.inputs).astype(np.int32)
        if as_output:
            outputs = np.asarray(self.graph.outputs)
            self.graph.outputs = np.where(outputs == tensor, seen, outputs).astype(np.int32)
            for signature in self.model.signatureDefs or []:
                for named in signature.outputs if signature.subgraphIndex == 0 else []:
                    named.tensorIndex = seen if named.tensorIndex == tensor else named.tensorIndex
        return seen

    def bytes(self) -> bytes:
        """The flatbuffer."""
        order = list(self.behind.get(-1, []))
        for index, op in enumerate(self.ops):
            order += [op, *self.behind.get(index, [])]
        self.graph.operators = order
        return write_object(self.model)

    def _tensor(self, like: int, kind: int, carrier: Carrier | None) -> int:
        model, made = self.graph.tensors[like], self.schema.TensorT()
        made.shape, made.shapeSignature, made.hasRank = model.shape, model.shapeSignature, model.hasRank
        made.name, made.type, made.buffer = f"harness/{len(self.graph.tensors)}".encode(), kind, 0
        if carrier is not None:
            made.quantization = self.schema.QuantizationParametersT()
            made.quantization.scale = np.array([carrier.quantization.scale[0]], np.float32)
            made.quantization.zeroPoint = np.array([carrier.quantization.zero_point[0]], np.int64)
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def _op(self, code: int, source: int, target: int) -> Any:
        op = self.schema.OperatorT()
        op.opcodeIndex = self._code(code)
        op.inputs, op.outputs = np.array([source], np.int32), np.array([target], np.int32)
        op.builtinOptionsType = 0
        return op

    def _code(self, builtin: int) -> int:
        for index, known in enumerate(self.model.operatorCodes):
            if max(known.builtinCode, known.deprecatedBuiltinCode) == builtin and known.version == 3:
                return index
        made = self.schema.OperatorCodeT()
        # Version 3 of both knows 16 bits.
        made.builtinCode = made.deprecatedBuiltinCode = builtin
        made.version = 3
        self.model.operatorCodes.append(made)
        return len(self.model.operatorCodes) - 1
