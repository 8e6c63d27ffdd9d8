"""What may differ, by arithmetic and delegate."""

from __future__ import annotations

import pytest

from harness.accuracy.tolerance import arithmetic, default_tolerance, with_own
from harness.variants.model_file import read_model_file
from tests.racks import MODELS


@pytest.mark.parametrize(
    ("name", "kind"), [("digits_float32", "float"), ("digits_float16", "float"), ("digits_int8", "integer")]
)
def test_arithmetic_is_that_of_the_operators_that_multiply(name: str, kind: str) -> None:
    assert arithmetic(read_model_file(MODELS / f"{name}.tflite")) == kind


def test_half_precision_may_lose_more_than_float32_and_integers_few_steps() -> None:
    exact = default_tolerance("float", "cpu", {}, on_grid=False)
    full = default_tolerance("float", "gpu", {"precision": "fp32"}, on_grid=False)
    half = default_tolerance("float", "gpu", {}, on_grid=False)
    assert exact.error_pct < full.error_pct < half.error_pct
    assert default_tolerance("float", "cpu", {}, on_grid=False, half=True) == half
    assert default_tolerance("float", "nnapi", {}, on_grid=False) == half
    steps = default_tolerance("integer", "cpu", {}, on_grid=True)
    assert 1 <= steps.steps < default_tolerance("integer", "gpu", {}, on_grid=True).steps
    assert default_tolerance("integer", "cpu", {}, on_grid=False).error_pct > exact.error_pct


def test_a_limit_of_the_users_own_stands_alone() -> None:
    table = default_tolerance("integer", "gpu", {}, on_grid=True)
    assert with_own(table) == table
    own = with_own(table, steps=1)
    assert (own.steps, own.error_pct, own.reason) == (1, 0, "as the suite asks")
    assert with_own(table, error_pct=2).steps == 0
    assert with_own(table, cosine_min=0.9).steps == table.steps


def test_what_is_allowed_is_told_with_its_reason() -> None:
    table = default_tolerance("integer", "cpu", {}, on_grid=True)
    assert table.words(on_grid=True) == "3 steps or 0.1 % (integers on both sides, rounded otherwise by a step)"
    assert with_own(table, error_pct=2, cosine_min=0.99).words(on_grid=True) == "2 %, cosine 0.99 (as the suite asks)"
