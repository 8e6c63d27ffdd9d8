"""Names of layers for people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.explain.naming import short_names


def test_a_fused_name_is_its_first_path_s_end() -> None:
    names = ["f/conv_1/Relu;f/conv_1/Bias", "f/pool", "x"]
    assert short_names(names) == ["conv_1/Relu", "f/pool", "x"]


@given(st.lists(st.text("ab/;", min_size=1, max_size=12), unique=True, max_size=6))
def test_different_names_stay_apart_wherever_the_short_ones_do_not(names: list[str]) -> None:
    short = short_names(names)
    for one, name in zip(short, names, strict=True):
        assert one == name or short.count(one) == 1 or one in names
