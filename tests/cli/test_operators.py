"""Memory and operators as a user asks for them: bench with details, the report, and profiles side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.racks import MODELS, harness

FAST = ("--min-secs", "0.1", "--warmup-min-secs", "0.05", "--num-runs", "3", "--sessions", "1")
MODEL = str(MODELS / "digits_int8.tflite")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs")
    words = ("--virtual", "1", "--profile", "pixel-8-pro", "--delegate", "cpu,gpu", "--details", "operators,memory")
    done = harness("bench", MODEL, *words, *FAST, "--out", str(out))
    assert done.code == 0, done.err
    assert "2 sessions, 2 for memory and 2 for operators on 1 phone" in done.err
    (folder,) = out.iterdir()
    return folder


def test_the_report_keeps_parts_apart_and_times_out(run: Path) -> None:
    document = json.loads(harness("report", str(run), "--format", "json").out)
    cpu, gpu = document["rows"]
    for row in (cpu, gpu):
        assert (row["sessions"], row["sessions_run"]) == (1, 1), "sessions for details give no latency"
        memory = row["memory_mb"]
        assert memory["anon"] < memory["vm_hwm"] and 0 < memory["pss"] <= memory["vm_hwm"]
        assert memory["phases"]["run"] is not None and memory["swap"] == 0
    assert cpu["memory_mb"]["gpu"] == 0 < gpu["memory_mb"]["gpu"]
    assert gpu["operators"]["units"][0]["unit"] == "gpu" and gpu["operators"]["total_ms"] > 0
    page = harness("report", str(run), "--format", "html").out
    assert "Memory in parts" in page and ">Operators<" in page


def test_profiles_side_by_side(run: Path) -> None:
    done = harness("operators", str(run), "--against", "gpu")
    assert done.code == 0 and "convolution, fully connected" in done.out and "virtual" in done.out
    found = json.loads(harness("operators", str(run), "--against", "gpu", "--json").out)
    (table,) = found["tables"]
    assert found["schema"] == 1 and [c["delegate"] for c in table["conditions"]] == ["gpu", "cpu"]
    assert table["conditions"][0]["ratio"] == 1.0 and table["provenance"] == "virtual"


def test_what_cannot_be_compared_is_said(run: Path, tmp_path: Path) -> None:
    done = harness("operators", str(run), "--against", "npu")
    assert done.code == 2 and "use one of cpu, digits_int8, gpu" in done.err
    done = harness("operators", str(run), "--model", "other")
    assert done.code == 2 and "no profile of 'other'" in done.err
    done = harness("bench", MODEL, "--virtual", "1", "--details", "heap", *FAST, "--out", str(tmp_path))
    assert done.code == 2 and "details" in done.err, done.err
    bare = harness("bench", MODEL, "--virtual", "1", "--delegate", "cpu", *FAST, "--out", str(tmp_path))
    assert bare.code == 0, bare.err
    done = harness("operators", str(next(tmp_path.iterdir())))
    assert done.code == 2 and "no profile of operators" in done.err and "--details operators" in done.err
