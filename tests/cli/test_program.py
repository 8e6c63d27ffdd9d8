"""Which flavour of the official program a run asks for."""

from __future__ import annotations

from pathlib import Path

from harness.cli.program import flavour_for
from harness.variants.model_file import custom_operators

MODELS = Path(__file__).parents[1] / "models"


def test_one_model_with_tensorflows_own_operators_asks_for_the_program_that_has_them() -> None:
    plain, flex = MODELS / "digits_int8.tflite", MODELS / "flex.tflite"
    assert custom_operators(flex) == ["FlexMatrixDeterminant"] and custom_operators(plain) == []
    assert flavour_for([plain]) == "tflite" and flavour_for([plain, flex]) == "tflite-plus-flex"


def test_a_damaged_model_asks_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    for content in (b"", b"\x1c\0\0\0TFL3", (MODELS / "flex.tflite").read_bytes()[:200]):
        path.write_bytes(content)
        assert flavour_for([path]) == "tflite"
