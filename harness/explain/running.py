"""Runs a model example by example with LiteRT, and gives any of its tensors back in float."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.accuracy.dataset import Dataset
from harness.accuracy.feeds import plan_feeds
from harness.accuracy.quantized import dequantize, quantize
from harness.errors import UsageError
from harness.variants.dataset import Array
from harness.variants.model_file import ModelInfo


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
        self._shapes = [tuple(int(n) for n in d["shape"]) for d in self._inputs]
        self.outputs = [int(d["index"]) for d in self._interpreter.get_output_details()]

    def run(self, examples: Sequence[Sequence[Array]], tensors: Sequence[int]) -> Iterator[list[Array]]:
        """For each example (an array an input, with a batch of 1, in float where the model quantizes it), the values
        of `tensors` (by index), in float where they are stored quantized."""
        details = {int(d["index"]): d for d in self._interpreter.get_tensor_details()}
        details |= {int(d["index"]): d for d in self._interpreter.get_output_details()}
        for example in examples:
            shapes = [values.shape for values in example]
            if shapes != self._shapes:
                for shape, detail in zip(shapes, self._inputs, strict=True):
                    self._interpreter.resize_tensor_input(detail["index"], shape)
                self._interpreter.allocate_tensors()
                self._shapes = shapes
            for values, detail in zip(example, self._inputs, strict=True):
                self._interpreter.set_tensor(detail["index"], quantize(values, detail)[0])
            self._interpreter.invoke()
            yield [dequantize(self._interpreter.get_tensor(t), details[t]) for t in tensors]


def examples_of(model: ModelInfo, data: Dataset, count: int) -> list[list[Array]]:
    """The first `count` examples as `Program.run` takes them.

    Raises:
        UsageError: the dataset does not fit the model.
    """
    feeds = plan_feeds(model, data, stored=False)

    def one(place: int) -> list[Array]:
        found = []
        for feed in feeds:
            values = data.inputs[feed.array][place]
            if feed.cut:
                values = values[: int(data.lengths[feed.array][place])]
            found.append(values[None] if feed.batched else values)
        return found

    return [one(place) for place in range(min(count, data.count))]
