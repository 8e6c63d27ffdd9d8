"""Protocols and adaptive repeats as a user runs them, on virtual phones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.racks import MODELS, harness, rack_server

INT8 = str(MODELS / "digits_int8.tflite")
FAST = ("--num-runs", "3", "--min-secs", "0.2", "--warmup-min-secs", "0.1")


def rows(out: str) -> dict[str, dict[str, Any]]:
    return {row["delegate"]: row for row in json.loads(out)["rows"]}


def test_a_first_load_is_slower_where_the_delegate_keeps_what_it_compiled(tmp_path: Path) -> None:
    done = harness("bench", INT8, "--virtual", "1", "--rate", "5", "--protocol", "cold", "--sessions", "3",
                   *FAST, "--out", str(tmp_path), "--json")  # fmt: skip
    assert done.code == 0, done.err
    found = rows(done.out)
    gpu, cpu = found["gpu"]["cold"], found["cpu"]["cold"]
    assert gpu["sessions"] == 3 and gpu["init_ratio"]["value"] > 1.5 and gpu["init_ms"] > gpu["warm_init_ms"]
    assert 0.7 < cpu["init_ratio"]["value"] < 1.4, "the CPU keeps nothing"
    assert gpu["cleared"] == ["what delegates keep"] and gpu["not_cleared"] == ["the page cache, which needs root"]
    assert found["gpu"]["sessions"] == 3


def test_a_chain_gives_a_curve_and_cool_latency(tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(
        f"models: [{json.dumps(INT8)}]\ndelegates: [cpu]\nsessions: 1\n"
        "protocol: {name: sustained, chain_s: 40, min_secs: 10, cooldown_timeout_s: 1}\n"
    )
    done = harness("run", str(suite), "--virtual", "1", "--rate", "5", "--out", str(tmp_path), "--json")
    assert done.code == 0, done.err
    row = rows(done.out)["cpu"]
    assert row["sustained"]["chains"] == 1 and len(row["sustained"]["curve"]) == 4
    assert row["sessions"] == 1 and row["latency_ms"]["median"] == row["sustained"]["start_ms"]["value"]
    seconds = [s for s, _ in row["sustained"]["curve"]]
    assert seconds == sorted(seconds) and seconds[0] >= 10


def test_repeats_go_on_to_the_budget_or_the_width_and_over_a_killed_command(tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(
        f"models: [{json.dumps(INT8)}]\ndelegates: [cpu, gpu]\nsessions: 3\nrepeats: {{within_pct: 0.1, most: 9}}\n"
        "protocol: {min_secs: 0.2, num_runs: 3, warmup_min_secs: 0.1, cooldown_timeout_s: 0}\n"
    )
    with rack_server(1) as (server, _):
        env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}
        words = ("run", str(suite), "--out", str(tmp_path / "runs"))
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *words], env={**os.environ, **env}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        journal = None
        for _ in range(600):
            time.sleep(0.1)
            journal = next(iter((tmp_path / "runs").glob("*/journal.jsonl")), None)
            # In the midst of what was not planned at first.
            if journal and journal.read_text().count('"session"') >= 8:
                break
        process.kill()
        process.wait()
        assert journal is not None
        done = harness(*words, "--resume", str(journal.parent), "--json", env=env)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["run"]["finished"] and list(document["run"]["planned"].values()) == [18]
    for row in document["rows"]:
        assert row["sessions_run"] == 9 and row["repeats"]["why"].startswith("budget of 9 sessions spent")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    ids = Counter(line["session"]["session_id"] for line in lines if "session" in line)
    assert len(ids) == 18 and set(ids.values()) == {1}
    blocks = {name.rpartition("/")[0] for name in ids}
    assert len(blocks) > 1 and sum(not b.endswith(("-r2", "-r3", "-r4")) for b in blocks) == 1


def test_protocols_are_listed_with_what_they_guarantee() -> None:
    shown, listed = harness("protocols"), harness("protocols", "--json")
    names = [row["name"] for row in json.loads(listed.out)["rows"]]
    assert names == ["quick", "standard", "energy", "sustained", "cold"]
    assert all(f"{name}: " in shown.out for name in names) and "No figure while anything charges" in shown.out
    assert harness("bench", INT8, "--virtual", "1", "--protocol", "fast").code == 2
