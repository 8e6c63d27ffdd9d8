"""The planted layer is found, with LiteRT alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from harness.accuracy.metrics import make_metric
from harness.explain.document import document
from harness.explain.picture import draw
from harness.explain.why import Found, Task, find_out
from harness.variants.evaluation import MetricSpec
from tests.explain.planted import MODELS, QUANTIZED, WHOLE, digits_of_calibration, digits_to_judge

TOP1 = make_metric(MetricSpec(name="top1"))


@pytest.fixture(scope="module")
def found() -> Found:
    return find_out(Task(WHOLE, QUANTIZED, digits_to_judge(), TOP1, 1.0, digits_of_calibration()))


def test_the_planted_layer_is_the_worst(found: Found) -> None:
    assert found.fell and "conv_b" in found.ranked[0].layer.name
    assert found.ranked[0].lost_channels() == 7
    # Alone it does more harm than all others of 8 bits usually do, though its own error is small.
    own, effect = found.ranked[0].own.sqnr_db, found.ranked[0].effect.sqnr_db
    assert own is not None and effect is not None and own > 40 and effect < 5


def test_layers_after_it_are_not_blamed(found: Found) -> None:
    last = next(e for e in found.errors if e.layer.op == "FULLY_CONNECTED")
    assert last.cumulative.sqnr_db is not None and last.cumulative.sqnr_db < 5
    assert last.effect.sqnr_db is not None and last.effect.sqnr_db > 30


def test_the_search_frees_the_tensor_on_both_sides(found: Found) -> None:
    assert found.search.enough
    assert ["conv_b" in name or "conv_c" in name for name in found.kept()] == [True, True]


def test_the_simulation_is_as_the_model(found: Found) -> None:
    value = found.judged[1].accuracy.value
    assert value is not None and abs(found.simulated - value) <= 1.0


def test_the_document_holds_it_all(found: Found) -> None:
    made = json.loads(json.dumps(document(found), allow_nan=False))
    assert made["schema"] == 1 and made["fell"] is True and made["outside_reason"] is None
    by_rank = {layer["rank"]: layer for layer in made["layers"]}
    assert "conv_b" in by_rank[1]["layer"] and by_rank[1]["channels"] == {"alive": 8, "within_one_step": 7}
    passing = [layer for layer in made["layers"] if layer["passes_on"]]
    assert len(passing) == 2 and all(layer["rank"] is None and layer["own"] is None for layer in passing)


def test_the_picture_is_drawn(found: Found, tmp_path: Path) -> None:
    draw(found, tmp_path / "layers.png")
    assert (tmp_path / "layers.png").read_bytes()[:4] == b"\x89PNG"
    draw(found, tmp_path / "layers.svg")
    assert "conv_b" in (tmp_path / "layers.svg").read_text()


def test_without_labels_agreement_is_judged() -> None:
    data = dataclasses.replace(digits_to_judge(), labels=None)
    found = find_out(Task(WHOLE, QUANTIZED, data, TOP1, 1.0, examples=4))
    assert found.judged[0].accuracy.value == 100 and found.fell and found.beyond is None
    assert "conv_b" in found.ranked[0].layer.name


def test_an_error_where_smaller_is_better() -> None:
    data = dataclasses.replace(digits_to_judge(), labels=None)
    found = find_out(Task(WHOLE, QUANTIZED, data, make_metric(MetricSpec(name="mae")), 0.5, examples=4))
    assert found.fell and found.search.enough and any("conv_b" in name for name in found.kept())
    assert found.simulated > 0.5


def test_a_sound_model_has_nothing_to_explain() -> None:
    image = np.random.default_rng(0).uniform(0, 1, (8, 64, 64, 1)).astype(np.float32)
    data = dataclasses.replace(digits_to_judge(), inputs={"image": image}, labels=None)
    task = Task(MODELS / "digits_float32.tflite", MODELS / "digits_int8.tflite", data, TOP1, 60.0, examples=2)
    found = find_out(task)
    assert not found.fell and found.kept() == []


def test_a_calibration_example_that_is_not_like_the_others_is_named() -> None:
    calibration = digits_of_calibration()
    images = calibration.inputs["image"].copy()
    images[7] *= 30
    odd = dataclasses.replace(calibration, inputs={"image": images})
    found = find_out(Task(WHOLE, QUANTIZED, digits_to_judge(), TOP1, 1.0, odd, examples=2))
    wide = [row for row in found.ranges if "widened" in row["findings"]]
    assert len(wide) >= 4 and all(row["widened_by"]["example"] == 7 for row in wide)
