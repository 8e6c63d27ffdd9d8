"""The kinds of variant: one small class each, its options declared once, and one entry in `KINDS`.

A kind sets TensorFlow's converter up; it imports TensorFlow only when it is used.
"""

from __future__ import annotations

from harness.variants.kinds.base import Kind
from harness.variants.kinds.post_training import DynamicRange, Float16, Float32, Int8, Int16x8

KINDS: dict[str, Kind] = {
    "float32": Float32(),
    "float16": Float16(),
    "dynamic_range": DynamicRange(),
    "int8": Int8(),
    "int16x8": Int16x8(),
}
