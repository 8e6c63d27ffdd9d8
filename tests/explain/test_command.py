"""`harness variants explain` on two files, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.explain.planted import CALIBRATION, MODELS, QUANTIZED, TEST, WHOLE
from tests.racks import harness

PAIR = ("variants", "explain", str(WHOLE), str(QUANTIZED))


def test_the_table_names_the_layer_and_the_exit_code_says_that_it_fell(tmp_path: Path) -> None:
    done = harness(*PAIR, "--dataset", str(TEST), "--out", str(tmp_path))
    assert done.code == 1, done.err
    first = done.out.partition("Layers, worst first\n")[2].splitlines()[1]
    assert first.startswith("conv_b_1/Relu") and "7 of 8" in first and first.rstrip().endswith("keep")
    assert (
        "The worst layer is conv_b_1/Relu. Keeping 2 layers restores it in a simulation; not built: it is not"
        in done.out
    )
    assert "What it was calibrated with is not known; give --calibration." in done.out
    assert done.out.rstrip().endswith("explain/explain.json")
    assert (tmp_path / "explain/layers.png").stat().st_size > 10_000


def test_the_document_is_all_that_json_prints(tmp_path: Path) -> None:
    done = harness(*PAIR, "--dataset", str(TEST), "--out", str(tmp_path), "--json", "--examples", "4")
    made = json.loads(done.out)
    assert made["schema"] == 1 and made["examples_layer_by_layer"] == 4 and made["remedies"] == []
    assert made == json.loads((tmp_path / "explain/explain.json").read_text())
    assert [m["name"] for m in made["accuracy"]["models"].values()] == ["float", "quantized"]
    assert made["remedies_reason"].startswith("it is not known what to calibrate with")
    assert made["study"] is None and made["study_reason"] == "not asked for"


def test_a_drop_that_is_accepted_is_no_fall(tmp_path: Path) -> None:
    done = harness(*PAIR, "--dataset", str(TEST), "--out", str(tmp_path), "--max-drop", "90", "--examples", "2")
    assert done.code == 0 and "The accuracy fell by no more than 90." in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((str(WHOLE),), "that is no recipe and no pair of models; give recipe.yaml, or float.tflite int8.tflite"),
        ((str(WHOLE), str(QUANTIZED)), "there is no dataset to evaluate with"),
        ((str(QUANTIZED), str(WHOLE), "--dataset", str(TEST)), "the first model is quantized itself"),
        ((str(WHOLE), str(MODELS / "digits_int8.tflite"), "--dataset", str(TEST)), "no layer of the one model"),
        ((*PAIR[2:], "--dataset", str(TEST), "--metric", "mae"), "how much mae may be lost is not said; give --max-drop"),
        ((*PAIR[2:], "--dataset", str(TEST), "--study"), "no study: it is not known what to calibrate with"),
        ((*PAIR[2:], "--dataset", str(TEST), "--variant", "int8"), "--variant chooses from a recipe"),
        ((*PAIR[2:], "--dataset", str(TEST), "--ladder"), "a ladder builds variants; give a recipe"),
        ((*PAIR[2:], "--dataset", str(TEST), "--max-size", "30"), "--max-size is the goal of a ladder; add --ladder"),
        (
            (*PAIR[2:], "--dataset", str(TEST), "--calibration", str(CALIBRATION), "--sizes", "10,500"),
            "there are 100 examples to calibrate with, not 500; ask for smaller --sizes",
        ),
    ],
)  # fmt: skip
def test_wrong_usage(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = harness("variants", "explain", *words, "--out", str(tmp_path))
    assert done.code == 2 and said in done.err and not done.out
