"""`harness variants cascade` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.accuracy.classifiers import classifiers, examples
from tests.racks import MODELS, harness


def cascade(folder: Path, *options: str, softmax: bool = True) -> tuple[int, dict[str, Any], str]:
    light, heavy = classifiers(folder, softmax=softmax)
    models = [str(light)] if "--cloud-accuracy" in options else [str(light), str(heavy)]
    data = str(examples(folder / "e.npz"))
    done = harness("variants", "cascade", *models, "--dataset", data, "--json", *options)
    return done.code, json.loads(done.out) if done.out else {}, done.err


def test_a_target_is_reached_with_the_smallest_share(tmp_path: Path) -> None:
    code, found, _ = cascade(tmp_path, "--min-accuracy", "88", "--light-ms", "2", "--heavy-ms", "7")
    assert code == 0 and found["schema"] == 1 and found["examples"] == 400 and not found["softmax"]
    best, light, heavy = found["recommended"], found["light"], found["heavy"]
    assert light["accuracy_pct"] < 75 < 88 <= best["accuracy_pct"] < 89 and heavy["accuracy_pct"] > 90
    assert best["expected_ms"] == pytest.approx(2 + 7 * best["escalated_pct"] / 100)
    low, high = best["accuracy_ci95_pct"]
    assert low < best["accuracy_pct"] < high and best["expected_mj"] is None
    assert "--light-mj" in best["expected_mj_reason"] and light["ms_source"] == "given"
    download = found["first_download"]
    assert download["light"]["file_bytes"] == (tmp_path / "light.tflite").stat().st_size
    assert download["both"]["deflated_bytes"] > download["light"]["deflated_bytes"]
    assert [r["escalated"] for r in found["rows"]] == sorted(r["escalated"] for r in found["rows"])


def test_a_budget_and_thresholds_of_ones_own(tmp_path: Path) -> None:
    code, found, _ = cascade(tmp_path, "--max-escalated", "20", "--thresholds", "0.4:1:7")
    assert code == 0 and [r["threshold"] for r in found["rows"]] == pytest.approx([0.4 + n / 10 for n in range(7)])
    assert 10 < found["recommended"]["escalated_pct"] <= 20 and found["recommended"]["expected_ms"] is None


def test_the_cloud_is_no_download_and_its_accuracy_an_assumption(tmp_path: Path) -> None:
    code, found, _ = cascade(tmp_path, "--cloud-accuracy", "99", "--light-ms", "2", "--cloud-ms", "120")
    assert code == 0 and found["first_download"]["both"] is None and found["heavy"]["cloud"]
    last = found["rows"][-1]
    assert last["accuracy_pct"] == pytest.approx(99) and last["accuracy_ci95_pct"] == [None, None]
    assert "assumed" in last["accuracy_reason"] and last["expected_ms"] == pytest.approx(122)


def test_out_of_reach_is_exit_1(tmp_path: Path) -> None:
    code, found, _ = cascade(tmp_path, "--min-accuracy", "99.9")
    assert code == 1 and found["recommended"] is None


def test_logits_are_told(tmp_path: Path) -> None:
    assert cascade(tmp_path, softmax=False)[1]["softmax"] is True


def test_pictures_and_words(tmp_path: Path) -> None:
    light, heavy = (str(p) for p in classifiers(tmp_path))
    data = str(examples(tmp_path / "e.npz"))
    picture = tmp_path / "c.svg"
    arguments = ("variants", "cascade", light, heavy, "--dataset", data, "--min-accuracy", "88")
    done = harness(*arguments, "--light-ms", "2", "--heavy-ms", "7", "--plot", str(picture))
    assert done.code == 0 and "Recommended: threshold" in done.out and "check it on others" in done.out
    assert "Energy is not known" in done.out and "First download" in done.out
    drawn = picture.read_text()
    assert "escalated, % of the examples" in drawn and "expected latency, ms (given)" in drawn
    assert harness(*arguments, "--plot", str(tmp_path / "c.txt")).code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--thresholds", "1"), "write FROM:TO:STEPS"),
        (("--thresholds", "0:nan:3"), "write FROM:TO:STEPS"),
        (("--cloud-ms", "5"), "add --cloud"),
        (("--cloud", "--heavy-ms", "5"), "give --cloud-ms"),
        (("--labels", "none"), "no array 'none'"),
        (("--run", "nowhere"), "is no run folder"),
    ],
)
def test_wrong_usage(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    code, _, err = cascade(tmp_path, *options)
    assert code == 2 and said in err


def test_models_that_cannot_be_a_cascade(tmp_path: Path) -> None:
    light, _ = classifiers(tmp_path)
    data = str(examples(tmp_path / "e.npz"))
    alone = harness("variants", "cascade", str(light), "--dataset", data)
    assert alone.code == 2 and "--cloud-accuracy" in alone.err
    other = harness("variants", "cascade", str(light), str(MODELS / "digits_int8.tflite"), "--dataset", data)
    assert other.code == 2 and "fix its shape" in other.err
