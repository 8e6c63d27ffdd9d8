"""The proposal as an entry of a recipe, for ai-edge-quantizer. Pure.

Its rules name layers by their output tensors, work on every source through its float `.tflite`, and can leave a layer
in float or give its activations 16 bits. The converter's own way (`denylisted_nodes` of its quantization debugger) was
tried: it restores the same accuracy, but knows no 16 bits and rests on an interpreter that TensorFlow is removing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.explain.pair import Pair

#: How a kept layer is stored, to the name of its variant.
STORED = {"none": "mixed_float", "static_wi8_ai16": "mixed_16bit"}


def base_recipe(pair: Pair) -> str | None:
    """The named recipe that does to all layers what was done to the quantized model; None: there is none."""
    types = {carrier.type for carrier in pair.carriers.values()}
    if "INT16" in types:
        return "static_wi8_ai16" if types == {"INT16"} else None
    if types:
        return "static_wi8_ai8"
    return "dynamic_wi8_afp32"


def entry(base: str, kept: Sequence[str], stored: str, calibration: Mapping[str, Any]) -> dict[str, Any]:
    """A variant of a recipe: all layers as `base`, and `kept` (names of tensors) as `stored`, a key of STORED.

    Args:
        calibration: options samples and seed, where they are not as under representative.
    """
    rules = [{"recipe": base}, *({"regex": f"^{re.escape(name)};", "recipe": stored} for name in kept)]
    return {"quantizer": {"name": STORED[stored], **calibration, "rules": rules}}
