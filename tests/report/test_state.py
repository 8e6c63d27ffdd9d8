"""Rows of different phone state are different rows, and whoever compares them says so."""

from __future__ import annotations

from typing import Any

import pytest

from harness.records import ActivityRecord, FrequencyRecord, StateRecord
from harness.report.document import build_document
from harness.report.markdown import to_markdown
from harness.report.state import state_difference, state_note
from harness.report.words import condition
from tests.records import phone, session
from tests.report.runs import repeated, run_of, run_on

FIXED = StateRecord({"fixed_performance": "on", "screen": "dim"})
REFUSED = StateRecord({"screen": "dim"}, {"fixed_performance": "no clock limit moved"})


def rows(*sessions: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = build_document(run_of(*sessions))["rows"]
    return found


def test_sessions_under_different_state_are_different_rows() -> None:
    fixed, plain = rows(*repeated("a", 1000, 1001, 1002), *repeated("b", 1400, 1401, 1402, state=FIXED))
    assert plain["state"] == {"held": {}, "refused": {}, "lost": 0, "reason": "the run did not ask for any"}
    assert fixed["state"]["held"] == FIXED.held and fixed["state"]["reason"] is None
    assert plain["latency_ms"]["median"] < 1.1 < fixed["latency_ms"]["median"]
    assert condition(fixed).endswith("[fixed_performance=on screen=dim]") and "[" not in condition(plain)


def test_a_knob_that_was_refused_or_lost_is_told() -> None:
    lost = StateRecord(REFUSED.held, REFUSED.refused, {"screen": "screen_brightness became 90"})
    (row,) = rows(session("a/0", state=REFUSED), session("a/1", state=lost))
    assert row["state"]["refused"] == REFUSED.refused and row["state"]["lost"] == 1
    only = StateRecord({}, {"screen": "no", "awake": "no"})
    assert rows(session("a/0", state=only))[0]["state"]["reason"] == "the phone refused all that was asked for"


def test_the_difference_in_words() -> None:
    (fixed,), (refused,) = rows(session("a/0", state=FIXED)), rows(session("b/0", state=REFUSED))
    assert state_difference(fixed, fixed) is None
    said = state_difference(fixed, refused)
    assert said == (
        "measured under different phone state: fixed_performance on against not held (no clock limit moved)"
    )
    assert state_difference({"state": None}, {}) is None, "documents that are older than the key"


def test_every_page_says_so() -> None:
    document = build_document(run_of(*repeated("a", 1000, 1001), *repeated("b", 1400, 1401, state=FIXED)))
    assert "compare rows of one state only" in to_markdown(document)
    alone = build_document(run_of(*repeated("b", 1400, 1401, state=FIXED)))
    assert state_note(alone["rows"]) is None and "compare rows" not in to_markdown(alone)
    refused = build_document(run_of(session("a/0", state=REFUSED)))
    assert "refused fixed_performance: no clock limit moved" in to_markdown(refused)


def test_tiers_do_not_mix_states() -> None:
    phones = [phone("P1"), phone("P2")]
    mixed = [session("a/0", phone_id="P1", state=FIXED), session("b/0", phone_id="P2", state=REFUSED)]
    tiers = build_document(run_on(tuple(phones), *mixed))["tiers"]
    assert [(t["phones"], t["state"]["held"].get("fixed_performance")) for t in tiers] == [(1, "on"), (1, None)]
    alike = [session(f"{p}/0", phone_id=p, state=FIXED) for p in ("P1", "P2")]
    assert [t["phones"] for t in build_document(run_on(tuple(phones), *alike))["tiers"]] == [2]


def test_activity_and_clocks_of_a_row() -> None:
    one = ActivityRecord(2.0, "times of the shell", 4.0, {"4": 3, "10": 1}, "4-7", 0.02)
    two = ActivityRecord(3.0, "times of the shell", 12.0, {"4": 3, "5": 1}, "4-7", 0.04)
    clocks = [
        FrequencyRecord(70.0, {"policy4": 2e6}, None, 100.0, {"policy4": {"2000000": 100.0}}, {"policy4": 90.0}, {"policy4": (2,)}),
        FrequencyRecord(70.0, {"policy4": 1e6}, None, 90.0, {"policy4": {"1000000": 100.0}}, {"policy4": 80.0}, {"policy4": (1, 2)}),
    ]  # fmt: skip
    times = {"start_uptime_s": 10.0, "end_uptime_s": 12.0}
    (row,) = rows(
        session("a/0", activity=one, frequency=clocks[0], **times),
        session("a/1", activity=two, frequency=clocks[1], **times),
    )
    activity, frequency = row["activity"], row["frequency"]
    assert activity["others_busy_pct"] == 8.0 and activity["others_busy_max_pct"] == 12.0
    assert activity["last_cpus_pct"] == {"4": 75.0, "5": 12.5, "10": 12.5} and activity["allowed_cpus"] == "4-7"
    assert activity["sampler_cpu_pct"] == pytest.approx(1.5) and activity["reason"] is None
    assert frequency["cap_of_allowed_pct"] == 90.0 and frequency["reason"] is None
    assert frequency["clusters"]["policy4"] == {
        "mean_khz": 1.5e6, "at_cap_pct": 85.0, "share_pct": {"1000000": 50.0, "2000000": 50.0}, "caps_khz": [1, 2],
    }  # fmt: skip


def test_what_is_not_known_of_a_row_has_a_reason() -> None:
    (row,) = rows(session("a/0"))
    assert row["activity"]["others_busy_pct"] is None and row["activity"]["reason"]
    assert row["frequency"]["clusters"] == {} and row["frequency"]["reason"]
