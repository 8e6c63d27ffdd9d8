"""What the stages of a cascade cost, from a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.accuracy.cascade_cost import cost_from_report, download_bytes, given_cost
from harness.errors import UsageError


def row(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "phone_id": "P1", "serial": "usb:1", "device": "Pixel 6a", "provenance": "virtual", "model": "net",
        "variant": "int8", "delegate": "cpu", "outcome": "ok", "latency_ms": {"median": 4.0},
        "energy_mj": {"value": None, "reason": "charging over USB"},
    }  # fmt: skip
    return {**made, **changes}


ROWS = [
    row(),
    row(delegate="gpu", latency_ms={"median": 2.0}, energy_mj={"value": 9.0, "reason": None}),
    row(delegate="nnapi", outcome="refused", latency_ms={"median": None}),
    row(variant="float32", outcome="crash", latency_ms={"median": None}),
]


def test_the_fastest_row_of_the_model_counts() -> None:
    cost = cost_from_report(ROWS, Path("out/int8.tflite"), None, None)
    assert (cost.ms.value, cost.mj.value, cost.ms.source) == (2.0, 9.0, "virtual: Pixel 6a, gpu")
    on_cpu = cost_from_report(ROWS, Path("int8.tflite"), "usb:1", "cpu")
    assert on_cpu.ms.value == 4.0 and on_cpu.mj.value is None and on_cpu.mj.reason == "charging over USB"


def test_what_was_given_stands_over_what_was_measured() -> None:
    cost = given_cost(1.5, None, "light").over(cost_from_report(ROWS, Path("int8.tflite"), None, None))
    assert (cost.ms.value, cost.ms.source, cost.mj.value) == (1.5, "given", 9.0)
    assert given_cost(None, None, "cloud").ms.reason == "not given (--cloud-ms, or --run)"


@pytest.mark.parametrize(
    ("rows", "model", "phone", "delegate", "said"),
    [
        (ROWS, "int8", "P9", None, "the run has no phone 'P9'; it has P1 (Pixel 6a)"),
        ([*ROWS, row(phone_id="P2")], "int8", None, None, "choose one with --phone"),
        (ROWS, "other", None, None, "no model 'other'; it has net float32, net int8"),
        (ROWS, "float32", None, None, "no figure on that phone (cpu: crash)"),
        (ROWS, "int8", None, "nnapi", "no figure on that phone"),
        ([], "int8", None, None, "it is empty"),
    ],
)
def test_what_the_run_does_not_have(
    rows: list[dict[str, Any]], model: str, phone: str | None, delegate: str | None, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        cost_from_report(rows, Path(f"{model}.tflite"), phone, delegate)
    assert said in str(refused.value)


def test_downloads_are_added_up(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(bytes(1000))
    one, two = (download_bytes([tmp_path / n for n in names]) for names in ("a", "ab"))
    assert (
        two["file_bytes"] == 2000 == 2 * one["file_bytes"] and two["deflated_bytes"] == 2 * one["deflated_bytes"] < 100
    )
