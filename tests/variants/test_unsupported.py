"""What the converter says of operators that it has not becomes a list with layers and a way out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.variants.unsupported import explained


def text(op: str, place: str, kind: str) -> str:
    """As the converter of TensorFlow 2.21 says it, shortened."""
    where = f'loc(callsite(fused["{op}:", "{place}/{op}@__inference_run_21"] at fused["Call:", "Call@x"]))'
    return (
        f"Could not translate MLIR to FlatBuffer.<unknown>:0: error: {where}: 'tf.{op}' op is neither a custom op nor a "
        f"flex op\n<unknown>:0: note: {where}: Error code: ERROR_NEEDS_OPS\nSome ops in the model are custom ops, See "
        f"instructions: https://example.org \n{kind} ops: {op}\nDetails:\n\ttf.{op}(tensor<1x8xf32>)\n"
    )


def test_what_tensorflow_has() -> None:
    said = explained(ValueError(text("MatrixDeterminant", "encoder/block", "TF Select")))
    assert said == (
        "TensorFlow Lite has no operator MatrixDeterminant (in encoder/block). For MatrixDeterminant say flex: true, which "
        "needs the plus-flex program, or build these layers from other operators"
    )


def test_what_nothing_has() -> None:
    said = explained(ValueError(text("Betainc", "head", "Custom")))
    assert "(in head). For Betainc say custom_ops: [Betainc] and give a program of your own" in said


def test_another_error_is_told_by_its_first_line() -> None:
    assert explained(RuntimeError("\n shapes differ\nmore")) == "RuntimeError: shapes differ"
    assert explained(RuntimeError()) == "RuntimeError: no message"


@given(st.text(max_size=300))
def test_any_text_is_told(found: str) -> None:
    assert explained(ValueError(found))
