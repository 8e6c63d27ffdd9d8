"""`harness variants lint` as a user runs it, on models and against runs of virtual phones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.racks import MODELS, Done, harness

FAST = ("--sessions", "1", "--min-secs", "0.1", "--warmup-min-secs", "0.1", "--num-runs", "3", "--rate", "5")


def lint(*words: str) -> Done:
    """The command."""
    return harness("variants", "lint", *words)


def document(*words: str) -> dict[str, Any]:
    """The command's JSON document."""
    done = lint(*words, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def model(name: str) -> str:
    """A model of the tests."""
    return str(MODELS / f"{name}.tflite")


def test_for_people() -> None:
    done = lint(model("partial_gpu"), model("digits_int8"))
    assert done.code == 0 and not done.err
    rows = [line.split() for line in done.out.splitlines()]
    assert ["gpu", "partially", "1", "of", "3", "2", "50.0", "%"] in [row[:8] for row in rows]
    assert ["xnnpack", "partially", "7", "of", "9", "4", "0", "%"] in [row[:8] for row in rows]
    assert "SOFTMAX" in done.out and "other than floating point" in done.out
    assert rows[-1][:4] == ["2", "of", "6", "pairs"] and max(map(len, done.out.splitlines())) <= 150


def test_for_programs() -> None:
    found = document(model("partial_gpu"), "--delegate", "gpu,xnnpack", "--delegate", "npu")
    (entry,) = found["models"]
    assert found["schema"] == 1 and found["run"] is None and entry["nodes"] == 3 and entry["subgraphs"] == 1
    gpu, xnnpack, npu = entry["delegates"]
    assert (gpu["delegate"], gpu["extent"], gpu["nodes_delegated"], gpu["nodes_total"]) == ("gpu", "partially", 1, 3)
    assert (gpu["partitions"], gpu["kernels"], gpu["macs_cpu_share"]) == (2, 1, 0.5)
    assert gpu["without_limit"] == {"nodes_delegated": 2, "kernels": 2}
    assert gpu["groups"] == [{"delegated": True, "nodes": [0]}, {"delegated": False, "nodes": [1, 2]}]
    (finding,) = gpu["findings"]
    assert (finding["node"], finding["op"], finding["layer"]) == (1, "ATAN2", "Atan2") and finding["reason"]
    assert (xnnpack["partitions"], xnnpack["macs_cpu_share"]) == (3, 0.0)
    assert npu["extent"] is None and "SoC" in npu["extent_reason"] and npu["nodes_at_most"] == 2
    assert npu["macs_cpu_share"] is None and npu["macs_cpu_share_reason"]


def test_strict_is_for_scripts() -> None:
    assert lint(model("digits_float32"), "--strict").code == 0
    assert lint(model("digits_int8"), "--strict").code == 1
    assert lint(model("digits_int8"), "--delegate", "gpu", "--strict").code == 0
    assert lint(model("digits_float32"), "--delegate", "npu", "--strict").code == 1, "unknown is not completely"


def test_android_decides_what_nnapi_takes() -> None:
    for sdk, extent in ((26, "none"), (28, "partially"), (30, "completely")):
        (entry,) = document(model("digits_int8"), "--delegate", "nnapi", "--android", str(sdk))["models"]
        assert entry["delegates"][0]["extent"] == extent, sdk


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no model was given"),
        (
            (model("digits_int8"), "--delegate", "tpu"),
            "there is no table of 'tpu'; choose from gpu, nnapi, xnnpack, npu",
        ),
        ((model("digits_int8"), "--delegate", "cpu"), "the CPU's is xnnpack"),
        ((model("digits_int8"), "--delegate", ","), "--delegate is empty"),
        (("nowhere.tflite",), "cannot be read"),
        (("--run", "nowhere"), "is no run folder"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], told: str) -> None:
    done = lint(*words)
    assert done.code == 2 and told in done.err and "Traceback" not in done.err


