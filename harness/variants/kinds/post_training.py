"""Kinds that need no training. Source of the settings: TensorFlow Lite's guide to post-training quantization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from harness.variants.kinds.base import Examples


class Float32:
    """As trained."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    calibrates: ClassVar[bool] = False

    def set_up(self, converter: Any, options: Mapping[str, Any], examples: Examples | None) -> None:
        """Nothing to set."""


class Float16:
    """Weights in half precision: half the size; a GPU computes with them as they are."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    calibrates: ClassVar[bool] = False

    def set_up(self, converter: Any, options: Mapping[str, Any], examples: Examples | None) -> None:
        """Weights only."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]


class DynamicRange:
    """Weights in 8 bits; activations are quantized while running, by what they then are."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    calibrates: ClassVar[bool] = False

    def set_up(self, converter: Any, options: Mapping[str, Any], examples: Examples | None) -> None:
        """Without examples the converter quantizes weights only."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]


class Int8:
    """Weights and activations in 8 bits, or the build fails: nothing is left in float but, if asked, in and out."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"inputs": ("int8", "uint8", "float32")}
    calibrates: ClassVar[bool] = True

    def set_up(self, converter: Any, options: Mapping[str, Any], examples: Examples | None) -> None:
        """Calibrated by the examples; `inputs` is the type of inputs and outputs."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        kind = getattr(tf, options.get("inputs", self.options["inputs"][0]))
        converter.inference_input_type = converter.inference_output_type = kind


class Int16x8:
    """Activations in 16 bits, weights in 8: nearly the accuracy of float, and no delegate but the CPU."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    calibrates: ClassVar[bool] = True

    def set_up(self, converter: Any, options: Mapping[str, Any], examples: Examples | None) -> None:
        """Calibrated by the examples; inputs and outputs stay in float."""
        import tensorflow as tf

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
