"""The kinds of variant: steps that train and conversions, one small class each, and every chain of them in `KINDS`.

They import TensorFlow only when they are used.
"""

from __future__ import annotations

from pydantic import create_model

from harness.variants.kinds.base import Conversion, Kind, Options, Step
from harness.variants.kinds.post_training import DynamicRange, Float16, Float32, Int8, Int16x8
from harness.variants.kinds.qat import TrainedInt8
from harness.variants.kinds.requantize import Quantizer
from harness.variants.kinds.training_steps import Cluster, Prune, QuantizationAware

_CONVERSIONS: dict[str, Conversion] = {
    "float32": Float32(),
    "float16": Float16(),
    "dynamic_range": DynamicRange(),
    "int8": Int8(),
    "int16x8": Int16x8(),
    "quantizer": Quantizer(),
}
_PRUNED: dict[str, Step] = {"pruned": Prune()}
_CLUSTERED: dict[str, Step] = {"clustered": Cluster()}
_AWARE: dict[str, Step] = {"qat": QuantizationAware()}
_AFTER_QAT = TrainedInt8()


def _kind(conversion: Conversion, steps: dict[str, Step]) -> Kind:
    """Its options are those of all its parts."""
    parts: list[type[Options]] = [type(conversion).options, *(step.options for step in steps.values())]
    options = parts[0] if len(parts) == 1 else create_model("Options", __base__=tuple(parts))
    return Kind(conversion, options, steps)


def _kinds() -> dict[str, Kind]:
    kinds = {name: _kind(conversion, {}) for name, conversion in _CONVERSIONS.items()}
    kinds["qat"] = _kind(_AFTER_QAT, _AWARE)
    for steps in (_PRUNED, _CLUSTERED, _PRUNED | _CLUSTERED):
        made = "+".join(steps)
        kinds[made] = _kind(_CONVERSIONS["float32"], steps)
        for name in ("float16", "dynamic_range", "int8", "int16x8"):
            kinds[f"{made}+{name}"] = _kind(_CONVERSIONS[name], steps)
        # By their usual names: PQAT, CQAT, PCQAT.
        kinds["".join(step[0] for step in steps) + "qat"] = _kind(_AFTER_QAT, steps | _AWARE)
    return kinds


#: Every kind by its name in a recipe.
KINDS: dict[str, Kind] = _kinds()
