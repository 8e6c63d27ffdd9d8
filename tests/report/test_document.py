"""Rows and tiers say what the sessions say, and why something is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import OUTCOMES, Delegation, PhaseStats, Quantity, Runtime, SessionKey
from harness.report.document import build_document
from tests.records import phone, session
from tests.report.runs import repeated, run_of, run_on

GPU = SessionKey("m", "", "gpu", {}, 4)


def only_row(*sessions: Any) -> dict[str, Any]:
    (row,) = build_document(run_of(*sessions))["rows"]
    assert isinstance(row, dict)
    return row


def test_row_has_the_contract_keys_and_the_median() -> None:
    document = build_document(run_of(*repeated("b", 1000, 1001, 1002)))
    (row,) = document["rows"]
    assert document["schema"] == 1 and row["outcome"] == "ok" and row["sessions"] == 3
    assert row["latency_ms"]["median"] == pytest.approx(1.001)
    low, high = row["latency_ms"]["ci95"]
    assert low < 1.001 < high
    assert row["power_mw"] == {"value": None, "ci95": [None, None], "reason": "not measured"}
    assert row["delegation"]["nodes_delegated"] == 9 and row["device"] == "Own Phone 1"


def test_two_sessions_give_a_median_and_the_reason_for_no_interval() -> None:
    latency = only_row(*repeated("b", 1000, 1002))["latency_ms"]
    assert latency["median"] == pytest.approx(1.001)
    assert latency["ci95"] == [None, None] and "too few" in latency["reason"]


def test_p95_is_the_median_of_the_printed_ones_and_null_on_older_programs() -> None:
    printed = [session(f"b/{n}", timed_run=PhaseStats(50, min_us=900.0 + n, p95_us=1000.0 + 100 * n)) for n in range(3)]
    assert only_row(*printed)["latency_ms"]["p95"] == pytest.approx(1.1)
    assert only_row(*printed)["latency_ms"]["min"] == pytest.approx(0.9)
    older = only_row(session("b/0", timed_run=PhaseStats(50)))["latency_ms"]
    assert older["p95"] is None and "95th" in older["p95_reason"]


def test_a_fallback_is_an_outcome_with_its_time_and_counts_for_no_tier() -> None:
    document = build_document(
        run_of(*repeated("b", 1000, 1001, 1002, key=GPU, outcome="fallback", delegation=Delegation("none", 0, 9)))
    )
    (row,), (tier,) = document["rows"], document["tiers"]
    assert row["outcome"] == "fallback" and row["latency_ms"]["median"] == pytest.approx(1.001)
    assert tier["median_ms"] is None and tier["phones_ok"] == 0 and tier["median_reason"]
    assert tier["outcomes"] == {"fallback": 1}


def test_void_sessions_do_not_count() -> None:
    row = only_row(session("b/0"), session("b/1", inference_avg_us=9e6, flags=("suspended",)))
    assert row["latency_ms"]["median"] == 1.0
    assert row["sessions"] == 1 and row["outcomes"] == {"ok": 1, "void": 1}


def test_a_row_of_void_sessions_alone_is_no_result() -> None:
    row = only_row(session("b/0", flags=("cut_short",)))
    assert row["outcome"] == "other" and row["latency_ms"]["median"] is None
    assert "cut_short" in row["latency_ms"]["reason"]
    assert only_row(session("b/0", flags=("wrong_output",)))["outcome"] == "wrong_output"


@pytest.mark.parametrize(
    ("outcomes", "expected", "counted"),
    [
        (("ok", "ok", "crash"), "ok", 2),
        (("ok", "crash"), "crash", 0),
        (("ok", "crash", "crash"), "crash", 0),
        (("ok", "fallback"), "fallback", 1),
    ],
)
def test_where_sessions_ended_differently_the_most_frequent_outcome_holds_and_ties_go_against_ok(
    outcomes: tuple[str, ...], expected: str, counted: int
) -> None:
    row = only_row(*(session(f"b/{n}", key=GPU, outcome=o) for n, o in enumerate(outcomes)))
    assert row["outcome"] == expected and row["sessions"] == counted
    assert row["sessions_run"] == len(outcomes) == sum(row["outcomes"].values())
    assert (row["latency_ms"]["median"] is None) == (counted == 0)


def test_power_and_energy_have_an_interval_or_the_reason_of_a_session() -> None:
    known = only_row(*(session(f"b/{n}", energy_mj=Quantity(2.0 + n / 10)) for n in range(3)))["energy_mj"]
    assert known["value"] == pytest.approx(2.1) and known["ci95"][0] < 2.1 < known["ci95"][1]
    unknown = only_row(session("b/0", energy_mj=Quantity(reason="charging over USB")))["energy_mj"]
    assert unknown == {"value": None, "ci95": [None, None], "reason": "charging over USB"}


def test_two_programs_on_one_phone_are_two_rows() -> None:
    sessions = [session(f"b/{n}", runtime=Runtime("tflite", None, str(n) * 64)) for n in range(2)]
    assert len(build_document(run_of(*sessions))["rows"]) == 2


def test_tier_medians_and_limits_are_over_phones() -> None:
    sessions = [
        s
        for n, ms in enumerate((1, 2, 9), start=1)
        for s in repeated(f"b{n}", 990.0 * ms, 1000.0 * ms, 1010.0 * ms, phone_id=f"P{n}")
    ]
    document = build_document(run_of(*sessions, phones=3))
    (tier,) = document["tiers"]
    assert tier["median_ms"] == pytest.approx(2) and tier["phones_ok"] == 3
    assert tier["median_ci95_ms"] == document["rows"][1]["latency_ms"]["ci95"]
    assert tier["worst_ms"] == pytest.approx(9) and tier["worst_phone_id"] == "P3"
    assert tier["worst_ci95_ms"] == document["rows"][2]["latency_ms"]["ci95"]


def test_tiers_come_high_mid_low_then_others_then_none() -> None:
    tiers = (None, "low", "zebra", "high", "mid")
    phones = tuple(phone(f"P{n}", tier=tier) for n, tier in enumerate(tiers))
    document = build_document(run_on(phones, *(session(f"b{n}/0", phone_id=f"P{n}") for n in range(5))))
    assert [r["tier"] for r in document["rows"]] == ["high", "mid", "low", "zebra", None]
    assert [t["tier"] for t in document["tiers"]] == ["high", "mid", "low", "zebra", None]


def _nulls_without_a_reason(value: Any, path: str = "") -> list[str]:
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in _nulls_without_a_reason(v, f"{path}[{i}]")]
    if not isinstance(value, dict):
        return []
    found = []
    for key, inner in value.items():
        bare = inner is None or (key.endswith("ci95") and inner == [None, None])
        explained = bool(value.get("reason") or value.get(f"{key}_reason") or value.get(f"{key[:-8]}_reason"))
        if bare and not key.endswith("reason") and not explained:
            found.append(f"{path}.{key}")
        found += _nulls_without_a_reason(inner, f"{path}.{key}")
    return found


OUTCOME_LINE = st.sampled_from([None, "ERROR: a line"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(OUTCOMES),
            st.floats(1, 1e7) | st.none(),
            st.sampled_from([(), ("suspended",), ("throttled",)]),
            OUTCOME_LINE,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_value_is_missing_without_a_reason(
    cases: list[tuple[str, float | None, tuple[str, ...], str | None]],
) -> None:
    sessions = [
        session(f"b/{n}", outcome=outcome, inference_avg_us=us, flags=flags, outcome_line=line, memory=None,
                delegation=Delegation())
        for n, (outcome, us, flags, line) in enumerate(cases)
    ]  # fmt: skip
    (row,) = build_document(run_of(*sessions))["rows"]
    # A row that went well has no line, and the source of a proof is no quantity.
    allowed = {".outcome_line", ".serial", ".delegation.source"}
    assert set(_nulls_without_a_reason({k: v for k, v in row.items() if k != "tier_reason"})) <= allowed
    json.dumps(row, allow_nan=False)


def test_the_same_run_gives_the_same_document_whatever_the_order_of_its_sessions() -> None:
    sessions = [
        *repeated("b1", 1000, 1001, 1002, phone_id="P1"),
        *repeated("b2", 3000, 3001, 3002, phone_id="P2", key=GPU),
    ]
    forward = build_document(run_of(*sessions, phones=2))
    backward = build_document(run_of(*reversed(sessions), phones=2))
    assert [r["latency_ms"] for r in forward["rows"]] == [r["latency_ms"] for r in backward["rows"]]
    assert forward["tiers"] == backward["tiers"]
