"""Pictures of confusion: readable for few classes, bounded for many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.report.plots.confusion import _shown, confusion_picture


@pytest.mark.parametrize("classes", [2, 12, 60])
def test_a_picture_of_any_number_of_classes(tmp_path: Path, classes: int) -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 4, (classes, classes)) + 20 * np.eye(classes, dtype=np.int64)
    path = tmp_path / "c.png"
    confusion_picture(path, "int8", counts, [], None)
    with Image.open(path) as alone:
        width, height = alone.size
    confusion_picture(path, "int8", counts, ["a class with a long name"], np.roll(counts, 1))
    with Image.open(path) as both:
        assert both.size[0] > 1.5 * width and max(both.size) < 4000 and height > 300


def test_of_many_classes_those_that_are_confused_are_shown() -> None:
    counts = 50 * np.eye(40, dtype=np.int64)
    counts[33, 7] = 9
    shown, left_out = _shown(counts, None)
    assert {7, 33} <= set(shown) and len(shown) == 20 and left_out == 20
