"""A right to a phone that is not used rests for a while."""

from __future__ import annotations

from harness.rack.claims import IDLE_S, REST_S, Claims
from tests.rack.jobs import job


def kept_off(claims: Claims, at_s: float) -> dict[str, set[str]]:
    jobs = claims.without_rests([job("a0", "a"), job("b0", "b", avoid=frozenset({"P9"}))], at_s)
    return {j.job_id: set(j.avoid) for j in jobs}


def test_a_right_rests_after_a_while_and_comes_back() -> None:
    claims = Claims()
    none = {"a0": set[str](), "b0": {"P9"}}
    claims.saw([("a", "P1"), ("b", "P1")], 0.0)
    claims.saw([("a", "P1")], IDLE_S)
    assert kept_off(claims, IDLE_S) == none
    claims.saw([("a", "P1"), ("b", "P1")], IDLE_S + 1)
    assert kept_off(claims, IDLE_S + 1) == {"a0": {"P1"}, "b0": {"P9"}}, "b's began anew"
    end_s = IDLE_S + 1 + REST_S
    assert kept_off(claims, end_s - 1) == {"a0": {"P1"}, "b0": {"P9"}} and kept_off(claims, end_s) == none
    claims.saw([("a", "P1")], end_s)
    assert kept_off(claims, end_s) == none


def test_one_that_takes_the_phone_keeps_its_right() -> None:
    claims = Claims()
    for at_s in range(0, 1000, 30):
        claims.saw([("a", "P1")] if at_s % 60 else [], float(at_s))
        assert kept_off(claims, at_s)["a0"] == set()
