"""Mixtures, other calibrations and a ladder, really built from the planted float file by ai-edge-quantizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.variants.model_file import read_model_file
from tests.explain.planted import CALIBRATION, QUANTIZED, TEST, WHOLE
from tests.racks import harness

pytest.importorskip("ai_edge_quantizer", reason="needs the extra `models`")
pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explained")
    done = harness(
        "variants", "explain", str(WHOLE), str(QUANTIZED), "--dataset", str(TEST), "--calibration", str(CALIBRATION),
        "--out", str(out), "--sizes", "5,100", "--seeds", "2", timeout=600,
    )  # fmt: skip
    assert done.code == 1, done.err
    assert "With 2 layers in float, built as mixed_float, it reaches " in done.out
    return out / "explain"


def test_the_proposal_restores_the_accuracy(explained: Path) -> None:
    made = json.loads((explained / "explain.json").read_text())
    best = made["remedies"][0]
    assert best["name"] == "mixed_float" and best["restores"] is True
    judged = made["accuracy"]["models"][best["sha256"]]
    assert judged["drop"] <= 1.0 and judged["file_bytes"] < WHOLE.stat().st_size


def test_only_the_named_layers_are_left_in_float(explained: Path) -> None:
    graph = read_model_file(explained / "mixed_float.tflite").graphs[0]
    types = {
        graph.tensors[op.outputs[0]].name.split("/")[1][:6]: graph.tensors[op.inputs[1]].type
        for op in graph.ops
        if op.op == "CONV_2D"
    }
    assert types == {"conv_a": "INT8", "conv_b": "FLOAT32", "conv_c": "FLOAT32"}


def test_the_entry_builds_the_same_file_from_a_recipe(explained: Path, tmp_path: Path) -> None:
    made = json.loads((explained / "explain.json").read_text())
    recipe = {
        "source": {"tflite": str(WHOLE)},
        "representative": {"npz": str(CALIBRATION), "samples": 100},
        "variants": ["float32", made["remedies"][0]["entry"]],
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    done = harness("variants", "build", str(tmp_path / "recipe.yaml"), "--out", str(tmp_path / "out"), timeout=300)
    assert done.code == 0, done.out
    assert (tmp_path / "out/mixed_float.tflite").read_bytes() == (explained / "mixed_float.tflite").read_bytes()


def test_the_study_has_a_figure_for_each_draw(explained: Path) -> None:
    study = json.loads((explained / "explain.json").read_text())["study"]
    assert [(d["samples"], d["seed"]) for d in study["draws"]] == [(5, 1), (5, 2), (100, 1), (100, 2)]
    assert [(row["samples"], row["seeds"], row["failed"]) for row in study["sizes"]] == [(5, 2, 0), (100, 2, 0)]
    files = [(explained / f"int8_n5_s{seed}.tflite").read_bytes() for seed in (1, 2)]
    assert files[0] != files[1], "other examples give other ranges"
    assert all(d["value"] < 30 for d in study["draws"]), "no calibration mends a planted layer"


RECIPE = f"""
source: {{tflite: {WHOLE}}}
representative: {{npz: {CALIBRATION}, samples: 40}}
evaluation: {{npz: {TEST}, max_drop: 1}}
variants: [float32]
"""


def climb(folder: Path, *words: str) -> tuple[int, Any]:
    (folder / "recipe.yaml").write_text(RECIPE)
    done = harness(
        "variants", "explain", str(folder / "recipe.yaml"), "--ladder", "--out", str(folder / "out"), "--json", *words,
        timeout=600,
    )  # fmt: skip
    assert done.out, done.err
    return done.code, json.loads(done.out)


def test_a_ladder_stops_at_the_first_that_is_good_enough(tmp_path: Path) -> None:
    code, made = climb(tmp_path)
    assert code == 0 and made["reached"] == "float16" and len(made["rungs"]) == 1


def test_a_ladder_climbs_to_the_mixture_and_says_why(tmp_path: Path) -> None:
    _, first = climb(tmp_path)
    below_half = 100 * first["rungs"][0]["models"][0]["size_ratio"] - 0.5
    code, made = climb(tmp_path, "--max-size", str(below_half), "--max-drop", "8")
    rungs = made["rungs"]
    assert code == 0 and made["reached"] == "mixed_16bit"
    assert [r["name"] for r in rungs] == ["float16", "int8", "calibration", "mixed"]
    assert "of float32's size" in rungs[1]["why"] and "and 8 is accepted" in rungs[2]["why"]
    assert len(rungs[2]["models"]) == 4 and not any(r["left_out"] for r in rungs)


def test_a_ladder_that_reaches_nothing_says_what_it_left_out(tmp_path: Path) -> None:
    code, made = climb(tmp_path, "--max-size", "20")
    assert code == 1 and made["reached"] is None
    assert made["rungs"][-1]["left_out"].startswith("a model that cannot be trained further")
