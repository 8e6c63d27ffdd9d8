"""Entries of a recipe that leave layers out of 8 bits."""

from __future__ import annotations

import dataclasses
import re

from harness.explain.mixture import base_recipe, entry
from harness.explain.pair import Carrier
from harness.variants.kinds import KINDS
from harness.variants.model_file import Quantization
from tests.explain.planted import pair


def test_an_entry_is_one_that_a_recipe_takes_and_its_rules_match_their_layer_alone() -> None:
    made = entry("static_wi8_ai8", ["a/Relu;a/Conv1", "b(c)"], "none", {"samples": 9})["quantizer"]
    assert made.pop("name") == "mixed_float" and made["samples"] == 9
    KINDS["quantizer"].options.model_validate(made)
    first, second = (rule["regex"] for rule in made["rules"][1:])
    # What ai-edge-quantizer matches is the names of an operator's outputs, each with a semicolon behind it.
    assert re.search(first, "a/Relu;a/Conv1;") and not re.search(first, "a/Relu;a/Conv12;")
    assert not re.search(first, "x/a/Relu;a/Conv1;") and re.search(second, "b(c);")


def test_the_base_is_what_was_done_to_the_quantized_model() -> None:
    found = pair()
    assert base_recipe(found) == "static_wi8_ai8"
    wide = Carrier(0, "INT16", Quantization((1.0,), (0,), None))
    assert base_recipe(dataclasses.replace(found, carriers=dict.fromkeys(found.carriers, wide))) == "static_wi8_ai16"
    assert base_recipe(dataclasses.replace(found, carriers={**found.carriers, 0: wide})) is None
    assert base_recipe(dataclasses.replace(found, carriers={})) == "dynamic_wi8_afp32"
