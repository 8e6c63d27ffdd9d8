"""The app against the shell in a report: the ratio, or why there is none, and which of the two decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.records import Delegation, Runtime, SessionKey, SessionRecord
from harness.report.answers import find_answers, limits
from harness.report.document import build_document
from harness.report.verdict import verdicts
from tests.report.runs import repeated, run_of

CPU, GPU = (SessionKey("m", "v", d, {}, 4) for d in ("cpu", "gpu"))
APK = Runtime("tflite", None, "a" * 64)


def timed(context: str, key: SessionKey, us: float, **fields: Any) -> list[SessionRecord]:
    more = {"runtime": APK} if context == "app" else {}
    times = [us * factor for factor in (0.99, 1.0, 1.01, 1.005)]
    return repeated(f"{context}{key.delegate}", *times, key=key, context=context, **{**more, **fields})


def document(*groups: list[SessionRecord]) -> dict[str, Any]:
    return build_document(run_of(*(s for group in groups for s in group)))


def ratio(*groups: list[SessionRecord]) -> dict[str, Any]:
    (row,) = (r for r in document(*groups)["rows"] if r["context"] == "app")
    found: dict[str, Any] = row["app_ratio"]
    return found


def test_the_ratio_and_its_verdict() -> None:
    found = ratio(timed("shell", GPU, 1000), timed("app", GPU, 550))
    assert found["value"] == pytest.approx(0.55) and found["verdict"] == "faster" and found["reason"] is None
    assert found["ci95"][0] < 0.55 < found["ci95"][1]
    assert ratio(timed("shell", CPU, 1000), timed("app", CPU, 2000))["verdict"] == "slower"
    assert ratio(timed("shell", CPU, 1000), timed("app", CPU, 1010))["verdict"] == "same"


def test_why_there_is_none() -> None:
    shell = timed("shell", GPU, 1000)
    litert = [replace(s, runtime=Runtime("litert", None, "b" * 64)) for s in shell]
    refused = timed("app", GPU, 1, outcome="refused", outcome_line="it is locked")
    other = timed("app", GPU, 500, delegation=Delegation("partially", 3, 9, 2, "log"))
    for groups, said in (
        ([timed("app", GPU, 500)], "was not run from the shell"),
        ([timed("shell", CPU, 500), timed("app", GPU, 500)], "was not run from the shell"),
        ([litert, timed("app", GPU, 500)], "the two are different programs"),
        ([shell, refused], "there is no figure from the app: refused"),
        ([timed("shell", GPU, 1, outcome="fallback"), timed("app", GPU, 500)], "no figure from the shell: fallback"),
        ([shell, other], "the delegate took 3 nodes in the app and 9 from the shell"),
    ):
        found = ratio(*groups)
        assert found["value"] is None and found["verdict"] is None and said in found["reason"], found
    few = ratio(shell[:2], timed("app", GPU, 500)[:2])
    assert few["value"] is None and few["verdict"] == "undecided" and "too few" in few["reason"]


def test_tiers_do_not_mix_contexts() -> None:
    entries = document(timed("shell", GPU, 1000), timed("app", GPU, 500))["tiers"]
    assert [(e["context"], e["phones"], e["median_ms"]) for e in entries] == [
        ("app", 1, pytest.approx(0.50125)), ("shell", 1, pytest.approx(1.0025)),
    ]  # fmt: skip


def test_the_app_decides_where_it_has_all_candidates() -> None:
    # From the shell the CPU wins, in the app the GPU does.
    found = document(
        timed("shell", CPU, 900), timed("shell", GPU, 1000), timed("app", CPU, 900), timed("app", GPU, 500)
    )
    (answer,) = find_answers(found)
    assert answer.best is not None and (answer.best["delegate"], answer.best["context"]) == ("gpu", "app")
    assert answer.verdict == "clearly ahead of CPU 4 threads in the app beyond the intervals"
    (sentence,) = verdicts(found)
    assert "GPU 0.501 ms" in sentence and "from the shell" not in sentence
    assert "0.500 times the shell's time" in sentence
    assert any('do not say "in the app"' in line for line in limits(found))


def test_else_the_shell_decides_and_it_is_said() -> None:
    groups = timed("shell", CPU, 900), timed("shell", GPU, 1000), timed("app", GPU, 500)
    found = document(*groups)
    (answer,) = find_answers(found)
    assert answer.best is not None and (answer.best["delegate"], answer.best["context"]) == ("cpu", "shell")
    assert answer.verdict.endswith("; from the shell, as not all have a figure from the app")
    (sentence,) = verdicts(found)
    assert "from the shell, as not all have a figure from the app" in sentence


def test_a_run_of_the_app_alone_decides_by_it() -> None:
    found = document(timed("app", CPU, 900), timed("app", GPU, 500))
    (answer,) = find_answers(found)
    assert answer.best is not None and answer.best["context"] == "app"
    assert not any("shell" in line for line in limits(found))
