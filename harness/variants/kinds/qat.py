"""The conversion after quantization-aware training: the ranges are in the model, nothing is calibrated."""

from __future__ import annotations

from typing import Any, ClassVar

from harness.errors import UsageError
from harness.variants.kinds.base import ConversionOptions, Examples, Uncalibrated
from harness.variants.kinds.post_training import EndsOptions, Int8
from harness.variants.model_file import ModelInfo


class TrainedInt8(Uncalibrated):
    """int8 by the ranges that training found."""

    options: ClassVar[type[ConversionOptions]] = EndsOptions

    def set_up(self, converter: Any, options: EndsOptions, examples: Examples | None) -> None:
        """The converter turns the rounding that was trained into int8."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.inference_input_type = converter.inference_output_type = getattr(tf, options.inputs)

    def requantize(self, model: bytes, options: EndsOptions, examples: Examples | None) -> bytes:
        """There is nothing to train in a file."""
        raise UsageError("a .tflite file cannot be trained", advice="give the model that it was made from")

    def fault(self, model: ModelInfo, options: EndsOptions) -> str | None:
        """As int8."""
        return Int8().fault(model, options)