def bench(out: Path, *words: str) -> Path:
    """A run of virtual phones."""
    done = harness("bench", *words, *FAST, "--out", str(out), "--json")
    assert done.code == 0, done.err
    return Path(json.loads(done.out)["run"]["path"])


def test_virtual_phones_do_what_the_tables_say(tmp_path: Path) -> None:
    """Every model of the tests on a phone without restrictions: table and phone are separate data, and agree."""
    names = ("digits_float32", "digits_float16", "digits_int8", "partial_gpu", "dynamic", "flex")
    run = bench(tmp_path, *map(model, names), "--profile", "pixel-8-pro", "--delegate", "cpu,gpu,nnapi")
    found = document("--run", str(run))
    assert len(found["models"]) == len(names), "the run's own models, found where its command line names them"
    rows = {(r["model"], r["delegate"]): r for r in found["run"]["rows"]}
    assert len(rows) == 3 * len(names)
    for (name, delegate), row in rows.items():
        assert row["verdict"] == ("not compared" if name == "flex" else "agrees"), (name, delegate, row)
    assert rows["digits_int8", "xnnpack"]["measured"]["nodes_delegated"] == 7
    assert lint("--run", str(run), model("digits_float32"), "--delegate", "gpu", "--strict").code == 0


def test_a_planted_difference_is_reported_by_phone(tmp_path: Path) -> None:
    """redmi-6a's GPU refuses SOFTMAX and 8-bit integers, which the table does not know."""
    run = bench(
        tmp_path, model("digits_float32"), model("digits_int8"), "--profile", "redmi-6a", "--profile", "pixel-8-pro",
        "--delegate", "gpu",
    )  # fmt: skip
    found = document("--run", str(run))
    rows = {(r["model"], r["android_sdk"]): r for r in found["run"]["rows"]}
    old, new = rows["digits_float32", 28], rows["digits_float32", 35]
    assert old["verdict"] == "differs" and old["reason"].endswith("delegated 8: it left SOFTMAX 8")
    assert (old["forecast"]["nodes_delegated"], old["measured"]["nodes_delegated"]) == (9, 8)
    assert old["nodes_left"] == [8] and old["nodes_extra"] == [] and new["nodes_left"] == []
    assert new["verdict"] == "agrees" and new["phone_id"] != old["phone_id"]
    assert rows["digits_int8", 28]["verdict"] == "differs" and rows["digits_int8", 35]["verdict"] == "agrees"
    shown = lint("--run", str(run))
    assert shown.code == 0 and "2 of 4 comparisons differ" in shown.out and old["phone_id"] in shown.out
    assert lint("--run", str(run), "--strict").code == 1


def test_a_model_that_is_gone_is_said(tmp_path: Path) -> None:
    moved = tmp_path / "moved.tflite"
    moved.write_bytes((MODELS / "partial_gpu.tflite").read_bytes())
    run = bench(tmp_path / "runs", str(moved), "--virtual", "1", "--delegate", "cpu")
    moved.unlink()
    (row,) = document("--run", str(run))["run"]["rows"]
    assert row["verdict"] == "not compared" and row["reason"] == "the model's file is not at hand"
    # A copy elsewhere is the same model: its content says so.
    (row,) = document("--run", str(run), model("partial_gpu"))["run"]["rows"]
    assert row["verdict"] == "agrees"


def test_a_run_of_a_suite_names_its_models(tmp_path: Path) -> None:
    suite = tmp_path / "suite.yaml"
    suite.write_text(f"models: [{model('partial_gpu')}]\ndelegates: [gpu]\nsessions: 1\n")
    done = harness("run", str(suite), "--virtual", "1", "--rate", "20", "--out", str(tmp_path / "runs"), "--json")
    assert done.code == 0, done.err
    found = document("--run", json.loads(done.out)["run"]["path"])
    assert [m["model"] for m in found["models"]] == [model("partial_gpu")]
    assert [r["verdict"] for r in found["run"]["rows"]] == ["agrees"]
