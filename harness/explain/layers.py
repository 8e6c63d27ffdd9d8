"""What quantization does to each layer: its own part, the errors of all before it, and what that does to the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.explain.distance import ChannelWidths, Distance, channel_errors, finite, rounded
from harness.explain.pair import Layer, Pair
from harness.explain.running import Program
from harness.explain.simulate import alone
from harness.variants.dataset import Array

#: Float values of all layers that are kept at a time.
_KEPT_BYTES = 256_000_000


@dataclass
class LayerError:
    """One layer.

    Attributes:
        rounding: of its output alone, given the float model's values.
        own: of its output, with its weights and its output quantized and all before it in float.
        cumulative: of its output in the quantized model.
        effect: of the model's outputs, with this layer alone quantized.
        channels: error of each weight channel relative to its largest weight.
        widths: range of each channel of its output (along the last dimension) in the float model.
    """

    layer: Layer
    rounding: Distance = field(default_factory=Distance)
    own: Distance = field(default_factory=Distance)
    cumulative: Distance = field(default_factory=Distance)
    effect: Distance = field(default_factory=Distance)
    channels: list[float] = field(default_factory=list)
    widths: ChannelWidths = field(default_factory=lambda: ChannelWidths())

    @property
    def ranked(self) -> bool:
        """Whether it has a part of its own in the loss; a layer that passes stored values on has none."""
        return self.layer.quantized and not self.layer.passes_on

    def as_dict(self) -> dict[str, Any]:
        """For a JSON document."""
        return {
            "layer": self.layer.name,
            "op": self.layer.op,
            "index": self.layer.index,
            "type": self.layer.carrier.type.lower() if self.layer.carrier else None,
            "type_reason": self.layer.reason,
            "passes_on": self.layer.passes_on,
            "own": self.own.as_dict() if self.own.count else None,
            "rounding": self.rounding.as_dict() if self.rounding.count else None,
            "channels": self._channels(),
            "cumulative": self.cumulative.as_dict() if self.cumulative.count else None,
            "effect_on_outputs": {**self.effect.as_dict(), "noise": finite(self.effect.noise)}
            if self.effect.count
            else None,
            "weights": self._weights(),
        }

    def lost_channels(self) -> int | None:
        """Channels of the output that vary in the float model, but by less than one step of the quantized tensor."""
        carrier = self.layer.carrier
        return self.widths.below(carrier.quantization.scale[0]) if carrier and not self.layer.passes_on else None

    def _channels(self) -> dict[str, Any] | None:
        lost = self.lost_channels()
        return None if lost is None else {"alive": self.widths.alive, "within_one_step": lost}

    def _weights(self) -> dict[str, Any] | None:
        if not self.channels:
            return None
        worst = int(np.argmax(self.channels))
        return {"worst_channel": worst, "error": self.channels[worst], "median_error": float(np.median(self.channels))}


def measure(
    whole: bytes,
    quantized: bytes,
    pair: Pair,
    examples: Sequence[Sequence[Array]],
    *,
    on_layer: Callable[[int, int], None] = lambda done, total: None,
) -> list[LayerError]:
    """The errors of each layer over `examples`, in the graph's order.

    Args:
        examples: an array an input each, with a batch of 1.
        on_layer: called with (done, total) now and then.

    Raises:
        UsageError: LiteRT does not run one of the models.
    """
    found = [LayerError(layer) for layer in pair.layers]
    for error in found:
        error.channels = _channels(pair, error.layer)
    ranked = [e for e in found if e.ranked]
    chunks = _chunks(pair, examples)
    for number, chunk in enumerate(chunks):
        kept, results = _float_values(whole, pair, chunk)
        _beside(quantized, found, kept, chunk)
        for done, error in enumerate(ranked):
            _alone(whole, pair, error, kept[error.layer.tensor], results, chunk)
            on_layer(number * len(ranked) + done + 1, len(chunks) * len(ranked))
    return found


def _float_values(
    whole: bytes, pair: Pair, examples: Sequence[Sequence[Array]]
) -> tuple[dict[int, list[Array]], list[list[Array]]]:
    """Of each layer's output by tensor, and of the model's float outputs by example."""
    program = Program(whole, every_tensor=True)
    tensors = [layer.tensor for layer in pair.layers]
    kept: dict[int, list[Array]] = {t: [] for t in tensors}
    results = []
    for values in program.run(examples, [*tensors, *program.outputs]):
        for tensor, value in zip(tensors, values, strict=False):
            kept[tensor].append(value)
        results.append(values[len(tensors) :])
    return kept, results


def _beside(
    quantized: bytes, found: Sequence[LayerError], kept: dict[int, list[Array]], examples: Sequence[Sequence[Array]]
) -> None:
    carried = [(e, e.layer.carrier) for e in found if e.layer.carrier is not None]
    program = Program(quantized, every_tensor=True)
    runs = program.run(examples, [carrier.index for _, carrier in carried])
    for at, values in enumerate(runs):
        for (error, carrier), value in zip(carried, values, strict=True):
            reference = kept[error.layer.tensor][at]
            error.cumulative.add(reference, value)
            if not error.layer.passes_on:
                error.rounding.add(reference, rounded(reference, carrier.quantization, carrier.type))
                error.widths.add(reference)


def _alone(
    whole: bytes,
    pair: Pair,
    error: LayerError,
    kept: Sequence[Array],
    results: Sequence[Sequence[Array]],
    examples: Sequence[Sequence[Array]],
) -> None:
    program = Program(alone(whole, pair, error.layer))
    for reference, expected, values in zip(kept, results, program.run(examples, program.outputs), strict=True):
        error.own.add(reference, values[-1])
        for wanted, got in zip(expected, values[:-1], strict=True):
            if wanted.dtype.kind == "f":
                error.effect.add(wanted, got)


def _channels(pair: Pair, layer: Layer) -> list[float]:
    op = pair.graph.ops[layer.index]
    weights = layer.constants.get(1)
    if weights is None or not op.macs or weights.ndim < 2:
        return []
    tensor = pair.graph.tensors[op.inputs[1]]
    assert tensor.values is not None
    axis = weights.ndim - 1 if op.op == "DEPTHWISE_CONV_2D" else 0
    return channel_errors(tensor.values.reshape(weights.shape), weights, axis)


def _chunks(pair: Pair, examples: Sequence[Sequence[Array]]) -> list[Sequence[Sequence[Array]]]:
    size = sum(pair.graph.tensors[layer.tensor].bytes for layer in pair.layers)
    count = max(1, _KEPT_BYTES // max(size, 1))
    return [examples[i : i + count] for i in range(0, len(examples), count)]
