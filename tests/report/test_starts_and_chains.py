"""Rows of cold starts and of chains: pairs and whole chains only, and every missing figure with its reason."""

from __future__ import annotations

from typing import Any

from harness.records import SessionKey, SessionRecord
from harness.report.document import build_document
from tests.records import session
from tests.report.runs import run_of

KEY = SessionKey("m", "int8", "gpu", {}, 4)


def cold_and_warm(rounds: int, **cold: Any) -> list[SessionRecord]:
    found = []
    for n in range(rounds):
        first = {"init_us": 400_000.0 + 1000 * n, "first_us": 20_000.0, **cold}
        detail = {"cleared": "what delegates keep; not the page cache, which needs root"}
        found.append(session(f"b/{2 * n:04d}", key=KEY, kind="cold", repeat=n, detail=detail, **first))
        found.append(session(f"b/{2 * n + 1:04d}", key=KEY, repeat=n, init_us=200_000.0, first_us=10_000.0))
    return found


def test_a_cold_start_is_held_against_the_warm_one_of_its_round() -> None:
    (row,) = build_document(run_of(*cold_and_warm(5)))["rows"]
    cold = row["cold"]
    assert cold["sessions"] == 5 and cold["init_ms"] == 402.0 and cold["warm_init_ms"] == 200.0
    assert cold["init_ratio"]["value"] == 2.01 and cold["init_ratio"]["ci95"][0] > 1.9
    assert cold["first_ratio"]["value"] == 2.0 and cold["reason"] is None
    assert cold["cleared"] == ["what delegates keep"] and cold["not_cleared"] == ["the page cache, which needs root"]
    assert row["init_ms"] == 200.0 and row["sessions_run"] == 5, "cold starts are no sessions of the row"


def test_cold_starts_that_fail_give_no_figure() -> None:
    (row,) = build_document(run_of(*cold_and_warm(3, outcome="crash", outcome_line="Segmentation fault")))["rows"]
    assert row["cold"]["init_ms"] is None and row["cold"]["reason"] == "no cold start gave a time: Segmentation fault"
    assert row["cold"]["init_ratio"]["reason"] == row["cold"]["reason"] and row["latency_ms"]["median"] == 1.0


def chain(number: int, times_us: list[float], *, gap_s: float = 1.0, **fields: Any) -> list[SessionRecord]:
    found, clock = [], 1000.0 * number
    for step, time in enumerate(times_us):
        index = 100 * number + step
        found.append(
            session(f"b/{index:04d}", key=KEY, kind="sustained", repeat=number, step=step, inference_avg_us=time,
                    boot_id="x", start_uptime_s=clock, end_uptime_s=clock + 10, **fields)
        )  # fmt: skip
        clock += 10 + gap_s
    return found


SLOWING = [1000.0, 1010.0, 990.0, 1100.0, 1200.0, 1300.0, 1290.0, 1310.0, 1300.0]


def test_a_chain_says_what_is_left_and_since_when() -> None:
    sessions = [s for n in range(3) for s in chain(n, [t * (1 + 0.001 * n) for t in SLOWING])]
    (row,) = build_document(run_of(*sessions))["rows"]
    found = row["sustained"]
    assert (found["chains"], found["broken"], found["reason"]) == (3, 0, None)
    assert found["start_ms"]["value"] == 1.001 and round(found["steady_ms"]["value"], 3) == 1.301
    assert round(found["loss_pct"]["value"]) == 30 and found["loss_pct"]["ci95"][0] is not None
    assert found["throttled_after_s"] == 43.0 and len(found["curve"]) == 9 and found["curve"][0] == [10.0, 1.001]
    assert row["latency_ms"]["median"] == 1.001 and row["sessions"] == 3, "latency is that of the cool phone"


def test_a_phone_that_keeps_its_speed_is_not_said_to_throttle() -> None:
    # A single slow step, the last one at that, is chance.
    steady = [1000.0, 1030.0, 980.0, 1010.0, 1000.0, 990.0, 1010.0, 1005.0, 1090.0]
    (row,) = build_document(run_of(*chain(0, steady)))["rows"]
    assert row["sustained"]["throttled_after_s"] is None
    assert row["sustained"]["throttled_after_s_reason"] == "it did not become 5 % slower for good"


def test_a_chain_with_a_rest_or_a_hole_is_none() -> None:
    rested = chain(0, SLOWING, gap_s=60.0)
    holed = [s for s in chain(1, SLOWING) if s.step != 4]
    void = [*chain(2, SLOWING[:-1]), *chain(2, SLOWING, flags=("suspended",))[-1:]]
    (row,) = build_document(run_of(*rested, *holed, *void))["rows"]
    found = row["sustained"]
    assert (found["chains"], found["broken"]) == (0, 3) and found["steady_ms"]["value"] is None
    assert found["reason"] == "no chain is whole: a step failed, is void, or the phone rested in between"


def test_other_protocols_say_that_they_have_neither() -> None:
    (row,) = build_document(run_of(session("b/0000")))["rows"]
    assert row["cold"] is None and row["cold_reason"] == "the protocol has no cold starts"
    assert row["sustained"] is None and row["sustained_reason"] == "the protocol has no chains"
    assert row["repeats"] is None and row["repeats_reason"] == "the number of sessions was fixed"


def test_repeats_say_why_they_ended() -> None:
    suite = {"repeats": {"within_pct": 2.0, "most": 6}, "sessions": 3}
    wide = [
        session(f"b/{n:04d}", repeat=n, inference_avg_us=t) for n, t in enumerate([1000, 1300, 900, 1000, 1400, 800])
    ]
    (row,) = build_document(run_of(*wide, suite=suite))["rows"]
    assert row["repeats"]["narrow"] is False and row["repeats"]["why"].startswith("budget of 6 sessions spent")
    narrow = [session(f"b/{n:04d}", repeat=n, inference_avg_us=1000.0 + n) for n in range(5)]
    (row,) = build_document(run_of(*narrow, suite=suite))["rows"]
    assert row["repeats"]["narrow"] is True and row["repeats"]["why"].startswith("narrow enough")
    (row,) = build_document(run_of(*wide[:3], suite=suite))["rows"]
    assert row["repeats"]["narrow"] is False and row["repeats"]["why"].startswith("the run ended before: ")
    failed = [session(f"b/{n:04d}", repeat=n, outcome="crash", inference_avg_us=None) for n in range(3)]
    (row,) = build_document(run_of(*failed, suite=suite))["rows"]
    assert row["repeats"]["why"] == "no session gave a figure, so it was not tried on"
