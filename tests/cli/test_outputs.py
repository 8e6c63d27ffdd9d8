"""Outputs checked as a user asks for it: right phones, wrong ones, other programs, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.virtual.standin import standin_bytes
from tests.racks import MODELS, harness, rack_server

FAST = ("--min-secs", "0.1", "--warmup-min-secs", "0.05", "--num-runs", "3", "--sessions", "1")
INT8, FLOAT32 = (str(MODELS / f"digits_{v}.tflite") for v in ("int8", "float32"))
DIGITS = str(MODELS / "digits_inputs.npz")


def rows(text: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(r["device"], r["model"], r["delegate"]): r for r in json.loads(text)["rows"]}


@pytest.mark.slow
def test_a_wrong_delegate_is_found_on_each_phone_and_only_there(tmp_path: Path) -> None:
    faults = tmp_path / "f.yaml"
    faults.write_text(
        "0: {wrong_outputs: {delegate: gpu, how: channel_swap}}\n1: {wrong_outputs: {delegate: nnapi, how: constant}}\n"
        "2: {wrong_outputs: {delegate: cpu, how: noise}}\n"
    )
    kinds = ("pixel-8-pro", "galaxy-a53", "galaxy-s23")
    phones = [word for kind in kinds for word in ("--profile", kind)]
    words = ["bench", INT8, FLOAT32, *phones, "--virtual", "3", "--faults", str(faults), "--delegate", "cpu,gpu,nnapi"]
    done = harness(*words, *FAST, "--inputs", DIGITS, "--out", str(tmp_path / "runs"), "--json")
    assert done.code == 1, "a wrong output is something that was found wrong"
    found = rows(done.out)
    devices = {"Google Pixel 8 Pro": "gpu", "samsung SM-A536B": "nnapi", "samsung SM-S911B": "cpu"}
    assert len(found) == 3 * 2 * 3
    for (device, _, delegate), row in found.items():
        broken = devices[device] == delegate
        assert row["agreement"]["verdict"] == ("wrong" if broken else "agrees"), row
        assert (row["outcome"], row["latency_ms"]["median"] is None) == (
            ("wrong_output", True) if broken else ("ok", False)
        )
        assert row["agreement"]["source"] == "digits_inputs.npz" and row["agreement"]["inputs"] == 3
    assert done.err.count("wrong output (input 0: ") == 5, "one line a condition, five at most"
    (folder,) = (tmp_path / "runs").iterdir()
    assert len(list(folder.glob("raw/*/s/*/output.bin"))) == 3 * 2 * 3 * 3
    assert len(list(folder.glob("outputs/*/in-*.bin"))) == 2 * 3
    shown = harness("report", str(folder))
    assert "wrong output" in shown.out and "6 × wrong output" in shown.out


def test_random_inputs_are_called_so(tmp_path: Path) -> None:
    done = harness(
        "bench", INT8, "--virtual", "1", "--delegate", "cpu", *FAST, "--check-outputs", "--out", str(tmp_path)
    )
    assert done.code == 0, done.err
    assert "equal" in done.out and "checked on random inputs" in done.out
    assert "1 session and 3 for outputs on 1 phone" in done.err


def test_the_other_program_writes_no_outputs(tmp_path: Path) -> None:
    program = tmp_path / "benchmark_model"
    program.write_bytes(standin_bytes("litert"))
    words = ["bench", INT8, "--virtual", "1", "--binary", str(program), "--delegate", "cpu,gpu", *FAST]
    done = harness(*words, "--check-outputs", "--json", "--out", str(tmp_path / "r"))
    assert done.code == 0, done.err
    for row in rows(done.out).values():
        assert row["outcome"] == "ok" and row["agreement"]["verdict"] is None
        assert row["agreement"]["reason"].startswith("not possible: this program has no --input_layer, ")


def test_the_plan_shows_them_last(tmp_path: Path) -> None:
    words = ["bench", INT8, "--virtual", "1", "--delegate", "cpu", *FAST, "--check-outputs", "--dry-run"]
    plan = json.loads(harness(*words, "--json").out)["rows"][0]["sessions"]
    assert [s["outputs_input"] for s in plan] == [None, 0, 1, 2]
    assert "outputs of input 2" in harness(*words).out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.npz", "there is no file"),
        ("text.npz", "is no file of plain arrays"),
        ("shape.npz", "input 'image' is 64 × 64 × 1, and an example is 3"),
        ("nan.npz", "holds values that are no numbers"),
    ],
)
def test_bad_inputs_are_one_sentence(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no array")
    np.savez(tmp_path / "shape.npz", x=np.zeros((2, 3)))
    np.savez(tmp_path / "nan.npz", x=np.full((1, 64, 64, 1), np.nan))
    done = harness("bench", INT8, "--virtual", "1", "--inputs", str(tmp_path / name), "--out", str(tmp_path / "r"))
    assert done.code == 2 and said in done.err and "Traceback" not in done.err
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_a_resume_checks_what_is_left_and_refuses_other_inputs(tmp_path: Path) -> None:
    with rack_server(1) as (server, _):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        suite = tmp_path / "s.yaml"
        text = f"models: [{{name: m, path: {INT8}}}]\ndelegates: [cpu]\nsessions: 1\nprotocol: {{min_secs: 0.1, num_runs: 3}}\n"
        suite.write_text(f"{text}outputs: {{inputs: {DIGITS}}}\n")
        done = harness("run", str(suite), "--out", str(tmp_path / "runs"), "--json", env=env)
        assert done.code == 0, done.err
        folder = Path(json.loads(done.out)["run"]["path"])
        journal = folder / "journal.jsonl"
        kept = [line for line in journal.read_text().splitlines(keepends=True) if '/0002"' not in line]
        assert len(kept) == len(journal.read_text().splitlines()) - 1
        journal.write_text("".join(kept))
        again = harness("run", str(suite), "--resume", str(folder), "--json", env=env)
        assert again.code == 0, again.err
        (row,) = json.loads(again.out)["rows"]
        assert row["agreement"]["inputs"] == 3 and row["sessions"] == 1
        suite.write_text(f"{text}outputs: {{}}\n")
        other = harness("run", str(suite), "--resume", str(folder), env=env)
        assert other.code == 2 and "a run of another suite (see outputs in its run.json)" in other.err


def test_in_portable_mode(tmp_path: Path) -> None:
    """Input files lie below PHONE_ROOT there."""
    with rack_server(1, "--mode", "portable") as (server, _):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        words = ["bench", INT8, "--delegate", "gpu", *FAST, "--inputs", DIGITS, "--json", "--out", str(tmp_path)]
        done = harness(*words, env=env)
    assert done.code == 0, done.err
    (row,) = rows(done.out).values()
    assert (row["outcome"], row["agreement"]["verdict"], row["agreement"]["inputs"]) == ("ok", "agrees", 3)
