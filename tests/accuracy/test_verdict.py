"""What a drop is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.verdict import Verdict, judge
from harness.stats.intervals import Interval


@pytest.mark.parametrize(
    ("drop", "low", "high", "budget", "said", "fails"),
    [
        (2.0, 1.0, 3.0, None, "real drop", False), (-2.0, -3.0, -1.0, None, "better", False),
        (0.5, -1.0, 2.0, None, "no drop shown", False), (0.5, -1.0, 0.9, 1.0, "within max_drop", False),
        (2.0, 1.5, 3.0, 1.0, "over max_drop", True), (1.2, 0.5, 3.0, 1.0, "undecided", True),
        (0.8, 0.5, 3.0, 1.0, "undecided", False),
    ],
)  # fmt: skip
def test_verdicts(drop: float, low: float, high: float, budget: float | None, said: str, fails: bool) -> None:
    found = judge(drop, Interval(low, high), 100, budget)
    assert (found.text, found.fails) == (said, fails) and (found.more_examples is not None) == (said == "undecided")


def test_agreement_and_what_is_not_known() -> None:
    assert judge(0.0, Interval(0.0, 1.0), 100, None, agreement=True).text == "same"
    assert judge(0.4, Interval(0.1, 1.0), 100, None, agreement=True).text == "differs"
    assert judge(0.4, Interval(None, None, "few"), 1, None) == Verdict("unknown")
    assert judge(0.4, Interval(None, None, "few"), 1, 0.1) == Verdict("over max_drop", fails=True)


def test_how_many_more() -> None:
    # the upper side is 2 and must become 1: four times as many
    assert judge(0.0, Interval(-2.0, 2.0), 100, 1.0).more_examples == 300
    assert judge(1.0, Interval(0.0, 2.0), 100, 1.0).more_examples is None, "the drop is the budget"


@given(st.floats(-50, 50), st.floats(0.01, 20), st.floats(0.01, 20), st.floats(0, 20), st.integers(2, 10_000))
def test_a_proven_verdict_agrees_with_the_drop(drop: float, below: float, above: float, budget: float, n: int) -> None:
    found = judge(drop, Interval(drop - below, drop + above), n, budget)
    assert found.fails == (drop > budget)
    assert found.text != "within max_drop" or not found.fails
    assert found.text != "over max_drop" or found.fails
    assert found.more_examples is None or found.more_examples >= 1
