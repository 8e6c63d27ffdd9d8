"""Conversions that need no training. Source of the settings: TensorFlow Lite's guide to post-training quantization."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from harness.errors import UsageError
from harness.variants.kinds.base import Calibrated, CalibrationOptions, ConversionOptions, Examples, Uncalibrated
from harness.variants.kinds.requantize import requantize
from harness.variants.model_file import ModelInfo
from harness.variants.properties import ends, float_activations, weight_types


class Float32(Uncalibrated):
    """As trained."""

    def set_up(self, converter: Any, options: ConversionOptions, examples: Examples | None) -> None:
        """Nothing to set."""

    def requantize(self, model: bytes, options: ConversionOptions, examples: Examples | None) -> bytes:
        """The file as it is."""
        return model

    def fault(self, model: ModelInfo, options: ConversionOptions) -> str | None:
        """Weights are float32."""
        found = weight_types(model) - {"FLOAT32"}
        return f"its weights are {_said(found)}, not float32" if found else None


class Float16(Uncalibrated):
    """Weights in half precision: half the size; a GPU computes with them as they are."""

    def set_up(self, converter: Any, options: ConversionOptions, examples: Examples | None) -> None:
        """Weights only."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]

    def requantize(self, model: bytes, options: ConversionOptions, examples: Examples | None) -> bytes:
        """Weights are cast, and cast back while running."""
        return requantize(model, "float16", None)

    def fault(self, model: ModelInfo, options: ConversionOptions) -> str | None:
        """Weights are float16."""
        return None if "FLOAT16" in weight_types(model) else "it has no weights in float16"


class DynamicRange(Uncalibrated):
    """Weights in 8 bits; activations are quantized while running, by what they then are."""

    def set_up(self, converter: Any, options: ConversionOptions, examples: Examples | None) -> None:
        """Without examples the converter quantizes weights only."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]

    def requantize(self, model: bytes, options: ConversionOptions, examples: Examples | None) -> bytes:
        """Weights of every operator that can, channel by channel."""
        return requantize(model, "dynamic_wi8_afp32", None)

    def fault(self, model: ModelInfo, options: ConversionOptions) -> str | None:
        """Some weights are int8 (the converter leaves those below 1024 values alone), and activations are float."""
        if "INT8" not in weight_types(model):
            return "no weights are in int8; kernels below 1024 values stay in float"
        return None if float_activations(model) else "its activations are not in float"


class EndsOptions(ConversionOptions):
    """Options of conversions to int8."""

    inputs: Literal["int8", "uint8", "float32"] = Field(default="int8", description="Type of inputs and outputs.")


class Int8Options(EndsOptions, CalibrationOptions):
    """Options of int8."""


class Int8(Calibrated):
    """Weights and activations in 8 bits, or the build fails: nothing is left in float but, if asked, in and out."""

    options: ClassVar[type[ConversionOptions]] = Int8Options

    def set_up(self, converter: Any, options: Int8Options, examples: Examples | None) -> None:
        """Calibrated by the examples."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = getattr(tf, options.inputs)

    def requantize(self, model: bytes, options: Int8Options, examples: Examples | None) -> bytes:
        """Calibrated by the examples.

        Raises:
            UsageError: inputs and outputs are asked for in another type than int8.
        """
        if options.inputs != "int8":
            raise UsageError(
                "a .tflite source becomes int8 with inputs and outputs in int8 only", advice="leave inputs: out"
            )
        return requantize(model, "static_wi8_ai8", examples)

    def fault(self, model: ModelInfo, options: EndsOptions) -> str | None:
        """Nothing is in float but inputs and outputs where asked."""
        if (left := float_activations(model)) and not options.flex:
            return f"{len(left)} tensors are left in float, the first is {left[0]}"
        if (ends(model) - {options.inputs.upper()}) & {"FLOAT32", "INT8", "UINT8"}:
            return f"its inputs and outputs are {_said(ends(model))}, not {options.inputs}"
        return None


class Int16x8(Calibrated):
    """Activations in 16 bits, weights in 8: nearly the accuracy of float, and no delegate but the CPU."""

    def set_up(self, converter: Any, options: CalibrationOptions, examples: Examples | None) -> None:
        """Calibrated by the examples; inputs and outputs stay in float."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]

    def requantize(self, model: bytes, options: CalibrationOptions, examples: Examples | None) -> bytes:
        """Calibrated by the examples; inputs and outputs are int16 then."""
        return requantize(model, "static_wi8_ai16", examples)

    def fault(self, model: ModelInfo, options: CalibrationOptions) -> str | None:
        """Weights are int8, activations int16."""
        if weight_types(model) - {"INT8"}:
            return f"its weights are {_said(weight_types(model))}, not int8"
        running = {t.type for t in model.graphs[0].tensors if not t.constant_bytes}
        return None if "INT16" in running else "no activation is in int16"


def _said(types: set[str]) -> str:
    return ", ".join(sorted(types)).lower() or "nothing"
