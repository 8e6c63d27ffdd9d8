"""What a row says about its sessions."""

from __future__ import annotations

from typing import Any

from harness.report.document import build_document
from tests.report.runs import repeated, run_of


def row(*times_us: float, **meta: Any) -> dict[str, Any]:
    sessions = [*repeated("b", *times_us)]
    return dict(build_document(run_of(*sessions, **meta))["rows"][0]["latency_ms"])


def test_a_row_that_agrees_says_nothing() -> None:
    found = row(1000.0, 1001.0, 999.0, 1000.5, 1000.2)
    assert found["stability"]["stable"] is True and found["stability"]["words"] == ""
    assert found["stability"]["needs_sessions"] == 0 and found["method"] == "range and Student's t on logarithms"


def test_a_row_that_does_not_says_how_many_more() -> None:
    found = row(1000.0, 1100.0, 950.0, 1050.0, 1020.0)["stability"]
    assert found["stable"] is False and found["half_width_pct"] > 2
    assert found["words"] == f"unstable: needs about {found['needs_sessions']} more sessions for ±2 %"


def test_two_speeds_outliers_and_trends_are_said_and_nothing_is_dropped() -> None:
    two = row(*[1000.0, 1001.0, 1200.0, 1002.0, 999.0, 1201.0, 1000.0, 998.0, 1202.0, 1001.0])
    assert two["stability"]["words"].startswith("two speeds: 3 of 10 sessions are 20 % slower")
    far = row(*[1000.0, 1001.0, 1500.0, 1002.0, 999.0, 1003.0, 1000.0, 998.0])
    assert far["stability"]["outliers"] == ["b/0002"] and far["median"] == 1.0005
    assert "1 session is far from the others, and counted" in far["stability"]["words"]
    drift = row(*[1000.0 * 1.01**n for n in range(8)])
    assert "7 % slower from the first session to the last" in drift["stability"]["words"]


def test_sessions_that_went_on_by_themselves_have_the_stricter_interval() -> None:
    times = [1000.0, 1015.0, 990.0, 1020.0, 985.0, 1008.0, 1001.0, 995.0, 1012.0, 1003.0]
    fixed = row(*times)
    asked = row(*times, suite={"repeats": {"within_pct": 1.0, "most": 10}, "sessions": 3})
    assert asked["ci95"][0] < fixed["ci95"][0] and asked["ci95"][1] > fixed["ci95"][1]
    assert "needs about" not in asked["stability"]["words"], "the budget is spent already"


def test_a_row_that_is_not_stable_never_needs_no_more_sessions() -> None:
    """Narrow at the plain level, and not at the one that holds after stopping."""
    times = [1000.0, 1023.0, 985.0, 1030.0, 978.0, 1012.0, 1001.0, 992.0]
    fixed = row(*times)["stability"]
    asked = row(*times, suite={"repeats": {"within_pct": 1.0, "most": 8}, "sessions": 3})["stability"]
    assert fixed["stable"] is True and fixed["needs_sessions"] == 0
    assert asked["stable"] is False and asked["needs_sessions"] > 0
