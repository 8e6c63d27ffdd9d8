"""Quantization of a float `.tflite` file by ai-edge-quantizer, without the model that it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from harness.errors import EnvironmentFault, UsageError
from harness.variants.kinds.base import ConversionOptions, Examples, Options
from harness.variants.model_file import ModelInfo
from harness.variants.properties import weight_types

#: ai-edge-quantizer's own recipes, and float16, which it has no name for.
Named = Literal[
    "dynamic_wi8_afp32", "dynamic_wi4_afp32", "weight_only_wi8_afp32", "weight_only_wi4_afp32", "static_wi8_ai8",
    "static_wi8_ai16", "float16",
]  # fmt: skip


class Rule(Options):
    """One rule of a mixed recipe; a later one wins over an earlier."""

    regex: str = Field(default=".*", description="Of the names of an operator's output tensors.")
    recipe: Named | Literal["none"] = Field(description="A recipe by name; none leaves these operators in float.")
    operation: str = Field(default="*", description="An operator by its name in ai-edge-quantizer, or *.")


class QuantizerOptions(ConversionOptions):
    """Options of quantizer."""

    recipe: Named | None = Field(default=None, description="A recipe by name.")
    rules: tuple[Rule, ...] = Field(default=(), strict=False, description="A mixed recipe instead, rule by rule.")

    @model_validator(mode="after")
    def _one(self) -> QuantizerOptions:
        if (self.recipe is None) == (not self.rules):
            raise ValueError("give exactly one of recipe, rules")
        return self


class Quantizer:
    """Any recipe of ai-edge-quantizer: weight-only, four bits, mixed by operator or layer."""

    options: ClassVar[type[ConversionOptions]] = QuantizerOptions
    on_file: ClassVar[bool] = True

    def calibrates(self, options: QuantizerOptions) -> bool:
        """Where a recipe quantizes activations ahead."""
        return any(rule.recipe.startswith("static_") for rule in _rules(options.recipe or options.rules))

    def set_up(self, converter: Any, options: QuantizerOptions, examples: Examples | None) -> None:
        """The converter makes the float model that is quantized then."""

    def requantize(self, model: bytes, options: QuantizerOptions, examples: Examples | None) -> bytes:
        """Apply the recipe."""
        return requantize(model, options.recipe or options.rules, examples)

    def fault(self, model: ModelInfo, options: QuantizerOptions) -> str | None:
        """Something is quantized."""
        return None if weight_types(model) - {"FLOAT32"} else "the recipe quantized nothing"


def requantize(model: bytes, recipe: Named | Sequence[Rule], examples: Examples | None) -> bytes:
    """`model`, a float32 `.tflite` file, quantized.

    Args:
        recipe: by name, or rules.
        examples: asked for only where the recipe calibrates.

    Raises:
        EnvironmentFault: ai-edge-quantizer is not installed.
        UsageError: it needs examples, or the model has no signature to calibrate by.
    """
    try:
        from ai_edge_quantizer import quantizer
    except ImportError:
        raise EnvironmentFault(
            "ai-edge-quantizer is not installed", advice="pip install 'phone-rack-harness[models]'"
        ) from None
    rules = _rules(recipe)
    work = quantizer.Quantizer(bytearray(model), [entry for rule in rules for entry in _entries(rule)])
    calibrated = None
    if work.need_calibration:
        if examples is None:
            raise UsageError("this recipe needs a representative dataset", advice="add representative:")
        calibrated = work.calibrate(_named(model, examples))
    return bytes(work.quantize(calibrated).quantized_model)


def _rules(recipe: Named | Sequence[Rule]) -> list[Rule]:
    return [Rule(recipe=recipe)] if isinstance(recipe, str) else list(recipe)


def _entries(rule: Rule) -> Iterator[dict[str, Any]]:
    from ai_edge_quantizer import recipe as recipes

    where = {"regex": rule.regex, "operation": rule.operation}
    if rule.recipe == "none":
        yield {**where, "algorithm_key": "no_quantize"}
    elif rule.recipe == "float16":
        weights = {"num_bits": 16, "symmetric": True, "granularity": "TENSORWISE", "dtype": "FLOAT"}
        config = {"weight_tensor_config": weights, "compute_precision": "FLOAT", "explicit_dequantize": True}
        for operation in _CAST if rule.operation == "*" else (rule.operation,):
            yield {"regex": rule.regex, "operation": operation, "algorithm_key": "float_casting", "op_config": config}
    else:
        yield from ({**entry, **where} for entry in getattr(recipes, rule.recipe)())


#: Operators whose weights ai-edge-quantizer casts to float16.
_CAST = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D_TRANSPOSE", "EMBEDDING_LOOKUP")


def _named(model: bytes, examples: Examples) -> dict[str, list[dict[str, Any]]]:
    """Examples by signature and input name, as the quantizer takes them."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model)
    signatures = interpreter.get_signature_list()
    if not signatures:
        raise UsageError("the .tflite file has no signature to calibrate by", advice="convert it with one")
    key = next(iter(signatures))
    details = interpreter.get_signature_runner(key).get_input_details()
    order = [d["index"] for d in interpreter.get_input_details()]
    names = sorted(details, key=lambda name: order.index(details[name]["index"]))
    return {key: [dict(zip(names, example, strict=True)) for example in examples()]}
