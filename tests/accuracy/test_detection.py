"""mAP against cases counted by hand, and against COCO's own program where it is installed."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.accuracy.detection import AREAS, match
from harness.accuracy.metrics import make_metric
from harness.errors import UsageError
from harness.variants.evaluation import MetricSpec

BOX = [0.0, 0.0, 10.0, 10.0]
Image = tuple[np.ndarray, np.ndarray, np.ndarray]


def image(*found: tuple[list[float], int, float]) -> Image:
    boxes = np.array([f[0] for f in found], float).reshape(-1, 4)
    return boxes, np.array([f[1] for f in found], np.int64), np.array([f[2] for f in found], float)


def label(*wanted: tuple[list[float], int]) -> np.ndarray:
    return np.array([[*box, cls] for box, cls in wanted], float).reshape(-1, 5)


def value(images: list[Image], labels: list[np.ndarray], area: str = "all") -> float:
    return match(images, labels, area).value(np.ones(len(images)))


def test_exact_boxes_are_all_right() -> None:
    assert value([image((BOX, 1, 0.9))], [label((BOX, 1))]) == pytest.approx(1)


def test_a_box_that_covers_three_quarters_counts_up_to_that_iou() -> None:
    # IoU 0.75: right at 0.50, 0.55, …, 0.75, which are six of ten
    assert value([image(([0, 0, 10, 7.5], 1, 0.9))], [label((BOX, 1))]) == pytest.approx(0.6)


def test_a_wrong_box_ahead_of_the_right_one_halves_precision() -> None:
    far = [50.0, 50.0, 60.0, 60.0]
    assert value([image((far, 1, 0.9), (BOX, 1, 0.8))], [label((BOX, 1))]) == pytest.approx(0.5)
    assert value([image((far, 1, 0.7), (BOX, 1, 0.8))], [label((BOX, 1))]) == pytest.approx(1)


def test_half_of_the_objects_found() -> None:
    other = [20.0, 20.0, 30.0, 30.0]
    # recall reaches 0.5: 51 of 101 recalls have precision 1
    assert value([image((BOX, 1, 0.9))], [label((BOX, 1), (other, 1))]) == pytest.approx(51 / 101)


def test_an_object_is_found_once_and_classes_count_alike() -> None:
    twice = image((BOX, 1, 0.9), (BOX, 1, 0.8), (BOX, 2, 0.3))
    # class 1: found, its double is behind; class 2: never
    assert value([twice], [label((BOX, 1), ([40, 40, 50, 50], 2))]) == pytest.approx(0.5)


def test_nothing_to_find_has_no_figure() -> None:
    assert np.isnan(value([image((BOX, 1, 0.9))], [label()]))


def test_outputs_of_the_post_processing() -> None:
    boxes = np.zeros((2, 3, 4))
    boxes[:, 0] = BOX
    outputs: Any = {"boxes": boxes, "classes": np.ones((2, 3)), "scores": np.full((2, 3), 0.5), "n": np.ones((2, 1))}
    labels = np.full((2, 2, 5), -1.0)
    labels[:, 0] = [*BOX, 1]
    assert make_metric(MetricSpec(name="map")).score(outputs, labels).value == pytest.approx(100)
    with pytest.raises(UsageError, match="give \\(objects, 5\\)"):
        make_metric(MetricSpec(name="map")).score(outputs, np.zeros(2))
    with pytest.raises(UsageError, match="name the outputs"):
        make_metric(MetricSpec(name="map", boxes=1)).score(outputs, labels)


def scenes(seed: int, count: int) -> tuple[list[Image], list[np.ndarray]]:
    """Images with objects of every size, found more or less well, with equal scores among them."""
    rng = np.random.default_rng(seed)
    images, labels = [], []
    for _ in range(count):
        objects = rng.integers(0, 6)
        low, size = rng.uniform(0, 150, (objects, 2)), rng.uniform(4, 140, (objects, 2))
        wanted = np.concatenate([low, low + size, rng.integers(1, 4, (objects, 1))], 1).round(1)
        labels.append(wanted)
        found = []
        for row in wanted:
            for _ in range(rng.integers(0, 3)):
                box = row[:4] + rng.normal(0, 0.08, 4) * np.tile(row[2:4] - row[:2], 2)
                cls = row[4] if rng.random() < 0.9 else rng.integers(1, 4)
                found.append(([*box.round(1)], int(cls), float(rng.random().__round__(1))))
        for _ in range(rng.integers(0, 3)):
            corner = rng.uniform(0, 150, 2)
            found.append(([*corner, *(corner + rng.uniform(4, 140, 2))], int(rng.integers(1, 5)), float(rng.random())))
        images.append(image(*found))
    return images, labels


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 6), st.data())
def test_drawing_an_image_twice_is_as_if_it_were_there_twice(seed: int, count: int, data: st.DataObject) -> None:
    images, labels = scenes(seed, count)
    times = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    weighted = match(images, labels).value(np.array(times, float))
    spread = [(i, t) for i, n in enumerate(times) for t in range(n)]
    repeated = value([images[i] for i, _ in spread], [labels[i] for i, _ in spread]) if spread else np.nan
    # Equal scores of different images have no order of their own: a copy of one may come between.
    scores = np.concatenate([i[2] for i in images])
    if len(set(scores)) == len(scores):
        assert weighted == pytest.approx(repeated, abs=0.02, nan_ok=True)
    assert np.isnan(weighted) == np.isnan(repeated)


def coco(images: list[Image], labels: list[np.ndarray]) -> dict[str, float]:
    """What pycocotools says, by area."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def corner(box: Any) -> list[float]:
        return [float(box[1]), float(box[0]), float(box[3] - box[1]), float(box[2] - box[0])]

    rows = [(i, row) for i, wanted in enumerate(labels) for row in wanted]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i} for i in range(len(images))],
            "categories": [{"id": c} for c in range(1, 5)],
            "annotations": [
                {"id": n + 1, "image_id": i, "category_id": int(row[4]), "bbox": corner(row), "iscrowd": 0,
                 "area": float((row[2] - row[0]) * (row[3] - row[1]))}
                for n, (i, row) in enumerate(rows)
            ],
        }  # fmt: skip
        truth.createIndex()
        found = [
            {"image_id": i, "category_id": int(c), "bbox": corner(b), "score": float(s)}
            for i, parts in enumerate(images)
            for b, c, s in zip(*parts, strict=True)
        ]
        judge = COCOeval(truth, truth.loadRes(found), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return dict(zip(("all", "small", "medium", "large"), (judge.stats[i] for i in (0, 3, 4, 5)), strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_as_cocos_own_program(seed: int) -> None:
    pytest.importorskip("pycocotools", reason="COCO's own program is not installed")
    images, labels = scenes(seed, 25)
    theirs = coco(images, labels)
    for area in AREAS:
        mine = value(images, labels, area)
        assert (-1 if np.isnan(mine) else mine) == pytest.approx(theirs[area], abs=1e-9), area
