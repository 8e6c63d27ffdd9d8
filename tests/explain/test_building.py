"""Which variants of a recipe are explained."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.explain.building import changed, named_or, quantized_variant
from harness.variants.recipe import Recipe


def recipe(*variants: object) -> Recipe:
    data = {"source": {"tflite": "a.tflite"}, "representative": {"npz": "b.npz"}, "variants": list(variants)}
    return Recipe.model_validate(data)


def test_the_first_calibrated_variant_is_explained() -> None:
    found = recipe("float32", "float16", "dynamic_range", {"int8": {"name": "small", "inputs": "float32"}}, "int16x8")
    assert quantized_variant(found, None).name == "small"
    assert quantized_variant(found, "dynamic_range").kind == "dynamic_range"
    assert quantized_variant(recipe("float32", "dynamic_range"), None).name == "dynamic_range"


def test_a_variant_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="the recipe has no variant 'int4'; choose from float32, int8"):
        quantized_variant(recipe("float32", "int8"), "int4")
    with pytest.raises(UsageError, match="the recipe has no quantized variant; add int8"):
        quantized_variant(recipe("float32", "float16", "pruned"), None)


def test_variants_are_taken_from_the_recipe_before_they_are_made() -> None:
    found = recipe({"float16": {"name": "half"}})
    assert named_or(found, "float16").name == "half" and named_or(found, "float32").name == "float32"


def test_changed_options_leave_the_others() -> None:
    (variant,) = recipe({"int8": {"inputs": "float32", "samples": 5}}).variants
    assert changed(variant, "x", samples=None, seed=2).options == {"inputs": "float32", "seed": 2}
