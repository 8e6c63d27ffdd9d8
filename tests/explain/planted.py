"""The committed net whose layer conv_b spoils it in 8 bits (tests/models/README.md)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harness.accuracy.dataset import Dataset
from harness.explain.pair import Pair, pair_up
from harness.variants.model_file import read_model_file

MODELS = Path(__file__).parents[1] / "models"
WHOLE, QUANTIZED = MODELS / "planted_float32.tflite", MODELS / "planted_int8.tflite"
CALIBRATION, TEST = MODELS / "planted_calibration.npz", MODELS / "planted_test.npz"


def pair() -> Pair:
    """Both held side by side."""
    return pair_up(read_model_file(WHOLE), read_model_file(QUANTIZED))


def digits_to_judge() -> Dataset:
    """200 digits with labels."""
    with np.load(TEST) as found:
        return Dataset("digits", {"image": found["image"]}, found["labels"])


def digits_of_calibration() -> Dataset:
    """The 100 that the quantized model was calibrated with."""
    with np.load(CALIBRATION) as found:
        return Dataset("calibration", {"image": found["image"]})


def index(of: Pair, part: str) -> int:
    """The operator of the layer whose name holds `part`."""
    (found,) = [layer.index for layer in of.layers if part in layer.name and not layer.passes_on]
    return found
