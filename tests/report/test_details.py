"""Rows, comparisons and the page of runs that looked into memory and operators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.records import (
    MEMORY_PARTS,
    MemoryRecord,
    OperatorProfile,
    OperatorTime,
    Quantity,
    SessionKey,
    SessionRecord,
)
from harness.report.document import build_document
from harness.report.families import family, plain_type
from harness.report.html import to_html
from harness.report.operators import axis_of, profiled, tables
from tests.records import phone, session
from tests.report.runs import repeated, run_of, run_on

XNN = OperatorProfile(
    "proto",
    (
        OperatorTime("Convolution (NHWC, F32) IGEMM", "Delegate/Convolution (NHWC, F32) IGEMM:0", 0.5, unit="xnnpack"),
        OperatorTime(
            "Fully Connected (NC, F32) GEMM", "Delegate/Fully Connected (NC, F32) GEMM:1", 0.2, unit="xnnpack"
        ),
        OperatorTime("ATAN2", "[x]:7", 0.3, node=7, unit="cpu"),
        OperatorTime("ADD", "[y]:0", 9.0, unit="cpu", part="inside"),
    ),
)
INT8 = OperatorProfile(
    "proto",
    (
        OperatorTime("Convolution (NHWC, QS8, QC8W) IGEMM", "Delegate/…:0", 0.25, unit="xnnpack"),
        OperatorTime("ATAN2", "[x]:7", 0.3, node=7, unit="cpu"),
    ),
)
GPU = OperatorProfile("proto", (OperatorTime("convolution_2d 0 -> relu 1", "Delegate/…:0", 1.4, unit="gpu"),))
LOOKED = MemoryRecord(
    vm_hwm_mb=Quantity(60.0, source="status"),
    anon_mb=Quantity(40.0),
    file_mb=Quantity(20.0),
    swap_mb=Quantity(0.0),
    pss_mb=Quantity(reason="kernel 4.9 has none"),
    gpu_mb=Quantity(12.0, source="driver"),
    phases_mb={"run": 1.5},
    phases_reason={"load": "no look", "compile": "no look"},
)


def key(delegate: str, variant: str = "float32", **options: str) -> SessionKey:
    return SessionKey("m", variant, delegate, options, 4)


def of(name: str, where: SessionKey, profile: OperatorProfile, **fields: Any) -> SessionRecord:
    return session(name, key=where, kind="operators", operators=profile, inference_avg_us=2200.0, **fields)


def detailed() -> list[SessionRecord]:
    return [
        *repeated("a", 1000.0, 1100.0, 1200.0, key=key("cpu")),
        session(
            "a/0010", key=key("cpu"), kind="memory", memory_detail=LOOKED, flags=("swapped",), inference_avg_us=9e6
        ),
        of("a/0011", key("cpu"), XNN),
    ]


def test_details_give_parts_and_no_latency() -> None:
    (row,) = build_document(run_of(*detailed()))["rows"]
    assert (row["sessions"], row["sessions_run"], row["latency_ms"]["median"]) == (3, 3, 1.1)
    memory = row["memory_mb"]
    assert [memory[p] for p in MEMORY_PARTS] == [60.0, 40.0, 20.0, 0.0, None, 12.0]
    assert memory["pss_reason"] == "kernel 4.9 has none" and memory["gpu_reason"] is None
    assert memory["sources"] == {"vm_hwm": "status", "gpu": "driver"}
    assert memory["phases"]["run"] == 1.5 and memory["phases"]["load"] is None
    assert memory["phases"]["load_reason"] == "no look" and memory["phases"]["run_reason"] is None
    assert (memory["init"], memory["overall"]) == (3.0, 4.0), "the program's own, of the timed sessions"
    assert "swapped" in row["flags"]
    found = row["operators"]
    assert (found["total_ms"], found["count"], found["source"], found["slowdown"]) == (1.0, 3, "proto", 2.0)
    assert [(u["unit"], u["share_pct"]) for u in found["units"]] == [("xnnpack", pytest.approx(70)), ("cpu", 30)]
    assert [(f["unit"], f["family"]) for f in found["families"]] == [
        ("xnnpack", "convolution, fully connected"),
        ("cpu", "ATAN2"),
    ]
    assert [t["node_type"] for t in found["top"]][:2] == ["Convolution (NHWC, F32) IGEMM", "ATAN2"]


def test_without_details_the_reasons_say_how_to_ask() -> None:
    (row,) = build_document(run_of(*repeated("a", 1000.0)))["rows"]
    assert all(
        row["memory_mb"][p] is None and "--details memory" in row["memory_mb"][f"{p}_reason"] for p in MEMORY_PARTS
    )
    assert row["operators"]["units"] == [] and "--details operators" in row["operators"]["reason"]


def test_what_was_refused_says_why() -> None:
    line = "this program profiles no operators"
    refused = session("a/0005", kind="operators", outcome="refused", outcome_line=line, inference_avg_us=None)
    (row,) = build_document(run_of(*repeated("a", 1000.0), refused))["rows"]
    assert row["outcome"] == "ok" and row["operators"]["reason"] == line
    killed = session("a/0006", kind="memory", outcome="killed", outcome_line="too little memory")
    (row,) = build_document(run_of(*repeated("a", 1000.0), killed))["rows"]
    assert row["outcome"] == "ok" and row["memory_mb"]["vm_hwm_reason"] == "too little memory"


def test_variants_on_the_same_units_are_matched_by_type() -> None:
    columns = profiled([of("a/1", key("cpu"), XNN), of("a/2", key("cpu", "int8"), INT8)])
    axis = axis_of(columns, "float32")
    assert axis == "variant"
    (table,) = tables(columns, axis, "float32")
    assert table["matched_by"] == "type" and [c["label"] for c in table["conditions"]] == ["float32", "int8"]
    rows = {r["operator"]: r for r in table["rows"]}
    assert rows["Convolution (NHWC) IGEMM"]["ratio"] == [1.0, 0.5]
    assert rows["Fully Connected (NC) GEMM"]["ratio"] == [1.0, None]
    assert "fused" in rows["Fully Connected (NC) GEMM"]["ratio_reason"][1]
    assert table["conditions"][1]["ratio"] == pytest.approx(0.55)


def test_delegates_are_matched_by_family() -> None:
    found = [of("a/1", key("gpu"), GPU), of("a/2", key("cpu"), XNN), of("a/3", key("cpu", xnnpack="off"), INT8)]
    columns = profiled([*found, of("a/4", key("nnapi"), GPU, outcome="fallback"), *repeated("b", 1.0)])
    assert axis_of(columns, None) == axis_of(columns, "gpu") == "delegate" and axis_of(columns, "none") is None
    (table,) = tables(columns, "delegate", "gpu")
    assert table["matched_by"] == "family"
    assert [c["label"] for c in table["conditions"]] == [
        "GPU", "CPU 4 threads", "CPU xnnpack=off 4 threads", "NNAPI (ran on the CPU)",
    ]  # fmt: skip
    first = table["rows"][0]
    assert first["operator"] == "convolution, fully connected" and first["ratio"][1] == pytest.approx(0.5)
    assert first["cells"][1] == {
        "ms": pytest.approx(0.7),
        "share_pct": pytest.approx(70),
        "count": 2,
        "units": ["xnnpack"],
    }
    (other,) = tables(columns, "delegate", "cpu:xnnpack=off")
    assert other["conditions"][0]["label"] == "CPU xnnpack=off 4 threads"


def test_phones_are_never_compared_with_each_other() -> None:
    columns = profiled([of("a/1", key("gpu"), GPU), of("b/1", key("cpu"), XNN, phone_id="P2")])
    assert [len(t["conditions"]) for t in tables(columns, "delegate", None)] == [1, 1]
    assert len(tables(columns, "delegate", "cpu")) == 1, "where the base did not run there is nothing to compare"


@pytest.mark.parametrize(
    ("node_type", "wanted"),
    [
        ("CONV_2D", "convolution, fully connected"),
        ("Convolution (NHWC, QC8) DWConv", "depthwise convolution"),
        ("depthwise_convolution 2 -> relu 3", "depthwise convolution"),
        ("Fully Connected (NC, F32) GEMM", "convolution, fully connected"),
        ("Mean (ND) Reduce2", "pooling, mean"),
        ("Max Pooling (NHWC, F32)", "pooling, mean"),
        ("softmax 3", "softmax"),
        ("Static Reshape (NC)", "moving data"),
        ("add 4 -> relu 5", "elementwise"),
        ("Clamp (NC)", "elementwise"),
        ("DEQUANTIZE", "changing types"),
        ("TfLiteNnapiDelegate", "TfLiteNnapiDelegate"),
        ("ATAN2", "ATAN2"),
    ],
)
def test_families(node_type: str, wanted: str) -> None:
    assert family(node_type) == wanted


def test_plain_types() -> None:
    assert plain_type("Convolution (NHWC, QS8, QC8W) IGEMM") == "Convolution (NHWC) IGEMM"
    assert plain_type("convolution_2d 2 -> relu 3") == "convolution_2d -> relu" and plain_type("CONV_2D") == "CONV_2D"


def test_the_page_shows_details_only_where_there_are_any() -> None:
    bare = run_of(*repeated("a", 1000.0, key=key("cpu")))
    page = to_html(build_document(bare), bare)
    assert "Memory in parts" not in page and ">Operators<" not in page and 'id="memory-terms"' not in page
    more = [session("b/0001", phone_id="P2", key=key("cpu")), of("b/0002", key("cpu"), XNN, phone_id="P2")]
    run = run_on((phone("P1"), phone("P2")), *detailed(), *more)
    page = to_html(build_document(run), run)
    assert page.count("Memory in parts") == 1 and 'id="memory-terms"' in page and ">Operators<" in page
    assert 'title="kernel 4.9 has none"' in page and "1 more phone" in page
    assert "slowest of 3: Convolution (NHWC, F32) IGEMM, 50.0 %" in page
    assert json.dumps(build_document(run)) == json.dumps(build_document(run))
