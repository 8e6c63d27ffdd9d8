"""The comparison's laws: what is equal agrees, what is strange never does, and errors are what was put in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.accuracy.agreement import Output, compare, cosine_of, value_range
from harness.accuracy.tolerance import Tolerance

LOOSE = Tolerance(5.0, 0, "")
INT8 = Output("y", (1, 8), "int8", scale=0.5, zero_point=-3, step=0.5)

finite = st.floats(-1e6, 1e6, width=32).map(lambda v: v + 0.0)
vectors = st.integers(2, 16).flatmap(lambda n: arrays(np.float32, (1, n), elements=finite))
bytes_ = arrays(np.int8, (1, 8))


def floats(values: Any) -> Output:
    return Output("y", values.shape, "float32")


@given(vectors)
def test_the_same_agrees_with_whatever_is_allowed(host: Any) -> None:
    found = compare(floats(host), host.copy(), host, value_range(floats(host), [host]), Tolerance(0.0, 0, ""))
    assert found.wrong is None and found.excess == 0 and found.signs == ()
    assert found.max_abs == found.mean_abs == found.pct == 0
    assert found.cosine == pytest.approx(1.0) and found.top1 is True and found.steps is None


@given(vectors, st.floats(0.0, 20.0), st.randoms())
def test_an_error_is_what_was_put_in_and_wrong_only_beyond_what_is_allowed(host: Any, pct: float, rng: Any) -> None:
    output = floats(host)
    span = value_range(output, [host])
    place = rng.randrange(host.size)
    phone = host.astype(np.float64)
    phone[0, place] += span * pct / 100
    found = compare(output, phone, host, span, LOOSE)
    assert found.max_abs is not None and found.mean_abs is not None and found.pct is not None
    assert found.pct == pytest.approx(pct, rel=1e-3, abs=1e-3)
    assert found.mean_abs * host.size == pytest.approx(found.max_abs)
    if not 4.99 < pct < 5.01:
        assert (found.wrong is not None) == (pct > 5)
        assert (found.excess > 1) == (pct > 5)


@given(vectors, st.randoms(), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_what_is_no_number_is_wrong_whatever_is_allowed(host: Any, rng: Any, strange: float) -> None:
    phone = host.copy()
    phone[0, rng.randrange(host.size)] = strange
    found = compare(floats(host), phone, host, 1.0, Tolerance(1e9, 1e9, ""))
    assert found.wrong is not None and found.excess == np.inf
    assert found.signs == (("nan",) if np.isnan(strange) else ("inf",))
    assert found.max_abs is None and found.cosine is None, "no figure that JSON could not hold"


def test_what_is_no_number_on_the_host_is_left_out() -> None:
    host = np.array([[1.0, np.nan, 3.0]], np.float32)
    found = compare(
        floats(host), np.array([[1.0, 7.0, 3.0]], np.float32), host, value_range(floats(host), [host]), LOOSE
    )
    assert found.wrong is None and found.max_abs == 0 and found.top1 is None
    assert compare(floats(host), np.array([[1.0, np.nan, np.nan]], np.float32), host, 2.0, LOOSE).signs == ("nan",)


@given(vectors, vectors)
def test_a_cosine_is_one_and_the_same_both_ways(a: Any, b: Any) -> None:
    n = min(a.size, b.size)
    x, y = a.ravel()[:n].astype(np.float64), b.ravel()[:n].astype(np.float64)
    assert -1.0 <= cosine_of(x, y) <= 1.0
    assert cosine_of(x, y) == pytest.approx(cosine_of(y, x))
    assert cosine_of(x * 1e-200, y * 1e200) == pytest.approx(cosine_of(x, y), abs=1e-6)


def test_a_cosine_of_nothing() -> None:
    zero, one = np.zeros(3), np.ones(3)
    assert (cosine_of(zero, zero), cosine_of(zero, one), cosine_of(one, -one)) == (1.0, 0.0, -1.0)


@given(bytes_, st.integers(0, 9), st.integers(0, 6))
def test_steps_are_counted_on_the_stored_values(host: Any, off: int, allowed: int) -> None:
    phone = np.where(host > 0, host - off, host + off).astype(np.int8)
    found = compare(INT8, phone, host, value_range(INT8, [host]), Tolerance(0.0, allowed, ""))
    assert found.steps == pytest.approx(off) and found.max_abs == pytest.approx(off * 0.5)
    assert (found.wrong is not None) == (off > allowed)
    assert found.wrong is None or found.signs or f"({off} step" in found.wrong


def test_all_zero_and_constant_explain_an_error() -> None:
    host = np.array([[0.1, 0.7, 0.2]], np.float32)
    zero = compare(floats(host), np.zeros_like(host), host, 1.0, LOOSE)
    assert zero.signs == ("all_zero", "constant") and "all zero, and the host's is not" in (zero.wrong or "")
    flat = compare(floats(host), np.full_like(host, 0.3), host, 1.0, LOOSE)
    assert flat.signs == ("constant",) and "constant" in (flat.wrong or "")
    same = compare(floats(host), np.zeros_like(host), np.zeros_like(host), 1.0, LOOSE)
    assert same.signs == () and same.wrong is None


def test_a_quantized_zero_is_its_zero_point() -> None:
    host = np.arange(8, dtype=np.int8).reshape(1, 8)
    assert "all_zero" in compare(INT8, np.full((1, 8), -3, np.int8), host, 1.0, LOOSE).signs
    assert compare(INT8, np.zeros((1, 8), np.int8), host, 1.0, LOOSE).signs == ("constant",)


def test_ties_for_the_first_place_are_no_disagreement() -> None:
    host = np.array([[1, 5, 5, 2, 0, 0, 0, 0]], np.int8)
    swapped = np.array([[1, 4, 5, 2, 0, 0, 0, 0]], np.int8)
    other = np.array([[6, 5, 5, 2, 0, 0, 0, 0]], np.int8)
    assert compare(INT8, swapped, host, 5.0, LOOSE).top1 is True
    assert compare(INT8, other, host, 5.0, LOOSE).top1 is False
    boxes = Output("boxes", (1, 2, 4), "float32")
    assert compare(boxes, np.ones((1, 2, 4)), np.ones((1, 2, 4)), 1.0, LOOSE).top1 is None


def test_values_without_a_distance_are_equal_or_not() -> None:
    output = Output("ids", (1, 4), "int64")
    host = np.array([[3, 4, 5, 6]])
    found = compare(output, np.array([[3, 4, 5, 900]]), host, 3.0, LOOSE)
    assert found.pct == 25 and found.wrong == "25 % of the values of output 'ids' differ, and 5 % may"
    assert compare(output, host.copy(), host, 3.0, Tolerance(0.0, 0, "")).wrong is None


def test_a_cosine_that_the_user_asks_for() -> None:
    host = np.array([[1.0, 0.0, 0.0]], np.float32)
    phone = np.array([[1.0, 0.3, 0.0]], np.float32)
    found = compare(floats(host), phone, host, 1.0, Tolerance(50.0, 0, "", cosine_min=0.99))
    assert "cosine of 0.9578, and 0.99 is asked for" in (found.wrong or "") and found.excess > 1
    assert compare(floats(host), phone, host, 1.0, Tolerance(50.0, 0, "", cosine_min=0.9)).wrong is None


@given(st.lists(arrays(np.float32, (1, 3), elements=st.floats(width=32)), max_size=3))
def test_a_range_is_always_something_to_divide_by(found: list[Any]) -> None:
    span = value_range(Output("y", (1, 3), "float32"), found)
    assert 0 < span < np.inf


def test_a_range_is_over_all_inputs() -> None:
    output = Output("y", (1, 1), "float32")
    assert value_range(output, [np.array([[2.0]]), np.array([[5.0]])]) == 3
    assert value_range(output, [np.array([[-2.0]])]) == 2
    assert value_range(output, [np.zeros((1, 1))]) == 1
