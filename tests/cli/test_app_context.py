"""`--context shell,app` as a user runs it: the figures of both, what decides, and what is missing."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.program import choose_app
from harness.errors import EnvironmentFault
from tests.racks import MODELS, harness
from tests.records import phone

INT8 = str(MODELS / "digits_int8.tflite")
FAST = ("--min-secs", "0.2", "--warmup-min-secs", "0.1", "--num-runs", "5")


def test_the_app_against_the_shell(tmp_path: Path) -> None:
    words = ("--context", "shell,app", "--delegate", "cpu,gpu", "--sessions", "3", "--profile", "pixel-6a")
    done = harness("bench", INT8, *words, *FAST, "--out", str(tmp_path), "--rate", "5", "--json", timeout=300)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    rows = {(r["context"], r["delegate"]): r for r in document["rows"]}
    assert set(rows) == {(c, d) for c in ("shell", "app") for d in ("cpu", "gpu")}
    assert {r["outcome"] for r in rows.values()} == {"ok"}
    # The law of this phone: no big core in an app, and a GPU that apps clock up.
    cpu, gpu = rows["app", "cpu"]["app_ratio"], rows["app", "gpu"]["app_ratio"]
    assert cpu["verdict"] == "slower" and 2.2 < cpu["value"] < 3.1, "2902 over 1102 of capacity"
    assert gpu["verdict"] == "faster" and gpu["ci95"][0] < gpu["value"] < gpu["ci95"][1] < 1
    assert rows["shell", "cpu"]["app_ratio"]["value"] is None and rows["shell", "cpu"]["app_ratio"]["reason"]
    assert {e["context"] for e in document["tiers"]} == {"shell", "app"} and len(document["tiers"]) == 4
    path = document["run"]["path"]
    assert document["run"]["suite"]["contexts"] == ["shell", "app"]
    table = harness("report", path).out
    assert "GPU in the app" in table and "times the shell's" in table
    markdown = harness("report", path, "--format", "md").out
    assert "| app over shell |" in markdown and "GPU in the app," in markdown.split("What this run")[0]
    header, *lines = harness("report", path, "--format", "csv").out.splitlines()
    assert "app_ratio,app_ratio_ci95_lo,app_ratio_ci95_hi,app_ratio_verdict,app_ratio_reason" in header
    assert len(lines) == 4
    page = tmp_path / "r.html"
    assert harness("report", path, "--format", "html", "--out", str(page)).code == 0
    assert "In an app's shoes" in page.read_text()


def test_what_cannot_be_run_in_the_app_is_said_in_the_plan(tmp_path: Path) -> None:
    words = ("--context", "shell,app", "--delegate", "cpu:affinity=f0,gpu", "--virtual", "1", "--dry-run")
    plan = json.loads(harness("bench", INT8, *words, "--out", str(tmp_path), "--json").out)
    assert [(s["what"], "cannot pin" in s["reason"]) for s in plan["skipped"]] == [("cpu:affinity=f0 in the app", True)]
    found = [(s["context"], s["delegate"]) for s in plan["rows"][0]["sessions"]]
    assert sorted(set(found)) == [("app", "gpu"), ("shell", "cpu"), ("shell", "gpu")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--context", "app,desk"), "contexts"),
        (("--context", "app,app"), "context 'app' is named twice"),
        (("--apk", INT8), "--apk is for sessions in the app"),
        (("--context", "app", "--apk", INT8), "is no APK, or was cut short; give the official benchmark app's APK"),
    ],
)
def test_wrong_usage(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = harness("bench", INT8, "--virtual", "1", "--out", str(tmp_path / "runs"), *words)
    assert done.code == 2 and said in done.err, done.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("abi", "said"),
    [
        (
            "arm64-v8a",
            "--offline forbids to fetch .*; run `harness binaries fetch --abi arm64-v8a --flavour tflite-apk`",
        ),
        ("x86_64", "no official Android build of tflite-apk for x86_64; give a build of your own with --apk"),
    ],
)
def test_a_missing_app_is_one_sentence_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abi: str, said: str
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    real = replace(phone(abilist=(abi,)), provenance="real")
    with contextlib.ExitStack() as stack, pytest.raises(EnvironmentFault, match=said):
        choose_app(real, None, stack, True, {})
